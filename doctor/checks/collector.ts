/** Does the collector take spans and pass them on, and does it have room for them? */
import { type Facts } from "../judge/facts";
import { type CollectorReading, sumReadings } from "../parse/collector";
import { type CollectorState } from "../read/collectors";
import { type Check, checkOf, type Result, worst } from "../result";
import { askAgain, listPods, probeIt, readLog } from "./advice";

export function collectorChecks(facts: Facts): Check[] {
  return [receives(facts), exports(facts), pressure(facts)];
}

interface Compared {
  receiver: string;
  total: CollectorReading;
  /** What has happened between two looks. */
  since: (field: Counted, name: string) => number;
}

type Counted = "accepted" | "refused" | "sent" | "failed" | "dropped";

/** Collectors that answered, and why others did not. */
function compared({ collectors }: Facts): { read: Compared[]; why: string[] } {
  if (collectors === undefined) return { read: [], why: ["collectors were not asked"] };
  if (collectors.after.length === 0) return { read: [], why: ["no collector of this cluster is known"] };
  const read: Compared[] = [];
  const why: string[] = [];
  for (const state of collectors.after) {
    const total = readingOf(state);
    why.push(...silent(state));
    if (total === undefined) continue;
    const earlier = collectors.before.find(({ receiver }) => receiver === state.receiver);
    const before = earlier === undefined ? undefined : readingOf(earlier);
    read.push({
      receiver: state.receiver,
      total,
      since: (field, name) => (total[field].get(name) ?? 0) - (before?.[field].get(name) ?? 0),
    });
  }
  return { read: sameOnce(read, collectors.after), why };
}

/** Services of one collector, one for each protocol, are one collector. */
function sameOnce(read: readonly Compared[], states: readonly CollectorState[]): Compared[] {
  const podsOf = (receiver: string): string =>
    (states.find((state) => state.receiver === receiver)?.pods ?? []).map(({ pod }) => pod).join(" ");
  return read.filter(
    ({ receiver }, index) => read.findIndex((other) => podsOf(other.receiver) === podsOf(receiver)) === index,
  );
}

function readingOf({ pods }: CollectorState): CollectorReading | undefined {
  const answered = pods.flatMap(({ metrics }) => ("value" in metrics ? [metrics.value] : []));
  return answered.length === 0 ? undefined : sumReadings(answered);
}

function silent({ receiver, pods }: CollectorState): string[] {
  if (pods.length === 0) return [`${receiver}: no pod of it runs`];
  return pods.flatMap(({ pod, metrics }) =>
    "why" in metrics ? [`${receiver}: ${pod}: ${metrics.why}`] : [],
  );
}

function receives(facts: Facts): Check {
  const answer = checkOf("collector-receives");
  const { read, why } = compared(facts);
  const dead = (facts.collectors?.after ?? []).filter(({ pods }) => pods.length === 0);
  const lines = read.flatMap(({ receiver, total, since }): [Result, string][] => {
    const names = new Set([...total.accepted.keys(), ...total.refused.keys()]);
    if (names.size === 0) return [["not checked", `${receiver}: no span came in since it started`]];
    return [...names].sort().map((name) => {
      const [accepted, refused] = [total.accepted.get(name) ?? 0, total.refused.get(name) ?? 0];
      const text = `${receiver}: ${name} ${accepted} spans accepted, ${refused} refused`;
      if (since("refused", name) > 0) return ["error", `${text}, ${since("refused", name)} of them just now`];
      return [refused > 0 ? "warning" : "success", text];
    });
  });
  const results = [...lines.map(([result]) => result), ...dead.map((): Result => "error")];
  return answer(
    results.length === 0 ? "not checked" : combined(results),
    // What is wrong is told first.
    dead.length > 0 ? [...why, ...lines.map(([, line]) => line)] : [...lines.map(([, line]) => line), ...why],
    adviceOf(facts, results, dead[0]?.receiver),
  );
}

function adviceOf(facts: Facts, results: readonly Result[], dead: string | undefined): string {
  const [, namespace = "", name] = /^Service ([^/]+)\/(.+)$/.exec(dead ?? "") ?? [];
  if (name !== undefined) return `${listPods(namespace)} shows why no pod of ${name} runs`;
  if (results.includes("error") || results.includes("warning"))
    return readLog(podOf(facts), "why it refuses spans");
  if (results.includes("success")) return "";
  return results.length > 0 ? probeIt : askAgain(facts);
}

/** A pod of a collector, whose log tells. */
function podOf({ collectors }: Facts): string | undefined {
  return collectors?.after.flatMap(({ pods }) => pods)[0]?.pod;
}

/** One receiver that takes spans is good news though another one has nothing to take. */
function combined(results: readonly Result[]): Result {
  const said = results.filter((result) => result !== "not checked");
  return said.length === 0 ? "not checked" : worst(said);
}

