/**
 * Where VirtualServices lead what applications send through their sidecar. The proxies' own spans they do not touch:
 * a tracer sends straight to its cluster.
 * @see https://istio.io/latest/docs/reference/config/networking/virtual-service/
 */
import { includesHost } from "../../mesh/dns";
import { kinds } from "../../mesh/kinds";
import { compare } from "../../mesh/stableOrder";
import { otlpTracesPath } from "../../mesh/urls";
import { placeOf, servicePort, type ServicePlace } from "./collector";
import { type KubeObject, namespaceOf } from "./objects";
import { clusterDomain, type ProxyPlace } from "./proxies";
import { at, type Json, number, record, records, text, textMap, texts } from "./reading";
import { type TracingModel } from "./tracingModel";

/** What one of them makes of a way. */
export interface Routed {
  route: KubeObject;
  /** Services and their ports, each with a share of the spans; undefined where nobody is named but who is meant. */
  to?: readonly { place: ServicePlace; port: number }[];
  /** Set where the sidecar answers in the collector's place. */
  answered?: Answered;
}

/** Requests that never leave the sidecar. */
export interface Answered {
  route: KubeObject;
  /** Where that is written: `spec.http[0].fault.abort`. */
  path: string;
  /** Of how many requests in a hundred. */
  percent: number;
  /** The path of requests that no entry matches, to which the answer is that there is no route. */
  unmatched?: string;
}

const otlpGrpcPath = "/opentelemetry.proto.collector.trace.v1.TraceService/Export";

/**
 * What becomes of what an application sends to a Service's port; undefined where nothing touches it, or where nobody
 * can say what does.
 */
export function routedTo(
  model: TracingModel,
  proxy: ProxyPlace,
  place: ServicePlace,
  port: number,
  transport: "otlp-grpc" | "otlp-http",
): Routed | undefined {
  const routes = model.index.of(kinds.virtualService);
  if (routes.length === 0) return undefined;
  const host = `${place.name}.${place.namespace}.svc.${clusterDomain(model)}`;
  const [route] = routes
    .filter((candidate) => isFor(model, candidate, proxy, host))
    // The exact host wins over a wildcard, then the oldest.
    .sort((a, b) => rankOf(model, b, host) - rankOf(model, a, host) || compare(ageOf(a), ageOf(b)));
  if (route === undefined) return undefined;
  const service = model.index.get(kinds.service, place.namespace, place.name);
  const path = transport === "otlp-grpc" ? otlpGrpcPath : otlpTracesPath;
  const layer = isTcp(service && servicePort(service, port)) ? "tcp" : "http";
  const entries = records(at(route["spec"], layer));
  const matched = entries.map((one) =>
    matchOf(records(one["match"]), proxy, port, layer === "tcp" ? undefined : path),
  );
  const position = matched.indexOf("yes");
  const entry = entries[position];
  if (entry === undefined) {
    // Entries for other ports and other senders leave the sidecar the route that it has without them.
    if (layer === "tcp" || !matched.includes("no") || matched.includes("unknown")) return undefined;
    return { route, answered: { route, path: "spec.http", percent: 100, unmatched: path } };
  }
  const answered = layer === "http" ? answeredBy(route, entry, position) : undefined;
  const to = destinationsOf(route, entry, place, port);
  if (to === undefined && answered === undefined) return undefined;
  return { route, ...(to === undefined ? {} : { to }), ...(answered === undefined ? {} : { answered }) };
}

/** An answer that is written down, or an injected fault; a fault without a percentage is none. */
function answeredBy(route: KubeObject, entry: Json, position: number): Answered | undefined {
  const path = `spec.http[${position}]`;
  if (entry["directResponse"] !== undefined) return { route, path: `${path}.directResponse`, percent: 100 };
  const percent = number(at(entry, "fault", "abort", "percentage", "value")) ?? 0;
  return percent > 0 ? { route, path: `${path}.fault.abort`, percent } : undefined;
}

