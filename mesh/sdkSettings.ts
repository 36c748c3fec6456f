/**
 * What OpenTelemetry SDKs read of a container's environment.
 * @see https://opentelemetry.io/docs/specs/otel/configuration/sdk-environment-variables/
 * @see https://opentelemetry.io/docs/specs/otel/protocol/exporter/
 */

/** The variables that say where traces go and how. */
export const sdkVariables = {
  endpoint: "OTEL_EXPORTER_OTLP_ENDPOINT",
  tracesEndpoint: "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT",
  protocol: "OTEL_EXPORTER_OTLP_PROTOCOL",
  tracesProtocol: "OTEL_EXPORTER_OTLP_TRACES_PROTOCOL",
  exporter: "OTEL_TRACES_EXPORTER",
  propagators: "OTEL_PROPAGATORS",
  sampler: "OTEL_TRACES_SAMPLER",
  samplerArgument: "OTEL_TRACES_SAMPLER_ARG",
  disabled: "OTEL_SDK_DISABLED",
  service: "OTEL_SERVICE_NAME",
  jaegerEndpoint: "OTEL_EXPORTER_JAEGER_ENDPOINT",
  zipkinEndpoint: "OTEL_EXPORTER_ZIPKIN_ENDPOINT",
} as const;

const signals = ["", "TRACES_", "METRICS_", "LOGS_", "PROFILES_"];
const ofExporter = [
  "ENDPOINT",
  "PROTOCOL",
  "HEADERS",
  "TIMEOUT",
  "COMPRESSION",
  "INSECURE",
  "CERTIFICATE",
  "CLIENT_KEY",
  "CLIENT_CERTIFICATE",
];

/** Every name that one of `sdkVariables` could be mistaken for and that is right. */
export const sdkVariableNames: ReadonlySet<string> = new Set([
  ...Object.values(sdkVariables),
  ...signals.flatMap((signal) => ofExporter.map((setting) => `OTEL_EXPORTER_OTLP_${signal}${setting}`)),
  "OTEL_METRICS_EXPORTER",
  "OTEL_LOGS_EXPORTER",
  "OTEL_PROFILES_EXPORTER",
  "OTEL_METRICS_SAMPLER",
  "OTEL_RESOURCE_ATTRIBUTES",
  "OTEL_LOG_LEVEL",
  "OTEL_EXPORTER_JAEGER_AGENT_HOST",
  "OTEL_EXPORTER_JAEGER_AGENT_PORT",
]);

/** Variables that name a file with all settings, which then wins over every other variable. */
export const sdkConfigFiles: readonly string[] = ["OTEL_CONFIG_FILE", "OTEL_EXPERIMENTAL_CONFIG_FILE"];

export const samplers: readonly string[] = [
  "always_on",
  "always_off",
  "traceidratio",
  "parentbased_always_on",
  "parentbased_always_off",
  "parentbased_traceidratio",
  "jaeger_remote",
  "parentbased_jaeger_remote",
  "xray",
];

/** What SDKs sample with where nothing is said, and most of them where they do not know what is said. */
export const defaultSampler = "parentbased_always_on";

export const propagators: readonly string[] = [
  "tracecontext",
  "baggage",
  "b3",
  "b3multi",
  "jaeger",
  "xray",
  "xray-lambda",
  "ottrace",
  "none",
];

export const traceExporters: readonly string[] = [
  "otlp",
  "zipkin",
  "jaeger",
  "console",
  "logging",
  "logging-otlp",
  "none",
  // Python's own names for one transport of OTLP.
  "otlp_proto_grpc",
  "otlp_proto_http",
];

/** Names that people write for what SDKs call otherwise. */
export const otherNames: Readonly<Record<string, string>> = {
  w3c: "tracecontext",
  traceparent: "tracecontext",
  b3single: "b3",
  ratio: "parentbased_traceidratio",
};

export const otlpProtocols = ["grpc", "http/protobuf", "http/json"] as const;
