/**
 * Which pods the mesh puts a proxy beside, by the labels that istiod's webhooks and injector read.
 * @see https://istio.io/latest/docs/setup/additional-setup/sidecar-injection/#controlling-the-injection-policy
 */
import { istiodLabels, meshLabels } from "../../mesh/labels";
import { istioContainers, neverInjected } from "../../mesh/names";
import { records } from "./reading";
import { containersOf, type Workload } from "./workloads";

export type Labels = Readonly<Record<string, string>>;

/** How a pod takes part in the mesh; `unknown` where its namespace's labels would decide. */
export type Membership = "sidecar" | "gateway" | "ambient" | "none" | "unknown";

/**
 * @param namespaceLabels labels of the pod's namespace; undefined if they are not in the input
 */
export function membershipOf(workload: Workload, namespaceLabels: Labels | undefined): Membership {
  if (workload.labels["app"] === istiodLabels.app) return "none";
  if (isGateway(workload)) return "gateway";
  if (hasProxy(workload)) return "sidecar";
  const injected = injects(workload, namespaceLabels);
  if (injected === true) return "sidecar";
  const dataplane = workload.labels[meshLabels.dataplane] ?? namespaceLabels?.[meshLabels.dataplane];
  if (dataplane === "ambient" && workload.pod["hostNetwork"] !== true) return "ambient";
  return injected === undefined ? "unknown" : "none";
}

/** Whether a namespace's labels ask for sidecars in all its pods. */
export function namespaceInjects(labels: Labels): boolean {
  const injection = labels[meshLabels.injection];
  return injection === "enabled" || (injection === undefined && labels[meshLabels.revision] !== undefined);
}

/** Whether a namespace takes part in the mesh in either mode. */
export function namespaceIsMeshed(labels: Labels): boolean {
  return namespaceInjects(labels) || labels[meshLabels.dataplane] === "ambient";
}

/** Undefined if the labels of the namespace would decide and are not known. */
function injects(workload: Workload, namespaceLabels: Labels | undefined): boolean | undefined {
  const { labels, annotations, namespace, pod } = workload;
  if (pod["hostNetwork"] === true || neverInjected.includes(namespace)) return false;
  const wish = labels[meshLabels.inject];
  // The webhook reads the label; the injector behind it also the annotation, if there is no label.
  if (wish === "false" || (wish === undefined && annotations[meshLabels.inject] === "false")) return false;
  const byPod = wish === "true" || labels[meshLabels.revision] !== undefined;
  if (namespaceLabels === undefined) return byPod ? true : undefined;
  if (namespaceInjects(namespaceLabels)) return true;
  return byPod && namespaceLabels[meshLabels.injection] === undefined;
}

/** A proxy that was put into the manifest itself, by `istioctl kube-inject` or in a live pod. */
function hasProxy(workload: Workload): boolean {
  return containersOf(workload).some(({ name }) => name === istioContainers.proxy);
}

/** A proxy that is the workload: an ingress or egress gateway, a waypoint, whoever installed it. */
function isGateway({ labels, annotations, pod }: Workload): boolean {
  if ((annotations["inject.istio.io/templates"] ?? "").split(",").includes("gateway")) return true;
  if (labels["gateway.networking.k8s.io/gateway-name"] !== undefined) return true;
  if (/gateway$/.test(labels["istio"] ?? "")) return true;
  const containers = records(pod["containers"]);
  return containers.length === 1 && containers[0]?.["name"] === istioContainers.proxy;
}
