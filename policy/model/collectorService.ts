/** The workloads that Services of collectors lead to. */
import { type KubeObject, namespaceOf } from "./objects";
import { at, textMap } from "./reading";
import { type TracingModel } from "./tracingModel";
import { type Workload } from "./workloads";

/** The workloads behind every collector that proxies send to. */
export function collectorWorkloads(model: TracingModel): Workload[] {
  return [...new Set(model.collectors.flatMap(({ service }) => workloadsBehind(model, service)))];
}

export function workloadsBehind({ workloads }: TracingModel, service: KubeObject | undefined): Workload[] {
  const selector = Object.entries(textMap(at(service?.["spec"], "selector")));
  if (service === undefined || selector.length === 0) return [];
  const place = namespaceOf(service);
  return workloads.filter(
    ({ namespace, labels }) => namespace === place && selector.every(([key, value]) => labels[key] === value),
  );
}
