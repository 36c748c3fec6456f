import { defineRule } from "../rule";
import { askSpanPaths } from "./spanPaths";

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
    return askSpanPaths(model).audit.problems();
  },
});
