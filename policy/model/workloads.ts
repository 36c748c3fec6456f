/** Workloads: what makes pods, whatever the kind. */
import { kindOf, workloadKinds } from "../../mesh/kinds";
import { controllerOf, hasNoPods } from "../reachability";
import { kindIn, type KubeObject, namespaceOf, type ObjectIndex } from "./objects";
import { at, isRecord, type Json, record, records, shown, text, textMap } from "./reading";

/** Something that makes pods, or pods that are only known to exist. */
export interface Workload {
  /** The object findings are reported on. */
  object: KubeObject;
  namespace: string;
  name: string;
  pod: Json;
  labels: Readonly<Record<string, string>>;
  annotations: Readonly<Record<string, string>>;
  /**
   * Why its pods' labels are not all known: only a part of the workload is in the input, or nothing but its
   * namespace.
   */
  hypothetical?: "partial" | "namespace" | "gateway";
}

/** Every workload that makes pods of its own and that no other one of the input stands for, by kind. */
export function workloadsOf(index: ObjectIndex): Workload[] {
  return workloadKinds.flatMap((kind) =>
    index
      .of(kind)
      .filter((object) => !hasNoPods(kind, object) && !isStoodFor(object, index))
      .map((object) => workloadOf(object)),
  );
}

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

/** Where the template of an object's pods is; undefined for kinds that make none. */
export function templatePathOf({ apiVersion, kind }: KubeObject): readonly string[] | undefined {
  return kindOf(apiVersion, kind)?.template;
}

function templateOf(object: KubeObject): Json {
  return record(at(object, ...(templatePathOf(object) ?? ["spec", "template"])));
}

/** Containers that run beside one another, sidecars among the init containers included. */
export function containersOf({ pod }: Pick<Workload, "pod">): readonly Json[] {
  const sidecars = records(pod["initContainers"]).filter(
    (container) => container["restartPolicy"] === "Always",
  );
  return [...records(pod["containers"]), ...sidecars];
}

export function describeWorkload({ object, namespace, name, hypothetical }: Workload): string {
  if (hypothetical === "namespace") return `the pods of namespace ${namespace}`;
  if (hypothetical === "gateway") return `the gateway pods of namespace ${namespace}`;
  return `${object.kind} ${namespace}/${name}`;
}

/**
 * Whether an object was made by another one of the input, whose template says what its pods are: a Deployment's
 * ReplicaSet, that one's Pods, …
 */
export function isStoodFor({ metadata }: KubeObject, index: ObjectIndex): boolean {
  const reference = controllerOf(metadata);
  const kind = kindIn(reference);
  if (kind?.template === undefined) return false;
  const owner = index.get(kind, text(metadata.namespace) ?? "default", shown(reference?.["name"]));
  return owner !== undefined && isRecord(at(owner, ...kind.template));
}

/** `namespace/name[Kind]`, by which the model of NetworkPolicies knows a workload. */
export function workloadKey(object: KubeObject): string {
  return `${namespaceOf(object)}/${object.metadata.name}[${object.kind}]`;
}
