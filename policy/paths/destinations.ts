/** The Services that spans are sent to, whoever sends them. */
import { getOrMake } from "../../mesh/maps";
import { kinds } from "../../mesh/kinds";
import { placeOf, type ServicePlace } from "../model/collector";
import { programsOf } from "../model/collectors/programs";
import { type KubeObject } from "../model/objects";
import { type TracingModel } from "../model/tracingModel";
import { describeWorkload } from "../model/workloads";
import { SpanTargets } from "./spanTargets";

export interface Destination {
  place: ServicePlace;
  /** Undefined if it is not in the input. */
  service: KubeObject | undefined;
  /** As messages name them: proxies and applications, and collectors that pass spans on. */
  senders: Set<string>;
}

export function destinationsOf(model: TracingModel): Destination[] {
  const destinations = new Map<string, Destination>();
  const add = (place: ServicePlace | undefined, sender: string): void => {
    if (place === undefined) return;
    const key = `${place.namespace}/${place.name}`;
    const service = model.index.get(kinds.service, place.namespace, place.name);
    getOrMake(destinations, key, () => ({ place, service, senders: new Set() })).senders.add(sender);
  };
  const targets = new SpanTargets(model);
  for (const traced of model.senders)
    for (const { place } of targets.of(traced)) add(place, describeWorkload(traced.workload));
  for (const { workload, exporters } of programsOf(model))
    for (const { host } of exporters) add(placeOf(host, workload.namespace), describeWorkload(workload));
  return [...destinations.values()];
}
