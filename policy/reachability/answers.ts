/** What the model answers: verdicts and the reasons for them. Types only, and how an object is named in a text. */

/** Transport protocols of `networking.k8s.io/v1`. */
export type Protocol = "TCP" | "UDP" | "SCTP";

/** `unknown` whenever something that is not in the input, or depends on the network plugin, could decide it. */
export type Verdict = "allowed" | "denied" | "unknown";

/** The two ends that must both allow a connection: egress of the source, ingress of the destination. */
export type Side = "egress" | "ingress";

/** Which object something is about. */
export interface ObjectRef {
  readonly apiVersion: string;
  readonly kind: string;
  /** Absent for cluster-scoped objects. */
  readonly namespace?: string;
  readonly name: string;
}

/** A part of an input object that an API server would refuse, or that this model cannot read. */
export interface Malformed {
  readonly object: ObjectRef;
  /** For example `spec.egress[0].ports[1].endPort`; empty for the object as a whole. */
  readonly path: string;
  readonly message: string;
}

/**
 * Why something is not known.
 * - `unknown-value`: the caller's `isUnknown` says so of the value at `path` of `object`
 * - `malformed`: the value at `path` of `object` is malformed
 * - `namespace-labels`: a label is asked for of a namespace that is not in the input
 * - `pod-labels`: a label is asked for that a controller sets, a webhook may add, or a hypothetical pod may have
 * - `pod-ports`: a port is named on a hypothetical pod, whose container ports are not given
 * - `ip-block`: whether an `ipBlock` contains a pod depends on the cluster's addresses and its network plugin
 * - `host-network`: how policies treat pods on the host's network depends on the network plugin
 * - `other-policy`: a policy of a kind that is not modelled (Cilium, Calico, AdminNetworkPolicy, …) may decide
 * - `wire-port`: the port that the pods are really asked for is not known; the callers' own
 * - `no-such-workload`, `ambiguous-workload`: the question's end is not in the input, or is there several times
 * - `no-pod`: neither end is a pod
 * - `placement`: the namespace of an object is unknown
 */
export type CauseKind =
  | "unknown-value"
  | "malformed"
  | "namespace-labels"
  | "pod-labels"
  | "pod-ports"
  | "ip-block"
  | "host-network"
  | "other-policy"
  | "wire-port"
  | "no-such-workload"
  | "ambiguous-workload"
  | "no-pod"
  | "placement";

/** One thing that is not known and decides an answer. */
export interface Cause {
  readonly kind: CauseKind;
  readonly text: string;
  /** The object that would have to be known, if it is in the input. */
  readonly object?: ObjectRef;
  /** Where in `object`. */
  readonly path?: string;
}

/** No NetworkPolicy selects the pods on this side: everything passes. */
export interface NotIsolated {
  readonly kind: "not-isolated";
  readonly side: Side;
  readonly text: string;
}

/** A NetworkPolicy selects the pods on this side: only what some rule allows passes. */
export interface Isolated {
  readonly kind: "isolated";
  readonly side: Side;
  readonly policy: ObjectRef;
  /** False if the policy may or may not select the pods. */
  readonly certain: boolean;
  readonly text: string;
}

/** A rule that allows the connection on this side. */
export interface AllowedBy {
  readonly kind: "allowed-by";
  readonly side: Side;
  readonly policy: ObjectRef;
  /** Index of the rule in `spec.egress` or `spec.ingress`. */
  readonly rule: number;
  /** For example `spec.egress[0]`. */
  readonly path: string;
  readonly text: string;
}

/** The rule of a policy that comes closest to allowing a connection: the one to extend. */
export interface NearestRule {
  readonly rule: number;
  /** For example `spec.egress[0]`. */
  readonly path: string;
  /** `peer`: it names the other end, but not the port. `port`: it names the port, but not the other end. */
  readonly matches: "peer" | "port";
  /** Whether it names its peers (`matches` = `peer`) or ports at all; false if it leaves them out, meaning "all". */
  readonly explicit: boolean;
}

/** A policy that isolates, and what to extend in it. */
export interface IsolatingPolicy {
  readonly policy: ObjectRef;
  readonly nearest?: NearestRule;
}

/** The pods are isolated on this side and no rule allows the connection. */
export interface NoRule {
  readonly kind: "no-rule";
  readonly side: Side;
  /** Port of the destination pod. */
  readonly port: number;
  readonly protocol: Protocol;
  /** In the order of the input. */
  readonly isolating: readonly IsolatingPolicy[];
  readonly text: string;
}

/** Something unknown that could change the answer. */
export interface UnknownReason {
  readonly kind: "unknown";
  /** Absent if it is about the question itself. */
  readonly side?: Side;
  readonly cause: Cause;
  readonly text: string;
}

/** Something that was taken for granted; the verdict is right where it holds. */
export interface Assumption {
  readonly kind: "assumption";
  readonly side: Side;
  readonly policy: ObjectRef;
  readonly rule: number;
  readonly text: string;
}

/** The destination has no container port of the name that was asked for. */
export interface NoSuchPodPort {
  readonly kind: "no-such-pod-port";
  readonly side?: undefined;
  readonly text: string;
}

/**
 * A Service leads nowhere, or nobody can say where.
 * - `no-such-service` (unknown): it is not in the input
 * - `no-such-service-port` (denied): it has no such port
 * - `external-name` (unknown): it is an alias of a name outside
 * - `no-selector` (unknown): its endpoints are made by someone else
 * - `selects-no-pods` (denied): no workload in the input matches its selector
 * - `no-pod-has-port` (denied): no selected pod has a container port named like its targetPort
 */
export interface ServiceProblem {
  readonly kind:
    | "no-such-service"
    | "no-such-service-port"
    | "external-name"
    | "no-selector"
    | "selects-no-pods"
    | "no-pod-has-port";
  readonly side?: undefined;
  readonly service: ObjectRef;
  readonly text: string;
}

export type Reason =
  NotIsolated | Isolated | AllowedBy | NoRule | UnknownReason | Assumption | NoSuchPodPort | ServiceProblem;

/** An answer and its reasons, egress before ingress. Reasons are computed when `because` is first read. */
export interface Answer {
  readonly verdict: Verdict;
  readonly because: readonly Reason[];
}

/** `NetworkPolicy team-a/allow-dns`, as texts name an object. */
export function describeRef(ref: ObjectRef): string {
  return ref.namespace === undefined ? `${ref.kind} ${ref.name}` : `${ref.kind} ${ref.namespace}/${ref.name}`;
}
