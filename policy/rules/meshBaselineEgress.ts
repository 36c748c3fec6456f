import { getOrMake } from "../../mesh/maps";
import { appLabels, istiodLabels } from "../../mesh/labels";
import { objectNames } from "../../mesh/names";
import { ports } from "../../mesh/ports";
import { type QuestionEnd } from "../reachability";
import { otlpExportOf } from "../model/otlp";
import { dnsTargets } from "../paths/dnsTargets";
import { type Peer, type Target } from "../paths/target";
import { at, text } from "../model/reading";
import { programsOf } from "../model/collectors/programs";
import { revisionOf } from "../model/senderTracing";
import { type TracingModel } from "../model/tracingModel";
import { type Workload, workloadKey } from "../model/workloads";
import { defineRule } from "../rule";
import { PathAudit } from "../paths/pathAudit";

/** Any egress policy isolates a pod: one that opens only the collector cuts off DNS and istiod. */
export const meshBaselineEgress = defineRule({
  name: "mesh-baseline-egress",
  description:
    "A traced pod with an egress policy can still reach DNS and istiod, a sender or collector outside the mesh DNS.",
  level: "error",
  severity: "critical",
  tags: ["kubernetes", "network-policy", "istio"],
  url: "https://istio.io/latest/docs/ops/deployment/application-requirements/#ports-used-by-istio",
  remediationSteps:
    "Add a rule for DNS (UDP and TCP) and one for istiod (TCP 15012) to the namespace's egress policies.",
  page: {
    why: `The first egress policy that selects a pod closes everything it does not list. If it lists only the
      collector's ports, it cuts off a namespace that was open before: its sidecars get no configuration or
      certificates from istiod (TCP 15012), and names do not resolve (UDP and TCP 53; OpenShift's DNS pods
      listen on 5353). Applications and collectors outside the mesh that send spans to a name need DNS, too.`,
    symptom: `New pods do not become ready, and their \`istio-proxy\` cannot connect to istiod. Running pods keep
      their old configuration until their certificates expire. Applications fail to resolve names.`,
    exceptions: `Namespaces where other teams' policies apply are not checked: \`otherPolicies\` of the pack,
      \`isolation: existing\` in a stack file. If DNS runs elsewhere, set its location: \`dns\` of the pack,
      \`egress.dns\` in a stack file. If only TCP to DNS is blocked, the finding is a warning, because most
      answers fit into a UDP packet. Istiod of Google Cloud's managed mesh is outside the cluster and not asked for,
      that of AKS is in aks-istio-system.`,
    sources: [
      "https://kubernetes.io/docs/concepts/services-networking/network-policies/",
      "https://kubernetes.io/docs/concepts/services-networking/dns-pod-service/",
    ],
  },
  find(model) {
    const related = {
      relatedPorts: [ports.dns, ports.openShiftDns, ports.istiod],
      policyNames: { egress: objectNames.meshEgress, ingress: "allow-mesh-ingress" },
    };
    const audit = new PathAudit(model, {
      ...related,
      consequence: "which every pod in the mesh needs",
      // A policy of another kind is in the way of spans too: that is said once.
      ignored: ["malformed", "unknown-value", ...(model.isTracing ? ["other-policy" as const] : [])],
    });
    const dns = { UDP: dnsTargets(model, "UDP"), TCP: dnsTargets(model, "TCP") };
    const istiods = new Map<string | undefined, { target: Target | undefined }>();
    const istiodOf = (workload: Workload): Target | undefined => {
      const place = managedPlace(revisionOf(model, workload));
      if (place === "outside") return undefined;
      return getOrMake(istiods, place, () => ({ target: istiodTarget(model, place) })).target;
    };
    for (const traced of model.traced) {
      // Policies that are not in the input govern this namespace too, and have their own rules for it.
      if (model.isIsolatedByOthers(traced.workload.namespace)) continue;
      audit.check(traced, ...dns.UDP);
      audit.check(traced, ...dns.TCP);
      const istiod = traced.membership === "ambient" ? undefined : istiodOf(traced.workload);
      if (istiod !== undefined) audit.check(traced, istiod);
    }
    const others = new PathAudit(model, {
      ...related,
      consequence: "which they ask for the host that they send spans to",
      // What is doubted of these pods' ways is said of the way to the collector.
      ignored: "all",
    });
    const asked = new Set(model.traced.map(({ workload }) => workload.object));
    const lookingUp = [
      ...model.senders.filter(({ workload }) => looksUpCollector(workload, model)),
      ...programsOf(model).flatMap(({ workload, exporters }) =>
        exporters.some(({ host }) => isName(host)) ? [{ workload, membership: "sidecar" as const }] : [],
      ),
    ];
    for (const sender of lookingUp) {
      const { workload } = sender;
      if (asked.has(workload.object)) continue;
      asked.add(workload.object);
      if (model.options.otherPolicies?.includes(workload.namespace)) continue;
      others.check(sender, ...dns.UDP);
      others.check(sender, ...dns.TCP);
    }
    return [...audit.problems(), ...others.problems()];
  },
});

/** Whether an application sends spans to a host that only the cluster's DNS knows. */
function looksUpCollector(workload: Workload, model: TracingModel): boolean {
  return model.environmentsOf(workload).some((environment) => {
    return isName(otlpExportOf(environment, workload.namespace, model.index)?.host ?? "");
  });
}

function isName(host: string): boolean {
  return /[a-z]/i.test(host) && !host.startsWith("[") && !host.includes("$") && host !== "localhost";
}

/**
 * Where the control plane is that a cloud runs under a revision of its own: outside the cluster, in a namespace, or as
 * anywhere.
 * @see https://cloud.google.com/service-mesh/docs/managed/provision-managed-anthos-service-mesh
 * @see https://learn.microsoft.com/en-us/azure/aks/istio-deploy-addon
 */
function managedPlace(revision: string): string | undefined {
  if (/^asm-managed(-|$)/.test(revision)) return "outside";
  return /^asm-\d-\d+$/.test(revision) ? "aks-istio-system" : undefined;
}

/** @param managed the namespace that a cloud runs istiod in */
function istiodTarget(model: TracingModel, managed: string | undefined): Target | undefined {
  const { cluster, mesh, workloads } = model;
  const discovery = text(at(mesh.values, "defaultConfig", "discoveryAddress")) ?? "istiod.";
  // A control plane outside the cluster is not reached through its pods.
  if (!discovery.startsWith("istiod")) return undefined;
  const istiods = workloads.filter(({ labels }) => labels["app"] === istiodLabels.app);
  // `istiod.<namespace>.svc`, or `istiod-<revision>.<namespace>.svc`: it need not be the root namespace.
  const namespace = managed ?? (discovery.split(/[.:]/)[1] || (istiods[0]?.namespace ?? mesh.rootNamespace));
  const istiod = istiods.find((one) => one.namespace === namespace);
  const peer: Peer = { namespace, labels: { ...istiodLabels } };
  const to: QuestionEnd = (istiod && cluster.find(workloadKey(istiod.object))) ?? {
    namespace,
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
