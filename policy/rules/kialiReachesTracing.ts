import { kinds } from "../../mesh/kinds";
import { objectNames } from "../../mesh/names";
import { ports } from "../../mesh/ports";
import { servicePort } from "../model/collector";
import { type Kiali, kialisOf, tracingOf } from "../model/kiali";
import { type Target } from "../paths/target";
import { at, textMap } from "../model/reading";
import { type TracingModel } from "../model/tracingModel";
import { defineRule } from "../rule";
import { PathAudit } from "../paths/pathAudit";

/** The ingress policy of the collector is written for those who send; who reads is as easily forgotten. */
export const kialiReachesTracing = defineRule({
  name: "kiali-reaches-tracing",
  description: "Kiali can open the port of Jaeger that it reads traces from, on both sides of the path.",
  level: "warning",
  severity: "medium",
  tags: ["kubernetes", "network-policy", "kiali"],
  url: "https://kubernetes.io/docs/concepts/services-networking/network-policies/",
  remediationSteps:
    "Add the missing port to the rule that is named, on the side that is named. Both the egress of Kiali's pods and the ingress of Jaeger's must allow it.",
  page: {
    why: `The policy in front of Jaeger is written for those who send spans, and those who read are as easily
      forgotten: Kiali reads on 16685 (gRPC) or 16686 (HTTP). Both ends must allow it, the egress of Kiali's
      pods and the ingress of Jaeger's.`,
    symptom: `Kiali's graph works and its tab of traces is empty or says that tracing cannot be reached. In
      Jaeger's own UI the traces are there.`,
    exceptions: `If policies that are not among the objects open the path, give them to the check too. A Kiali
      without tracing, or one that reads from a Jaeger that is not among the objects, is not judged.`,
    sources: ["https://kiali.io/docs/configuration/p8s-jaeger-grafana/tracing/jaeger/"],
  },
  find(model) {
    const audit = new PathAudit(model, {
      consequence: "so that Kiali shows no traces",
      relatedPorts: [ports.queryGrpc, ports.queryHttp],
      policyNames: { egress: objectNames.kialiEgress, ingress: objectNames.tracingIngress },
      ignored: ["malformed", "unknown-value"],
    });
    for (const kiali of kialisOf(model)) {
      const target = targetOf(model, kiali);
      if (target !== undefined) audit.check({ workload: kiali.workload, membership: "sidecar" }, target);
    }
    return audit.problems();
  },
});

/** Jaeger's Service, where it is in the input and leads to pods that are; else another rule says what is wrong. */
function targetOf({ index, cluster }: TracingModel, kiali: Kiali): Target | undefined {
  const tracing = tracingOf(kiali);
  const place = tracing?.enabled === true ? tracing.service : undefined;
  const service = place && index.get(kinds.service, place.namespace, place.name);
  if (place === undefined || service === undefined || servicePort(service, place.port) === undefined) {
    return undefined;
  }
  const question = { service: `${place.namespace}/${place.name}`, port: place.port };
  if (cluster.resolveService(question).targets.length === 0) return undefined;
  return {
    name: `Service ${place.namespace}/${place.name}`,
    purpose: "traces for Kiali",
    peer: { namespace: place.namespace, labels: textMap(at(service["spec"], "selector")) },
    protocol: "TCP",
    ask: () => cluster.canReachService({ from: kiali.end, ...question }),
  };
}
