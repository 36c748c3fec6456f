/**
 * Jaeger's Helm chart of version 4, and the one before: what they read, and what they call what they make.
 * @see https://github.com/jaegertracing/helm-charts/tree/main/charts/jaeger
 */
import { appLabels, jaegerAppLabel } from "./labels";
import { ports } from "./ports";

/** The chart a stack gets if it names none. Pinned: a stack is the same tomorrow. */
export const defaultJaegerChart = {
  repository: "https://jaegertracing.github.io/helm-charts",
  version: "4.11.1",
} as const;

/** What a stack gives Jaeger's container if it says nothing. */
export const jaegerDefaults = { release: "jaeger", memoryLimit: "512Mi", cpuRequest: "100m", cpuLimit: "1" };

/** Keys of charts before 4.x that no template of 4.x reads, with what to do instead. */
export const retiredChartKeys: Readonly<Record<string, string>> = {
  provisionDataStore: "remove it: Jaeger 2 keeps traces in memory unless userconfig names a store",
  allInOne: "use jaeger (for example jaeger.resources, jaeger.extraEnv)",
  agent: "remove it: SDKs send OTLP to the collector",
  collector: "use jaeger (for example jaeger.resources, jaeger.args)",
  query: "use jaeger (for example jaeger.ingress); the UI is served by the same pod",
  ingester: "use userconfig",
  hotrod: "remove it: the demo application has its own chart",
  cassandra: "use storage.cassandra",
  elasticsearch: "use storage.elasticsearch",
  schema: "remove it",
};

/** Ports of the chart's Service that matter for tracing; the pod listens on the same numbers. */
export const chartPorts = [
  { name: "http-zipkin", port: ports.zipkin, appProtocol: "http" },
  { name: "otlp-grpc", port: ports.otlpGrpc, appProtocol: "grpc" },
  { name: "otlp-http", port: ports.otlpHttp, appProtocol: "http" },
  { name: "http-query", port: ports.queryHttp },
  { name: "grpc-query", port: ports.queryGrpc },
  { name: "internal-metrics", port: ports.metrics, appProtocol: "http" },
] as const;

/** Services of the chart before 4.0, which were headless. */
export const formerServices = [
  { suffix: "-collector", ports: [ports.zipkin, ports.otlpGrpc, ports.otlpHttp] },
  { suffix: "-query", ports: [ports.queryHttp, ports.queryGrpc] },
] as const;

/** Labels of Jaeger's pods, by which Services select them. Stable since chart 4.0. */
export function jaegerPodLabels(release: string): Record<string, string> {
  return { [appLabels.component]: "all-in-one", [appLabels.instance]: release, ...jaegerAppLabel };
}

/** What the chart names its Deployment and its Service after. */
export function jaegerFullname(
  release: string,
  override: string | undefined,
  nameOverride = "jaeger",
): string {
  if (override !== undefined && override !== "") return override;
  return release.includes(nameOverride) ? release : `${release}-${nameOverride}`;
}

/** Component, and end of the name, of the job that deletes old indices. */
export const indexCleaner = "es-index-cleaner";

/** ConfigMaps of the chart, whose names are the same for every release, by the value that each is made of. */
export const chartConfigMaps = { uiconfig: "ui-config", userconfig: "user-config" } as const;

/** Where the chart mounts the UI's configuration. */
export const uiConfigFile = "/etc/jaeger/ui-config.json";

/** Name of the store in the configuration that Jaeger 2 has built in. */
export const builtInStore = "some_storage";

/** What the memory store keeps in Jaeger 2's built-in configuration, and what Jaeger 1 keeps without a bound. */
export const defaultMaxTraces = 100_000;

/**
 * What a configuration file without `max_traces` means.
 * @see https://github.com/jaegertracing/jaeger/blob/main/cmd/jaeger/internal/extension/jaegerstorage/config.go
 */
export const maxTracesOfFile = 1_000_000;

/** The setting, a flag `--set`, that bounds the memory store of the built-in configuration. */
export function maxTracesSetting(maxTraces: number): string {
  return `extensions.jaeger_storage.backends.${builtInStore}.memory.max_traces=${maxTraces}`;
}
