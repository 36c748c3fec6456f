/** Something that pods must reach, as a question to the model of NetworkPolicies. */
import { namespaceNameLabel } from "../../mesh/labels";
import { type Membership } from "../model/injection";
import { type KubeObject } from "../model/objects";
import { type Traced } from "../model/traced";
import { type TracingModel } from "../model/tracingModel";
import { workloadKey } from "../model/workloads";
import { type Answer, type QuestionEnd } from "../reachability";

/** Pods as a NetworkPolicy's peer names them. */
export interface Peer {
  namespace: string;
  /** Empty if they are not known: all pods of the namespace. */
  labels: Readonly<Record<string, string>>;
  /** Addresses outside the cluster, instead of pods. */
  cidr?: string;
}

/** One thing to reach, on one port. */
export interface Target {
  /** As messages name it: `Service istio-system/jaeger`. */
  name: string;
  /** What goes there: `spans of the proxies`. */
  purpose: string;
  peer: Peer;
  protocol: "TCP" | "UDP";
  /** Without it something still works. @default false */
  optional?: boolean;
  /** Set where the pods are not in the input: what is doubted of them is doubted of this object. */
  guessed?: {
    object: KubeObject;
    /** Whether a rule of its own says that they are not in the input. */
    isReported: boolean;
  };
  /** @param sender how the pods that ask take part in the mesh, which decides what policies see of the connection */
  ask(from: QuestionEnd, sender: Membership): Answer;
}

/** A peer of a NetworkPolicy as YAML has it. */
export function peerSpec({ namespace, labels, cidr }: Peer): object {
  if (cidr !== undefined) return { ipBlock: { cidr } };
  return {
    namespaceSelector: { matchLabels: { [namespaceNameLabel]: namespace } },
    ...(Object.keys(labels).length === 0 ? {} : { podSelector: { matchLabels: labels } }),
  };
}

/** The pods of a traced workload, as questions name them. */
export function endOf(model: TracingModel, { workload }: Traced): QuestionEnd {
  const { namespace, labels, hypothetical, object } = workload;
  // A patch may list some of the pods' labels, and the pods have others.
  if (hypothetical !== undefined) return { namespace, labels };
  return model.clusterWorkload(workloadKey(object)) ?? { namespace, labels, labelsAreComplete: true };
}

/** A target as messages name it, with what goes there. */
export function describeTarget({ name, purpose }: Pick<Target, "name" | "purpose">): string {
  return purpose === "" ? name : `${name} (${purpose})`;
}
