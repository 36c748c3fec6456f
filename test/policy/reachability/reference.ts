/**
 * A second, slow and obvious reading of the NetworkPolicy documentation, to compare the model with. It shares no
 * code with it, knows only complete and valid input, and evaluates every policy for every question.
 * @see https://kubernetes.io/docs/concepts/services-networking/network-policies/
 * @see https://kubernetes.io/docs/reference/kubernetes-api/policy-resources/network-policy-v1/
 */
import {
  type ContainerSpec,
  type LabelSelector,
  type Labels,
  type NetworkPolicyObject,
  type PeerSpec,
  type PortSpec,
  type RuleSpec,
} from "./manifests";

/** A pod, or an IPv4 address outside of the cluster. */
export type ReferenceEnd = ReferencePod | { readonly ip: string };

export interface ReferencePod {
  readonly namespace: string;
  readonly labels: Labels;
  readonly containers: readonly ContainerSpec[];
  readonly initContainers: readonly ContainerSpec[];
}

export interface ReferenceQuestion {
  readonly from: ReferenceEnd;
  readonly to: ReferenceEnd;
  readonly port: number;
  readonly protocol: string;
  readonly policies: readonly NetworkPolicyObject[];
  /** Labels of every namespace, without the label of its name. */
  readonly namespaces: ReadonlyMap<string, Labels>;
}

/** "For a connection from a source pod to a destination pod to be allowed, both [sides] need to allow it." */
export function isAllowed(question: ReferenceQuestion): boolean {
  return allowsEgress(question) && allowsIngress(question);
}

function allowsEgress(question: ReferenceQuestion): boolean {
  const { from, to, policies } = question;
  if ("ip" in from) return true;
  const isolating = policies.filter((policy) => selects(policy, from) && typesOf(policy).includes("Egress"));
  if (isolating.length === 0) return true;
  return isolating.some((policy) =>
    (policy.spec.egress ?? []).some((rule) => ruleMatches(policy, rule, rule.to, to, question)),
  );
}

function allowsIngress(question: ReferenceQuestion): boolean {
  const { from, to, policies } = question;
  if ("ip" in to) return true;
  const isolating = policies.filter((policy) => selects(policy, to) && typesOf(policy).includes("Ingress"));
  if (isolating.length === 0) return true;
  return isolating.some((policy) =>
    (policy.spec.ingress ?? []).some((rule) => ruleMatches(policy, rule, rule.from, from, question)),
  );
}

function selects(policy: NetworkPolicyObject, pod: ReferencePod): boolean {
  return (
    policy.metadata.namespace === pod.namespace && labelsMatch(policy.spec.podSelector ?? {}, pod.labels)
  );
}

/** "If no policyTypes are specified then by default Ingress will always be set and Egress if there are any rules." */
function typesOf({ spec }: NetworkPolicyObject): readonly string[] {
  if (spec.policyTypes !== undefined && spec.policyTypes.length > 0) return spec.policyTypes;
  return (spec.egress ?? []).length > 0 ? ["Ingress", "Egress"] : ["Ingress"];
}

function ruleMatches(
  policy: NetworkPolicyObject,
  rule: RuleSpec,
  peers: readonly PeerSpec[] | undefined,
  remote: ReferenceEnd,
  question: ReferenceQuestion,
): boolean {
  const peerMatches =
    peers === undefined ||
    peers.length === 0 ||
    peers.some((peer) => peerIs(policy, peer, remote, question.namespaces));
  const portMatches =
    rule.ports === undefined || rule.ports.length === 0 || rule.ports.some((port) => portIs(port, question));
  return peerMatches && portMatches;
}

function peerIs(
  policy: NetworkPolicyObject,
  peer: PeerSpec,
  remote: ReferenceEnd,
  namespaces: ReadonlyMap<string, Labels>,
): boolean {
  if (peer.ipBlock !== undefined) {
    if ("ip" in remote)
      return (
        inBlock(peer.ipBlock.cidr, remote.ip) &&
        !(peer.ipBlock.except ?? []).some((cidr) => inBlock(cidr, remote.ip))
      );
    // The one block that contains pods whatever their addresses are.
    return peer.ipBlock.cidr === "0.0.0.0/0" && (peer.ipBlock.except ?? []).length === 0;
  }
  if ("ip" in remote) return false;
  const namespaceMatches =
    peer.namespaceSelector === undefined
      ? remote.namespace === policy.metadata.namespace
      : labelsMatch(peer.namespaceSelector, {
          ...namespaces.get(remote.namespace),
          "kubernetes.io/metadata.name": remote.namespace,
        });
  const podMatches = peer.podSelector === undefined || labelsMatch(peer.podSelector, remote.labels);
  return namespaceMatches && podMatches;
}

function portIs(entry: PortSpec, { to, port, protocol }: ReferenceQuestion): boolean {
  if ((entry.protocol ?? "TCP") !== protocol) return false;
  if (entry.port === undefined) return true;
  if (typeof entry.port === "number") return entry.port <= port && port <= (entry.endPort ?? entry.port);
  if ("ip" in to) return false;
  const running = [...to.containers, ...to.initContainers.filter((init) => init.restartPolicy === "Always")];
  return running.some((container) =>
    (container.ports ?? []).some(
      (known) =>
        known.name === entry.port && known.containerPort === port && (known.protocol ?? "TCP") === protocol,
    ),
  );
}

function labelsMatch(selector: LabelSelector, labels: Labels): boolean {
  for (const [key, value] of Object.entries(selector.matchLabels ?? {})) {
    if (labels[key] !== value) return false;
  }
  for (const { key, operator, values = [] } of selector.matchExpressions ?? []) {
    const value = labels[key];
    if (operator === "In" && !(value !== undefined && values.includes(value))) return false;
    if (operator === "NotIn" && value !== undefined && values.includes(value)) return false;
    if (operator === "Exists" && value === undefined) return false;
    if (operator === "DoesNotExist" && value !== undefined) return false;
  }
  return true;
}

function inBlock(cidr: string, ip: string): boolean {
  const [base = "", length = ""] = cidr.split("/");
  return bitsOf(base).slice(0, Number(length)) === bitsOf(ip).slice(0, Number(length));
}

/** `10.0.0.1` as 32 zeros and ones. */
function bitsOf(ip: string): string {
  return ip
    .split(".")
    .map((byte) => Number(byte).toString(2).padStart(8, "0"))
    .join("");
}
