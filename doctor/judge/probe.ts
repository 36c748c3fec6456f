/** What became of one request whose trace id is known. */
import { sortedSet } from "../../mesh/stableOrder";
import { type Span } from "../parse/spans";
import { isMissingOf } from "./joins";
import { type SenderNames } from "./names";

export interface ProbeResult {
  url: string;
  traceId: string;
  /** Status of the answer; 0 if there was none. */
  status: number;
  /** Why there was no answer. */
  failure?: string;
  spans: number;
  services: string[];
  /** Whether the trace is there under the id that the request carried. */
  isContinued: boolean;
  /** Spans whose parent is not there. */
  orphans: number;
  /** Senders that took part and of which one half is missing, in words. */
  missing: string[];
  /** Services of spans that took the caller for their parent, beside the gateway's. */
  torn: string[];
  /** `trace.id` of the gateway's access log; undefined if no line has it. */
  logTraceId?: string;
  /** Why the log could not be read. */
  logFailure?: string;
}

/** Headers that carry a trace's id and that it is sampled, for proxies of both persuasions. */
export function probeHeaders(traceId: string, spanId: string): Record<string, string> {
  return {
    traceparent: `00-${traceId}-${spanId}-01`,
    "x-b3-traceid": traceId,
    "x-b3-spanid": spanId,
    "x-b3-sampled": "1",
  };
}

/**
 * Whose spans are missing, as far as the trace itself tells: a workload of which only the proxy reports, or only the
 * SDK, took part.
 */
function missingIn(spans: readonly Span[], names: readonly SenderNames[]): string[] {
  const seen = (own: readonly string[], isOfProxy: boolean): boolean =>
    spans.some((span) => own.includes(span.service) && span.isOfProxy === isOfProxy);
  return names.flatMap(({ workload, proxy, sdk }) => {
    if (proxy.length === 0 || sdk.length === 0) return [];
    const [byProxy, bySdk] = [seen(proxy, true), seen(sdk, false)];
    if (byProxy === bySdk) return [];
    return [byProxy ? `the SDK of ${workload}` : `the proxy of ${workload}`];
  });
}

/** What can be said of the spans that arrived. */
export function judgeProbe(
  spans: readonly Span[],
  names: readonly SenderNames[],
  clientSpan: string,
): Pick<ProbeResult, "spans" | "services" | "isContinued" | "orphans" | "missing" | "torn"> {
  // Backends give spans in any order; the caller is the only parent that need not arrive.
  const orphans = spans.filter((span) => span.parentId !== clientSpan && isMissingOf(span, spans));
  // The first to take the request is the gateway. Who else follows the caller does not follow the proxy before it.
  const [, ...others] = spans
    .filter(({ parentId }) => parentId === clientSpan)
    .toSorted((a, b) => a.start - b.start);
  return {
    spans: spans.length,
    services: sortedSet(spans.map(({ service }) => service)),
    isContinued: spans.length > 0,
    orphans: orphans.length,
    missing: missingIn(spans, names),
    torn: sortedSet(others.map(({ service }) => service)),
  };
}

/**
 * The `trace.id` of a request's line in access logs: of the line that has its trace id, else of the newest one of its
 * path, as others may have asked for that, too.
 */
export function traceIdInLog(log: string, traceId: string, path: string): string | undefined {
  const lines = log.split("\n");
  const own = lines.filter((line) => line.includes(traceId));
  // A path of one character is in every line.
  const alike = path.length > 1 ? lines.filter((line) => line.includes(path)).toReversed() : [];
  for (const line of [...own, ...alike]) {
    const id = idOfLine(line);
    if (id !== undefined) return id;
  }
  return undefined;
}

function idOfLine(line: string): string | undefined {
  const start = line.indexOf("{");
  if (start < 0) return /"?trace[-._]?id"?[=: ]+"?([0-9a-f]{16,32})/i.exec(line)?.[1];
  try {
    const { "trace.id": id } = JSON.parse(line.slice(start)) as Record<string, unknown>;
    return typeof id === "string" && id !== "-" ? id : undefined;
  } catch {
    return idOfLine(line.slice(0, start));
  }
}
