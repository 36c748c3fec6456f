/** The line of one request among those of others. */
import { expect, it } from "vitest";
import { traceIdInLog } from "../../../doctor/judge/probe";

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
