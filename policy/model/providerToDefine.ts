/** What a mesh config could say to define a provider that something names. */
import { serviceHost } from "../../mesh/dns";
import { kinds } from "../../mesh/kinds";
import { defaultRootNamespace, objectNames } from "../../mesh/names";
import { ports } from "../../mesh/ports";
import { providerType, tracingProviderTypes } from "./collector";
import { type MeshConfig, type MeshProvider } from "./meshConfig";
import { type KubeObject, namespaceOf } from "./objects";
import { at, type Json, number, records, text } from "./reading";
import { type TracingModel } from "./tracingModel";

/** Providers that can trace. */
export function tracingProviders({ providers }: MeshConfig): MeshProvider[] {
  return providers.filter(({ entry }) =>
    (tracingProviderTypes as readonly unknown[]).includes(providerType(entry)),
  );
}

/**
 * Points at the collector that is known, else where the mesh config sent spans before there were providers, else
 * at a Service of the input that takes them, else at the usual one.
 */
export function providerToDefine(model: TracingModel, name: string, mesh: MeshConfig = model.mesh): Json {
  const { collector, index } = model;
  const legacy = /^([^:]+):(\d+)$/.exec(
    text(at(mesh.values, "defaultConfig", "tracing", "zipkin", "address")) ?? "",
  );
  if (collector === undefined && legacy !== null) {
    const [, service = "", port] = legacy;
    return { name, zipkin: { service, port: Number(port) } };
  }
  const isOpenTelemetry = /otel|opentelemetry|otlp/i.test(name);
  const otlp = isOpenTelemetry && collector === undefined ? serviceWith(model, ports.otlpGrpc) : undefined;
  if (otlp !== undefined) return { name, opentelemetry: { service: hostOf(otlp), port: ports.otlpGrpc } };
  const zipkin = index.of(kinds.service).find((service) => hasPort(service, ports.zipkin));
  const service = zipkin?.metadata.name ?? objectNames.collectorService;
  const namespace = collector?.place?.namespace ?? zipkin?.metadata.namespace ?? defaultRootNamespace;
  const host = collector?.host ?? serviceHost(service, namespace);
  return { name, zipkin: { service: `${namespace}/${host}`, port: collector?.port ?? ports.zipkin } };
}

function serviceWith({ index }: TracingModel, port: number): KubeObject | undefined {
  return index.of(kinds.service).find((service) => hasPort(service, port));
}

function hasPort(service: KubeObject, port: number): boolean {
  return records(at(service, "spec", "ports")).some((entry) => number(entry["port"]) === port);
}

function hostOf(service: KubeObject): string {
  const namespace = namespaceOf(service);
  return `${namespace}/${serviceHost(service.metadata.name, namespace)}`;
}