/** Where an entry leads; undefined if that is where the application sends to, or is not known. */
function destinationsOf(route: KubeObject, entry: Json, place: ServicePlace, port: number): Routed["to"] {
  const destinations = records(entry["route"]).filter((one) => number(one["weight"]) !== 0);
  const to = destinations.flatMap((one) => {
    const destination = record(one["destination"]);
    const target = placeOf(text(destination["host"]) ?? "", namespaceOf(route));
    return target === undefined
      ? []
      : [{ place: target, port: number(at(destination, "port", "number")) ?? port }];
  });
  const isSame = to.every(
    (one) => one.place.name === place.name && one.place.namespace === place.namespace && one.port === port,
  );
  return to.length === 0 || to.length < destinations.length || isSame ? undefined : to;
}

/** Whether a route is for sidecars, is told to this one, and has the host. */
function isFor(model: TracingModel, route: KubeObject, proxy: ProxyPlace, host: string): boolean {
  const { spec } = route;
  const gateways = texts(at(spec, "gateways"));
  if (gateways.length > 0 && !gateways.includes("mesh")) return false;
  const own = namespaceOf(route);
  const written = texts(at(spec, "exportTo"));
  const byDefault = texts(model.mesh.values["defaultVirtualServiceExportTo"]);
  const exportTo = written.length > 0 ? written : byDefault.length > 0 ? byDefault : ["*"];
  const isTold =
    exportTo.includes("*") ||
    exportTo.includes(proxy.namespace) ||
    (exportTo.includes(".") && own === proxy.namespace);
  return isTold && rankOf(model, route, host) > 0;
}

/** How exactly a route names a host; 0 if it does not. */
function rankOf(model: TracingModel, route: KubeObject, host: string): number {
  const namespace = namespaceOf(route);
  const ranks = texts(at(route["spec"], "hosts")).map((written) => {
    const full = /[.*]/.test(written) ? written : `${written}.${namespace}.svc.${clusterDomain(model)}`;
    if (full === host) return Infinity;
    return includesHost(full, host) ? full.length : 0;
  });
  return Math.max(0, ...ranks);
}

function ageOf(route: KubeObject): string {
  return `${text(route.metadata["creationTimestamp"]) ?? ""} ${route.metadata.name}`;
}

/** Whether Istio takes a port for plain TCP; what it is not told of, it detects. */
function isTcp(port: Json | undefined): boolean {
  const protocol = (text(port?.["appProtocol"]) ?? text(port?.["name"]) ?? "").toLowerCase();
  return protocol === "tcp" || protocol.startsWith("tcp-");
}

/**
 * Whether an entry is for a request; `elsewhere` if the sender's sidecar has no route by it.
 * @param path undefined for TCP, of which paths are not seen
 */
function matchOf(
  matches: readonly Json[],
  proxy: ProxyPlace,
  port: number,
  path: string | undefined,
): "yes" | "no" | "unknown" | "elsewhere" {
  if (matches.length === 0) return "yes";
  const found = matches.map((match) => {
    const gateways = texts(match["gateways"]);
    const isHere =
      (match["port"] === undefined || number(match["port"]) === port) &&
      (match["sourceNamespace"] === undefined || match["sourceNamespace"] === proxy.namespace) &&
      (gateways.length === 0 || gateways.includes("mesh")) &&
      Object.entries(textMap(match["sourceLabels"])).every(([key, value]) => proxy.labels[key] === value);
    if (!isHere) return "elsewhere";
    const { regex, exact, prefix } = record(match["uri"]);
    // What SDKs send beside the path is not known.
    const read = ["uri", "port", "sourceLabels", "sourceNamespace", "gateways", "name", "ignoreUriCase"];
    if (regex !== undefined || !Object.keys(match).every((key) => read.includes(key))) return "unknown";
    if (match["uri"] === undefined) return "yes";
    const isPath = exact === path || (typeof prefix === "string" && path?.startsWith(prefix) === true);
    return path !== undefined && isPath ? "yes" : "no";
  });
  return (["yes", "unknown", "no"] as const).find((one) => found.includes(one)) ?? "elsewhere";
}
