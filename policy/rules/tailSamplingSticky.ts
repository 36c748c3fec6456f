import { placeOf } from "../model/collector";
import { type CollectorProgram } from "../model/collectors/program";
import { programsBehind, programsOf, replicasOf } from "../model/collectors/programs";
import { kinds } from "../../mesh/kinds";
import { sortedSet } from "../../mesh/stableOrder";
import { namespaceOf } from "../model/objects";
import { type TracingModel } from "../model/tracingModel";
import { defineRule } from "../rule";
import { snippet } from "../../findings/snippet";
import { enumerate } from "../../findings/words";

/** A collector that decides about whole traces needs to see whole traces. */
export const tailSamplingSticky = defineRule({
  name: "tail-sampling-sticky",
  description: "If a collector makes decisions about whole traces, all spans of a trace reach the same pod.",
  level: "error",
  severity: "high",
  tags: ["opentelemetry", "sampling"],
  url: "https://opentelemetry.io/docs/collector/scaling/#scaling-stateful-collectors",
  remediationSteps:
    "Run one replica, or put collectors in front that use the loadbalancing exporter with the trace ID as routing key and a headless Service as target.",
  page: {
    why: `Tail sampling, grouping by trace and service graphs work on whole traces. A Service spreads the
      connections of its senders over its pods, so each pod sees only part of a trace and decides on that
      part: one keeps its spans, another drops them.`,
    symptom: `Traces with missing spans, more of them with more replicas, and a service graph with gaps.`,
    exceptions: `If an autoscaler or the number of nodes decides how many pods there are, the finding is a
      warning. It is also a warning for service graphs, which lose only some edges.`,
    sources: [
      "https://github.com/open-telemetry/opentelemetry-collector-contrib/tree/main/processor/tailsamplingprocessor",
      "https://github.com/open-telemetry/opentelemetry-collector-contrib/tree/main/exporter/loadbalancingexporter",
    ],
  },
  *find(model) {
    for (const program of programsOf(model).filter(({ stateful }) => stateful.length > 0)) {
      const replicas = replicasOf(model, program);
      if (replicas === 1 || replicas === 0 || isBalanced(model, program)) continue;
      const services = servicesOf(model, program);
      if (services.length === 0) continue;
      const isCertain =
        replicas !== "several" && program.stateful.some((name) => !name.startsWith("servicegraph"));
      yield {
        object: program.object,
        says:
          `decides about whole traces (${enumerate(program.stateful)}) in ${replicas} pods, and ` +
          `${enumerate(services)} spread${services.length === 1 ? "s" : ""} the spans of a trace over them, so traces are split; run one replica or route by trace ID`,
        fix: snippet("in spec of the collector, or put collectors in front that export by loadbalancing", {
          replicas: 1,
        }),
        ...(isCertain ? {} : { level: "warning" as const }),
      };
    }
  },
});

/** The Services that lead to it, that of the operator too. */
function servicesOf(model: TracingModel, program: CollectorProgram): string[] {
  if (program.object.kind === kinds.openTelemetryCollector.name) {
    return [`Service ${program.workload.namespace}/${program.object.metadata.name}-collector`];
  }
  const places = model.index
    .of(kinds.service)
    .map((service) => ({ namespace: namespaceOf(service), name: service.metadata.name }));
  return sortedSet(
    places
      .filter((place) => programsBehind(model, place)?.includes(program) === true)
      .map(({ namespace, name }) => `Service ${namespace}/${name}`),
  );
}

/** Whether collectors in front send all spans of a trace to one of its pods. */
function isBalanced(model: TracingModel, program: CollectorProgram): boolean {
  return programsOf(model).some(({ balancesTo, workload }) =>
    balancesTo.some((host) => {
      const place = placeOf(host, workload.namespace);
      return place !== undefined && programsBehind(model, place)?.includes(program) === true;
    }),
  );
}
