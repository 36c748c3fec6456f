import { type StoragePlace } from "../config/stack";
import { istiodLabels, jaegerAppLabel, namespaceNameLabel } from "../mesh/labels";
import { collectorPorts, ports } from "../mesh/ports";
import { sortedSet } from "../mesh/stableOrder";
import { objectMeta } from "./metadata";

/**
 * The specs of this project's NetworkPolicies. What to remember about `networking.k8s.io/v1`: any policy that
 * selects a pod isolates it in that direction; both ends must allow; ports are the pod's own; an empty or
 * missing list of peers or ports means all of them.
 * @see https://kubernetes.io/docs/concepts/services-networking/network-policies/
 */

/** A NetworkPolicy's rule of egress, as Kubernetes spells it. */
export interface EgressRule {
  to: {
    namespaceSelector?: LabelSelector;
    podSelector?: LabelSelector;
    ipBlock?: { cidr: string; except?: string[] };
  }[];
  ports?: { port?: number | string; endPort?: number; protocol?: string }[];
}

interface LabelSelector {
  matchLabels?: Record<string, string>;
  matchExpressions?: { key: string; operator: string; values?: string[] }[];
}

const everyPod: LabelSelector = {};

/** Where the collector's pods are. */
export interface CollectorPlace {
  /** Namespace of Jaeger's pods. */
  jaegerNamespace: string;
}

/** The cluster's DNS: pods by namespace and labels, addresses for a node-local cache. */
export interface DnsPlace {
  namespace: string;
  podLabels: Record<string, string>;
  ports: readonly number[];
  cidrs: readonly string[];
}

/** What Jaeger's pods may reach. */
export interface StorageEgressArgs {
  /** Labels of Jaeger's pods and of the jobs that clean up its store. */
  podLabels: Record<string, string>;
  storage: StoragePlace;
  dns: DnsPlace;
}

/** What a namespace that this stack isolates may reach besides the collector. */
export interface MeshEgressArgs {
  /** Istio's root namespace, where istiod's pods are. */
  rootNamespace: string;
  /** Names of the traced namespaces, sorted, which may talk to one another. */
  tracedNamespaces: string[];
  dns: DnsPlace;
  /** Address ranges that are not outside the cluster, whatever they are. */
  outsideExcept: readonly string[];
  /** Rules of the namespace itself. */
  extraEgress: readonly EgressRule[];
}

/** Who may reach the collector. */
export interface TracingIngressArgs {
  tracedNamespaces: readonly string[];
  gatewayNamespaces: readonly string[];
  /** Pods of the gateways that lead people to the UI. */
  uiGateways: readonly Pods[];
  kiali?: Pods & {
    /** Whether it asks by gRPC and by nothing else, as the one that this stack installs. */
    asksByGrpc: boolean;
  };
  /** The Prometheus that scrapes Jaeger, if there is one. */
  prometheus?: Partial<Pods> & Pick<Pods, "namespace">;
}

/** Pods of one namespace by their labels. */
export interface Pods {
  namespace: string;
  podLabels: Readonly<Record<string, string>>;
}

export function networkPolicy<Spec>(stack: string, namespace: string, name: string, spec: Spec) {
  return {
    apiVersion: "networking.k8s.io/v1" as const,
    kind: "NetworkPolicy" as const,
    metadata: objectMeta(stack, namespace, name),
    spec,
  };
}

/** Egress of every pod to the collector: both of the SDK's ports and, what is easily forgotten, the sidecar's. */
export function jaegerEgressSpec({ jaegerNamespace }: CollectorPlace) {
  return {
    podSelector: everyPod,
    policyTypes: ["Egress"],
    egress: [
      {
        to: [podsIn({ namespace: jaegerNamespace, podLabels: jaegerAppLabel })],
        ports: tcpPorts(collectorPorts),
      },
    ],
  };
}

/** Everything else an isolated namespace of the mesh needs to keep working. */
export function meshEgressSpec(args: MeshEgressArgs) {
  const istiod: EgressRule = {
    to: [podsIn({ namespace: args.rootNamespace, podLabels: istiodLabels })],
    ports: tcpPorts([ports.istiod]),
  };
  const mesh: EgressRule = { to: [namespacesNamed(args.tracedNamespaces)] };
  const outside: EgressRule = { to: outsideCluster(args.outsideExcept), ports: tcpPorts([ports.https]) };
  return {
    podSelector: everyPod,
    policyTypes: ["Egress"],
    egress: [dnsRule(args.dns), istiod, mesh, outside, ...args.extraEgress],
  };
}

