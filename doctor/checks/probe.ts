/** One request of our own, followed through the mesh. */
import { count, enumerate } from "../../findings/words";
import { type Facts } from "../judge/facts";
import { type Check, check } from "../result";

export function probeCheck({ probe, traces }: Facts): Check[] {
  if (probe === undefined) return [];
  const id = "probe";
  const description = "a request is one whole trace, and the gateway's log names it";
  const sent = `${probe.url}: ${probe.status === 0 ? `no answer (${probe.failure ?? ""})` : `answer ${probe.status}`}, trace ${probe.traceId}`;
  if (probe.status === 0) {
    return [
      check(id, description, "error", [sent], "give the address of the gateway as it is reached from here"),
    ];
  }
  if (traces === undefined || "why" in traces) {
    return [
      check(
        id,
        description,
        "not checked",
        [sent, "no backend can be asked for the trace"],
        "the checks above say why not",
      ),
    ];
  }
  const log = logLine(probe);
  if (probe.spans === 0) {
    const why =
      "nothing arrived under that id: the request was not sampled, its id was not taken up, or all spans are lost";
    return [
      check(id, description, "error", [sent, why, log], "the checks of connections say which spans are lost"),
    ];
  }
  const whole = probe.orphans === 0 && probe.missing.length === 0;
  const evidence = [
    sent,
    `${count(probe.spans, "span")} of ${enumerate(probe.services, 8)}`,
    ...(probe.orphans > 0 ? [`${probe.orphans} of them have a parent that did not arrive`] : []),
    ...(probe.missing.length > 0 ? [`missing: ${enumerate(probe.missing)}`] : []),
    log,
  ];
  const isLogged = probe.logTraceId === probe.traceId;
  return [
    check(
      id,
      description,
      whole ? (isLogged || probe.logTraceId === undefined ? "success" : "warning") : "error",
      evidence,
      whole ? "" : "the checks of connections say why these spans are lost",
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
