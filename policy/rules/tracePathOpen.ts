import { defineRule } from "../rule";
import { askSpanPaths } from "../paths/spanPaths";

/**
 * The outage this project exists to prevent: a policy that is valid and looks right, but blocks the one port
 * that proxies send their spans to.
 */
export const tracePathOpen = defineRule({
  name: "trace-path-open",
  description:
    "Every traced pod and every gateway can reach the collector's ports: egress and ingress allow it.",
  level: "error",
  severity: "critical",
  tags: ["kubernetes", "network-policy", "tracing"],
  url: "https://kubernetes.io/docs/concepts/services-networking/network-policies/",
  remediationSteps:
    "Add the missing port to the named rule. Both the egress of the traced pods and the ingress of the collector have to allow it.",
  page: {
    why: `A NetworkPolicy that selects a pod isolates it: in that direction, everything not listed is dropped.
      Proxies send spans to 9411, applications to 4317 or 4318, so a perfectly valid policy can let one kind
      through and lose the other. The sender's egress and the collector's ingress both have to allow the
      port of the pod behind the Service. The rule checks every traced pod, every gateway and every port.`,
    symptom: `Spans of applications and of the gateway arrive, spans of sidecars do not, and Jaeger's dependency
      graph is empty. Nothing is logged. In a sidecar, \`pilot-agent request GET clusters\` shows
      \`cx_connect_fail\` of 9411 rising while \`rq_total\` stays 0.`,
    exceptions: `If policies that are not in the input open the path, add them to the input, or list their namespaces:
      \`otherPolicies\` of the pack, \`isolation: existing\` in a stack file. A gap in a namespace with such
      policies is then a warning. The effect of Cilium or Calico policies and of AdminNetworkPolicies
      depends on the cluster, so they are warnings too. Of an endpoint outside the cluster the addresses are
      not known: where policies let some addresses out, that is a warning.`,
    sources: [
      "https://istio.io/latest/docs/tasks/observability/distributed-tracing/overview/",
      "https://www.jaegertracing.io/docs/latest/architecture/apis/",
    ],
  },
  find(model) {
    return askSpanPaths(model).audit.problems();
  },
});
