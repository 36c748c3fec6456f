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
      hint: "proxies and SDKs must speak the same headers (docs/doctor/probe.md)",
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
      hint: "the request did not get through, so its trace ends early: see why the service behind does not answer (docs/doctor/probe.md)",
    },
  ]);
  expect(said({ ...answer, ...spans, status: 404 })).toMatchObject([{ result: "success" }]);
});
