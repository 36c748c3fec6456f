/** One request of our own, followed through the mesh. */
import { count, enumerate } from "../../findings/words";
import { described } from "../judge/causes";
import { type Facts } from "../judge/facts";
import { type Check, checkOf } from "../result";
import { listPods } from "./advice";

export function probeCheck({ probe, traces, findings }: Facts): Check[] {
  if (probe === undefined) return [];
  const answer = checkOf("probe");
  const sent = `${probe.url}: ${probe.status === 0 ? `no answer (${probe.failure ?? ""})` : `answer ${probe.status}`}, trace ${probe.traceId}`;
  if (probe.status === 0) {
    return [
      answer(
        "error",
        [sent],
        "kubectl get services -A shows the gateways: give the address at which one is reached from here",
      ),
    ];
  }
  if (traces === undefined || "why" in traces) {
    return [
      answer(
        "not checked",
        [sent, "no backend can be asked for the trace"],
        "the checks of traces above say why not",
      ),
    ];
  }
  const log = logLine(probe);
  if (probe.spans === 0) {
    const why =
      "nothing arrived under that id: the request was not sampled, its id was not taken up, or all spans are lost";
    return [answer("error", [sent, why, log], "the checks of connections say which spans are lost")];
  }
  const isTorn = probe.torn.length > 0;
  const whole = probe.orphans === 0 && probe.missing.length === 0 && !isTorn;
  const joins = findings.filter(({ rule, level }) => level !== "info" && rule === "trace-context-joins");
  const errors = joins.filter(({ level }) => level === "error");
  const causes = (errors.length > 0 ? errors : joins).slice(0, 5);
  const evidence = [
    sent,
    `${count(probe.spans, "span")} of ${enumerate(probe.services, 8)}`,
    ...(probe.orphans > 0 ? [`${probe.orphans} of them have a parent that did not arrive`] : []),
    ...(probe.missing.length > 0 ? [`missing: ${enumerate(probe.missing)}`] : []),
    ...(isTorn
      ? [
          `spans of ${enumerate(probe.torn)} hang under the caller, not under the proxy before them: they do not read the headers that it writes`,
        ]
      : []),
    ...(whole ? [] : causes.map(described)),
    log,
  ];
  const isLogged = probe.logTraceId === undefined || probe.logTraceId === probe.traceId;
  // What such a request did not reach cannot be missing from its trace.
  const isAnswered = probe.status < 500;
  return [
    answer(
      whole ? (isLogged && isAnswered ? "success" : "warning") : "error",
      evidence,
      whole
        ? isAnswered
          ? ""
          : `the request did not get through, so its trace ends early: ${listPods("")} shows whether the service behind runs`
        : isTorn
          ? "proxies and SDKs must speak the same headers: npm run -s audit -- --live has the lines to change"
          : "the checks of connections say why these spans are lost",
    ),
  ];
}

function logLine({ logTraceId, logFailure, traceId }: NonNullable<Facts["probe"]>): string {
  if (logFailure !== undefined) return `the gateway's log was not read: ${logFailure}`;
  if (logTraceId === undefined) return "no line of the gateway's log has trace.id";
  return logTraceId === traceId
    ? "the gateway's log has the same trace.id"
    : `the gateway's log has trace.id ${logTraceId}, another one`;
}
