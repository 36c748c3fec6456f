/** What the SDKs of a stack are told, whichever way it reaches them. */
import { byKey } from "../mesh/stableOrder";

export interface OtelSettings {
  /** Order matters: the last one that finds a trace wins. */
  propagators: readonly string[];
  /** Percentage of traces that start in an application and are kept, 0 to 100. */
  sampling: number;
  /** URL paths (regular expressions) that are not traced. */
  excludedUrls: readonly string[];
  /** Batch span processor: spans, spans, milliseconds. */
  batch: { maxQueueSize: number; maxExportBatchSize: number; scheduleDelayMillis: number };
  /** Attributes of every span, such as `deployment.environment.name`. */
  resourceAttributes: Readonly<Record<string, string>>;
  /** More variables; the value given here wins. */
  extra: Readonly<Record<string, string>>;
}

/** Where and how spans are sent. */
export interface OtlpTarget {
  /** OTLP over gRPC or over HTTP. */
  protocol: "grpc" | "http/protobuf";
  /** Address of the collector for `protocol`, `http://host:port`. */
  endpoint: string;
}

/**
 * The variables of an application's OpenTelemetry SDK, all but OTEL_SERVICE_NAME, which differs by Deployment.
 * @see https://opentelemetry.io/docs/specs/otel/configuration/sdk-environment-variables/
 */
export function otelVariables(args: OtelSettings & OtlpTarget): Record<string, string> {
  const rate = decimal(args.sampling / 100);
  const attributes = Object.entries(encodedAttributes(args.resourceAttributes)).map(
    ([key, value]) => `${key}=${value}`,
  );
  return byKey({
    OTEL_BSP_MAX_EXPORT_BATCH_SIZE: String(args.batch.maxExportBatchSize),
    OTEL_BSP_MAX_QUEUE_SIZE: String(args.batch.maxQueueSize),
    OTEL_BSP_SCHEDULE_DELAY: String(args.batch.scheduleDelayMillis),
    OTEL_EXPORTER_OTLP_ENDPOINT: args.endpoint,
    OTEL_EXPORTER_OTLP_PROTOCOL: args.protocol,
    // Traces only: metrics stay with Prometheus, logs with the cluster's log shipper.
    OTEL_LOGS_EXPORTER: "none",
    OTEL_METRICS_EXPORTER: "none",
    OTEL_PROPAGATORS: args.propagators.join(","),
    OTEL_TRACES_EXPORTER: "otlp",
    // Parent-based: the gateway decides, and an application never drops spans of a trace that is sampled.
    OTEL_TRACES_SAMPLER: "parentbased_traceidratio",
    OTEL_TRACES_SAMPLER_ARG: rate,
    // Read by the applications themselves, not by the SDK.
    OTEL_ENABLED: "true",
    OTEL_SAMPLING_RATE: rate,
    ...(args.excludedUrls.length > 0 ? { OTEL_PYTHON_EXCLUDED_URLS: args.excludedUrls.join(",") } : {}),
    ...(attributes.length > 0 ? { OTEL_RESOURCE_ATTRIBUTES: attributes.join(",") } : {}),
    ...args.extra,
  });
}

/** Attributes with values as OTEL_RESOURCE_ATTRIBUTES takes them: percent-encoded, keys sorted. */
export function encodedAttributes(attributes: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(byKey(attributes)).map(([key, value]) => [key, encodeURIComponent(value)]),
  );
}

/** A rate as SDKs write it: 1.0, 0.01. */
function decimal(rate: number): string {
  const text = String(Number(rate.toPrecision(12)));
  return text.includes(".") || text.includes("e") ? text : `${text}.0`;
}
