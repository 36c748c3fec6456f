/** What was judged, in words: "no findings" over nothing judged must not look like good news. */
import { count } from "./words";

/** How many paths of spans were asked for, with what answer. */
export interface Judged {
  /** Workloads that send spans: assumed ones, and collectors that pass them on, too. */
  senders: number;
  open: number;
  closed: number;
  unknown: number;
  /** What the input does not say and was taken for granted, in sentences without a full stop. */
  assumptions: readonly string[];
}

/** Paths that were asked for. */
export function pathsIn({ open, closed, unknown }: Judged): number {
  return open + closed + unknown;
}

export function judgedLines(judged: Judged): string[] {
  const { senders, open, closed, unknown, assumptions } = judged;
  if (pathsIn(judged) === 0) {
    return ["judged: no trace path, because no workload in the input is known to send spans to a collector"];
  }
  return [
    `judged: ${count(senders, "sender")}, ${count(open, "trace path")} open, ${closed} closed, ${unknown} unknown`,
    ...assumptions.map((assumption) => `assumed: ${assumption}`),
  ];
}
