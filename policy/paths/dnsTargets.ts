/** The cluster's DNS as something that pods must reach. */
import { ports } from "../../mesh/ports";
import { type DnsPlace, dnsServices, nodeLocalDns, otherDns } from "../../mesh/dns";
import { kinds } from "../../mesh/kinds";
import { serviceName } from "../model/collector";
import { type KubeObject } from "../model/objects";
import { type Peer, type Target } from "./target";
import { at, textMap } from "../model/reading";
import { type TracingModel } from "../model/tracingModel";

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
  const place = peerOf(dns);
  const nodeLocal = target(place, (from) =>
    cluster.canReach({ from, to: { ip: nodeLocalDns }, port: ports.dns, protocol }),
  );
  const service = dnsService(model);
  if (service !== undefined) {
    const peer = { namespace: dns.namespace, labels: textMap(at(service["spec"], "selector")) };
    const question = { service: serviceName(service), port: ports.dns, protocol };
    return [target(peer, (from) => cluster.canReachService({ from, ...question })), [nodeLocal]];
  }
  const [first = ports.dns, ...others] = dns.ports;
  // A given place is the only one.
  const elsewhere =
    model.options.dns === undefined
      ? otherDns.flatMap((place) => place.ports.map((port) => podsAt(peerOf(place), port)))
      : [];
  return [podsAt(place, first), [...others.map((port) => podsAt(place, port)), nodeLocal, ...elsewhere]];
}

function peerOf({ namespace, labels }: DnsPlace): Peer {
  return { namespace, labels };
}

/** The DNS Service with pods behind it in the input; of a given place only there. */
function dnsService({ index, dns, cluster }: TracingModel): KubeObject | undefined {
  return dnsServices
    .map((name) => index.get(kinds.service, dns.namespace, name))
    .filter((service) => service !== undefined)
    .find((service) => {
      const question = { service: serviceName(service), port: ports.dns, protocol: "UDP" } as const;
      return cluster.resolveService(question).targets.length > 0;
    });
}