/**
 * Ingress of the collector's pods. It isolates them, so it lists everyone who sends or reads traces; the
 * kubelet's probes come from the pod's own node and always pass.
 */
export function tracingIngressSpec(args: TracingIngressArgs) {
  const { uiGateways, kiali, prometheus } = args;
  // Kiali of others may ask either way.
  const kialiPorts = kiali?.asksByGrpc === true ? [ports.queryGrpc] : [ports.queryGrpc, ports.queryHttp];
  return {
    podSelector: { matchLabels: { ...jaegerAppLabel } },
    policyTypes: ["Ingress"],
    ingress: [
      ingress([...args.tracedNamespaces, ...args.gatewayNamespaces], [ports.zipkin]),
      ingress(args.tracedNamespaces, [ports.otlpGrpc, ports.otlpHttp]),
      kiali === undefined ? [] : [{ from: [podsIn(kiali)], ports: tcpPorts(kialiPorts) }],
      uiGateways.length === 0 ? [] : [{ from: uiGateways.map(podsIn), ports: tcpPorts([ports.queryHttp]) }],
      prometheus === undefined
        ? []
        : [{ from: [prometheusPods(prometheus)], ports: tcpPorts([ports.metrics]) }],
    ].flat(),
  };
}

/** Egress of Jaeger's pods and of its store's jobs: DNS and the store, and nothing else. */
export function storageEgressSpec({ podLabels, storage, dns }: StorageEgressArgs) {
  const to = storage.peers.map((peer): EgressRule["to"][number] =>
    "cidr" in peer
      ? { ipBlock: { cidr: peer.cidr } }
      : peer.podLabels === undefined
        ? { namespaceSelector: { matchLabels: { [namespaceNameLabel]: peer.namespace } } }
        : podsIn({ namespace: peer.namespace, podLabels: peer.podLabels }),
  );
  return {
    podSelector: { matchLabels: podLabels },
    policyTypes: ["Egress"],
    egress: [dnsRule(dns), { to, ports: tcpPorts(storage.ports) }],
  };
}

/** The cluster's DNS, as a rule of egress. */
export function dnsRule(dns: MeshEgressArgs["dns"]): EgressRule {
  return {
    to: [podsIn(dns), ...dns.cidrs.map((cidr) => ({ ipBlock: { cidr } }))],
    // Answers that do not fit into a datagram are asked for again over TCP.
    ports: dns.ports.flatMap((port) => [
      { protocol: "UDP", port },
      { protocol: "TCP", port },
    ]),
  };
}

/** Addresses of both families outside the cluster, as peers. @param ranges what is not outside */
export function outsideCluster(ranges: readonly string[]) {
  return [anywhereExcept("0.0.0.0/0", ranges), anywhereExcept("::/0", ranges)];
}

export function podsIn({ namespace, podLabels }: Pods) {
  return {
    namespaceSelector: { matchLabels: { [namespaceNameLabel]: namespace } },
    podSelector: { matchLabels: { ...podLabels } },
  };
}

/** Prometheus' pods, as a peer; without labels all of its namespace. */
export function prometheusPods({ namespace, podLabels }: NonNullable<TracingIngressArgs["prometheus"]>) {
  return podLabels === undefined ? namespacesNamed([namespace]) : podsIn({ namespace, podLabels });
}

/** No rule for nobody: a rule with an empty `from` would let everybody in. */
function ingress(namespaces: readonly string[], from: readonly number[]) {
  return namespaces.length === 0
    ? []
    : [{ from: [namespacesNamed(sortedSet(namespaces))], ports: tcpPorts(from) }];
}

/** @param names sorted, as thousands of policies name the same thousands of namespaces */
function namespacesNamed(names: string[]) {
  return {
    namespaceSelector: {
      matchExpressions: [{ key: namespaceNameLabel, operator: "In", values: names }],
    },
  };
}

export function tcpPorts(numbers: readonly number[]): { protocol: string; port: number }[] {
  return numbers.map((port) => ({ protocol: "TCP", port }));
}

/** A family's whole address space without the ranges of that family. */
function anywhereExcept(cidr: string, ranges: readonly string[]) {
  const isV6 = cidr.includes(":");
  const except = ranges.filter((range) => range.includes(":") === isV6);
  return { ipBlock: except.length === 0 ? { cidr } : { cidr, except } };
}
