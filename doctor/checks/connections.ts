/** Points A, B and C: do proxies get their requests through? */
import { count } from "../../findings/words";
import { type Hop, isBroken, isDoomed, type Point, type Verdict, verdicts } from "../judge/hop";
import { type Facts } from "../judge/facts";
import { type Check, check, type Result } from "../result";

const points: readonly { point: Point; id: string; description: string; nobody: string }[] = [
  {
    point: "A",
    id: "gateway-reports",
    description: "gateways deliver their spans",
    nobody: "no gateway that sends spans is among what was looked at",
  },
  {
    point: "B",
    id: "sidecar-reports",
    description: "sidecars deliver their spans",
    nobody: "no sidecar that sends spans is among what was looked at",
  },
  {
    point: "C",
    id: "application-exports",
    description: "applications behind sidecars deliver their spans",
    nobody: "no application behind a sidecar that exports spans is among what was looked at",
  },
];

/** Hops that are named one by one. */
const most = 20;

export function connectionChecks({ proxies }: Facts): Check[] {
  const hops = proxies?.hops ?? [];
  return points.map(({ point, id, description, nobody }) => {
    const own = hops.filter((hop) => hop.point === point || (point === "C" && hop.point === "D"));
    if (own.length === 0) return check(id, description, "not checked", [nobody]);
    return connectionCheck(id, description, own);
  });
}

function connectionCheck(id: string, description: string, hops: readonly Hop[]): Check {
  const broken = hops.filter(isBroken);
  const doomed = hops.filter(isDoomed);
  const shown = [...broken, ...doomed, ...hops.filter(({ verdict }) => verdict === "not checked")];
  const lines = shown.slice(0, most).flatMap(linesOf);
  const more = shown.length > most ? [`and ${shown.length - most} more`] : [];
  return check(
    id,
    description,
    resultOf(hops, broken, doomed),
    [tally(hops), ...lines, ...more],
    adviceOf(broken, doomed),
  );
}

function resultOf(hops: readonly Hop[], broken: readonly Hop[], doomed: readonly Hop[]): Result {
  if (broken.length > 0) return "error";
  if (doomed.length > 0) return "warning";
  // Nothing was sent, or nobody could be asked: no good news.
  return hops.some(({ verdict }) => verdict === "delivering") ? "success" : "not checked";
}

function tally(hops: readonly Hop[]): string {
  return verdicts
    .map((verdict): [Verdict, number] => [verdict, hops.filter((hop) => hop.verdict === verdict).length])
    .filter(([, number]) => number > 0)
    .map(([verdict, number]) => `${number} ${verdict}`)
    .join(", ");
}

function linesOf(hop: Hop): string[] {
  const { workload, receiver, port, verdict, evidence, causes } = hop;
  const doom = isDoomed(hop) ? ", and closed to pods that start from now on" : "";
  return [
    `${workload} → ${receiver}:${port ?? "?"} ${verdict}${doom}: ${evidence}`,
    ...causes.map((cause) => `  ${cause}`),
  ];
}

function adviceOf(broken: readonly Hop[], doomed: readonly Hop[]): string {
  if (broken.length > 0) {
    return `the lines to add are below the ${count(broken.length, "broken path")}, where a rule explains it`;
  }
  return doomed.length > 0 ? "open the way before the next pod starts" : "";
}
