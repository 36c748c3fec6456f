/** What the backend has: whose spans, whether they are joined, and how many requests were sampled. */
import { count, enumerate } from "../../findings/words";
import { toldBy } from "../judge/causes";
import { type Facts } from "../judge/facts";
import { isMissingOf, joinsOf, tracesOf } from "../judge/joins";
import { seenOf } from "../judge/coverage";
import { type Hop } from "../judge/hop";
import { most, type TraceReading } from "../read/traces";
import { type Answer, type Check, checkOf, type Result } from "../result";
import { askAgain, listPods, probeIt } from "./advice";

export function traceChecks(facts: Facts): Check[] {
  const { traces } = facts;
  const all = [
    ["backend-coverage", coverage],
    ["traces-joined", joined],
    ["sampled-share", sampled],
  ] as const;
  return all.map(([id, make]) => {
    const answer = checkOf(id);
    const unchecked = (why: string, advice: string): Check => answer("not checked", [why], advice);
    if (traces === undefined)
      return unchecked(
        "no Jaeger and no Tempo runs in this cluster, as far as images tell",
        `${listPods("")} shows what runs; a backend elsewhere is not asked`,
      );
    if ("why" in traces) return unchecked(traces.why, askAgain(facts));
    if ("why" in traces.services)
      return unchecked(`${traces.product} ${traces.pod}: ${traces.services.why}`, askAgain(facts));
    return make(facts, traces, answer);
  });
}

/** Workloads that are named one by one. */
const mostNamed = 12;

/** Whether a sender had anything to report, as its proxy counts. */
type Traffic = "some" | "none" | "unknown";

const trafficNotes: Readonly<Record<Traffic, string>> = {
  some: "",
  none: ", and it had no traffic",
  unknown: ", and whether it had traffic is not known",
};

function trafficOf(hops: readonly Hop[]): Traffic {
  if (hops.some(({ verdict }) => verdict !== "no traffic yet" && verdict !== "not checked")) return "some";
  return hops.some(({ verdict }) => verdict === "no traffic yet") ? "none" : "unknown";
}

function coverage({ names, proxies, findings }: Facts, reading: TraceReading, answer: Answer): Check {
  const rows = names.map((one) => ({ ...one, seen: seenOf(one, reading) }));
  const hopsOf = (workload: string, points: string): Hop[] =>
    (proxies?.hops ?? []).filter((hop) => hop.workload === workload && points.includes(hop.point));
  const missing = rows.flatMap(({ workload, seen }) => [
    ...(seen.proxy === false
      ? [{ who: `${workload}: no spans of its proxy`, traffic: trafficOf(hopsOf(workload, "AB")) }]
      : []),
    ...(seen.sdk === false
      ? [{ who: `${workload}: no spans of its SDK`, traffic: trafficOf(hopsOf(workload, "CD")) }]
      : []),
  ]);
  const expected = rows.reduce(
    (sum, { seen }) => sum + [seen.proxy, seen.sdk].filter((one) => one !== undefined).length,
    0,
  );
  const evidence = [
    `${expected - missing.length} of ${expected} senders are seen in ${reading.product} (${reading.pod})`,
    ...missing.slice(0, mostNamed).map(({ who, traffic }) => `${who}${trafficNotes[traffic]}`),
    ...(missing.length > mostNamed ? [`and ${missing.length - mostNamed} more`] : []),
  ];
  if (expected === 0) return answer("not checked", ["no workload is known to send spans"], listPods(""));
  if (missing.length === 0) return answer("success", evidence);
  // Who had no request has nothing to report; who sends and is not seen is lost on the way.
  const result: Result = missing.some(({ traffic }) => traffic === "some") ? "warning" : "not checked";
  const off = toldBy(findings, /^telemetry-/);
  return answer(
    off.length > 0 ? "error" : result,
    [...evidence, ...off],
    off.length > 0 ? "npm run -s audit -- --live has every line to change" : probeIt,
  );
}

