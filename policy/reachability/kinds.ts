/** What an object is to the model, by its API group and kind. */

/** `other-policy`: it can allow or deny traffic between pods, in a way that is not modelled. */
export type Role = "namespace" | "workload" | "service" | "policy" | "other-policy";

/** Groups that Kubernetes' own kinds have, or once had. Knative, for example, has a Service, too. */
const native: Readonly<Record<string, { readonly groups: readonly string[]; readonly role: Role }>> = {
  Namespace: { groups: [""], role: "namespace" },
  Service: { groups: [""], role: "service" },
  NetworkPolicy: { groups: ["networking.k8s.io", "extensions"], role: "policy" },
  Pod: { groups: [""], role: "workload" },
  ReplicationController: { groups: [""], role: "workload" },
  Deployment: { groups: ["apps", "extensions"], role: "workload" },
  DaemonSet: { groups: ["apps", "extensions"], role: "workload" },
  ReplicaSet: { groups: ["apps", "extensions"], role: "workload" },
  StatefulSet: { groups: ["apps"], role: "workload" },
  Job: { groups: ["batch"], role: "workload" },
  CronJob: { groups: ["batch"], role: "workload" },
};

const otherPolicies: Readonly<Record<string, readonly string[]>> = {
  "cilium.io": ["CiliumNetworkPolicy", "CiliumClusterwideNetworkPolicy"],
  "crd.projectcalico.org": ["NetworkPolicy", "GlobalNetworkPolicy"],
  "projectcalico.org": ["NetworkPolicy", "GlobalNetworkPolicy"],
  "policy.networking.k8s.io": ["AdminNetworkPolicy", "BaselineAdminNetworkPolicy", "ClusterNetworkPolicy"],
  "crd.antrea.io": ["NetworkPolicy", "ClusterNetworkPolicy"],
};

/** Kinds without a namespace among those that the model reads, with their groups. */
const clusterScoped: ReadonlySet<string> = new Set([
  "/Namespace",
  "cilium.io/CiliumClusterwideNetworkPolicy",
  "crd.projectcalico.org/GlobalNetworkPolicy",
  "projectcalico.org/GlobalNetworkPolicy",
  "policy.networking.k8s.io/AdminNetworkPolicy",
  "policy.networking.k8s.io/BaselineAdminNetworkPolicy",
  "policy.networking.k8s.io/ClusterNetworkPolicy",
  "crd.antrea.io/ClusterNetworkPolicy",
]);

/** The group of an apiVersion; empty for the core group. */
export function groupOf(apiVersion: string): string {
  const slash = apiVersion.indexOf("/");
  return slash === -1 ? "" : apiVersion.slice(0, slash);
}

/** Whether objects of a kind have no namespace. */
export function isClusterScoped(apiVersion: string, kind: string): boolean {
  return clusterScoped.has(`${groupOf(apiVersion)}/${kind}`);
}

/** What an object is; `undefined` for kinds that do not matter. Without apiVersion, Kubernetes' own kind is meant. */
export function roleOf(apiVersion: string, kind: string): Role | undefined {
  const group = groupOf(apiVersion);
  if (Object.hasOwn(otherPolicies, group)) {
    return otherPolicies[group]?.includes(kind) === true ? "other-policy" : undefined;
  }
  const own = Object.hasOwn(native, kind) ? native[kind] : undefined;
  return own !== undefined && (apiVersion === "" || own.groups.includes(group)) ? own.role : undefined;
}
