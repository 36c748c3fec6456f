import { istiodLabels, jaegerAppLabel, kialiPodLabels } from "../mesh/labels";
import { ports } from "../mesh/ports";
import {
  dnsRule,
  type EgressRule,
  type MeshEgressArgs,
  outsideCluster,
  type Pods,
  podsIn,
  prometheusPods,
  tcpPorts,
} from "./networkPolicySpecs";

/** Where Kiali goes and who may come to it. */
export interface KialiPolicyArgs extends Pick<
  MeshEgressArgs,
  "dns" | "outsideExcept" | "extraEgress" | "rootNamespace"
> {
  /** Namespace of Jaeger's pods. */
  jaegerNamespace: string;
  /** The Prometheus that Kiali asks, as NetworkPolicies see it: its pods and the port they listen on. */
  prometheus: { namespace: string; podLabels?: Readonly<Record<string, string>>; port: number };
  /** Where the Kubernetes API server is, after the address of its Service is translated. */
  apiServer: {
    /** @default everywhere */
    cidrs: readonly string[];
    ports: readonly number[];
  };
  /** The OpenID issuer people log in at, if they do. */
  issuerUri?: string;
  /** Pods of the gateways that lead people to Kiali; none where they use a port-forward. */
  uiGateways: readonly Pods[];
}

const kialiPods = { matchLabels: { ...kialiPodLabels } };

/**
 * Egress of Kiali's pods: what it asks, and nothing else. What it wants to know of proxies and of istiod's debug
 * endpoints it asks by port-forward, which goes through the API server.
 * @see https://kiali.io/docs/configuration/no-istiod/
 */
export function kialiEgressSpec(args: KialiPolicyArgs) {
  const { prometheus, apiServer, issuerUri } = args;
  // A NetworkPolicy cannot name the API server: it is no pod, and policies see its own address, which differs by
  // cluster. A rule without peers is the only one that every network plugin takes to include it.
  const kubernetes: Partial<EgressRule> = {
    ...(apiServer.cidrs.length === 0 ? {} : { to: apiServer.cidrs.map((cidr) => ({ ipBlock: { cidr } })) }),
    ports: tcpPorts(apiServer.ports),
  };
  return {
    podSelector: kialiPods,
    policyTypes: ["Egress"],
    egress: [
      dnsRule(args.dns),
      kubernetes,
      {
        to: [podsIn({ namespace: args.rootNamespace, podLabels: istiodLabels })],
        ports: tcpPorts([ports.istiodMonitoring]),
      },
      {
        to: [podsIn({ namespace: args.jaegerNamespace, podLabels: jaegerAppLabel })],
        ports: tcpPorts([ports.queryGrpc]),
      },
      { to: [prometheusPods(prometheus)], ports: tcpPorts([prometheus.port]) },
      ...(issuerUri === undefined
        ? []
        : [{ to: outsideCluster(args.outsideExcept), ports: tcpPorts([portOf(issuerUri)]) }]),
      ...args.extraEgress,
    ],
  };
}

/**
 * Ingress of Kiali's pods: people by the gateways, if a host leads there, and Prometheus. A port-forward comes from
 * the pod's own node, which always passes.
 */
export function kialiIngressSpec({ uiGateways, prometheus }: KialiPolicyArgs) {
  return {
    podSelector: kialiPods,
    policyTypes: ["Ingress"],
    ingress: [
      ...(uiGateways.length === 0 ? [] : [{ from: uiGateways.map(podsIn), ports: tcpPorts([ports.kiali]) }]),
      { from: [prometheusPods(prometheus)], ports: tcpPorts([ports.kialiMetrics]) },
    ],
  };
}

function portOf(uri: string): number {
  const { port } = new URL(uri);
  return port === "" ? ports.https : Number(port);
}
