import { appLabels, istiodLabels } from "../../mesh/labels";
import { objectNames } from "../../mesh/names";
import { ports } from "../../mesh/ports";
import { type QuestionEnd } from "../reachability";
import { dnsTargets } from "../paths/dnsTargets";
import { type Peer, type Target } from "../paths/target";
import { at, text } from "../model/reading";
import { type TracingModel } from "../model/tracingModel";
import { workloadKey } from "../model/workloads";
import { defineRule } from "../rule";
import { PathAudit } from "../paths/pathAudit";

/** Any egress policy isolates: one that only opens the collector cuts DNS and istiod off. */
export const meshBaselineEgress = defineRule({
  name: "mesh-baseline-egress",
  description: "An egress policy that isolates a traced pod keeps DNS and istiod reachable.",
  level: "error",
  severity: "critical",
  tags: ["kubernetes", "network-policy", "istio"],
  url: "https://istio.io/latest/docs/ops/deployment/application-requirements/#ports-used-by-istio",
  remediationSteps:
    "Add a rule for DNS (UDP and TCP) and one for istiod (TCP 15012) to the namespace's egress policies.",
  page: {
    why: `The first egress policy that selects a pod closes whatever it does not list. One that only opens
      the collector's ports cuts off a namespace that was open before: its sidecars get no configuration and
      no certificates from istiod (TCP 15012), and names do not resolve (UDP and TCP 53; OpenShift's DNS
      pods listen on 5353).`,
    symptom: `New pods do not become ready, and their \`istio-proxy\` cannot connect to istiod. Running ones
      keep an old configuration until their certificates end. Applications report names that cannot be
      resolved.`,
    exceptions: `Namespaces that have policies of others are not asked about: \`otherPolicies\` of the pack,
      \`isolation: existing\` in a stack file. If DNS is elsewhere, say where: \`dns\` of the pack,
      \`egress.dns\` in a stack file. That DNS is closed over TCP alone is a warning, because most answers
      fit into a datagram.`,
    sources: [
      "https://kubernetes.io/docs/concepts/services-networking/network-policies/",
      "https://kubernetes.io/docs/concepts/services-networking/dns-pod-service/",
    ],
  },
  find(model) {
    const audit = new PathAudit(model, {
      consequence: "which a pod of the mesh cannot do without",
      relatedPorts: [ports.dns, ports.openShiftDns, ports.istiod],
      policyNames: { egress: objectNames.meshEgress, ingress: "allow-mesh-ingress" },
      // A policy of another kind is in the way of spans too: that is said once.
      ignored: ["malformed", "unknown-value", ...(model.isTracing ? ["other-policy" as const] : [])],
    });
    const dns = { UDP: dnsTargets(model, "UDP"), TCP: dnsTargets(model, "TCP") };
    const istiod = istiodTarget(model);
    for (const traced of model.traced) {
      // Policies that are not in the input govern this namespace too, and have their own rules for it.
      if (model.options.otherPolicies?.includes(traced.workload.namespace)) continue;
      audit.check(traced, ...dns.UDP);
      audit.check(traced, ...dns.TCP);
      if (traced.membership !== "ambient" && istiod !== undefined) audit.check(traced, istiod);
    }
    return audit.problems();
  },
});

function istiodTarget(model: TracingModel): Target | undefined {
  const { cluster, mesh, workloads } = model;
  const discovery = text(at(mesh.values, "defaultConfig", "discoveryAddress")) ?? "istiod.";
  // A control plane outside the cluster is not reached through its pods.
  if (!discovery.startsWith("istiod")) return undefined;
  const istiod = workloads.find(
    ({ labels, namespace }) => labels["app"] === istiodLabels.app && namespace === mesh.rootNamespace,
  );
  const peer: Peer = { namespace: mesh.rootNamespace, labels: { ...istiodLabels } };
  const to: QuestionEnd = (istiod && cluster.find(workloadKey(istiod.object))) ?? {
    namespace: mesh.rootNamespace,
    labels: { ...istiodLabels, istio: "pilot", [appLabels.name]: istiodLabels.app },
  };
  return {
    name: "istiod",
    purpose: "configuration and certificates",
    peer,
    protocol: "TCP",
    ask: (from) => cluster.canReach({ from, to, port: ports.istiod }),
  };
}
