/** Ways from outside the cluster to a Service, and whether they ask who comes. */
import { type ServicePlace } from "./collector";
import { groups, type KubeObject, namespaceOf } from "./objects";
import { at, type Json, list, number, record, records, text, textMap, texts } from "./reading";
import { type TracingModel } from "./tracingModel";

export interface Exposure {
  /** The VirtualService, HTTPRoute or Ingress. */
  route: KubeObject;
  hosts: string[];
  /** Namespace of the gateway, if the route names one. */
  gatewayNamespace?: string;
  isProtected: boolean;
}

type IsMeant = (namespace: string, name: string, port: number | string | undefined) => boolean;
type Resolve = (host: string, namespace: string) => ServicePlace | undefined;

/** Annotations by which ingress controllers ask who comes. */
const ingressAuthentication =
  /(auth-url|auth-type|auth-signin|auth-secret|auth-tls-secret|whitelist-source-range|allowlist-source-range|router\.middlewares|alb\.ingress\.kubernetes\.io\/auth-|oauth2)/;

/**
 * Every route from outside to a Service.
 * @param isMeant whether a port of a Service is what is asked about
 * @param resolve the Service that a host means
 */
export function exposuresOf(model: TracingModel, isMeant: IsMeant, resolve: Resolve): Exposure[] {
  return [
    ...model.index.of(groups.networking, "VirtualService").flatMap((route) => {
      const spec = record(route["spec"]);
      const gateways = texts(spec["gateways"]).filter((gateway) => gateway !== "mesh");
      const meant = destinations(spec).some(({ host, port }) => {
        const place = resolve(host, namespaceOf(route));
        return place !== undefined && isMeant(place.namespace, place.name, port);
      });
      if (gateways.length === 0 || !meant) return [];
      const [first = ""] = gateways;
      const gatewayNamespace = first.includes("/") ? first.split("/")[0] : namespaceOf(route);
      const exposure = { route, hosts: [...texts(spec["hosts"])], gatewayNamespace };
      return [{ ...exposure, isProtected: isProtected(model, exposure) }];
    }),
    ...["HTTPRoute", "GRPCRoute", "TCPRoute"]
      .flatMap((kind) => model.index.of(groups.gatewayApi, kind))
      .flatMap((route) => {
        const spec = record(route["spec"]);
        const parents = records(spec["parentRefs"]).filter(
          (parent) => (parent["kind"] ?? "Gateway") === "Gateway",
        );
        const backends = records(spec["rules"]).flatMap((rule) => records(rule["backendRefs"]));
        const meant = backends.some((backend) =>
          isMeant(
            text(backend["namespace"]) ?? namespaceOf(route),
            text(backend["name"]) ?? "",
            number(backend["port"]),
          ),
        );
        if (parents.length === 0 || !meant) return [];
        const gatewayNamespace = text(parents[0]?.["namespace"]) ?? namespaceOf(route);
        const exposure = { route, hosts: [...texts(spec["hostnames"])], gatewayNamespace };
        return [{ ...exposure, isProtected: isProtected(model, exposure) }];
      }),
    ...model.index.of(groups.ingress, "Ingress").flatMap((route): Exposure[] => {
      const spec = record(route["spec"]);
      const rules = records(spec["rules"]);
      const backends = [
        record(at(spec, "defaultBackend", "service")),
        ...rules.flatMap((rule) =>
          records(at(rule, "http", "paths")).map((path) => record(at(path, "backend", "service"))),
        ),
      ];
      const meant = backends.some((backend) => {
        const port = number(at(backend, "port", "number")) ?? text(at(backend, "port", "name"));
        return isMeant(namespaceOf(route), text(backend["name"]) ?? "", port);
      });
      if (!meant) return [];
      const annotations = Object.keys(textMap(route.metadata["annotations"]));
      return [
        {
          route,
          hosts: rules.flatMap((rule) => text(rule["host"]) ?? []),
          isProtected: annotations.some((key) => ingressAuthentication.test(key)),
        },
      ];
    }),
  ];
}

/** Destinations of every route of a VirtualService. */
function destinations(spec: Json): { host: string; port: number | undefined }[] {
  return ["http", "tcp", "tls"]
    .flatMap((protocol) => records(spec[protocol]))
    .flatMap((route) => records(route["route"]))
    .map((route) => ({
      host: text(at(route, "destination", "host")) ?? "",
      port: number(at(route, "destination", "port", "number")),
    }));
}

/** Whether an AuthorizationPolicy at the gateway tells who may come by more than the request's path. */
function isProtected(
  model: TracingModel,
  { hosts, gatewayNamespace }: Pick<Exposure, "hosts" | "gatewayNamespace">,
): boolean {
  const places = new Set([gatewayNamespace, model.mesh.rootNamespace]);
  for (const { membership, workload } of model.traced)
    if (membership === "gateway") places.add(workload.namespace);
  return model.index.of(groups.security, "AuthorizationPolicy").some((policy) => {
    if (!places.has(namespaceOf(policy))) return false;
    const spec = record(policy["spec"]);
    const action = text(spec["action"]) ?? "ALLOW";
    const rules = records(spec["rules"]).filter((rule) => concerns(rule, hosts));
    if (action === "CUSTOM") return rules.length > 0;
    if (action !== "ALLOW" && action !== "DENY") return false;
    // ALLOW without any rule lets nobody in.
    if (action === "ALLOW" && list(spec["rules"]).length === 0) return true;
    return rules.some(
      (rule) => records(rule["from"]).some(asksWho) || records(rule["when"]).some(asksForClaim),
    );
  });
}

function concerns(rule: Json, hosts: readonly string[]): boolean {
  const operations = records(rule["to"]).map((to) => record(to["operation"]));
  if (operations.length === 0) return true;
  return operations.some((operation) => {
    const named = texts(operation["hosts"]);
    if (named.length === 0) return texts(operation["notHosts"]).every((host) => !hosts.includes(host));
    return hosts.some((host) =>
      named.some(
        (name) =>
          name === host ||
          name === "*" ||
          name === `${host}:*` ||
          (name.startsWith("*.") && host.endsWith(name.slice(1))),
      ),
    );
  });
}

function asksWho(from: Json): boolean {
  const source = record(from["source"]);
  return [
    "principals",
    "notPrincipals",
    "requestPrincipals",
    "notRequestPrincipals",
    "ipBlocks",
    "notIpBlocks",
    "remoteIpBlocks",
    "notRemoteIpBlocks",
  ].some((field) => list(source[field]).length > 0);
}

function asksForClaim(condition: Json): boolean {
  return /^(request\.auth\.|source\.(ip|principal)|remote\.ip)/.test(text(condition["key"]) ?? "");
}
