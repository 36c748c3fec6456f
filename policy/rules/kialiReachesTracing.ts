import { kinds } from "../../mesh/kinds";
import { objectNames } from "../../mesh/names";
import { ports } from "../../mesh/ports";
import { type Kiali, kialisOf, tracingOf } from "../model/kiali";
import { type Target } from "../paths/target";
import { at, textMap } from "../model/reading";
import { type TracingModel } from "../model/tracingModel";
import { defineRule } from "../rule";
import { PathAudit } from "../paths/pathAudit";

/** The collector's ingress policy is written with senders in mind; it is easy to forget the readers. */
export const kialiReachesTracing = defineRule({
  name: "kiali-reaches-tracing",
  description:
    "Kiali can reach the Jaeger port it reads traces from: both its egress and Jaeger's ingress allow it.",
  level: "warning",
  severity: "medium",
  tags: ["kubernetes", "network-policy", "kiali"],
  url: "https://kubernetes.io/docs/concepts/services-networking/network-policies/",
  remediationSteps:
    "Add the missing port to the named rule. Both the egress of Kiali's pods and the ingress of Jaeger's pods have to allow it.",
  page: {
    why: `The policy in front of Jaeger is usually written for the pods that send spans, and it is easy to forget the
      pods that read them. Kiali reads on 16685 (gRPC) or 16686 (HTTP). Both the egress of Kiali's pods and the
      ingress of Jaeger's pods have to allow it.`,
    symptom: `Kiali's graph works, but its Traces tab is empty or says that tracing is unreachable. The traces are there
      in Jaeger's own UI.`,
    exceptions: `If policies that are not in the input open the path, add them to the input. A Kiali without tracing, or one
      that reads from a Jaeger that is not in the input, is not checked.`,
    sources: ["https://kiali.io/docs/configuration/p8s-jaeger-grafana/tracing/jaeger/"],
  },
  find(model) {
    const audit = new PathAudit(model, {
      consequence: "so Kiali shows no traces",
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
  if (place === undefined || service === undefined) return undefined;
  const question = { service: `${place.namespace}/${place.name}`, port: place.port };
  return {
    name: `Service ${place.namespace}/${place.name}`,
    purpose: "traces for Kiali",
    peer: { namespace: place.namespace, labels: textMap(at(service["spec"], "selector")) },
    protocol: "TCP",
    ask: () => cluster.canReachService({ from: kiali.end, ...question }),
  };
}
