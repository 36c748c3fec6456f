/** Where spans are sent: from the host and port somebody wrote to the Service they mean. */
import { serviceHost } from "../../mesh/dns";
import { ports } from "../../mesh/ports";
import { kinds } from "../../mesh/kinds";
import { type KubeObject, namespaceOf, type ObjectIndex } from "./objects";
import { at, isRecord, type Json, number, record, records, text } from "./reading";
import { type TracingInUse } from "./telemetry";

/** A Service by its name. */
export interface ServicePlace {
  namespace: string;
  name: string;
}

export interface Collector {
  /** As written, for messages: `istio-system/jaeger.istio-system.svc.cluster.local:9411`. */
  written: string;
  host: string;
  port: number | undefined;
  /** Namespace in front of the host, as Istio's providers may have it. */
  writtenNamespace?: string;
  /** What the proxies speak: the provider's type. */
  protocol: (typeof tracingProviderTypes)[number];
  /** Whether OTLP goes by HTTP, which Istio's provider `opentelemetry` does if it has a section `http`. */
  isOtlpHttp?: boolean;
  /** The Service the host means; undefined for hosts outside the cluster. */
  place?: ServicePlace;
  /** That Service, if it is in the input. */
  service?: KubeObject;
}

/** Provider types that proxies send spans by. */
export const tracingProviderTypes = ["zipkin", "opentelemetry", "datadog", "skywalking"] as const;

/** The type of a provider's entry: its one key beside the name. */
export function providerType(entry: Readonly<Record<string, unknown>>): string | undefined {
  return Object.keys(entry).find((key) => key !== "name");
}

/** The collector the caller names, or else that of the provider in use. */
export function readCollector(
  index: ObjectIndex,
  tracing: TracingInUse,
  given: string | undefined,
): Collector | undefined {
  if (given !== undefined) return resolve(index, { ...parseGiven(given), written: given });
  if (tracing.legacyAddress !== undefined) {
    const written = tracing.legacyAddress;
    return resolve(index, { ...parseAddress(written), protocol: "zipkin", written });
  }
  const { entry = {} } = tracing.provider ?? {};
  const type = tracingProviderTypes.find((one) => one === providerType(entry));
  if (type === undefined) return undefined;
  const settings = record(entry[type]);
  const service = text(settings["service"]) ?? "";
  const port = number(settings["port"]);
  const slash = service.indexOf("/");
  return resolve(index, {
    written: `${service}:${port ?? ""}`,
    host: slash === -1 ? service : service.slice(slash + 1),
    writtenNamespace: slash === -1 ? undefined : service.slice(0, slash),
    port,
    protocol: type,
    ...(isRecord(settings["http"]) ? { isOtlpHttp: true } : {}),
  });
}

type Unresolved = Omit<Collector, "place" | "service"> & { place?: ServicePlace };

function resolve(index: ObjectIndex, collector: Unresolved): Collector {
  const place = collector.place ?? placeOf(collector.host);
  const service = place && index.get(kinds.service, place.namespace, place.name);
  return { ...collector, place, service };
}

/** `namespace/service:port`, or `host:port` with any name of a Service. */
function parseGiven(given: string): Omit<Unresolved, "written"> {
  const { host, port } = parseAddress(given);
  const [namespace, name] = host.split("/");
  const protocol = port === ports.otlpGrpc || port === ports.otlpHttp ? "opentelemetry" : "zipkin";
  if (namespace === undefined || name === undefined) return { host, port, place: placeOf(host), protocol };
  const place = placeOf(name) ?? { namespace, name };
  return { host: serviceHost(place.name, place.namespace), port, place, protocol };
}

function parseAddress(address: string): { host: string; port: number | undefined; place?: ServicePlace } {
  const host = address.replace(/:\d+$/, "");
  return { host, port: number(address.slice(host.length + 1)), place: placeOf(host) };
}

/**
 * The Service that a host name means: `name.namespace.svc` with or without the cluster's domain, or, seen from
 * a pod, `name.namespace` and `name` alone.
 * @param from namespace of the pod that uses the name; without it only names that carry a namespace are read
 */
export function placeOf(host: string, from?: string): ServicePlace | undefined {
  const label = "[a-z0-9]([-a-z0-9]*[a-z0-9])?";
  const full = new RegExp(`^(${label})\\.(${label})(\\.svc(\\.[-a-z0-9.]+)?)?$`).exec(host);
  if (full?.[1] !== undefined && full[3] !== undefined) return { name: full[1], namespace: full[3] };
  if (from !== undefined && host !== "localhost" && new RegExp(`^${label}$`).test(host))
    return { name: host, namespace: from };
  return undefined;
}

/** Whether a host is the fully qualified name of a Service, the only one Istio finds it by. */
export function isQualified(host: string): boolean {
  return /^[^.]+\.[^.]+\.svc\..+$/.test(host);
}

export function servicePort(
  service: KubeObject,
  port: number,
): Readonly<Record<string, unknown>> | undefined {
  return records(at(service["spec"], "ports")).find((entry) => number(entry["port"]) === port);
}

/**
 * Whether what clients send to a port of a Service leads nowhere. Aliases and headless Services lead to hosts and
 * pods, whose ports are not those that the Service lists.
 */
export function lacksPort(service: KubeObject, port: number): boolean {
  const { spec } = service;
  const isName = at(spec, "type") === "ExternalName" || at(spec, "clusterIP") === "None";
  return !isName && servicePort(service, port) === undefined;
}

/** The port of a Service that leads to a port of its pods. */
export function portLeadingTo(service: KubeObject, target: number): number | undefined {
  const entry = records(at(service["spec"], "ports")).find(
    (one) => (one["targetPort"] ?? one["port"]) === target,
  );
  return number(entry?.["port"]);
}

/** `namespace/name` of a Service. */
export function serviceName(service: KubeObject): string {
  return `${namespaceOf(service)}/${service.metadata.name}`;
}

/** The port of a Service that takes the provider's spans: that leads to their usual one, or is named after them. */
export function spanPort(
  servicePorts: readonly Json[],
  { protocol, isOtlpHttp }: Pick<Collector, "protocol" | "isOtlpHttp">,
): number | undefined {
  const otlp = isOtlpHttp === true ? ports.otlpHttp : ports.otlpGrpc;
  const [wanted, pattern] = protocol === "zipkin" ? [ports.zipkin, /zipkin/] : [otlp, /otlp|otel/];
  const usual: readonly unknown[] = [ports.zipkin, ports.otlpGrpc, ports.otlpHttp];
  const targetOf = (entry: Json) => number(entry["targetPort"] ?? entry["port"]);
  const found =
    servicePorts.find((entry) => targetOf(entry) === wanted) ??
    servicePorts.find((entry) => pattern.test(text(entry["name"]) ?? "") && !usual.includes(targetOf(entry)));
  return number(found?.["port"]);
}
