/** The workloads that Services lead to, those of collectors above all. */
import { type KubeObject, namespaceOf } from "./objects";
import { at, textMap } from "./reading";
import { type Workload } from "./workloads";

/** What is asked of a model here, which is made of modules that ask. */
interface Workloads {
  readonly workloads: readonly Workload[];
}

/** The workloads behind every collector that proxies send to. */
export function collectorWorkloads(
  model: Workloads & { readonly collectors: readonly { readonly service?: KubeObject }[] },
): Workload[] {
  return [...new Set(model.collectors.flatMap(({ service }) => workloadsBehind(model, service)))];
}

export function workloadsBehind({ workloads }: Workloads, service: KubeObject | undefined): Workload[] {
  return service === undefined ? [] : workloads.filter(selectedBy(service));
}

/** A test of whether a Service selects pods; one without a selector selects none. */
export function selectedBy(service: KubeObject): (pods: Pick<Workload, "namespace" | "labels">) => boolean {
  const selector = Object.entries(textMap(at(service["spec"], "selector")));
  const place = namespaceOf(service);
  return ({ namespace, labels }) =>
    selector.length > 0 && namespace === place && selector.every(([key, value]) => labels[key] === value);
}
