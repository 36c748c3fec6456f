/** Random cluster-wide policies, in the forms of both APIs: the older one that kube-network-policies reads, Cilium's newer one. */
import * as fc from "fast-check";
import { type LabelSelector } from "../policy/reachability/manifests";
import { namespaceKeys, podKeys, portNumbers, selector } from "../policy/reachability/arbitraries";

interface Pods {
  readonly namespaceSelector: LabelSelector;
  readonly podSelector: LabelSelector;
}
/** Whom a policy is for, and whom a rule names. */
type Peer = { readonly namespaces: LabelSelector } | { readonly pods: Pods };

interface Rule {
  readonly action: "Accept" | "Deny" | "Pass";
  readonly peers: readonly Peer[];
  /** None for all. */
  readonly ports: readonly { readonly from: number; readonly to: number }[];
}

export interface ClusterPolicy {
  readonly isBaseline: boolean;
  readonly subject: Peer;
  readonly ingress: readonly Rule[];
  readonly egress: readonly Rule[];
}

const peer: fc.Arbitrary<Peer> = fc.oneof(
  fc.record({ namespaces: selector(namespaceKeys) }),
  fc.record({
    pods: fc.record({ namespaceSelector: selector(namespaceKeys), podSelector: selector(podKeys) }),
  }),
);

const ports = fc.oneof(
  fc.constantFrom(...portNumbers).map((port) => ({ from: port, to: port })),
  fc.constant({ from: 80, to: 90 }),
);

const rules = fc.array(
  fc.record({
    action: fc.constantFrom("Accept" as const, "Deny" as const, "Pass" as const),
    peers: fc.array(peer, { minLength: 1, maxLength: 2 }),
    ports: fc.array(ports, { maxLength: 1 }),
  }),
  { maxLength: 2 },
);

/** Few, and for few pods: of a pod that one is for the model says that it does not know. */
export const clusterPolicies: fc.Arbitrary<ClusterPolicy[]> = fc
  .tuple(
    fc.array(fc.record({ subject: peer, ingress: rules, egress: rules }), { minLength: 1, maxLength: 2 }),
    fc.boolean(),
  )
  // A cluster has one baseline.
  .map(([list, hasBaseline]) =>
    list.map((one, index) => ({ ...one, isBaseline: hasBaseline && index === 0 })),
  );

/** AdminNetworkPolicy and BaselineAdminNetworkPolicy. */
export function asAdminPolicies(list: readonly ClusterPolicy[]): object[] {
  return list.map(({ isBaseline, subject, ingress, egress }, index) => {
    // The baseline has nothing to pass on to.
    const own = (rules: readonly Rule[]): readonly Rule[] =>
      isBaseline ? rules.filter(({ action }) => action !== "Pass") : rules;
    const rule = (key: "from" | "to", { action, peers, ports: numbers }: Rule): object => ({
      action: action === "Accept" ? "Allow" : action,
      [key]: peers,
      ...(numbers.length === 0
        ? {}
        : {
            ports: numbers.map(({ from, to }) =>
              from === to
                ? { portNumber: { protocol: "TCP", port: from } }
                : { portRange: { protocol: "TCP", start: from, end: to } },
            ),
          }),
    });
    return {
      apiVersion: "policy.networking.k8s.io/v1alpha1",
      kind: isBaseline ? "BaselineAdminNetworkPolicy" : "AdminNetworkPolicy",
      metadata: { name: isBaseline ? "default" : `admin-${index}` },
      spec: {
        ...(isBaseline ? {} : { priority: index }),
        subject,
        ingress: own(ingress).map((one) => rule("from", one)),
        egress: own(egress).map((one) => rule("to", one)),
      },
    };
  });
}

/**
 * ClusterNetworkPolicy. Without what a baseline accepts: Cilium lets that through where a NetworkPolicy isolates a pod,
 * while the API has NetworkPolicies decide before the baseline.
 */
export function asClusterPolicies(list: readonly ClusterPolicy[]): object[] {
  return list.map(({ isBaseline, subject, ingress, egress }, index) => {
    const own = (rules: readonly Rule[]): readonly Rule[] =>
      isBaseline ? rules.filter(({ action }) => action !== "Accept") : rules;
    const rule = (key: "from" | "to", { action, peers, ports: numbers }: Rule): object => ({
      action,
      [key]: peers,
      ...(numbers.length === 0
        ? {}
        : {
            protocols: numbers.map(({ from, to }) => ({
              tcp: { destinationPort: from === to ? { number: from } : { range: { start: from, end: to } } },
            })),
          }),
    });
    return {
      apiVersion: "policy.networking.k8s.io/v1alpha2",
      kind: "ClusterNetworkPolicy",
      metadata: { name: `cluster-${index}` },
      spec: {
        tier: isBaseline ? "Baseline" : "Admin",
        priority: index,
        subject,
        ingress: own(ingress).map((one) => rule("from", one)),
        egress: own(egress).map((one) => rule("to", one)),
      },
    };
  });
}
