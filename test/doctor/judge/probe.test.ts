/** What is said of one request: its spans, whose caller is known, and its line among those of others. */
import { describe, expect, it } from "vitest";
import { type SenderNames } from "../../../doctor/judge/names";
import { judgeProbe, traceIdInLog } from "../../../doctor/judge/probe";
import { type Span } from "../../../doctor/parse/spans";

describe("the line of a request", () => {
  const [own, other, older] = ["a", "b", "c"].map((digit) => digit.repeat(32)) as [string, string, string];
  const line = (id: string, path = "/hello"): string => JSON.stringify({ "trace.id": id, "url.path": path });

  it("is the one with the trace id, though others asked for the same path before and after", () => {
    expect(traceIdInLog([line(older), line(own), line(other)].join("\n"), own, "/hello")).toBe(own);
  });

  it("is the newest of the path where the id was not taken up", () => {
    expect(
      traceIdInLog([line(older), line(other), line(own, "/else")].join("\n"), "d".repeat(32), "/hello"),
    ).toBe(other);
  });

  it("is none where every line has the path, or none has an id", () => {
    expect(traceIdInLog(line(other, "/"), own, "/")).toBeUndefined();
    expect(traceIdInLog(line("-"), own, "/hello")).toBeUndefined();
  });

  it("is found in plain text, too, whatever stands after it", () => {
    const digits = "1".repeat(32);
    for (const text of [`trace_id=${own}`, `trace_id=${digits}`, `trace-id: ${own} {broken`]) {
      const line = `[2026-01-01] "GET /hello" ${text}`;
      expect(traceIdInLog(line, "d".repeat(32), "/hello")).toBe(text.includes(own) ? own : digits);
    }
  });
});

const caller = "c0";
const names: SenderNames[] = [
  { workload: "Deployment istio-system/gateway", namespace: "istio-system", proxy: ["gateway"], sdk: [] },
  { workload: "Deployment a/a", namespace: "a", proxy: ["a.a"], sdk: ["a"] },
];

let start = 0;
const span = (spanId: string, parentId: string, service: string, isOfProxy: boolean): Span => ({
  traceId: "t",
  spanId,
  parentId,
  service,
  isOfProxy,
  kind: "server",
  start: (start += 1),
});

const whole = [span("1", caller, "gateway", true), span("2", "1", "a.a", true), span("3", "2", "a", false)];

describe("a request through the gateway", () => {
  it.each<[string, Span[], Partial<ReturnType<typeof judgeProbe>>]>([
    ["is whole", whole, { spans: 3, orphans: 0, missing: [], torn: [] }],
    ["has lost everything", [], { spans: 0, isContinued: false, missing: [], torn: [] }],
    [
      "has lost the sidecar's spans",
      [whole[0]!, whole[2]!],
      { orphans: 1, missing: ["the proxy of Deployment a/a"], torn: [] },
    ],
    [
      "is torn: the SDK reads the caller's header, the proxy before it writes another one",
      [whole[0]!, whole[1]!, span("3", caller, "a", false)],
      { orphans: 0, missing: [], torn: ["a"] },
    ],
    ["arrives in another order", [whole[2]!, whole[0]!, whole[1]!], { orphans: 0, missing: [], torn: [] }],
    [
      "is torn, and arrives in another order",
      [span("3", caller, "a", false), { ...whole[0]!, start: 0 }, whole[1]!],
      { orphans: 0, torn: ["a"] },
    ],
  ])("%s", (_, spans, expected) => {
    expect(judgeProbe(spans, names, caller)).toMatchObject(expected);
  });
});
