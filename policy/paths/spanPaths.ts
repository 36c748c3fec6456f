/** The path of every kind of span of every traced workload, for the rule trace-path-open and for change reports. */
import { remembered } from "../../mesh/maps";
import { objectNames } from "../../mesh/names";
import { collectorPorts } from "../../mesh/ports";
import { placeOfExporter } from "./arrivals";
import { programsOf } from "../model/collectors/programs";
import { membershipOf } from "../model/injection";
import { SpanTargets, type SpanProtocol } from "./spanTargets";
import { type Traced } from "../model/traced";
import { type TracingModel } from "../model/tracingModel";
import { type Verdict } from "../reachability";
import { outsideTarget } from "./outside";
import { PathAudit } from "./pathAudit";

/** One path, and whether spans get through. */
export interface SpanPath {
  traced: Traced;
  protocol: SpanProtocol;
  /** `Service istio-system/jaeger`, or a host outside the cluster. */
  receiver: string;
  port: number | undefined;
  /**
   * Also `denied` if the path ends at a Service that leads nowhere; `unknown` also
   * for receivers outside, where policies are open to some addresses.
   */
  verdict: Verdict;
}

interface Asked {
  audit: PathAudit;
  paths: SpanPath[];
}

/** Checks every path once, in the order of the workloads, and caches the answers. */
export const askSpanPaths = remembered(ask);

function ask(model: TracingModel): Asked {
  const targets = new SpanTargets(model);
  const audit = new PathAudit(model, {
    consequence: "so these spans are lost",
    relatedPorts: collectorPorts,
    policyNames: { egress: objectNames.jaegerEgress, ingress: objectNames.tracingIngress },
    ignored: ["malformed", "unknown-value"],
  });
  const paths = model.senders.flatMap((traced) =>
    targets.of(traced).map((way): SpanPath => {
      const { target: given, isOfProxies, ...rest } = way;
      const path = { traced, ...rest };
      if (given === "nowhere") return { ...path, verdict: "denied" };
      const target = given === "outside" ? outsideTarget(model, traced, way) : given;
      if (target === undefined) return { ...path, verdict: "unknown" };
      return { ...path, verdict: audit.check(traced, target, [], isOfProxies && traced.isAssumed) };
    }),
  );
  askExporters(model, targets, audit);
  return { audit, paths };
}

/** Collectors forward spans: each exporter is a path of its own. */
function askExporters(model: TracingModel, targets: SpanTargets, audit: PathAudit): void {
  for (const program of programsOf(model)) {
    const { workload } = program;
    const membership = membershipOf(workload, model.namespaceLabels(workload.namespace));
    for (const exporter of program.exporters) {
      const target = targets.passedOn(placeOfExporter(program, exporter), exporter.port);
      if (target === undefined || target === "nowhere") continue;
      const sender = { workload, membership: "sidecar" as const };
      audit.check(sender, { ...target, ask: (from) => target.ask(from, membership) });
    }
  }
}
