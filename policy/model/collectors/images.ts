/** Programs that take spans, known by the images of their containers. */
import { type Json, shown } from "../reading";
import { containersOf, type Workload } from "../workloads";

/** The OpenTelemetry Collector's own images and builds named after it. */
export const collectorImage = /(^|\/)[\w.-]*(otelcol|opentelemetry-collector|otel-collector)[\w.-]*([:@]|$)/;

/** Grafana Tempo's, with its version where the tag is one. */
export const tempoImage = /(?:^|\/)tempo(?::v?(?<major>\d+)\.(?<minor>\d+)|[:@]|$)/;

/** Programs that pass spans on, by configurations in languages of their own. */
export const unreadCollector =
  /(?:^|\/)(grafana\/(?:alloy|agent)|fluent-bit|fluentd|vector|datadog\/agent|honeycombio\/refinery)(?:[:@]|$)/;

/** Images of Jaeger that keep or show traces; not its agent, its operator or its example. */
const jaegerImage =
  /(^|\/)(jaegertracing|jaeger)\/(jaeger|all-in-one|jaeger-all-in-one|opentelemetry-all-in-one|jaeger-collector|jaeger-query)([:@]|$)/;

/** Whether an image is Jaeger's, of its own name. */
export function isJaegerImage(name: unknown): boolean {
  return jaegerImage.test(shown(name));
}

/** Whether pods take spans from others, by their images. */
export function runsCollector(workload: Workload): boolean {
  return containersOf(workload).some(isCollector);
}

/** Whether a container takes spans from others. */
export function isCollector({ image }: Json): boolean {
  const name = shown(image);
  return collectorImage.test(name) || tempoImage.test(name) || isJaegerImage(name);
}
