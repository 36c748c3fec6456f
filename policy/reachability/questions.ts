/** What can be asked: the ends of a connection as callers name them. */
import { type Answer, type Protocol, type Reason, type ServiceProblem } from "./answers";
import { type Workload } from "./workloads";

/** An address outside of the cluster. For a pod, name its workload: selectors do not match addresses. */
export interface OutsideEnd {
  /** For example `203.0.113.7` or `2001:db8::7`. */
  readonly ip: string;
}

/** A pod that need not be in the input, such as the cluster's DNS or istiod. */
export interface HypotheticalPod {
  readonly namespace: string;
  readonly labels: Readonly<Record<string, string>>;
  /** Whether these are all of its labels. Default false: it may have others, whose values are not known. */
  readonly labelsAreComplete?: boolean;
  /** All of its named ports. Default: not known. */
  readonly ports?: readonly { readonly name: string; readonly port: number; readonly protocol?: Protocol }[];
}

/** A workload, `namespace/name[Kind]` or, if that is only one, `namespace/name`; a pod; or an address. */
export type QuestionEnd = string | Workload | HypotheticalPod | OutsideEnd;

/** May pods of `from` open this port on pods of `to`? */
export interface Question {
  readonly from: QuestionEnd;
  readonly to: QuestionEnd;
  /** A port of the destination pod (a Service's target port), or the name of a container port. */
  readonly port: number | string;
  /** Default TCP. */
  readonly protocol?: Protocol;
}

/** Which port of which Service is meant. */
export interface ServiceQuestion {
  /** `namespace/name`. */
  readonly service: string;
  /** A port of the Service, or its name. */
  readonly port: number | string;
  /** Which of two ports with one number. Default TCP; without meaning for a name. */
  readonly protocol?: Protocol;
}

/** May pods of `from` connect through that port? */
export interface ServiceReachQuestion extends ServiceQuestion {
  readonly from: QuestionEnd;
  /** The port that policies see for one of a pod's ports, where a tunnel hides it. Default that port. */
  readonly wirePort?: (to: Workload, port: number) => number;
}

/** A workload that a Service leads to. */
export interface ServiceTarget {
  readonly workload: Workload;
  /** Port of the pods. Absent if it is not known. */
  readonly port?: number;
  /** Why it is not known whether the Service leads there, or to which port. */
  readonly unknown: readonly Reason[];
}

/** Where a port of a Service leads. */
export interface ServiceResolution {
  readonly protocol: Protocol;
  readonly targets: readonly ServiceTarget[];
  /** Why it leads nowhere, or why nobody can say where. */
  readonly problem?: ServiceProblem;
  /** Why it may lead elsewhere, too. */
  readonly unknown: readonly Reason[];
}

/** The answer for a Service: `denied` if any workload that it leads to is, for that is where some connections go. */
export interface ServiceAnswer extends Answer {
  /** The answer for each workload that it leads to. */
  readonly targets: readonly { readonly target: ServiceTarget; readonly answer: Answer }[];
}
