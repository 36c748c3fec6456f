import { collectorPorts, objectNames } from "../../constants";
import { SpanTargets } from "../model/pathTargets";
import { defineRule } from "../rule";
import { PathAudit } from "./paths";

/**
 * The outage this project is for: a policy that is valid, looks right and blocks the one port the proxies send
 * their spans to.
 */
export const tracePathOpen = defineRule({
  name: "trace-path-open",
  description:
    "Every traced pod and every gateway can open the collector's ports, on both sides of the path.",
  level: "error",
  severity: "critical",
  tags: ["kubernetes", "network-policy", "tracing"],
  url: "https://kubernetes.io/docs/concepts/services-networking/network-policies/",
  remediationSteps:
    "Add the missing port to the rule that is named, on the side that is named. Both the egress of the traced pods and the ingress of the collector must allow it.",
  find(model) {
    if (!model.isTracing) return [];
    const targets = new SpanTargets(model);
    const audit = new PathAudit(model, {
      consequence: "so that these spans are lost",
      kin: collectorPorts,
      policyNames: { egress: objectNames.jaegerEgress, ingress: objectNames.tracingIngress },
      ignored: ["malformed", "unknown-value"],
    });
    for (const traced of model.traced) {
      for (const target of targets.of(traced)) audit.check(traced, target);
    }
    return audit.problems();
  },
});
