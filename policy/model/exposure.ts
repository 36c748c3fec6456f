/** Ways from outside the cluster to a Service, and whether they authenticate people. */
import { kinds } from "../../mesh/kinds";
import { publicAnnotation } from "../../mesh/labels";
import { type ServicePlace } from "./collector";
import { type Entrance, entranceOf, type Guard, guardOf } from "./gatewayAccess";
import { bindingsOf, destinationsOf } from "./istioGateways";
import { type KubeObject, namespaceOf } from "./objects";
import { at, type Json, number, record, records, text, textMap, texts } from "./reading";
import { gatewayRouteLeads, ingressLeads, virtualServiceLeads } from "./routedPaths";
import { type TracingModel } from "./tracingModel";

export interface Exposure {
  /** The VirtualService, HTTPRoute or Ingress. */
  route: KubeObject;
  hosts: string[];
  /** Namespace of the gateway, if the route names one. */
  gatewayNamespace?: string;
  guard: Guard;
  /** Whether the route says of itself that it is open on purpose. */
  isPublic: boolean;
  /** Whether a path leads to the Service. */
  leads: (path: string) => boolean;
}

type IsMeant = (namespace: string, name: string, port: number | string | undefined) => boolean;
type Resolve = (host: string, namespace: string) => ServicePlace | undefined;
type Found = Omit<Exposure, "guard" | "isPublic"> & { guard: Guard | Entrance };

/** Annotations by which ingress controllers authenticate people. */
const ingressAuthentication =
  /(auth-url|auth-type|auth-signin|auth-secret|auth-tls-secret|whitelist-source-range|allowlist-source-range|router\.middlewares|alb\.ingress\.kubernetes\.io\/auth-|oauth2)/;

/**
 * Every route from outside to a Service.
 * @param isMeant whether a port of a Service is what is asked about
 * @param resolve the Service that a host means
 */
export function exposuresOf(model: TracingModel, isMeant: IsMeant, resolve: Resolve): Exposure[] {
  const { index } = model;
  const found: Found[] = [
    ...index.of(kinds.virtualService).flatMap((route) => ofVirtualService(model, route, isMeant, resolve)),
    ...[kinds.httpRoute, kinds.grpcRoute, kinds.tcpRoute]
      .flatMap((kind) => index.of(kind))
      .flatMap((route) => ofGatewayRoute(route, isMeant)),
    ...index.of(kinds.ingress).flatMap((route) => ofIngress(route, isMeant)),
  ];
  return found.map(({ guard, ...exposure }) => ({
    ...exposure,
    guard: typeof guard === "string" ? guard : guardOf(model, guard),
    isPublic: textMap(exposure.route.metadata["annotations"])[publicAnnotation] === "true",
  }));
}

function ofVirtualService(
  model: TracingModel,
  route: KubeObject,
  isMeant: IsMeant,
  resolve: Resolve,
): Found[] {
  const leadsThere = (host: string, port: number | undefined): boolean => {
    const place = resolve(host, namespaceOf(route));
    return place !== undefined && isMeant(place.namespace, place.name, port);
  };
  const [first] = bindingsOf(model, route);
  if (first === undefined || !destinationsOf(route).some(({ host, port }) => leadsThere(host, port)))
    return [];
  const entrance = entranceOf(model, route);
  return [
    {
      route,
      hosts: [...entrance.hosts],
      gatewayNamespace: first.namespace,
      guard: entrance,
      leads: (path) =>
        virtualServiceLeads(route, path, (destination) =>
          leadsThere(text(destination["host"]) ?? "", number(at(destination, "port", "number"))),
        ),
    },
  ];
}

function ofGatewayRoute(route: KubeObject, isMeant: IsMeant): Found[] {
  const spec = record(route["spec"]);
  const parent = records(spec["parentRefs"]).find(({ kind = "Gateway" }) => kind === "Gateway");
  const leadsThere = (backend: Json): boolean =>
    isMeant(
      text(backend["namespace"]) ?? namespaceOf(route),
      text(backend["name"]) ?? "",
      number(backend["port"]),
    );
  const meant = records(spec["rules"])
    .flatMap((rule) => records(rule["backendRefs"]))
    .some(leadsThere);
  if (parent === undefined || !meant) return [];
  const gatewayNamespace = text(parent["namespace"]) ?? namespaceOf(route);
  const hosts = [...texts(spec["hostnames"])];
  const entrance = { hosts, namespaces: [gatewayNamespace], gatewayApi: text(parent["name"]) };
  return [
    {
      route,
      hosts,
      gatewayNamespace,
      guard: entrance,
      leads: (path) => gatewayRouteLeads(route, path, leadsThere),
    },
  ];
}

function ofIngress(route: KubeObject, isMeant: IsMeant): Found[] {
  const spec = record(route["spec"]);
  const rules = records(spec["rules"]);
  const leadsThere = (backend: Json): boolean => {
    const port = number(at(backend, "port", "number")) ?? text(at(backend, "port", "name"));
    return isMeant(namespaceOf(route), text(backend["name"]) ?? "", port);
  };
  const backends = [
    record(at(spec, "defaultBackend", "service")),
    ...rules.flatMap((rule) =>
      records(at(rule, "http", "paths")).map((path) => record(at(path, "backend", "service"))),
    ),
  ];
  if (!backends.some(leadsThere)) return [];
  const annotations = Object.keys(textMap(route.metadata["annotations"]));
  return [
    {
      route,
      hosts: rules.flatMap((rule) => text(rule["host"]) ?? []),
      guard: annotations.some((key) => ingressAuthentication.test(key)) ? "guarded" : "open",
      leads: (path) => ingressLeads(route, path, leadsThere),
    },
  ];
}
