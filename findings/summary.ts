/** What was checked and what came out, in words that all formats share. */
import { groupBy } from "../mesh/maps";
import { type Finding, type Level } from "./finding";
import { type Judged } from "./judged";
import { type PassedBy } from "./passedBy";
import { count } from "./words";

/** What the formats print. */
export interface Report {
  /** In the order of the objects. */
  findings: readonly Finding[];
  /** What was read: `12 objects from 3 files`. */
  read: string;
  /** The file to name for objects that are in none: those that are missing, and those that a chart makes. */
  elsewhere?: string;
  /** How many paths of spans were judged. */
  judged?: Judged;
  /** What was read and not checked. */
  passedBy?: PassedBy;
  /** Whether every object and every fix is told, where otherwise one speaks for many. */
  isVerbose?: boolean;
}

export const levels: readonly Level[] = ["error", "warning", "info"];

/** `2 errors, 1 warning`, or `no findings`. */
export function tally(findings: readonly Finding[]): string {
  const parts = countsByLevel(findings);
  return parts.length === 0 ? "no findings" : parts.join(", ");
}

/** `2 new errors`, `1 new warning`, each level that there is. */
export function countsByLevel(findings: readonly Finding[], adjective = ""): string[] {
  return levels.flatMap((level) => {
    const number = findings.filter((finding) => finding.level === level).length;
    const noun = `${adjective}${level}`;
    return number === 0 ? [] : [level === "info" ? `${number} ${noun}` : count(number, noun)];
  });
}

/** `NetworkPolicy auth/allow-jaeger-egress`. */
export function objectName({ kind, namespace, name }: Finding): string {
  return namespace === "" ? `${kind} ${name}` : `${kind} ${namespace}/${name}`;
}

/** File and line of a finding whose `file` is `path:line`. */
export function locationOf({ file }: Finding): { path: string; line?: number } | undefined {
  if (file === undefined) return undefined;
  const [, path = file, line] = /^(.*):(\d+)$/s.exec(file) ?? [];
  return line === undefined ? { path } : { path, line: Number(line) };
}

/** Findings of one object after the other. */
export function byObject(findings: readonly Finding[]): Finding[][] {
  const keyOf = (finding: Finding): string =>
    `${finding.apiVersion ?? ""} ${objectName(finding)} ${finding.file ?? ""}`;
  return [...groupBy(findings, keyOf).values()];
}
