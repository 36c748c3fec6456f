/** Where traces are kept and can be asked for, whatever the product. */
import { type SeenEdge, type Span } from "../parse/spans";

/** A time, in milliseconds since 1970. */
export interface Window {
  from: number;
  to: number;
}

export interface Backend {
  /** `Jaeger`, `Tempo`. */
  product: string;
  /** `istio-system/jaeger-7d9`. */
  pod: string;
  /** Names of services that have sent spans. */
  services(window: Window): Promise<string[]>;
  /** Spans of traces that a service takes part in, the newest ones first. */
  traces(service: string, window: Window, most: number): Promise<Span[]>;
  /** Spans of one trace; none if it is not there. */
  trace(id: string, window: Window): Promise<Span[]>;
  /** Who calls whom, as the backend counts it; undefined if it does not. */
  dependencies(window: Window): Promise<SeenEdge[] | undefined>;
}

/** Spans once, though several services have the same trace. */
export function distinct(spans: readonly Span[]): Span[] {
  const known = new Map(
    spans.map((span) => [`${span.traceId} ${span.spanId} ${span.service} ${span.kind}`, span]),
  );
  return [...known.values()];
}
