/** The path of every kind of span of every traced workload, for the rule trace-path-open and for change reports. */
import { remembered } from "../../mesh/maps";
import { objectNames } from "../../mesh/names";
import { collectorPorts } from "../../mesh/ports";
import { placeOf, type ServicePlace } from "../model/collector";
import { programsOf } from "../model/collectors/programs";
import { isLoopback } from "../model/collectors/program";
import { membershipOf } from "../model/injection";
import { passedOnSpans, SpanTargets, type SpanProtocol } from "./spanTargets";
import { type Traced } from "../model/traced";
import { type TracingModel } from "../model/tracingModel";
import { type Workload } from "../model/workloads";
import { type Verdict } from "../reachability";
import { outsideTarget } from "./outside";
import { listensBeside } from "./ownPod";
import { PathAudit } from "./pathAudit";

/** One path, and whether spans get through. */
export interface SpanPath {
  traced: Traced;
  protocol: SpanProtocol;
  /** `Service istio-system/jaeger`, or a host outside the cluster. */
  receiver: string;
  place?: ServicePlace;
  port: number | undefined;
  /**
   * Also `denied` if the path ends at a Service that leads nowhere; `unknown` also
   * for receivers outside, where policies are open to some addresses.
   */
  verdict: Verdict;
}

/** What a collector passes on to the next one, to its store or to a host outside. */
export interface PassedOn {
  collector: Workload;
  verdict: Verdict;
}

interface Asked {
  audit: PathAudit;
  paths: SpanPath[];
  passedOn: PassedOn[];
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
      // Inside a pod no policy is asked.
      if (!isOfProxies && isLoopback(way.receiver))
        return { ...path, verdict: inOwnPod[listensBeside(model, traced.workload)] };
      const target = given === "outside" ? outsideTarget(model, traced, way) : given;
      if (target === undefined) return { ...path, verdict: "unknown" };
      return { ...path, verdict: audit.check(traced, target, [], isOfProxies && traced.isAssumed) };
    }),
  );
  return { audit, paths, passedOn: askExporters(model, targets, audit) };
}

const inOwnPod = { nobody: "denied", maybe: "unknown", somebody: "allowed" } as const;

/** Collectors forward spans: each exporter is a path of its own. */
function askExporters(model: TracingModel, targets: SpanTargets, audit: PathAudit): PassedOn[] {
  return programsOf(model).flatMap((program) => {
    const { workload } = program;
    const membership = membershipOf(workload, model.namespaceLabels(workload.namespace));
    return program.exporters.flatMap((exporter): PassedOn[] => {
      const sender = { workload, membership: "sidecar" as const };
      const { host: receiver, port, transport: protocol } = exporter;
      const place = placeOf(receiver, workload.namespace);
      const way = { protocol, receiver, port, place, isOfProxies: false, target: "outside" as const };
      const given = targets.passedOn(place, port);
      const target =
        given === "outside" ? outsideTarget(model, sender, { ...way, purpose: passedOnSpans }) : given;
      if (target === undefined || target === "nowhere") return [];
      const verdict = audit.check(sender, { ...target, ask: (from) => target.ask(from, membership) });
      return [{ collector: workload, verdict }];
    });
  });
}
