/** Which pods receive spans, and which ones can be asked for traces. */
import { kinds } from "../../mesh/kinds";
import { istioContainers } from "../../mesh/names";
import { ports } from "../../mesh/ports";
import { type ServicePlace } from "../../policy/model/collector";
import { selectedBy } from "../../policy/model/collectorService";
import { isJaegerImage } from "../../policy/model/collectors/images";
import { jaegersOf } from "../../policy/model/jaeger";
import { at, number, records, text } from "../../policy/model/reading";
import { type TracingModel } from "../../policy/model/tracingModel";
import { containersOf, type Workload } from "../../policy/model/workloads";
import { type ExpectedHop } from "../judge/senders";
import { type LivePod, type LivePods } from "../live/pods";
import { type Reach } from "../live/reach";
import { type Backend } from "./backend";
import { JaegerBackend } from "./jaeger";
import { TempoBackend } from "./tempo";

/** Something that takes spans from senders. */
export interface LiveCollector {
  /** `Service istio-system/jaeger`. */
  receiver: string;
  pods: readonly LivePod[];
}

/** The Services that hops lead to, each with its pods. */
export function collectorsOf(
  model: TracingModel,
  hops: readonly ExpectedHop[],
  pods: LivePods,
): LiveCollector[] {
  const places = new Map<string, ServicePlace>();
  for (const { way } of hops) if (way.place !== undefined) places.set(way.receiver, way.place);
  const { place } = model.collector ?? {};
  if (place !== undefined && places.size === 0) places.set(`Service ${place.namespace}/${place.name}`, place);
  return Array.from(places, ([receiver, { namespace, name }]) => {
    const service = model.index.get(kinds.service, namespace, name);
    return { receiver, pods: service === undefined ? [] : pods.all.filter(selectedBy(service)) };
  });
}

/** Where a pod's own metrics are, the likely places first. */
export function metricsPorts({ object }: LivePod): number[] {
  const containers = records(at(object, "spec", "containers")).filter(
    ({ name }) => name !== istioContainers.proxy,
  );
  const named = containers
    .flatMap((container) => records(container["ports"]))
    .filter(({ name }) => /metric|admin|prom/.test(text(name) ?? ""))
    .flatMap(({ containerPort }) => number(containerPort) ?? []);
  const images = containers.map((container) => text(container["image"]) ?? "");
  if (images.some(isTempo)) return [...new Set([ports.tempo, ...named])];
  const jaeger1 = images.some((image) => isJaegerImage(image)) ? [ports.jaeger1Admin] : [];
  return [...new Set([ports.metrics, ...named, ...jaeger1])];
}

function isTempo(image: string): boolean {
  return /(^|\/)tempo(-query)?([:@]|$)/.test(image);
}

/** A backend that runs in the cluster; undefined if none is known. */
export function findBackend(model: TracingModel, pods: LivePods, reach: Reach): Backend | undefined {
  // Of Jaeger's parts the one that answers questions, where they are apart.
  const jaegers = jaegersOf(model).map(({ workload }) => workload);
  const isQuery = (workload: Workload): boolean => /query|all-in-one/.test(imagesOf(workload).join(" "));
  for (const workload of [...jaegers.filter(isQuery), ...jaegers.filter((one) => !isCollectorOnly(one))]) {
    const [pod] = pods.of(workload.object);
    if (pod !== undefined) return new JaegerBackend(reach, pod);
  }
  const tempos = model.workloads.filter((workload) => imagesOf(workload).some(isTempo));
  const asked =
    tempos.find(({ name }) => /query-frontend/.test(name)) ??
    tempos.find(({ name }) => !/distributor|ingester|compactor/.test(name));
  const [pod] = asked === undefined ? [] : pods.of(asked.object);
  return pod === undefined ? undefined : new TempoBackend(reach, pod);
}

function isCollectorOnly(workload: Workload): boolean {
  return imagesOf(workload).some((image) => /jaeger-collector([:@]|$)/.test(image));
}

function imagesOf(workload: Workload): string[] {
  return containersOf(workload).flatMap((container) => text(container["image"]) ?? []);
}
