import { defineRule } from "../rule";
import { askSpanPaths } from "../paths/spanPaths";

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
  page: {
    why: `A NetworkPolicy that selects a pod isolates it: what no policy of that direction lists is dropped.
      Spans of proxies go to 9411, those of applications to 4317 or 4318, so that a policy can let the one
      kind through, lose the other, and be valid. Both ends must agree, the egress of the sender and the
      ingress of the collector, on the ports of the pod behind the Service. The rule asks for every traced
      pod, every gateway and every port.`,
    symptom: `Spans of applications and of the gateway arrive, those of sidecars do not, and Jaeger's
      dependency graph is empty. No log says so. In a sidecar, \`pilot-agent request GET clusters\` shows
      \`cx_connect_fail\` of 9411 rising while \`rq_total\` stays 0.`,
    exceptions: `If policies that are not among the objects open the path, give them to the check too, or
      name their namespaces: \`otherPolicies\` of the pack, \`isolation: existing\` in a stack file. What no
      policy at hand is about is a warning then. What policies of Cilium or Calico or an AdminNetworkPolicy
      do, only the cluster can tell: that is a warning as well.`,
    sources: [
      "https://istio.io/latest/docs/tasks/observability/distributed-tracing/overview/",
      "https://www.jaegertracing.io/docs/latest/architecture/apis/",
    ],
  },
  find(model) {
    return askSpanPaths(model).audit.problems();
  },
});
