/** What a mesh config could say to define a provider that something names. */
import { serviceHost } from "../../mesh/dns";
import { kinds } from "../../mesh/kinds";
import { defaultRootNamespace } from "../../mesh/names";
import { ports } from "../../mesh/ports";
import { isQualified, placeOf, providerType, tracingProviderTypes } from "./collector";
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
 * at a Service of the input that takes them, else at one to fill in.
 */
export function providerToDefine(model: TracingModel, name: string, mesh: MeshConfig = model.mesh): Json {
  const { collector } = model;
  const legacy = /^([^:]+):(\d+)$/.exec(
    text(at(mesh.values, "defaultConfig", "tracing", "zipkin", "address")) ?? "",
  );
  if (collector === undefined && legacy !== null) {
    const [, written = "", port] = legacy;
    const place = placeOf(written);
    const service = place === undefined ? written : hostAt(place.namespace, place.name);
    return { name, zipkin: { service, port: Number(port) } };
  }
  const isOpenTelemetry = /otel|opentelemetry|otlp/i.test(name);
  const otlp = isOpenTelemetry && collector === undefined ? serviceWith(model, ports.otlpGrpc) : undefined;
  if (otlp !== undefined) return { name, opentelemetry: { service: hostOf(otlp), port: ports.otlpGrpc } };
  if (collector !== undefined) {
    const { place, host, port = ports.zipkin } = collector;
    const service =
      place === undefined || isQualified(host)
        ? `${place?.namespace ?? defaultRootNamespace}/${host}`
        : hostAt(place.namespace, place.name);
    return { name, zipkin: { service, port } };
  }
  const zipkin = serviceWith(model, ports.zipkin);
  const service = zipkin === undefined ? hostAt("NAMESPACE", "COLLECTOR") : hostOf(zipkin);
  return { name, zipkin: { service, port: ports.zipkin } };
}

function serviceWith({ index }: TracingModel, port: number): KubeObject | undefined {
  return index.of(kinds.service).find((service) => hasPort(service, port));
}

function hasPort(service: KubeObject, port: number): boolean {
  return records(at(service, "spec", "ports")).some((entry) => number(entry["port"]) === port);
}

function hostOf(service: KubeObject): string {
  return hostAt(namespaceOf(service), service.metadata.name);
}

/** As providers need it. */
function hostAt(namespace: string, name: string): string {
  return `${namespace}/${serviceHost(name, namespace)}`;
}
