/** Whether spans of one request are together. */
import { sortedSet } from "../../mesh/stableOrder";
import { type Span } from "../parse/spans";

export type Trace = readonly Span[];

/** Milliseconds that spans may take to arrive: traces that are younger are not whole yet. */
const settling = 15_000;

/** Traces that have had the time to arrive; all of them if none has. */
export function tracesOf(spans: readonly Span[], now: number): Trace[] {
  const traces = new Map<string, Span[]>();
  for (const span of spans) {
    const trace = traces.get(span.traceId);
    if (trace === undefined) traces.set(span.traceId, [span]);
    else trace.push(span);
  }
  const all = [...traces.values()].map((trace) => trace.toSorted((a, b) => a.start - b.start));
  const settled = all.filter((trace) => Math.max(...trace.map(({ start }) => start)) / 1000 < now - settling);
  return settled.length > 0 ? settled : all;
}

export interface Joins {
  spans: number;
  /** Spans whose parent is missing, the first of a trace aside: its parent may be the caller's. */
  orphans: number;
  meshOnly: number;
  sdkOnly: number;
  /** Services of these spans. */
  parents: string[];
}

export function joinsOf(traces: readonly Trace[]): Joins {
  let [spans, meshOnly, sdkOnly] = [0, 0, 0];
  const orphans: Span[] = [];
  for (const trace of traces) {
    spans += trace.length;
    const [first, ...rest] = trace;
    orphans.push(...rest.filter((span) => isMissingOf(span, trace) && span.parentId !== first?.parentId));
    if (trace.every(({ isOfProxy }) => isOfProxy)) meshOnly += 1;
    if (trace.every(({ isOfProxy }) => !isOfProxy)) sdkOnly += 1;
  }
  return {
    spans,
    orphans: orphans.length,
    meshOnly,
    sdkOnly,
    parents: sortedSet(orphans.map(({ service }) => service)),
  };
}

/** Whether a span has a parent that is not among others. */
export function isMissingOf({ parentId, traceId }: Span, others: readonly Span[]): boolean {
  return (
    parentId !== undefined && !others.some((other) => other.traceId === traceId && other.spanId === parentId)
  );
}
