import { kinds } from "../../mesh/kinds";
import { type Jaeger, jaegersOf } from "../model/jaeger";
import { type KubeObject, namespaceOf } from "../model/objects";
import { at, number, record, records, text } from "../model/reading";
import { engineOf } from "../model/storeBackends";
import { type TracingModel } from "../model/tracingModel";
import { type Workload } from "../model/workloads";
import { defineRule, type Problem } from "../rule";
import { snippet } from "../../findings/snippet";

/** Pods that each keep some spans show traces with holes, a different one at each reload of the page. */
export const jaegerStorageShared = defineRule({
  name: "jaeger-storage-shared",
  description: "Where Jaeger has several pods, they keep their traces in a store that they share.",
  level: "error",
  severity: "high",
  tags: ["jaeger", "availability"],
  url: "https://www.jaegertracing.io/docs/latest/storage/",
  remediationSteps:
    "Keep one pod, or let Jaeger keep its traces in OpenSearch, Elasticsearch or Cassandra (jaeger.storage).",
  page: {
    why: `A store in memory or on a disk is one pod's own. Two such pods behind one Service each get some of a
      trace's spans, and each shows what it has.`,
    symptom: `Traces with holes and orphaned spans, which look different at every reload of the page; after a pod
      has gone, the traces that it held.`,
    exceptions: `None is known: even for trying things out, one pod shows more than two that do not share.`,
    sources: ["https://www.jaegertracing.io/docs/latest/deployment/"],
  },
  *find(model) {
    for (const jaeger of jaegersOf(model)) {
      const engine = engineOf(jaeger, model.index);
      if (engine === "memory" || engine === "badger") yield* problems(model, jaeger, engine);
    }
  },
});

function* problems(
  model: TracingModel,
  { workload }: Jaeger,
  engine: "memory" | "badger",
): Iterable<Problem> {
  const { object } = workload;
  const spec = record(object["spec"]);
  const keeps = engine === "memory" ? "in the memory of each" : "on a disk that one pod alone can open";
  const replicas = number(spec["replicas"]) ?? 1;
  if (replicas > 1) {
    yield {
      object,
      says: `has ${replicas} pods and keeps traces ${keeps}, so that each trace is torn apart; one pod, or a store they share, is required`,
      fix: snippet("in spec (jaeger.replicas of chart 4.x)", { replicas: 1 }),
    };
  }
  const autoscaler = autoscalerOf(model, object);
  const most = number(at(autoscaler?.["spec"], "maxReplicas"));
  if (autoscaler !== undefined && most !== undefined && most > 1) {
    yield {
      object: autoscaler,
      says: `makes up to ${most} pods of Jaeger, which keeps traces ${keeps}, so that each trace is torn apart; one pod, or a store they share, is required`,
      fix: "# remove it, or let Jaeger keep its traces in a store that its pods share",
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
      says: "starts a new pod before the old one has let go of the disk with its traces, which only one can open; strategy Recreate is required",
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
