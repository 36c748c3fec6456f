/** What is wrong with the way from the collector's host to a pod, found once for every rule that walks it. */
import { ownerLabels, serviceNameLabel } from "../../mesh/labels";
import { hasFeature } from "../../mesh/istioVersions";
import { kinds } from "../../mesh/kinds";
import { projectName } from "../../mesh/names";
import { isNamedAfter } from "./charts";
import { type Collector, servicePort, type ServicePlace } from "./collector";
import { workloadsBehind } from "./collectorService";
import { programsOf } from "./collectors/programs";
import { type Membership } from "./injection";
import { namespaceOf } from "./objects";
import { at, type Json, list, number, records, text, textMap } from "./reading";
import { type TracingModel } from "./tracingModel";
import { containersOf, type Workload } from "./workloads";

/**
 * Why the collector cannot be reached, whoever asks.
 * - `missing`: its Service does not exist; `absent`: it may, but is not in the input
 * - `external-name`: its Service is another name of a host, which proxies make no cluster of
 * - `headless`, `no-selector`, `no-pods`: the Service leads to no pod; `no-pods-in-input`: to none that is known
 * - `no-port`, `no-target`: the Service lacks the port, or its pods do; `unlisted-target`: they do not list it
 */
export type CollectorFlaw =
  | "missing"
  | "absent"
  | "external-name"
  | "headless"
  | "no-selector"
  | "no-pods"
  | "no-pods-in-input"
  | "no-port"
  | "no-target"
  | "unlisted-target";

/**
 * Whether a Service that is not in the input does not exist, rather than being made elsewhere: by a chart, by hand,
 * by another repository. That is certain of a whole cluster and of a namespace that this project's own Services are
 * in. Elsewhere, a Service beside it that takes spans itself says that the name is wrong, unless something in the
 * input that makes Services may have made it.
 */
export function isMissing(model: TracingModel, place: ServicePlace, port: number | undefined): boolean {
  if (model.options.isComplete === true) return true;
  if (mayBeMade(model, place)) return false;
  return model.index.of(kinds.service).some((service) => {
    if (namespaceOf(service) !== place.namespace || model.isInferred(service)) return false;
    if (at(service.metadata, "labels", ownerLabels.partOf) === projectName) return true;
    return port !== undefined && servicePort(service, port) !== undefined;
  });
}

/** Whether a chart, an operator's object or an application of the input has a name by which it may make a Service. */
export function mayBeMade(model: TracingModel, { namespace, name }: ServicePlace): boolean {
  if (model.isMadeByChart(namespace, name)) return true;
  const { index } = model;
  const makers = [
    ...[...index.of(kinds.openTelemetryCollector), ...index.of(kinds.jaeger)].map((object) => ({
      to: namespaceOf(object),
      maker: object.metadata.name,
    })),
    ...index.of(kinds.argoApplication).map(({ metadata, spec }) => ({
      to: text(at(spec, "destination", "namespace")),
      maker: metadata.name,
    })),
  ];
  return makers.some(({ to, maker }) => to === namespace && isNamedAfter(name, maker));
}

/**
 * The first flaw on the way; undefined if there is none, or the collector is outside the cluster.
 * @param sender a gateway finds the pods of a headless Service, a sidecar does not
 */
export function collectorFlaw(
  model: TracingModel,
  collector: Pick<Collector, "service" | "place" | "port">,
  sender: Membership,
): CollectorFlaw | undefined {
  const { service, place, port } = collector;
  if (place === undefined) return undefined;
  if (service === undefined) return isMissing(model, place, port) ? "missing" : "absent";
  const spec = service["spec"];
  if (text(at(spec, "type")) === "ExternalName") {
    const { istioVersion } = model;
    const isAlias = istioVersion === undefined || hasFeature(istioVersion, "externalNameAlias");
    return isAlias ? "external-name" : undefined;
  }
  if (text(at(spec, "clusterIP")) === "None" && sender === "sidecar") return "headless";
  const entry = port === undefined ? undefined : servicePort(service, port);
  if (entry === undefined) return "no-port";
  const selector = textMap(at(spec, "selector"));
  if (Object.keys(selector).length === 0) return hasEndpoints(model, place) ? undefined : "no-selector";
  const pods = workloadsBehind(model, service);
  if (pods.length === 0)
    return hasOperatedCollector(model)
      ? undefined
      : hasPodsNear(model, place.namespace)
        ? "no-pods"
        : "no-pods-in-input";
  const listening = pods.map((workload) => listensOn(model, workload, entry));
  if (listening.includes(true)) return undefined;
  return listening.includes(undefined) ? "unlisted-target" : "no-target";
}

/** Flaws by which nothing that is sent there arrives, whatever else there may be. */
export const lossyFlaws: ReadonlySet<CollectorFlaw | undefined> = new Set<CollectorFlaw>([
  "missing",
  "no-port",
  "no-pods",
  "no-target",
]);

/**
 * Whether a pod listens on a Service port's target. What containers list informs readers and gives ports names, and
 * no more: they may listen on others, too. Undefined where nobody knows what the program listens on.
 */
function listensOn(model: TracingModel, workload: Workload, entry: Json): boolean | undefined {
  const target = entry["targetPort"] ?? entry["port"];
  const ports = containersOf(workload).flatMap((container) => records(container["ports"]));
  const wanted = number(target);
  if (wanted === undefined) return ports.some((port) => port["name"] === target);
  const lists = (wanted: number | undefined): boolean =>
    ports.some((port) => number(port["containerPort"]) === wanted);
  if (ports.length === 0 || lists(wanted)) return true;
  if (lists(number(entry["port"]))) return false;
  const receivers = programsOf(model)
    .filter((program) => program.workload === workload)
    .flatMap((program) => program.receivers);
  if (receivers.length === 0 || receivers.some(({ port }) => port === undefined)) return undefined;
  return receivers.some(({ port }) => port === wanted);
}

function hasEndpoints({ index }: TracingModel, place: ServicePlace): boolean {
  return (
    index.get(kinds.endpoints, place.namespace, place.name) !== undefined ||
    index
      .of(kinds.endpointSlice)
      .some((slice) => at(slice.metadata, "labels", serviceNameLabel) === place.name)
  );
}

/** Collectors whose pods an operator makes. */
function hasOperatedCollector({ index }: TracingModel): boolean {
  return list(index.of(kinds.jaeger)).length > 0 || index.of(kinds.openTelemetryCollector).length > 0;
}

function hasPodsNear({ workloads }: TracingModel, namespace: string): boolean {
  return workloads.some((workload) => workload.namespace === namespace);
}
