/** What may listen for OTLP in a sender's own pod. */
import { istioContainers } from "../../mesh/names";
import { collectorInjection } from "../../mesh/instrumentation";
import { kinds } from "../../mesh/kinds";
import { textMap } from "../model/reading";
import { type TracingModel } from "../model/tracingModel";
import { containersOf, type Workload } from "../model/workloads";

/**
 * Whether anything beside a container may listen on localhost. `maybe` where only what is not in the input could
 * put something there.
 */
export function listensBeside(
  model: TracingModel,
  { pod, annotations, hypothetical, namespace }: Workload,
): "nobody" | "maybe" | "somebody" {
  const containers = containersOf({ pod }).filter(({ name }) => name !== istioContainers.proxy);
  // Of a patch the other containers are not known; on the node's network the node's agent listens.
  if (hypothetical !== undefined || containers.length !== 1 || pod["hostNetwork"] === true) return "somebody";
  if (annotations[collectorInjection] !== undefined) return "somebody";
  const object = model.index.of(kinds.namespace).find(({ metadata }) => metadata.name === namespace);
  if (object === undefined) return "maybe";
  return textMap(object.metadata["annotations"])[collectorInjection] === undefined ? "nobody" : "somebody";
}
