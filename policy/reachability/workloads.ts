/** Workloads and Pods: the pods that they make, as far as NetworkPolicies and the rules need to know them. */
import { isRecord } from "../../mesh/plainObjects";
import { type Kind, kinds } from "../../mesh/kinds";
import { type Cause } from "./answers";
import { type Field } from "./fields";
import { readNamedPorts } from "./containers";
import { impliedLabels, labelsOfSomePods } from "./impliedLabels";
import { readLabels } from "./labelFields";
import { type LabelSet, type LabelSets, type LabelValue } from "./labels";
import { type InputObject } from "./objects";
import { NamedPorts } from "./ports";
import { Doubt, type Truth } from "./truth";

/** What makes pods: a Deployment, StatefulSet, DaemonSet, ReplicaSet, ReplicationController, Job, CronJob, or a Pod. */
export interface Workload {
  readonly namespace: string;
  readonly name: string;
  readonly kind: string;
  /** `namespace/name[Kind]`. */
  readonly ref: string;
  readonly pod: PodModel;
}

/** What decides how policies treat a pod. */
export interface PodModel {
  readonly labelSet: LabelSet;
  readonly namedPorts: NamedPorts;
  readonly isOnHost: Truth;
}

/** Reads a workload; `undefined` if no pods are made of it (any more). */
export function readWorkload(input: InputObject, labelSets: LabelSets): Workload | undefined {
  const { root, kind, namespace, name } = input;
  if (hasNoPods(kind, root.value)) return undefined;
  const template = descend(root, kind.template ?? []);
  const metadata = template instanceof Doubt ? template : orDoubt(template.at("metadata"));
  const spec = template instanceof Doubt ? template : descend(template, ["spec"]);
  const labels = metadata instanceof Doubt ? metadata : readLabels(metadata.at("labels"));
  return {
    namespace,
    name,
    kind: kind.name,
    ref: `${namespace}/${name}[${kind.name}]`,
    pod: {
      labelSet: podLabels(labels, input, labelSets),
      namedPorts: spec instanceof Doubt ? new NamedPorts([], spec) : readNamedPorts(spec),
      isOnHost: spec instanceof Doubt ? spec : (spec.at("hostNetwork").boolean() ?? false),
    },
  };
}

/** A field that need not be there. */
function orDoubt(field: Field): Field | Doubt {
  const record = field.record();
  return record instanceof Doubt ? record : field;
}

/** A field that must be there. */
function descend(root: Field, path: readonly string[]): Field | Doubt {
  let field = root;
  for (const key of path) {
    field = field.at(key);
    const record = field.record() ?? field.malformed("is missing");
    if (record instanceof Doubt) return record;
  }
  return field;
}

/**
 * Whether an object of a kind that makes pods makes none (any more): a finished Pod, a ReplicaSet of an earlier
 * revision, a Rollout that rolls out another workload's template.
 */
export function hasNoPods(kind: Kind, object: unknown): boolean {
  const { metadata, spec, status } = fieldsOf(object);
  switch (kind) {
    case kinds.pod:
      return ["Succeeded", "Failed"].includes(String(fieldsOf(status).phase));
    case kinds.replicaSet:
      return fieldsOf(spec).replicas === 0 && controllerOf(metadata) !== undefined;
    case kinds.rollout:
      return isRecord(fieldsOf(spec).workloadRef);
    default:
      return false;
  }
}

/** The owner reference of the controller that made an object. */
export function controllerOf(metadata: unknown): Readonly<Record<string, unknown>> | undefined {
  const owners = fieldsOf(metadata).ownerReferences;
  if (!Array.isArray(owners)) return undefined;
  return owners.filter(isRecord).find(({ controller }) => controller === true);
}

function fieldsOf(value: unknown): Record<string, unknown> {
  return isRecord(value) ? value : {};
}

function podLabels(
  labels: ReadonlyMap<string, LabelValue> | Doubt,
  input: InputObject,
  labelSets: LabelSets,
): LabelSet {
  const implied = impliedLabels(input);
  if (labels instanceof Doubt) {
    const [cause] = labels.causes;
    return labelSets.intern(implied, `${input.kind.name} ${nextScope++}`, () => cause as Cause);
  }
  const isKnown = [...labels.values()].every((value) => typeof value === "string");
  // What is unknown of one workload's labels has a cause of its own.
  const scope = isKnown ? input.kind.name : `${input.kind.name} ${nextScope++}`;
  return labelSets.intern(new Map([...implied, ...labels, ...labelsOfSomePods(input)]), scope);
}

let nextScope = 0;
