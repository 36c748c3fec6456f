/** What the check of one request says. */
import { expect, it } from "vitest";
import { probeCheck } from "../../../doctor/checks/probe";
import { type Facts } from "../../../doctor/judge/facts";
import { type ProbeResult } from "../../../doctor/judge/probe";

const answer: ProbeResult = {
  url: "http://gateway/",
  traceId: "t",
  status: 200,
  spans: 3,
  services: ["a", "a.a", "gateway"],
  isContinued: true,
  orphans: 0,
  missing: [],
  torn: [],
  logTraceId: "t",
};
const finding = (rule: string, level: string, message: string): object => ({ rule, level, message });
const findings = [
  finding("trace-context-joins", "error", "a reads other headers"),
  finding("trace-context-joins", "warning", "b may do so"),
  finding("trace-path-open", "error", "closed"),
];

function said(probe: ProbeResult): unknown {
  return probeCheck({ probe, traces: {}, findings } as unknown as Facts);
}

it("a torn trace is an error whose cause is the headers, though nothing is missing", () => {
  expect(said({ ...answer, torn: ["a"] })).toMatchObject([
    {
      result: "error",
      evidence: [
        "http://gateway/: answer 200, trace t",
        "3 spans of a, a.a and gateway",
        "spans of a hang under the caller, not under the proxy before them: they do not read the headers that it writes",
        "[trace-context-joins] a reads other headers",
        "the gateway's log has the same trace.id",
      ],
      hint: "proxies and SDKs must speak the same headers: npm run -s audit -- --live has the lines to change (docs/doctor/probe.md)",
    },
  ]);
});

it("a whole trace is well, whatever rules say of headers", () => {
  expect(said(answer)).toMatchObject([
    {
      result: "success",
      evidence: [
        "http://gateway/: answer 200, trace t",
        "3 spans of a, a.a and gateway",
        "the gateway's log has the same trace.id",
      ],
    },
  ]);
});

it("a trace that ends at the gateway, because nobody behind it answers, is no success", () => {
  const spans = { status: 503, spans: 2, services: ["gateway"] };
  expect(said({ ...answer, ...spans })).toMatchObject([
    {
      result: "warning",
      hint: "the request did not get through, so its trace ends early: kubectl -A get pods shows whether the service behind runs (docs/doctor/probe.md)",
    },
  ]);
  expect(said({ ...answer, ...spans, status: 404 })).toMatchObject([{ result: "success" }]);
});

it.each<[string, Partial<ProbeResult>, string, string]>([
  [
    "missing parents",
    { orphans: 1, missing: ["the proxy of Deployment a/a"] },
    "error",
    "missing: the proxy of Deployment a/a",
  ],
  [
    "nothing",
    { spans: 0, services: [] },
    "error",
    "nothing arrived under that id: the request was not sampled, its id was not taken up, or all spans are lost",
  ],
  ["a log of another id", { logTraceId: "o" }, "warning", "the gateway's log has trace.id o, another one"],
  ["a log without ids", { logTraceId: undefined }, "success", "no line of the gateway's log has trace.id"],
  [
    "a log that may not be read",
    { logTraceId: undefined, logFailure: "the API server answers 403" },
    "success",
    "the gateway's log was not read: the API server answers 403",
  ],
])("%s", (_, more, result, line) => {
  const [check] = said({ ...answer, ...more }) as { result: string; evidence: string[] }[];
  expect(check?.result).toBe(result);
  expect(check?.evidence).toContain(line);
});

it("no answer is an error, no backend is not checked, and no probe is no check", () => {
  const of = (facts: object): unknown => probeCheck({ findings, ...facts } as unknown as Facts);
  const lost = { ...answer, status: 0, failure: "connect ECONNREFUSED" };
  expect(of({ probe: lost })).toMatchObject([
    { result: "error", evidence: ["http://gateway/: no answer (connect ECONNREFUSED), trace t"] },
  ]);
  expect(of({ probe: answer })).toMatchObject([
    {
      result: "not checked",
      evidence: ["http://gateway/: answer 200, trace t", "no backend can be asked for the trace"],
    },
  ]);
  expect(of({})).toEqual([]);
});
