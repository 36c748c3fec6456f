/** Jaeger among the workloads, and the jobs that look after its store. */
import { appLabels, jaegerAppLabel } from "../../mesh/labels";
import { istioContainers } from "../../mesh/names";
import { collectorWorkloads } from "./collectorService";
import { isJaegerImage } from "./collectors/images";
import { type Json, text } from "./reading";
import { type TracingModel } from "./tracingModel";
import { containersOf, type Workload } from "./workloads";

/** Images of jobs of the Jaeger project that read or change a store. */
const jobImage =
  /(^|\/)(jaegertracing|jaeger)\/(jaeger-es-index-cleaner|jaeger-es-rollover|jaeger-cassandra-schema|spark-dependencies)([:@]|$)/;

/** Whether pods are called Jaeger's, whatever they run. */
export function isLabelledJaeger({ labels }: Pick<Workload, "labels">): boolean {
  return labels[appLabels.name] === jaegerAppLabel[appLabels.name];
}

export interface Jaeger {
  workload: Workload;
  container: Json;
  /** The container's name. */
  name: string;
}

/** Jaeger's containers, wherever they run; of other collectors none. */
export function jaegersOf(model: TracingModel): Jaeger[] {
  const behind = new Set(collectorWorkloads(model));
  return model.workloads.flatMap((workload) => {
    const containers = containersOf(workload).filter(({ name }) => name !== istioContainers.proxy);
    const own = containers.filter((container) => isJaegerImage(container["image"]));
    // Mirrored under another name, it is known by its label.
    const byLabel = own.length === 0 && behind.has(workload) && isLabelledJaeger(workload);
    return (byLabel ? containers.slice(0, 1) : own).map((container) => ({
      workload,
      container,
      name: text(container["name"]) ?? "",
    }));
  });
}

/** The containers of jobs that look after Jaeger's store. */
export function storeJobsOf(model: TracingModel): Jaeger[] {
  return model.workloads.flatMap((workload) =>
    containersOf(workload)
      .filter((container) => jobImage.test(text(container["image"]) ?? ""))
      .map((container) => ({ workload, container, name: text(container["name"]) ?? "" })),
  );
}
