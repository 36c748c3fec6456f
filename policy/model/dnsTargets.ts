/** The cluster's DNS as something that pods must reach. */
import { kinds } from "../../mesh/kinds";
import { serviceName } from "./collector";
import { type KubeObject } from "./objects";
import { type Peer, type Target } from "./pathTargets";
import { at, records, textMap } from "./reading";
import { type TracingModel } from "./tracingModel";

/** Other places of DNS that clusters are known to have; open to one of them is open. */
const knownDns: readonly { namespace: string; labels: Record<string, string>; port: number }[] = [
  { namespace: "kube-system", labels: { "app.kubernetes.io/name": "coredns" }, port: 53 },
  {
    namespace: "openshift-dns",
    labels: { "dns.operator.openshift.io/daemonset-dns": "default" },
    port: 5353,
  },
];

/** Address of the node-local DNS cache. */
const nodeLocalDns = "169.254.20.10";

/** The cluster's DNS, its Service where that is in the input, and where else it may be asked. */
export function dnsTargets(model: TracingModel, protocol: "UDP" | "TCP"): [Target, Target[]] {
  const { cluster, dns } = model;
  const target = (peer: Peer, ask: Target["ask"]): Target => ({
    name: "DNS",
    purpose: "",
    peer,
    protocol,
    // Answers that do not fit into a datagram are asked for again over TCP: without it most names resolve.
    optional: protocol === "TCP",
    ask,
  });
  const podsAt = (peer: Peer, port: number): Target =>
    target(peer, (from) => cluster.canReach({ from, to: { ...peer }, port, protocol }));
  const place: Peer = { namespace: dns.namespace, labels: dns.labels };
  const nodeLocal = target(place, (from) =>
    cluster.canReach({ from, to: { ip: nodeLocalDns }, port: 53, protocol }),
  );
  const service = dnsService(model);
  if (service !== undefined) {
    const peer = { namespace: dns.namespace, labels: textMap(at(service["spec"], "selector")) };
    const question = { service: serviceName(service), port: 53, protocol };
    return [target(peer, (from) => cluster.canReachService({ from, ...question })), [nodeLocal]];
  }
  const [first = 53, ...others] = dns.ports;
  // A given place is the only one.
  const elsewhere =
    model.options.dns === undefined ? knownDns.map(({ port, ...peer }) => podsAt(peer, port)) : [];
  return [podsAt(place, first), [...others.map((port) => podsAt(place, port)), nodeLocal, ...elsewhere]];
}

/** The DNS Service with pods behind it in the input; of a given place only there. */
function dnsService({ index, dns, cluster }: TracingModel): KubeObject | undefined {
  return ["kube-dns", "coredns", "rke2-coredns-rke2-coredns", "dns-default"]
    .map((name) => index.get(kinds.service, dns.namespace, name))
    .filter((service) => service !== undefined)
    .find((service) => {
      const hasPort = records(at(service["spec"], "ports")).some(({ port }) => port === 53);
      return (
        hasPort &&
        cluster.resolveService({ service: serviceName(service), port: 53, protocol: "UDP" }).targets.length >
          0
      );
    });
}
