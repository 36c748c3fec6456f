/** Collectors that somebody scaled to nothing. */
import { kindOf, kinds, type Kind } from "../../../mesh/kinds";
import { type ServicePlace } from "../collector";
import { workloadsBehind } from "../collectorService";
import { type KubeObject, namespaceOf } from "../objects";
import { at, isRecord } from "../reading";
import { type TracingModel } from "../tracingModel";
import { programsBehind } from "./programs";

const scaled: ReadonlySet<Kind | undefined> = new Set([
  kinds.deployment,
  kinds.statefulSet,
  kinds.replicaSet,
  kinds.replicationController,
  kinds.rollout,
  kinds.openTelemetryCollector,
]);

/** What makes the pods behind a Service, if all of it is scaled to 0; empty if there is a pod, or nobody knows. */
export function scaledToZero(model: TracingModel, { namespace, name }: ServicePlace): readonly KubeObject[] {
  const service = model.index.get(kinds.service, namespace, name);
  const behind =
    service === undefined
      ? // The operator makes the Service too.
        (programsBehind(model, { namespace, name }) ?? []).map(({ object }) => object)
      : workloadsBehind(model, service).map(({ object }) => object);
  return behind.every((object) => isScaledToZero(model, object)) ? behind : [];
}

/** An autoscaler of Kubernetes leaves 0 as it is; KEDA's wakes the pods when there is something to do. */
function isScaledToZero({ index }: TracingModel, object: KubeObject): boolean {
  const { spec, apiVersion, kind, metadata } = object;
  if (!scaled.has(kindOf(apiVersion, kind)) || at(spec, "replicas") !== 0) return false;
  if (isRecord(at(spec, "autoscaler"))) return false;
  return !index
    .of(kinds.kedaScaledObject)
    .some(
      (scaler) =>
        namespaceOf(scaler) === namespaceOf(object) &&
        at(scaler["spec"], "scaleTargetRef", "name") === metadata.name,
    );
}
