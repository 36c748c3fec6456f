/** Pods of the workloads: one that runs speaks for all of a workload. */
import { groupBy } from "../../mesh/maps";
import { kindOf, kinds } from "../../mesh/kinds";
import { parseMemory } from "../../mesh/jaegerMemory";
import { istioContainers } from "../../mesh/names";
import { controllerOf } from "../../policy/reachability";
import { type KubeObject, namespaceOf, ObjectIndex } from "../../policy/model/objects";
import { at, number, records, text, textMap } from "../../policy/model/reading";
import { type PodRef } from "./reach";

export interface LivePod extends PodRef {
  object: KubeObject;
  /** When it was made. */
  age: string;
  isReady: boolean;
  hasProxy: boolean;
  labels: Readonly<Record<string, string>>;
}

/** `kind namespace/name` of what a pod is of. */
export type WorkloadId = string;

function workloadId({ kind, metadata }: KubeObject): WorkloadId {
  return `${kind} ${text(metadata.namespace) ?? "default"}/${metadata.name}`;
}

export class LivePods {
  private readonly byWorkload: ReadonlyMap<WorkloadId, readonly LivePod[]>;
  readonly all: readonly LivePod[];

  /** @param listed everything that was listed, with what others stand for */
  constructor(listed: readonly unknown[]) {
    const index = new ObjectIndex(listed);
    this.all = index.of(kinds.pod).flatMap((object) => livePod(object) ?? []);
    this.byWorkload = groupBy(this.all, ({ object }) => workloadId(topOwner(object, index)));
  }

  /** Running pods of a workload: ready ones first, of these the newest, whose connections are newest. */
  of(workload: KubeObject): readonly LivePod[] {
    return (this.byWorkload.get(workloadId(workload)) ?? []).toSorted(
      (a, b) => Number(b.isReady) - Number(a.isReady) || (a.age < b.age ? 1 : a.age > b.age ? -1 : 0),
    );
  }
}

function livePod(object: KubeObject): LivePod | undefined {
  const { name } = object.metadata;
  if (text(at(object, "status", "phase")) !== "Running") return undefined;
  if (object.metadata["deletionTimestamp"] !== undefined) return undefined;
  const spec = at(object, "spec");
  const containers = [...records(at(spec, "containers")), ...records(at(spec, "initContainers"))];
  const conditions = records(at(object, "status", "conditions"));
  return {
    object,
    namespace: namespaceOf(object),
    name,
    age: text(object.metadata["creationTimestamp"]) ?? "",
    isReady: conditions.some(({ type, status }) => type === "Ready" && status === "True"),
    hasProxy: containers.some((container) => container["name"] === istioContainers.proxy),
    labels: textMap(object.metadata["labels"]),
  };
}

/** A pod's ReplicaSet's Deployment, as far up as the objects are there. */
function topOwner(object: KubeObject, index: ObjectIndex): KubeObject {
  let current = object;
  for (let depth = 0; depth < 5; depth++) {
    const reference = controllerOf(current.metadata);
    const kind = kindOf(text(reference?.["apiVersion"]) ?? "", text(reference?.["kind"]) ?? "");
    const owner = kind && index.get(kind, namespaceOf(object), text(reference?.["name"]) ?? "");
    if (owner === undefined) return current;
    current = owner;
  }
  return current;
}

/** How often the containers of a pod were started again, and whether memory was the reason the last time. */
export function restartsOf({ object }: LivePod): { restarts: number; outOfMemory: boolean } {
  const statuses = records(at(object, "status", "containerStatuses"));
  return {
    restarts: statuses.reduce((sum, status) => sum + (number(status["restartCount"]) ?? 0), 0),
    outOfMemory: statuses.some((status) => at(status, "lastState", "terminated", "reason") === "OOMKilled"),
  };
}

/** Memory limit of the first container that is no proxy, in bytes. */
export function memoryLimitOf({ object }: LivePod): number | undefined {
  const container = records(at(object, "spec", "containers")).find(
    ({ name }) => name !== istioContainers.proxy,
  );
  return parseMemory(at(container, "resources", "limits", "memory"));
}
