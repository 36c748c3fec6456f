/** The ends of a connection, and whether an item of `to` or `from` means them. */
import { type Address, type Block, contains, parseBlock } from "./cidr";
import { type LabelSet } from "./labels";
import { type Namespace } from "./namespaces";
import { type BlockPeer, type Peer } from "./networkPolicies";
import { type NamedPorts } from "./ports";
import { and, Doubt, or, type Truth } from "./truth";

/** Pods that no policy can tell apart: equal namespace, labels, named ports and use of the host's network. */
export interface PodClass {
  readonly namespace: Namespace;
  readonly labelSet: LabelSet;
  readonly namedPorts: NamedPorts;
  /** Whether the pods are on the host's network. */
  readonly isOnHost: Truth;
  /** Verdicts of earlier questions from these pods. */
  readonly verdicts: Map<PodClass, Map<string, Truth>>;
}

export interface OutsideAddress {
  readonly address: Address;
}

export type End = PodClass | OutsideAddress;

export function isPod(end: End): end is PodClass {
  return !("address" in end);
}

const onHost = Doubt.of({
  kind: "host-network",
  text: "pods on the host's network have the node's address, and how policies treat them depends on the network plugin",
});

const podInBlock = Doubt.of({
  kind: "ip-block",
  text: "whether an ipBlock contains a pod depends on the cluster's addresses and its network plugin",
});

const podInIpv6 = Doubt.of({
  kind: "ip-block",
  text: "whether ::/0 contains a pod depends on the cluster's address family",
});

/** Addresses that no pod has: link-local, loopback and multicast ones. */
const neverPods: readonly Block[] = [
  "169.254.0.0/16",
  "127.0.0.0/8",
  "224.0.0.0/4",
  "fe80::/10",
  "::1/128",
  "ff00::/8",
].flatMap((text) => parseBlock(text) ?? []);

/** How surely an end is on the host's network: a doubt if it is or may be, false if it is not. */
export function hostDoubt(end: End): Doubt | false {
  if (!isPod(end)) return false;
  return end.isOnHost === true ? onHost : end.isOnHost;
}

/** Whether an item of `to` or `from` means an end. */
export function matchesPeer(peer: Peer, end: End): Truth {
  if (peer instanceof Doubt) return peer;
  if ("block" in peer) return isPod(end) ? blockHasPods(peer) : blockHasAddress(peer, end.address);
  if (!isPod(end)) return false;
  const truth = and(peer.namespaces.matches(end.namespace.labelSet), peer.pods.matches(end.labelSet));
  const host = hostDoubt(end);
  return host === false ? truth : and(truth, host);
}

function blockHasAddress(peer: BlockPeer, address: Address): Truth {
  if (!contains(peer.block, address)) return false;
  if (peer.except.some((block) => contains(block, address))) return false;
  return peer.moreExcept ?? true;
}

/** The addresses of pods are not known, only that a block of all or of special addresses has all or none. */
function blockHasPods({ block, except, moreExcept }: BlockPeer): Truth {
  if (isNeverPods(block)) return false;
  if (!isAllAddresses(block) || !except.every(isNeverPods)) return podInBlock;
  return moreExcept ?? (block.bits === 32 ? true : podInIpv6);
}

function isNeverPods(block: Block): boolean {
  return neverPods.some((special) => contains(special, block));
}

function isAllAddresses(block: Block): boolean {
  return block.length === 0;
}

/** Whether a match rests on pods being in 0.0.0.0/0, which holds for IPv4 and most network plugins. */
export function assumesPodsInBlock(peers: readonly Peer[] | Doubt | undefined, end: End): boolean {
  if (peers === undefined || peers instanceof Doubt || !isPod(end)) return false;
  const matching = peers.filter((peer) => matchesPeer(peer, end) === true);
  return matching.length > 0 && matching.every((peer) => "block" in peer);
}

/** Whether any item means an end; a list that is absent means all. */
export function matchesAnyPeer(peers: readonly Peer[] | Doubt | undefined, end: End): Truth {
  if (peers === undefined) return true;
  if (peers instanceof Doubt) return peers;
  let truth: Truth = false;
  for (const peer of peers) truth = or(truth, matchesPeer(peer, end));
  return truth;
}
