/** What arrived of one request: pure functions over what Jaeger's API and Envoy say. */

/** Who makes spans in the lab. */
export const senders = ["gateway", "first proxy", "first SDK", "second proxy", "second SDK"] as const;
export type Sender = (typeof senders)[number];

export interface Span {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentId?: string;
  readonly service: string;
  readonly operation: string;
  readonly kind: string;
  readonly sender?: Sender;
  /** Microseconds since 1970. */
  readonly start: number;
}

export interface JaegerTrace {
  readonly traceID: string;
  readonly spans: readonly JaegerSpan[];
  readonly processes: Readonly<Record<string, { readonly serviceName: string }>>;
}

interface JaegerSpan {
  readonly traceID: string;
  readonly spanID: string;
  readonly operationName: string;
  readonly references?: readonly {
    readonly refType: string;
    readonly spanID: string;
    readonly traceID: string;
  }[];
  readonly startTime: number;
  readonly processID: string;
  readonly tags?: readonly { readonly key: string; readonly value: unknown }[];
}

export interface ServiceNames {
  readonly gateway: { readonly namespace: string; readonly name: string };
  readonly first: { readonly namespace: string; readonly name: string };
  readonly second: { readonly namespace: string; readonly name: string };
}

/** Spans of traces in which a request is named, which a split one has several of. */
export function spansOf(traces: readonly JaegerTrace[], probe: string, names: ServiceNames): Span[] {
  const own = traces.filter((trace) => JSON.stringify(trace).includes(probe));
  const spans = own.flatMap(({ spans, processes }) =>
    spans.map((span): Span => {
      const tags = new Map((span.tags ?? []).map(({ key, value }) => [key, value]));
      const service = processes[span.processID]?.serviceName ?? "";
      const parent = span.references?.find(({ refType }) => refType === "CHILD_OF");
      const isProxy = tags.get("component") === "proxy";
      return {
        traceId: span.traceID,
        spanId: span.spanID,
        parentId: parent?.spanID,
        service,
        operation: span.operationName,
        kind: textOf(tags.get("span.kind")),
        sender: senderOf(service, isProxy, names),
        start: span.startTime,
      };
    }),
  );
  const unique = new Map(
    spans.map((span) => [`${span.traceId} ${span.spanId} ${span.service} ${span.kind}`, span]),
  );
  return [...unique.values()].sort((a, b) => a.start - b.start);
}

function textOf(value: unknown): string {
  return typeof value === "string" ? value : "";
}

/** Proxies call themselves workload.namespace; SDKs what OTEL_SERVICE_NAME says. */
function senderOf(
  service: string,
  isProxy: boolean,
  { gateway, first, second }: ServiceNames,
): Sender | undefined {
  const full = ({ name, namespace }: { name: string; namespace: string }): string => `${name}.${namespace}`;
  if (isProxy) {
    if (service === full(gateway)) return "gateway";
    if (service === full(first)) return "first proxy";
    return service === full(second) ? "second proxy" : undefined;
  }
  if (service === first.name) return "first SDK";
  return service === second.name ? "second SDK" : undefined;
}

/** What became of a request's spans. */
export interface Outcome {
  readonly traces: readonly string[];
  readonly spans: number;
  /** Senders of which nothing arrived. */
  readonly lost: readonly Sender[];
  /** Spans whose parent did not arrive. */
  readonly orphans: number;
  /** One trace with one root, spans of everybody, no parent missing. */
  readonly joined: boolean;
}

/**
 * @param remoteParent span that the client has made, which is nobody's to send
 */
export function outcomeOf(spans: readonly Span[], remoteParent?: string): Outcome {
  const traces = [...new Set(spans.map(({ traceId }) => traceId))].sort();
  const ids = new Set(spans.map(({ spanId }) => spanId));
  const lost = senders.filter((sender) => !spans.some((span) => span.sender === sender));
  const isRoot = ({ parentId }: Span): boolean => parentId === undefined || same(parentId, remoteParent);
  const orphans = spans.filter((span) => !isRoot(span) && !ids.has(span.parentId ?? "")).length;
  const roots = spans.filter(isRoot).length;
  const joined = traces.length === 1 && lost.length === 0 && orphans === 0 && roots === 1;
  return { traces, spans: spans.length, lost, orphans, joined };
}

function same(id: string, other: string | undefined): boolean {
  return other !== undefined && id.padStart(16, "0") === other.padStart(16, "0");
}

/**
 * The tree of a trace, a line a span.
 * @param remoteParent as for `outcomeOf`
 */
export function treeOf(spans: readonly Span[], remoteParent?: string): string[] {
  const ids = new Set(spans.map(({ spanId }) => spanId));
  const lines: string[] = [];
  const visit = (span: Span, depth: number): void => {
    const { parentId } = span;
    const isMissing = parentId !== undefined && !ids.has(parentId) && !same(parentId, remoteParent);
    const missing = isMissing ? " (its parent did not arrive)" : "";
    lines.push(`${"  ".repeat(depth)}${span.service} [${span.kind}] ${span.operation}${missing}`);
    // A server's span may share the id of its client's: it is no child of itself.
    for (const child of spans) {
      if (child.parentId === span.spanId && child !== span && depth < 30) visit(child, depth + 1);
    }
  };
  for (const span of spans) if (span.parentId === undefined || !ids.has(span.parentId)) visit(span, 0);
  return lines;
}

/** Counters of a proxy's cluster, from `/clusters` of Envoy's admin: summed over endpoints. */
export function clusterCounters(text: string, cluster: string): Record<string, number> {
  const counters: Record<string, number> = {};
  for (const line of text.split("\n")) {
    if (!line.startsWith(`${cluster}::`)) continue;
    const [, , name, value] = line.split("::");
    if (name === undefined || value === undefined || !/^\d+$/.test(value)) continue;
    counters[name] = (counters[name] ?? 0) + Number(value);
  }
  return counters;
}

/** The access-log line of a request, from Envoy's output. */
export function accessLogLine(log: string, probe: string): Record<string, unknown> | undefined {
  for (const line of log.split("\n")) {
    if (!line.includes(probe) || !line.startsWith("{")) continue;
    try {
      const parsed = JSON.parse(line) as Record<string, unknown>;
      if ("trace.id" in parsed || "url.path" in parsed) return parsed;
    } catch {
      // Not the access log.
    }
  }
  return undefined;
}
