import { kinds } from "../../mesh/kinds";
import { type Jaeger, jaegersOf } from "../model/jaeger";
import { type KubeObject, namespaceOf } from "../model/objects";
import { at, number, record, records, text } from "../model/reading";
import { engineOf } from "../model/storeBackends";
import { type TracingModel } from "../model/tracingModel";
import { type Workload } from "../model/workloads";
import { defineRule, type Problem } from "../rule";
import { snippet } from "../../findings/snippet";

/** Pods that each keep part of the spans show traces with holes, and different holes on each reload. */
export const jaegerStorageShared = defineRule({
  name: "jaeger-storage-shared",
  description: "If Jaeger has several pods, they share one trace store.",
  level: "error",
  severity: "high",
  tags: ["jaeger", "availability"],
  url: "https://www.jaegertracing.io/docs/latest/storage/",
  remediationSteps:
    "Run one pod, or have Jaeger store its traces in OpenSearch, Elasticsearch or Cassandra (jaeger.storage).",
  page: {
    why: `A store in memory or on a local disk belongs to one pod. If two such pods sit behind one Service, each
      gets some of a trace's spans and shows only those.`,
    symptom: `Traces with holes and orphaned spans that change on every reload of the page. When a pod is gone, so
      are the traces it held.`,
    exceptions: `There is no known exception. Even in a test setup, one pod shows more than two that do not share a
      store.`,
    sources: ["https://www.jaegertracing.io/docs/latest/deployment/"],
  },
  *find(model) {
    for (const jaeger of jaegersOf(model)) {
      const engine = engineOf(jaeger, model.index);
      if (engine !== "memory" && engine !== "badger") continue;
      if (readsAlone(jaeger)) yield withoutTraces(jaeger, engine);
      else yield* problems(model, jaeger, engine);
    }
  },
});

/** Whether a container only shows traces, and its store is said: Jaeger 1 reads Cassandra by itself. */
function readsAlone({ container }: Jaeger): boolean {
  return (
    /jaeger-query([:@]|$)/.test(text(container["image"]) ?? "") &&
    records(container["env"]).some(({ name }) => name === "SPAN_STORAGE_TYPE")
  );
}

function withoutTraces({ workload, name }: Jaeger, engine: "memory" | "badger"): Problem {
  const store = engine === "memory" ? "its own memory" : "a disk that only one process can open";
  return {
    object: workload.object,
    says: `container ${name} shows the traces of ${store}, where no collector puts any: it shows none; use a store that both share, or Jaeger as one process`,
    fix: "",
  };
}

function* problems(
  model: TracingModel,
  { workload }: Jaeger,
  engine: "memory" | "badger",
): Iterable<Problem> {
  const { object } = workload;
  const spec = record(object["spec"]);
  const keeps = engine === "memory" ? "in the memory of each" : "on a disk that only one pod can open";
  const replicas = number(spec["replicas"]) ?? 1;
  if (replicas > 1) {
    yield {
      object,
      says: `has ${replicas} pods and stores traces ${keeps}, so every trace is split across pods; run one pod, or use a shared store`,
      fix: snippet("in spec (jaeger.replicas of chart 4.x)", { replicas: 1 }),
    };
  }
  const autoscaler = autoscalerOf(model, object);
  const most = number(at(autoscaler?.["spec"], "maxReplicas")) ?? 1;
  if (autoscaler !== undefined && most > 1) {
    yield {
      object: autoscaler,
      says: `scales Jaeger to up to ${most} pods, which store traces ${keeps}, so every trace is split across pods; run one pod, or use a shared store`,
      fix: "# remove it, or store Jaeger's traces in a store that its pods share",
    };
  }
  if (
    engine === "badger" &&
    object.kind === "Deployment" &&
    outlivesPods(workload) &&
    text(at(spec, "strategy", "type")) !== "Recreate"
  ) {
    yield {
      object,
      says: "starts a new pod before the old one has released the disk with its traces, which only one pod can open; set strategy Recreate",
      fix: snippet("in spec (jaeger.strategy of chart 4.x)", { strategy: { type: "Recreate" } }),
      // The old pod goes on taking spans.
      level: "warning",
    };
  }
}

/** Whether a new pod opens the disk of the old one: an emptyDir and a container's own files are new with each pod. */
function outlivesPods({ pod }: Workload): boolean {
  return records(pod["volumes"]).some(
    (volume) => volume["persistentVolumeClaim"] !== undefined || volume["hostPath"] !== undefined,
  );
}

function autoscalerOf({ index }: TracingModel, target: KubeObject): KubeObject | undefined {
  return index
    .of(kinds.horizontalPodAutoscaler)
    .find(
      (autoscaler) =>
        namespaceOf(autoscaler) === namespaceOf(target) &&
        at(autoscaler["spec"], "scaleTargetRef", "kind") === target.kind &&
        at(autoscaler["spec"], "scaleTargetRef", "name") === target.metadata.name,
    );
}
