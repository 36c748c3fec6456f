import { serviceHost } from "../../mesh/dns";
import { sortedSet } from "../../mesh/stableOrder";
import { type CollectorFlaw, lossyFlaws } from "../model/collectorFlaws";
import { clusterDomain } from "../model/proxies";
import { type TracingModel } from "../model/tracingModel";
import { describeWorkload } from "../model/workloads";
import { mostNames } from "../paths/senders";
import { SpanTargets, type SpanWay } from "../paths/spanTargets";
import { defineRule, nameOf, type Problem } from "../rule";
import { snippet } from "../../findings/snippet";
import { enumerate } from "../../findings/words";

/** A route for the collector's host holds for what applications send, and for nothing that proxies send themselves. */
export const virtualServiceOtlp = defineRule({
  name: "virtual-service-otlp",
  description:
    "No VirtualService stops the spans of applications or routes them to a Service that does not accept them.",
  level: "error",
  severity: "high",
  tags: ["istio", "virtual-service", "otlp"],
  url: "https://istio.io/latest/docs/reference/config/networking/virtual-service/",
  remediationSteps: "Route to the collector's Service and port, or delete the route.",
  page: {
    why: `What an application exports goes through its sidecar, which sends it where a VirtualService of the
      host says, whatever the endpoint in the application's environment. The proxies' own spans go straight to
      their collector. A route that was left behind by a canary or a migration takes the spans of applications
      away and no others.`,
    symptom: `Traces have spans of proxies and none of applications; SDKs log 503 or refused connections. The
      endpoint is right, and the collector answers requests that go to it directly.`,
    exceptions: `A route to another collector that takes spans is right, and its path is judged in place of the
      one that the application names. Routes that match by headers are not judged, nor are redirects.`,
    sources: ["https://istio.io/latest/docs/ops/configuration/traffic-management/traffic-routing/"],
  },
  *find(model) {
    const lost = new Map<string, { way: SpanWay; senders: string[] }>();
    const targets = new SpanTargets(model);
    for (const traced of model.traced) {
      for (const way of targets.of(traced)) {
        const { movedBy, answeredBy, receiver, port } = way;
        const route =
          movedBy !== undefined && lossyFlaws.has(movedBy.flaw) ? movedBy.route : answeredBy?.route;
        if (route === undefined) continue;
        const key = `${nameOf(route)} ${answeredBy?.path} ${receiver} ${port}`;
        const known = lost.get(key);
        const sender = describeWorkload(traced.workload);
        if (known === undefined) lost.set(key, { way, senders: [sender] });
        else known.senders.push(sender);
      }
    }
    for (const { way, senders } of lost.values()) {
      const spans = `spans of ${enumerate(sortedSet(senders), mostNames)}`;
      if (way.answeredBy !== undefined) yield answeredProblem(model, way.answeredBy, spans);
      else if (way.movedBy !== undefined) yield movedProblem(model, way, way.movedBy, spans);
    }
  },
});

function movedProblem(
  model: TracingModel,
  { receiver, port }: SpanWay,
  { route, from, flaw }: NonNullable<SpanWay["movedBy"]>,
  spans: string,
): Problem {
  return {
    object: route,
    says:
      `routes what applications send to Service ${from.namespace}/${from.name} to ${receiver}, port ${port}, ` +
      `${why(flaw)}: ${spans} are lost`,
    fix: snippet(`in the route of ${nameOf(route)}`, { destination: destinationOf(model, from) }),
  };
}

/** SDKs send again what was refused, so that a fault of some requests may lose nothing. */
function answeredProblem(
  model: TracingModel,
  { route, from, path, percent, unmatched }: NonNullable<SpanWay["answeredBy"]>,
  spans: string,
): Problem {
  const onward = [{ route: [{ destination: destinationOf(model, from) }] }];
  if (unmatched !== undefined) {
    return {
      object: route,
      says:
        `has no entry for what applications send to Service ${from.namespace}/${from.name}, port ${from.port} ` +
        `(${path} matches no request for ${unmatched}), so that sidecars answer 404: ${spans} are lost`,
      fix: snippet(`add at the end of ${path} of ${nameOf(route)}`, onward),
    };
  }
  const isFault = path.endsWith("abort");
  const share = percent < 100 ? `${percent} % of ` : "";
  return {
    object: route,
    says:
      `makes sidecars ${isFault ? "refuse" : "answer"} ${share}what applications send to Service ` +
      `${from.namespace}/${from.name}, port ${from.port}, themselves (${path}): ${spans} ` +
      (percent < 100 ? "may be lost" : "are lost"),
    fix: isFault
      ? snippet(`in ${path} of ${nameOf(route)}, or take the fault out`, { percentage: { value: 0 } })
      : snippet(`in place of ${path} of ${nameOf(route)}`, onward[0]),
    ...(percent < 100 ? { level: "warning" as const } : {}),
  };
}

function why(flaw: CollectorFlaw | undefined): string {
  switch (flaw) {
    case "no-port":
      return "which has no such port";
    case "no-pods":
      return "which selects no pods";
    case "no-target":
      return "whose pods do not listen there";
    default:
      return "which does not exist";
  }
}

function destinationOf(
  model: TracingModel,
  { name, namespace, port }: NonNullable<SpanWay["movedBy"]>["from"],
) {
  return { host: serviceHost(name, namespace, clusterDomain(model)), port: { number: port } };
}
