/** Policies of kinds that are not modelled: which pods they could touch, not what they say. */
import { type ObjectRef, type Side } from "./answers";
import { type Field, isRecord } from "./fields";
import { readSelector } from "./selectorFields";
import { type Selector, type Selectors } from "./selectors";
import { Doubt } from "./truth";

/** A policy whose effect is not known. */
export interface OtherPolicy {
  readonly ref: ObjectRef;
  /** The namespace it is in; absent if it is cluster-scoped. */
  readonly namespace?: string;
  /** The namespaces it is for, if it is cluster-scoped; absent for all. */
  readonly namespaces?: Selector;
  /** The pods it is for; absent if that cannot be told. */
  readonly pods?: Selector;
  readonly sides: ReadonlySet<Side>;
  /** It only matters for pods that no NetworkPolicy isolates. */
  readonly isBaseline: boolean;
  readonly doubt: Doubt;
}

const bothSides: ReadonlySet<Side> = new Set(["egress", "ingress"]);

/**
 * Reads whom such a policy is for. What cannot be read counts as "for everything in its reach".
 */
export function readOtherPolicy(root: Field, selectors: Selectors): OtherPolicy {
  const { object } = root.source;
  // Mistakes in it are not this model's business.
  const spec = root.at("spec").quiet();
  const name = object.namespace === undefined ? object.name : `${object.namespace}/${object.name}`;
  const doubt = Doubt.of({
    kind: "other-policy",
    object,
    text: `${object.kind} ${name} (${object.apiVersion}) is of a kind that is not modelled`,
  });
  const isBaseline =
    object.kind === "BaselineAdminNetworkPolicy" ||
    (object.kind === "ClusterNetworkPolicy" && spec.at("tier").value === "Baseline");
  const policy: OtherPolicy = {
    ref: object,
    namespace: object.namespace,
    sides: bothSides,
    isBaseline,
    doubt,
  };
  if (object.apiVersion.startsWith("cilium.io/")) {
    // `specs` is a list of what `spec` is one of; each has pods of its own.
    return root.at("specs").isAbsent ? { ...policy, ...readCilium(spec, selectors) } : policy;
  }
  if (object.apiVersion.startsWith("policy.networking.k8s.io/"))
    return { ...policy, ...readAdmin(spec, selectors) };
  if (object.apiVersion.includes("projectcalico.org/")) return { ...policy, sides: calicoSides(spec) };
  return policy;
}

/** @see https://docs.cilium.io/en/stable/security/policy/intro/ */
function readCilium(spec: Field, selectors: Selectors): Partial<OtherPolicy> {
  const pods = spec.at("endpointSelector");
  if (!isRecord(pods.value)) return {};
  const sides = sidesOf(spec, ["egress", "egressDeny"], ["ingress", "ingressDeny"]);
  // It may isolate in a direction that it has no rules for.
  const isolation = spec.at("enableDefaultDeny");
  if (isolation.at("egress").value === true || isolation.at("ingress").value === true) return {};
  return hasForeignKeys(pods) ? { sides } : { sides, pods: readSelector(pods, selectors) };
}

/** Cilium's keys may have a source (`k8s:app`), and some stand for other things than labels of the pod. */
function hasForeignKeys(selector: Field): boolean {
  const labels = selector.at("matchLabels").value;
  const expressions = selector.at("matchExpressions").value;
  const keys: unknown[] = [
    ...(isRecord(labels) ? Object.keys(labels) : []),
    ...(Array.isArray(expressions) ? expressions.map((item) => (isRecord(item) ? item.key : undefined)) : []),
  ];
  return keys.some((key) => typeof key === "string" && /:|^io\.kubernetes\.|^io\.cilium\./.test(key));
}

/** @see https://network-policy-api.sigs.k8s.io/reference/spec/ */
function readAdmin(spec: Field, selectors: Selectors): Partial<OtherPolicy> {
  const sides = sidesOf(spec, ["egress"], ["ingress"]);
  const subject = spec.at("subject");
  const namespaces = subject.at("namespaces");
  const pods = subject.at("pods");
  if (isRecord(namespaces.value)) return { sides, namespaces: readSelector(namespaces, selectors) };
  if (!isRecord(pods.value)) return { sides };
  return {
    sides,
    namespaces: readSelector(pods.at("namespaceSelector"), selectors),
    pods: readSelector(pods.at("podSelector"), selectors),
  };
}

/** @see https://docs.tigera.io/calico/latest/reference/resources/networkpolicy */
function calicoSides(spec: Field): ReadonlySet<Side> {
  const types = spec.at("types").value;
  if (Array.isArray(types) && types.every((type) => type === "Ingress" || type === "Egress")) {
    return new Set(types.map((type) => (type === "Egress" ? "egress" : "ingress")));
  }
  return bothSides;
}

/** The directions it has rules for; both if it has none that can be read. */
function sidesOf(spec: Field, egress: readonly string[], ingress: readonly string[]): ReadonlySet<Side> {
  const has = (keys: readonly string[]) =>
    keys.some((key) => {
      const field = spec.at(key);
      return !field.isAbsent && !(Array.isArray(field.value) && field.value.length === 0);
    });
  const sides = new Set<Side>();
  if (has(egress)) sides.add("egress");
  if (has(ingress)) sides.add("ingress");
  return sides.size === 0 ? bothSides : sides;
}
