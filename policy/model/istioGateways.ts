/** Istio's Gateways as VirtualServices are bound to them, and the pods they configure. */
import { includesHost } from "../../mesh/dns";
import { kinds } from "../../mesh/kinds";
import { type KubeObject, namespaceOf } from "./objects";
import { at, type Json, number, records, text, textMap, texts } from "./reading";
import { type TracingModel } from "./tracingModel";
import { type Workload } from "./workloads";

/** A Gateway that a VirtualService names. */
export interface Binding {
  namespace: string;
  name: string;
  /** Undefined if it is not in the input. */
  gateway?: KubeObject;
}

/** The Gateways a VirtualService is bound to; `mesh` stands for sidecars. */
export function bindingsOf({ index }: TracingModel, route: KubeObject): Binding[] {
  return texts(at(route["spec"], "gateways"))
    .filter((reference) => reference !== "mesh")
    .map((reference) => {
      const slash = reference.indexOf("/");
      const place = slash === -1 ? "." : reference.slice(0, slash);
      const namespace = place === "." ? namespaceOf(route) : place;
      const name = reference.slice(slash + 1);
      return { namespace, name, gateway: index.get(kinds.istioGateway, namespace, name) };
    });
}

/** Servers of a Gateway that take a route's hosts. */
export function serversFor(gateway: KubeObject, route: KubeObject): Json[] {
  const hosts = texts(at(route["spec"], "hosts"));
  return records(at(gateway["spec"], "servers")).filter((server) =>
    texts(server["hosts"]).some((entry) => {
      const slash = entry.indexOf("/");
      const place = slash === -1 ? "*" : entry.slice(0, slash);
      const isThere = place === "*" || namespaceOf(route) === (place === "." ? namespaceOf(gateway) : place);
      return isThere && hosts.some((host) => overlap(entry.slice(slash + 1), host));
    }),
  );
}

/** Whether two hosts, either with a leading wildcard, have a host in common. */
function overlap(a: string, b: string): boolean {
  const [left, right] = [a.toLowerCase(), b.toLowerCase()];
  return includesHost(left, right) || includesHost(right, left);
}

/** Labels of the pods that a Gateway configures. */
export function selectorOf(gateway: KubeObject): Readonly<Record<string, string>> {
  return textMap(at(gateway["spec"], "selector"));
}

/** The gateway workloads of the input, but those of which nothing but the namespace is known. */
export function knownGateways(model: TracingModel): Workload[] {
  return model.traced
    .filter(({ membership, workload }) => membership === "gateway" && workload.hypothetical === undefined)
    .map(({ workload }) => workload);
}

/** The pods of the input that a Gateway configures. */
export function podsOf(model: TracingModel, gateway: KubeObject): Workload[] {
  const selector = Object.entries(selectorOf(gateway));
  return knownGateways(model).filter(({ labels }) => selector.every(([key, value]) => labels[key] === value));
}

/** Destinations of every route of a VirtualService. */
export function destinationsOf(route: KubeObject): { host: string; port: number | undefined }[] {
  return ["http", "tcp", "tls"]
    .flatMap((protocol) => records(at(route["spec"], protocol)))
    .flatMap((entry) => records(entry["route"]))
    .map((entry) => ({
      host: text(at(entry, "destination", "host")) ?? "",
      port: number(at(entry, "destination", "port", "number")),
    }));
}
