/**
 * The way of every kind of span of every traced workload: what rule trace-path-open reports, and what the
 * report of a change tabulates.
 */
import { objectNames } from "../../mesh/names";
import { collectorPorts } from "../../mesh/ports";
import { placeOfExporter } from "./arrivals";
import { programsOf } from "../model/collectors/programs";
import { membershipOf } from "../model/injection";
import { SpanTargets, type SpanProtocol } from "./spanTargets";
import { type Traced } from "../model/traced";
import { type TracingModel } from "../model/tracingModel";
import { type Verdict } from "../reachability";
import { PathAudit } from "./pathAudit";

/** One way, and whether spans get through. */
export interface SpanPath {
  traced: Traced;
  protocol: SpanProtocol;
  /** `Service istio-system/jaeger`, or a host outside the cluster. */
  receiver: string;
  port: number | undefined;
  /** `denied` also where the way ends at a Service that leads nowhere; `unknown` for receivers outside. */
  verdict: Verdict;
}

interface Asked {
  audit: PathAudit;
  paths: SpanPath[];
}

const asked = new WeakMap<TracingModel, Asked>();

/** Asks for every way once, in the order of the workloads; whoever asks again gets the same answers. */
export function askSpanPaths(model: TracingModel): Asked {
  let known = asked.get(model);
  if (known === undefined) asked.set(model, (known = ask(model)));
  return known;
}

function ask(model: TracingModel): Asked {
  const targets = new SpanTargets(model);
  const audit = new PathAudit(model, {
    consequence: "so that these spans are lost",
    relatedPorts: collectorPorts,
    policyNames: { egress: objectNames.jaegerEgress, ingress: objectNames.tracingIngress },
    ignored: ["malformed", "unknown-value"],
  });
  const paths = model.senders.flatMap((traced) =>
    targets.of(traced).map(({ target, isOfProxies, ...way }): SpanPath => {
      const path = { traced, ...way };
      if (target === "nowhere") return { ...path, verdict: "denied" };
      if (target === "outside") return { ...path, verdict: "unknown" };
      return { ...path, verdict: audit.check(traced, target, [], isOfProxies && traced.isAssumed) };
    }),
  );
  askExporters(model, targets, audit);
  return { audit, paths };
}

/** Collectors pass spans on: their way ends where the next one's begins. */
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