function joined({ findings, names }: Facts, reading: TraceReading, answer: Answer): Check {
  const traces = tracesOf(reading.spans, reading.window.to);
  const silent = reading.unanswered.map((why) => `traces of some services could not be had: ${why}`);
  if (traces.length === 0)
    return answer("not checked", silent.length > 0 ? silent : ["the backend has no recent traces"], probeIt);
  const both = names.filter(({ proxy, sdk }) => proxy.length > 0 && sdk.length > 0);
  const { spans, orphans, meshOnly, sdkOnly, parents } = joinsOf(traces, both);
  const split = Math.min(meshOnly, sdkOnly);
  const evidence = [
    `${count(traces.length, "trace")} of ${count(spans, "span")}: ${orphans} spans have a parent that is not there, ${meshOnly} traces have spans of proxies only, ${sdkOnly} of SDKs only`,
    ...(parents.length > 0 ? [`parents are missing of spans of ${enumerate(parents)}`] : []),
    ...silent,
  ];
  const causes = toldBy(
    findings,
    /^(trace-context-joins|sampler-parent-based|tail-sampling-sticky)$/,
    "warning",
  );
  if (orphans === 0 && split === 0) return answer("success", evidence);
  const share = orphans / Math.max(spans, 1);
  const isBad = split > traces.length / 4 || share > 0.1;
  return answer(
    isBad ? "error" : "warning",
    [...evidence, ...causes],
    split > 0
      ? "mesh and SDKs speak different headers: npm run -s audit -- --live has the lines to change"
      : `a sender between them does not deliver, see the connections above; ${probeIt}`,
  );
}

/** Fewer requests than this tell nothing about a share. */
const fewRequests = 20;

function sampled({ model, proxies, names, findings }: Facts, reading: TraceReading, answer: Answer): Check {
  const { sampling } = model.tracing;
  const configured = `${sampling} % is configured`;
  const begun = callersDecide(names, reading);
  const off = toldBy(findings, /^telemetry-sampling$/);
  if (off.length > 0)
    return answer("error", [configured, ...off], "npm run -s audit -- --live has every line to change");
  const { gateway } = proxies ?? {};
  if (gateway === undefined || gateway.requests < fewRequests) {
    const requests =
      gateway === undefined
        ? "no gateway was asked"
        : `${count(gateway.requests, "request")} within the time of this check, too few to tell`;
    return answer(
      "not checked",
      [requests, configured, ...begun],
      "npm run -s doctor while requests come in: those between two looks at a gateway are counted",
    );
  }
  const gateways = gatewaysAmong(names);
  const ids = new Set(
    reading.spans
      .filter(
        ({ service, start }) =>
          gateways.has(service) && start / 1000 >= gateway.from && start / 1000 <= gateway.to,
      )
      .map(({ traceId }) => traceId),
  );
  const share = (100 * ids.size) / gateway.requests;
  const evidence = [
    configured,
    `${ids.size} traces of ${gateway.requests} requests: ${share.toFixed(1)} %`,
    ...begun,
  ];
  // Only so many traces are looked at: as many as that may be more.
  const isWhole = ids.size < most.counted;
  const differs = isWhole && Math.abs(share - sampling) > Math.max(10, sampling / 4);
  if (!differs) return answer("success", evidence);
  return answer(
    "warning",
    evidence,
    `who calls the gateway decides for its own requests: their sampled flag wins; ${probeIt}`,
  );
}

/** Traces that begin before the gateway: their sampling was decided there. */
function callersDecide(names: Facts["names"], { spans }: TraceReading): string[] {
  const gateways = gatewaysAmong(names);
  const entries = spans.filter(({ service, kind }) => gateways.has(service) && kind !== "internal");
  const begun = entries.filter((span) => isMissingOf(span, spans));
  if (begun.length === 0) return [];
  return [
    `${begun.length} of ${entries.length} spans of gateways continue a trace of their caller, who has decided whether it is sampled`,
  ];
}

/** Names of proxies without an application behind them. */
function gatewaysAmong(names: Facts["names"]): Set<string> {
  return new Set(
    names.filter(({ sdk, proxy }) => sdk.length === 0 && proxy.length > 0).flatMap(({ proxy }) => proxy),
  );
}
