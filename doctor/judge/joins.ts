/** Whether spans of one request are together. */
import { groupBy } from "../../mesh/maps";
import { sortedSet } from "../../mesh/stableOrder";
import { type Span } from "../parse/spans";

export type Trace = readonly Span[];

/** Milliseconds that spans may take to arrive: traces that are younger are not whole yet. */
const settling = 15_000;

/** Traces that have had the time to arrive; all of them if none has. */
export function tracesOf(spans: readonly Span[], now: number): Trace[] {
  const traces = groupBy(spans, ({ traceId }) => traceId);
  const all = [...traces.values()].map((trace) => trace.toSorted((a, b) => a.start - b.start));
  const settled = all.filter((trace) => Math.max(...trace.map(({ start }) => start)) / 1000 < now - settling);
  return settled.length > 0 ? settled : all;
}

/** Names of senders of which both the proxy and the SDK must report. */
export interface Both {
  proxy: readonly string[];
  sdk: readonly string[];
}

export interface Joins {
  spans: number;
  /** Spans whose parent is missing, the first of a trace aside: its parent may be the caller's. */
  orphans: number;
  /** Traces in which a proxy has taken a request, or an SDK has, and the other one of the same pod is not. */
  meshOnly: number;
  sdkOnly: number;
  /** Services of these spans. */
  parents: string[];
}

/** @param both what is not of these is not expected to have a counterpart: gateways, tools, a store's own traces */
export function joinsOf(traces: readonly Trace[], both: readonly Both[]): Joins {
  const proxies = new Set(both.flatMap(({ proxy }) => proxy));
  const sdks = new Set(both.flatMap(({ sdk }) => sdk));
  let [spans, meshOnly, sdkOnly] = [0, 0, 0];
  const orphans: Span[] = [];
  for (const trace of traces) {
    spans += trace.length;
    const [first, ...rest] = trace;
    orphans.push(...rest.filter((span) => isMissingOf(span, trace) && span.parentId !== first?.parentId));
    // Only a request that was taken has two sides: what a proxy sends on for an SDK's exporter has one.
    const takenBy = (isOfProxy: boolean, names: ReadonlySet<string>): boolean =>
      trace.some((span) => span.kind === "server" && span.isOfProxy === isOfProxy && names.has(span.service));
    const [byProxy, bySdk] = [takenBy(true, proxies), takenBy(false, sdks)];
    if (byProxy && !trace.some(({ isOfProxy }) => !isOfProxy)) meshOnly += 1;
    if (bySdk && !trace.some(({ isOfProxy }) => isOfProxy)) sdkOnly += 1;
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
