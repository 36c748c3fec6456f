/** Kubernetes objects for the tests: small factories with nothing but what a test states. */

export type Labels = Readonly<Record<string, string>>;

export interface LabelSelector {
  readonly matchLabels?: Labels;
  readonly matchExpressions?: readonly {
    readonly key: string;
    readonly operator: string;
    readonly values?: readonly string[];
  }[];
}

export interface PeerSpec {
  readonly podSelector?: LabelSelector;
  readonly namespaceSelector?: LabelSelector;
  readonly ipBlock?: { readonly cidr: string; readonly except?: readonly string[] };
}

export interface PortSpec {
  readonly protocol?: string;
  readonly port?: number | string;
  readonly endPort?: number;
}

export interface RuleSpec {
  readonly to?: readonly PeerSpec[];
  readonly from?: readonly PeerSpec[];
  readonly ports?: readonly PortSpec[];
}

export interface PolicySpec {
  readonly podSelector?: LabelSelector;
  readonly policyTypes?: readonly string[];
  readonly ingress?: readonly RuleSpec[];
  readonly egress?: readonly RuleSpec[];
}

export interface NetworkPolicyObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly namespace: string; readonly name: string };
  readonly spec: PolicySpec;
}

export interface ContainerSpec {
  readonly name: string;
  readonly restartPolicy?: string;
  readonly ports?: readonly {
    readonly name?: string;
    readonly containerPort: number;
    readonly protocol?: string;
  }[];
}

/** What a test may say of a workload's pods; `spec` is merged into the pod spec. */
export interface PodOptions {
  readonly kind?: string;
  readonly labels?: unknown;
  readonly containers?: unknown;
  readonly spec?: Readonly<Record<string, unknown>>;
}

/** A Namespace. */
export function namespace(name: string, labels: Readonly<Record<string, unknown>> = {}) {
  return { apiVersion: "v1", kind: "Namespace", metadata: { name, labels } };
}

const groups: Readonly<Record<string, string>> = {
  Pod: "v1",
  ReplicationController: "v1",
  Job: "batch/v1",
  CronJob: "batch/v1",
  Rollout: "argoproj.io/v1alpha1",
};

/** A workload of any kind, or a Pod, by `namespace/name`. Its pods have the label `app` = its name by default. */
export function workload(
  ref: string,
  { kind = "Deployment", labels, containers = [], spec = {} }: PodOptions = {},
) {
  const [namespaceName = "", name = ""] = ref.split("/");
  const podSpec = { containers, ...spec };
  const podLabels = labels === undefined ? { app: name } : labels;
  const base = { apiVersion: groups[kind] ?? "apps/v1", kind };
  const metadata = { namespace: namespaceName, name };
  if (kind === "Pod") return { ...base, metadata: { ...metadata, labels: podLabels }, spec: podSpec };
  const template = { metadata: { labels: podLabels }, spec: podSpec };
  if (kind === "CronJob") return { ...base, metadata, spec: { jobTemplate: { spec: { template } } } };
  return { ...base, metadata, spec: { template } };
}

/** A container with ports, each `name`, number and protocol as far as given. */
export function container(...ports: readonly Readonly<Record<string, unknown>>[]) {
  return { name: "main", image: "example.com/main:1", ports };
}

/** A NetworkPolicy by `namespace/name`. The spec may be anything: tests pass malformed ones, too. */
export function policy<Spec>(ref: string, spec: Spec) {
  const [namespaceName = "", name = ""] = ref.split("/");
  return {
    apiVersion: "networking.k8s.io/v1",
    kind: "NetworkPolicy",
    metadata: { namespace: namespaceName, name },
    spec,
  };
}

/** A Service by `namespace/name`. */
export function service(ref: string, spec: unknown) {
  const [namespaceName = "", name = ""] = ref.split("/");
  return { apiVersion: "v1", kind: "Service", metadata: { namespace: namespaceName, name }, spec };
}