function exports(facts: Facts): Check {
  const answer = checkOf("collector-exports");
  const { read, why } = compared(facts);
  const lines = read.flatMap(({ receiver, total, since }): [Result, string][] => {
    const names = new Set([...total.sent.keys(), ...total.failed.keys()]);
    return [...names].sort().map((name) => {
      const [sent, failed] = [total.sent.get(name) ?? 0, total.failed.get(name) ?? 0];
      const text = `${receiver}: ${name} ${sent} spans sent, ${failed} failed`;
      if (since("failed", name) > 0) return ["error", `${text}, ${since("failed", name)} of them just now`];
      if (failed > 0) return [sent === 0 ? "error" : "warning", text];
      return [sent > 0 ? "success" : "not checked", text];
    });
  });
  const result = lines.length === 0 ? "not checked" : combined(lines.map(([one]) => one));
  return answer(
    result,
    lines.length === 0 && why.length === 0
      ? ["it counts nothing that it sends"]
      : [...lines.map(([, line]) => line), ...why],
    result === "error" || result === "warning"
      ? readLog(podOf(facts), "why exports fail: the endpoint, its TLS, or the store")
      : result === "not checked"
        ? askAgain(facts)
        : "",
  );
}

/** Shares of memory and of queues from which on spans are about to be lost. */
const full = 0.9;

function pressure(facts: Facts): Check {
  const answer = checkOf("store-pressure");
  const { read, why } = compared(facts);
  const pods = new Map(
    (facts.collectors?.after ?? []).flatMap(({ pods: own }) => own.map((pod) => [pod.pod, pod] as const)),
  );
  const lines = [...pods.values()].flatMap(
    ({ pod, metrics, restarts, outOfMemory, limit }): [Result, string][] => {
      const memory = "value" in metrics ? metrics.value.memory : undefined;
      const used = memory === undefined || limit === undefined ? undefined : memory / limit;
      const room: [Result, string][] =
        memory === undefined
          ? []
          : [
              [
                used !== undefined && used > full ? "warning" : "success",
                `${pod}: ${megabytes(memory)} of memory${limit === undefined ? ", without a limit" : ` of ${megabytes(limit)}`}`,
              ],
            ];
      const ended: [Result, string][] = outOfMemory
        ? [["error", `${pod}: it was killed because it ran out of memory; ${restarts} restarts`]]
        : restarts > 0
          ? [["warning", `${pod}: ${restarts} restarts; what is kept in memory was lost each time`]]
          : [];
      return [...ended, ...room];
    },
  );
  for (const { receiver, total, since } of read) {
    for (const [name, share] of total.queues) {
      if (share > full)
        lines.push(["error", `${receiver}: the queue of ${name} is ${Math.round(share * 100)} % full`]);
    }
    for (const [name, number] of total.dropped) {
      if (number === 0) continue;
      const recent = since("dropped", name);
      lines.push([
        recent > 0 ? "error" : "warning",
        `${receiver}: ${name} dropped ${number} spans, ${recent} of them just now`,
      ]);
    }
  }
  lines.push(...evictions(facts, read));
  const result = lines.length === 0 ? "not checked" : combined(lines.map(([one]) => one));
  return answer(
    result,
    lines.length === 0 && why.length === 0
      ? ["it tells neither its memory nor its queues"]
      : [...lines.map(([, line]) => line), ...why],
    result === "success"
      ? ""
      : result === "not checked"
        ? askAgain(facts)
        : `${listPods(podOf(facts)?.split("/")[0] ?? "")} shows restarts; raise the memory limit, or sample less`,
  );
}

/** A store in memory forgets the oldest traces, and says so nowhere: by numbers it can be told. */
function evictions({ model, traces }: Facts, read: readonly Compared[]): [Result, string][] {
  const bound = memoryBound(model);
  if (bound === undefined || traces === undefined || "why" in traces) return [];
  const ids = new Set(traces.spans.map(({ traceId }) => traceId));
  const accepted = read.reduce(
    (total, { total: { accepted: counts } }) =>
      total + [...counts.values()].reduce((sum, value) => sum + value, 0),
    0,
  );
  if (ids.size === 0 || accepted === 0) return [];
  const stored = Math.round(accepted / (traces.spans.length / ids.size));
  if (stored <= bound) return [["success", `about ${stored} traces came in, ${bound} are kept`]];
  return [
    ["warning", `about ${stored} traces came in since it started and ${bound} are kept: older ones are gone`],
  ];
}

/** Most traces that Jaeger keeps in memory, as its arguments say. */
function memoryBound({ workloads }: Facts["model"]): number | undefined {
  for (const { pod } of workloads) {
    const [, traces] = /memory\.max[-_]traces[=: "]+(\d+)/.exec(JSON.stringify(pod)) ?? [];
    if (traces !== undefined) return Number(traces);
  }
  return undefined;
}

function megabytes(bytes: number): string {
  return `${Math.round(bytes / 2 ** 20)} MiB`;
}
