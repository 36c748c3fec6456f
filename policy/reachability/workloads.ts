/** Workloads and Pods: the pods that they make, as far as NetworkPolicies and the rules need to know them. */
import { type Cause, type ObjectRef } from "./answers";
import { type Field, isRecord } from "./fields";
import { type Container, readContainers } from "./containers";
import { impliedLabels } from "./impliedLabels";
import { readLabels } from "./labelFields";
import { type LabelSet, type LabelSets, type LabelValue } from "./labels";
import { type InputObject } from "./objects";
import { type ContainerPort, NamedPorts } from "./ports";
import { Doubt, type Truth } from "./truth";

/** What makes pods: a Deployment, StatefulSet, DaemonSet, ReplicaSet, ReplicationController, Job, CronJob, or a Pod. */
export interface Workload {
  readonly namespace: string;
  readonly name: string;
  readonly kind: string;
  /** `namespace/name[Kind]`. */
  readonly ref: string;
  readonly object: ObjectRef;
  /** Labels of its pods whose values are known. */
  readonly labels: Readonly<Record<string, string>>;
  /** Annotations of its pods whose values are known. */
  readonly annotations: Readonly<Record<string, string>>;
  /** Init containers last. */
  readonly containers: readonly Container[];
  /** Undefined if it is not known. */
  readonly hostNetwork: boolean | undefined;
  /** What made it, as `Kind/name`, if an owner reference says so. */
  readonly controller?: string;
  readonly raw: Readonly<Record<string, unknown>>;
  readonly pod: PodModel;
}

/** What decides how policies treat a pod. */
export interface PodModel {
  readonly labelSet: LabelSet;
  readonly namedPorts: NamedPorts;
  readonly isOnHost: Truth;
}

/** Where the pod template is, if it is not `spec.template`. */
const templates: Readonly<Record<string, readonly string[]>> = {
  Pod: [],
  CronJob: ["spec", "jobTemplate", "spec", "template"],
};

/** Reads a workload; `undefined` if it has no pods any more: a finished Pod, or an old ReplicaSet of a Deployment. */
export function readWorkload(input: InputObject, labelSets: LabelSets): Workload | undefined {
  const { root, kind, namespace, name } = input;
  const controller = readController(root);
  if (isOver(input, controller)) return undefined;
  const template = descend(root, templates[kind] ?? ["spec", "template"]);
  const metadata = template instanceof Doubt ? template : orDoubt(template.at("metadata"));
  const spec = template instanceof Doubt ? template : descend(template, ["spec"]);
  const labels = metadata instanceof Doubt ? metadata : readLabels(metadata.at("labels"));
  const { containers, more } = spec instanceof Doubt ? { containers: [], more: spec } : readContainers(spec);
  const hostNetwork = spec instanceof Doubt ? spec : (spec.at("hostNetwork").boolean() ?? false);
  const running = containers.filter(({ role }) => role !== "init");
  return {
    namespace,
    name,
    kind,
    ref: `${namespace}/${name}[${kind}]`,
    object: root.source.object,
    labels: labels instanceof Doubt ? {} : knownStrings(labels),
    annotations: metadata instanceof Doubt ? {} : knownAnnotations(metadata.at("annotations")),
    containers,
    hostNetwork: hostNetwork instanceof Doubt ? undefined : hostNetwork,
    controller,
    raw: root.value as Record<string, unknown>,
    pod: {
      labelSet: podLabels(labels, input, labelSets),
      namedPorts: new NamedPorts(running.flatMap(({ ports }) => ports).filter(isNamed), more),
      isOnHost: hostNetwork,
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

function isNamed(port: ContainerPort): boolean {
  return port.name !== undefined;
}

function isOver({ root, kind }: InputObject, controller: string | undefined): boolean {
  const phase = root.at("status").at("phase").value;
  if (kind === "Pod") return phase === "Succeeded" || phase === "Failed";
  return kind === "ReplicaSet" && controller !== undefined && root.at("spec").at("replicas").value === 0;
}

function readController(root: Field): string | undefined {
  const owners = root.at("metadata").at("ownerReferences").value;
  const owner: unknown = Array.isArray(owners)
    ? owners.find((item: unknown) => isRecord(item) && item.controller === true)
    : undefined;
  return isRecord(owner) ? `${String(owner.kind)}/${String(owner.name)}` : undefined;
}

function podLabels(
  labels: ReadonlyMap<string, LabelValue> | Doubt,
  input: InputObject,
  labelSets: LabelSets,
): LabelSet {
  const implied = impliedLabels(input);
  if (labels instanceof Doubt) {
    const [cause] = labels.causes;
    return labelSets.intern(implied, `${input.kind} ${nextScope++}`, () => cause as Cause);
  }
  const isKnown = [...labels.values()].every((value) => typeof value === "string");
  // What is unknown of one workload's labels has a cause of its own.
  const scope = isKnown ? input.kind : `${input.kind} ${nextScope++}`;
  return labelSets.intern(new Map([...implied, ...labels]), scope);
}

let nextScope = 0;

function knownStrings(map: ReadonlyMap<string, unknown>): Record<string, string> {
  const known: Record<string, string> = {};
  for (const [key, value] of map) if (typeof value === "string") known[key] = value;
  return known;
}

function knownAnnotations(field: Field): Record<string, string> {
  const { value, source } = field;
  if (!isRecord(value)) return {};
  return knownStrings(new Map(Object.entries(value).filter(([, text]) => !source.isUnknown(text))));
}
