/** Commands that make the node and its pods out of network namespaces. */
import { cableOf, gatewayAddress, node, nodeNamespace, policyQueue } from "./addresses";

export type Command = readonly string[];

const inNode = (...words: string[]): Command => ["ip", "netns", "exec", nodeNamespace, ...words];

/** The node: a namespace that forwards between pods and has a way to nowhere for everything else. */
export function nodeCommands(): Command[] {
  const ip = (...words: string[]): Command => ["ip", "-n", nodeNamespace, ...words];
  return [
    ["ip", "netns", "add", nodeNamespace],
    ip("link", "set", "lo", "up"),
    ip("addr", "add", `${node.address}/32`, "dev", "lo"),
    // A default route, for which the node answers pods' ARP; the other end of the cable is connected to nothing.
    ip("link", "add", "uplink", "type", "veth", "peer", "name", "nowhere"),
    ip("link", "set", "uplink", "up"),
    ip("link", "set", "nowhere", "up"),
    ip("route", "add", "default", "dev", "uplink", "src", node.address),
    inNode("sysctl", "-q", "-w", "net.ipv4.ip_forward=1", "net.ipv4.conf.all.route_localnet=1"),
  ];
}

/**
 * Policies see the first packet of each connection between pods, after Services were resolved: what is on its way
 * already passes, as with every network plugin.
 */
export function policyCommands(): Command[] {
  const toQueue = ["-j", "NFQUEUE", "--queue-num", String(policyQueue)];
  const newOnes = ["-m", "conntrack", "--ctstate", "NEW"];
  return [inNode("iptables-legacy", "-w", "-t", "mangle", "-A", "FORWARD", ...newOnes, ...toQueue)];
}

/** A pod: a namespace with one address, reached by a route to that address alone. */
export function podCommands(namespace: string, address: string): Command[] {
  const cable = cableOf(address);
  const inPod = (...words: string[]): Command => ["ip", "-n", namespace, ...words];
  const onNode = (...words: string[]): Command => ["ip", "-n", nodeNamespace, ...words];
  return [
    ["ip", "netns", "add", namespace],
    onNode("link", "add", cable, "type", "veth", "peer", "name", "eth0", "netns", namespace),
    inPod("link", "set", "lo", "up"),
    inPod("addr", "add", `${address}/32`, "dev", "eth0"),
    inPod("link", "set", "eth0", "up"),
    inPod("route", "add", gatewayAddress, "dev", "eth0", "scope", "link"),
    inPod("route", "add", "default", "via", gatewayAddress, "dev", "eth0"),
    inNode(
      "sysctl",
      "-q",
      "-w",
      `net.ipv4.conf.${cable}.proxy_arp=1`,
      // Else the answer comes after a random part of 0.8 s.
      `net.ipv4.neigh.${cable}.proxy_delay=0`,
    ),
    onNode("link", "set", cable, "up"),
    onNode("route", "add", `${address}/32`, "dev", cable, "src", node.address),
  ];
}

/** Istio's redirection of a pod's connections to its proxy, by Istio's own command. */
export function redirectionCommand(namespace: string, agent: string, proxyUser: number): Command {
  return [
    ...["ip", "netns", "exec", namespace, agent, "istio-iptables"],
    ...["-p", "15001", "-z", "15006", "-u", String(proxyUser), "-m", "REDIRECT"],
    ...["-i", "*", "-x", "", "-b", "*", "-d", "15090,15021,15020"],
  ];
}

/**
 * Ends a namespace: with it go its addresses, routes and rules. The kernel takes its time for that, so the cable, whose
 * name the next pod of that address needs, goes first.
 */
export function removalCommands(namespace: string): Command[] {
  const cable: Command[] =
    namespace === nodeNamespace ? [] : [["ip", "-n", namespace, "link", "del", "eth0"]];
  return [...cable, ["ip", "netns", "del", namespace]];
}

/** Names of namespaces that are the lab's, from what `ip netns list` prints; the node is the last. */
export function labNamespaces(listing: string): string[] {
  const names = listing.split("\n").flatMap((line) => line.split(" ")[0] ?? []);
  const pods = names.filter((name) => name.startsWith(`${nodeNamespace}-`));
  return [...pods, ...names.filter((name) => name === nodeNamespace)];
}
