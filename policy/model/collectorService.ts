/** The workloads that Services lead to, those of collectors above all. */
import { type KubeObject, namespaceOf } from "./objects";
import { at, textMap } from "./reading";
import { type TracingModel } from "./tracingModel";
import { type Workload } from "./workloads";

/** The workloads behind every collector that proxies send to. */
export function collectorWorkloads(model: TracingModel): Workload[] {
  return [...new Set(model.collectors.flatMap(({ service }) => workloadsBehind(model, service)))];
}

export function workloadsBehind({ workloads }: TracingModel, service: KubeObject | undefined): Workload[] {
  return service === undefined ? [] : workloads.filter(selectedBy(service));
}

/** A test of whether a Service selects pods; one without a selector selects none. */
export function selectedBy(service: KubeObject): (pods: Pick<Workload, "namespace" | "labels">) => boolean {
  const selector = Object.entries(textMap(at(service["spec"], "selector")));
  const place = namespaceOf(service);
  return ({ namespace, labels }) =>
    selector.length > 0 && namespace === place && selector.every(([key, value]) => labels[key] === value);
}
