/** Workloads: what makes pods, whatever the kind. */
import { groupOf, groups, type KubeObject, namespaceOf, type ObjectIndex } from "./objects";
import { at, type Json, record, records, text, textMap } from "./reading";

/** Something that makes pods, or pods that are only known to exist. */
export interface Workload {
  /** The object findings are reported on. */
  object: KubeObject;
  namespace: string;
  name: string;
  /** `spec` of the pods. */
  pod: Json;
  labels: Readonly<Record<string, string>>;
  annotations: Readonly<Record<string, string>>;
  /**
   * Why its pods' labels are not all known: only a part of the workload is in the input, or nothing but its
   * namespace.
   */
  hypothetical?: "partial" | "namespace" | "gateway";
}

const templated: readonly (readonly [group: string, kind: string])[] = [
  ["apps", "Deployment"],
  ["apps", "StatefulSet"],
  ["apps", "DaemonSet"],
  ["apps", "ReplicaSet"],
  ["", "ReplicationController"],
  ["batch", "Job"],
  [groups.argo, "Rollout"],
];

/** Every workload that no other one of the input owns, in the order of kinds and input. */
export function workloadsOf(index: ObjectIndex): Workload[] {
  return [
    ...templated.flatMap(([group, kind]) => index.of(group, kind)),
    ...index.of("batch", "CronJob"),
    ...index.of("", "Pod"),
  ]
    .filter((object) => !isOwned(object))
    .map((object) => workloadOf(object));
}

/** The workload an object is. */
export function workloadOf(object: KubeObject, hypothetical?: Workload["hypothetical"]): Workload {
  const template = templateOf(object);
  const metadata = record(template["metadata"]);
  return {
    object,
    namespace: namespaceOf(object),
    name: object.metadata.name,
    pod: record(template["spec"]),
    labels: textMap(metadata["labels"]),
    annotations: textMap(metadata["annotations"]),
    ...(hypothetical === undefined ? {} : { hypothetical }),
  };
}

function templateOf(object: KubeObject): Json {
  if (object.kind === "Pod" && groupOf(object) === "") return object;
  const spec = object.kind === "CronJob" ? at(object["spec"], "jobTemplate", "spec") : object["spec"];
  return record(at(spec, "template"));
}

/** Containers that run beside one another, sidecars among the init containers included. */
export function containersOf({ pod }: Pick<Workload, "pod">): readonly Json[] {
  const sidecars = records(pod["initContainers"]).filter(
    (container) => container["restartPolicy"] === "Always",
  );
  return [...records(pod["containers"]), ...sidecars];
}

/** A workload as messages name it. */
export function describeWorkload({ object, namespace, name, hypothetical }: Workload): string {
  if (hypothetical === "namespace") return `the pods of namespace ${namespace}`;
  if (hypothetical === "gateway") return `the gateway pods of namespace ${namespace}`;
  return `${object.kind} ${namespace}/${name}`;
}

/** Made by a controller, which is in the input itself or made somewhere else: a ReplicaSet's pods, … */
function isOwned({ metadata }: KubeObject): boolean {
  return records(metadata["ownerReferences"]).some(
    (owner) => owner["controller"] === true && text(owner["kind"]),
  );
}

/** `namespace/name[Kind]`, by which the model of NetworkPolicies knows a workload. */
export function workloadKey(object: KubeObject): string {
  return `${namespaceOf(object)}/${object.metadata.name}[${object.kind}]`;
}
