/** The cluster's DNS: where its pods are, and the names it gives. */
import { ports } from "./ports";

/** DNS domain of clusters that chose none. @see https://kubernetes.io/docs/concepts/services-networking/dns-pod-service/ */
export const defaultClusterDomain = "cluster.local";

/** The fully qualified host of a Service: the only name that Istio finds it by. */
export function serviceHost(name: string, namespace: string, domain: string = defaultClusterDomain): string {
  return `${name}.${namespace}.svc.${domain}`;
}

/**
 * Whether a host of an Istio object is or includes another: with a leading `*`, all that end in the rest of it.
 * @see https://github.com/istio/istio/blob/master/pkg/config/host/name.go
 */
export function includesHost(pattern: string, host: string): boolean {
  return pattern === host || (pattern.startsWith("*") && host.endsWith(pattern.slice(1)));
}

/** Pods of a DNS server. */
export interface DnsPlace {
  namespace: string;
  labels: Record<string, string>;
  /** Ports the pods listen on, which need not be 53. */
  ports: number[];
}

/** Where DNS is in most clusters. */
export const defaultDns: DnsPlace = {
  namespace: "kube-system",
  labels: { "k8s-app": "kube-dns" },
  ports: [ports.dns],
};

/**
 * Where it is in others: CoreDNS by its own chart, and OpenShift.
 * @see https://github.com/coredns/helm/tree/master/charts/coredns
 * @see https://docs.redhat.com/en/documentation/openshift_container_platform/4.19/html/networking_operators/dns-operator
 */
export const otherDns: readonly DnsPlace[] = [
  { namespace: "kube-system", labels: { "app.kubernetes.io/name": "coredns" }, ports: [ports.dns] },
  {
    namespace: "openshift-dns",
    labels: { "dns.operator.openshift.io/daemonset-dns": "default" },
    ports: [ports.openShiftDns],
  },
];

/** What distributions call the Service of their DNS. */
export const dnsServices = ["kube-dns", "coredns", "rke2-coredns-rke2-coredns", "dns-default"] as const;

/**
 * Address of the node-local DNS cache.
 * @see https://kubernetes.io/docs/tasks/administer-cluster/nodelocaldns/
 */
export const nodeLocalDns = "169.254.20.10";
