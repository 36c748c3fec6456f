/** Proxies as Istio's configuration sees them, and what of a pod's traffic goes through its own. */
import { defaultClusterDomain } from "../../mesh/dns";
import { type TracingModel } from "./tracingModel";
import { type Workload } from "./workloads";

/** A proxy, as far as it decides which of Istio's objects hold for it. */
export interface ProxyPlace {
  namespace: string;
  labels: Readonly<Record<string, string>>;
  isGateway: boolean;
}

export function proxyOf({ namespace, labels }: Workload, membership: "sidecar" | "gateway"): ProxyPlace {
  return { namespace, labels, isGateway: membership === "gateway" };
}

/**
 * Whether what a container sends to a port goes through its sidecar.
 * @see https://istio.io/latest/docs/reference/config/annotations/
 */
export function isIntercepted({ annotations }: Workload, port: number): boolean {
  const listed = (name: string): string[] | undefined =>
    annotations[`traffic.sidecar.istio.io/${name}`]?.split(",").map((one) => one.trim());
  if (listed("excludeOutboundPorts")?.includes(String(port)) === true) return false;
  // No range at all lets everything past it, but for the ports that are named.
  const isOpen = listed("includeOutboundIPRanges")?.join("") === "";
  return !isOpen || listed("includeOutboundPorts")?.includes(String(port)) === true;
}

/** The cluster's DNS domain, as the mesh's collector is named in it. */
export function clusterDomain({ collector }: TracingModel): string {
  return /\.svc\.([-a-z0-9.]+)$/.exec(collector?.host ?? "")?.[1] ?? defaultClusterDomain;
}
