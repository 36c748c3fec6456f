/** Points A, B and C: do proxies get their requests through? */
import { istioContainers } from "../../mesh/names";
import { enumerate } from "../../findings/words";
import { groupBy } from "../../mesh/maps";
import { type Hop, isBroken, isDoomed, type Verdict, verdicts } from "../judge/hop";
import { type Facts } from "../judge/facts";
import { type Check, checkOf, type Result } from "../result";
import { askAgain, listPods, probeIt, readLog, waitForIt } from "./advice";

const points = [
  {
    point: "A",
    id: "gateway-reports",
    nobody: "no gateway that sends spans is among what was looked at",
  },
  {
    point: "B",
    id: "sidecar-reports",
    nobody: "no sidecar that sends spans is among what was looked at",
  },
  {
    point: "C",
    id: "application-exports",
    nobody: "no application behind a sidecar that exports spans is among what was looked at",
  },
] as const;

/** Groups of hops that are told, and workloads that are named in one. */
const most = { groups: 20, names: 6 } as const;

export function connectionChecks(facts: Facts): Check[] {
  const hops = facts.proxies?.hops ?? [];
  return points.map(({ point, id, nobody }) => {
    const answer = checkOf(id);
    const own = hops.filter((hop) => hop.point === point || (point === "C" && hop.point === "D"));
    if (own.length === 0) return answer("not checked", [nobody], listPods(""));
    const result = resultOf(own);
    return answer(result, evidenceOf(own), adviceOf(own, result, facts));
  });
}

function resultOf(hops: readonly Hop[]): Result {
  if (hops.some(isBroken)) return "error";
  if (hops.some(isDoomed)) return "warning";
  // Nothing was sent, or nobody could be asked: no good news.
  return hops.some(({ verdict }) => verdict === "delivering") ? "success" : "not checked";
}

/** How many fare how, and then who does not fare well: those that fare alike once. */
function evidenceOf(hops: readonly Hop[]): string[] {
  const tally = verdicts
    .map((verdict): [Verdict, number] => [verdict, hops.filter((hop) => hop.verdict === verdict).length])
    .filter(([, number]) => number > 0)
    .map(([verdict, number]) => `${number} ${verdict}`);
  const told = [
    ...hops.filter(isBroken),
    ...hops.filter(isDoomed),
    ...hops.filter(({ verdict }) => verdict === "not checked"),
  ];
  const groups = [...groupBy(told, likeness).values()];
  const more = groups.length - most.groups;
  return [
    tally.join(", "),
    ...groups.slice(0, most.groups).flatMap(linesOf),
    ...(more > 0 ? [`and ${more} more of other kinds`] : []),
  ];
}

/** The same for hops that one line can tell. */
function likeness(hop: Hop): string {
  const { receiver, port, verdict, causes, evidence } = hop;
  return JSON.stringify([
    receiver,
    port,
    verdict,
    isDoomed(hop),
    causes,
    // Counters of each differ, reasons do not.
    verdict === "not checked" ? evidence : "",
  ]);
}

function linesOf(alike: readonly Hop[]): string[] {
  const [first] = alike;
  if (first === undefined) return [];
  const { receiver, port, verdict, evidence, causes } = first;
  const who = enumerate(
    alike.map(({ workload }) => workload),
    most.names,
  );
  const doom = isDoomed(first) ? ", and closed to pods that start from now on" : "";
  const isOfAll = alike.every((hop) => hop.evidence === evidence);
  return [
    `${who} → ${receiver}:${port ?? "?"} ${verdict}${doom}: ${evidence}${isOfAll ? "" : ", the first of them"}`,
    ...causes.map((cause) => `  ${cause}`),
  ];
}

function adviceOf(hops: readonly Hop[], result: Result, facts: Facts): string {
  const ill = hops.find(isBroken) ?? hops.find(isDoomed);
  if (ill !== undefined) {
    if (!ill.causes.some((cause) => cause.startsWith("[")))
      return readLog(
        ill.pod === undefined ? undefined : `${ill.namespace}/${ill.pod}`,
        "more",
        istioContainers.proxy,
      );
    return isBroken(ill)
      ? `the lines to add are at the end; then ${waitForIt}`
      : "the lines to add are at the end: add them before the next pod starts; npm run -s audit -- --live checks them";
  }
  if (result === "success") return "";
  return hops.some(({ verdict }) => verdict === "no traffic yet") ? probeIt : askAgain(facts);
}
