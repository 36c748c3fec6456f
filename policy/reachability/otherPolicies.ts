/** Policies of kinds that are not modelled: which pods they could touch, not what they say. */
import { isRecord } from "../../mesh/plainObjects";
import { describeRef, type ObjectRef, type Side } from "./answers";
import { calicoRequirements } from "./calicoSelectors";
import { ciliumSubject } from "./ciliumSelectors";
import { type Field } from "./fields";
import { type LabelSet } from "./labels";
import { readSelector } from "./selectorFields";
import { type Selector, type Selectors, type Subject } from "./selectors";
import { and, Doubt, or, type Truth } from "./truth";

/** A policy whose effect is not known. */
export interface OtherPolicy {
  readonly ref: ObjectRef;
  /** The namespace it is in; absent if it is cluster-scoped. */
  readonly namespace?: string;
  /** The pods of any of these. */
  readonly subjects: readonly Subject[];
  readonly sides: ReadonlySet<Side>;
  /** It only matters for pods that no NetworkPolicy isolates. */
  readonly isBaseline: boolean;
  readonly doubt: Doubt;
}

/** Whom a policy is for, and in which directions. */
interface Reach {
  readonly subjects: readonly Subject[];
  readonly sides: ReadonlySet<Side>;
}

const bothSides: ReadonlySet<Side> = new Set(["egress", "ingress"]);
const all: readonly Subject[] = [{}];

/**
 * Reads whom such a policy is for. What cannot be read counts as "for everything in its reach".
 */
export function readOtherPolicy(root: Field, selectors: Selectors): OtherPolicy {
  const { object } = root.source;
  // Mistakes in it are not this model's business.
  const quiet = root.quiet();
  const spec = quiet.at("spec");
  const doubt = Doubt.of({
    kind: "other-policy",
    object,
    text: `${describeRef(object)} (${object.apiVersion}) is of a kind that is not modelled`,
  });
  const tier = spec.at("tier").value;
  const isBaseline =
    object.kind === "BaselineAdminNetworkPolicy" ||
    (object.kind === "ClusterNetworkPolicy" && tier === "Baseline") ||
    (isAntrea(object) && tier === "baseline");
  return { ref: object, namespace: object.namespace, isBaseline, doubt, ...readReach(quiet, selectors) };
}

/** Whether pods are among those that a policy is for, in the namespace that it is in. */
export function isFor(
  { subjects }: OtherPolicy,
  namespace: { readonly labelSet: LabelSet },
  labels: LabelSet,
): Truth {
  return subjects
    .map(({ namespaces, pods }) =>
      and(namespaces?.matches(namespace.labelSet) ?? true, pods?.matches(labels) ?? true),
    )
    .reduce<Truth>(or, false);
}

function readReach(root: Field, selectors: Selectors): Reach {
  const { object } = root.source;
  const spec = root.at("spec");
  if (object.apiVersion.startsWith("cilium.io/")) {
    // `specs` is a list of what `spec` is one of; each has pods of its own.
    const others = root.at("specs").items() ?? [];
    if (!Array.isArray(others)) return { subjects: all, sides: bothSides };
    const rules = spec.isAbsent && others.length > 0 ? others : [spec, ...others];
    return union(rules.map((rule) => readCilium(rule, selectors)));
  }
  if (/^(policy\.networking\.k8s\.io|networking\.k8s\.aws)\//.test(object.apiVersion)) {
    return object.kind === "ApplicationNetworkPolicy"
      ? { subjects: byPods(spec, selectors), sides: typesOf(spec, "policyTypes") }
      : readAdmin(spec, selectors);
  }
  if (object.apiVersion.startsWith("networking.gke.io/")) {
    return { subjects: byPods(spec, selectors), sides: new Set(["egress"]) };
  }
  if (object.apiVersion.includes("projectcalico.org/")) return readCalico(spec, selectors);
  if (isAntrea(object)) return readAntrea(spec, selectors);
  return { subjects: all, sides: bothSides };
}

function union(parts: readonly Reach[]): Reach {
  return {
    subjects: parts.flatMap(({ subjects }) => subjects),
    sides: new Set(parts.flatMap(({ sides }) => [...sides])),
  };
}

/** @see https://docs.cilium.io/en/stable/security/policy/intro/ */
function readCilium(spec: Field, selectors: Selectors): Reach {
  // A rule for nodes is about the host's network.
  if (isRecord(spec.at("nodeSelector").value)) return { subjects: [], sides: new Set() };
  const pods = spec.at("endpointSelector");
  // It may isolate in a direction that it has no rules for.
  const isolation = spec.at("enableDefaultDeny");
  const sides =
    isolation.at("egress").value === true || isolation.at("ingress").value === true
      ? bothSides
      : sidesOf(spec, ["egress", "egressDeny"], ["ingress", "ingressDeny"]);
  return { subjects: [isRecord(pods.value) ? ciliumSubject(pods, selectors) : {}], sides };
}

/** @see https://network-policy-api.sigs.k8s.io/reference/spec/ */
function readAdmin(spec: Field, selectors: Selectors): Reach {
  const sides = sidesOf(spec, ["egress"], ["ingress"]);
  const subject = spec.at("subject");
  const namespaces = subject.at("namespaces");
  const pods = subject.at("pods");
  if (isRecord(namespaces.value)) {
    return { sides, subjects: [{ namespaces: readSelector(namespaces, selectors) }] };
  }
  if (!isRecord(pods.value)) return { sides, subjects: all };
  return {
    sides,
    subjects: [
      {
        namespaces: readSelector(pods.at("namespaceSelector"), selectors),
        pods: readSelector(pods.at("podSelector"), selectors),
      },
    ],
  };
}

/** @see https://docs.tigera.io/calico/latest/reference/resources/networkpolicy */
function readCalico(spec: Field, selectors: Selectors): Reach {
  const read = (key: string, place: "pod" | "namespace"): Selector | undefined => {
    const { value } = spec.at(key);
    const requirements = typeof value === "string" ? calicoRequirements(value, place) : undefined;
    return requirements && selectors.intern(requirements);
  };
  const subject = { pods: read("selector", "pod"), namespaces: read("namespaceSelector", "namespace") };
  return { subjects: [subject], sides: typesOf(spec, "types") };
}

/** @see https://antrea.io/docs/main/docs/antrea-network-policy/ */
function readAntrea(spec: Field, selectors: Selectors): Reach {
  const sides = sidesOf(spec, ["egress"], ["ingress"]);
  const items = spec.at("appliedTo").items();
  // Rules may have pods of their own instead.
  if (!Array.isArray(items) || items.length === 0) return { sides, subjects: all };
  const subjects = items.map((item): Subject => {
    const isRead = (key: string) => key === "podSelector" || key === "namespaceSelector";
    if (!isRecord(item.value) || !Object.keys(item.value).every(isRead)) return {};
    return {
      namespaces: readSelector(item.at("namespaceSelector"), selectors),
      pods: readSelector(item.at("podSelector"), selectors),
    };
  });
  return { sides, subjects };
}

function isAntrea({ apiVersion }: ObjectRef): boolean {
  return apiVersion.startsWith("crd.antrea.io/");
}

/** `spec.podSelector`, as NetworkPolicies have it. */
function byPods(spec: Field, selectors: Selectors): readonly Subject[] {
  return [{ pods: readSelector(spec.at("podSelector"), selectors) }];
}

/** The directions that a list names; both if it cannot be read. */
function typesOf(spec: Field, key: string): ReadonlySet<Side> {
  const types = spec.at(key).value;
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
