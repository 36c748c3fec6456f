/** Reads the objects to check from a cluster. Only ever lists and gets. */
import { at, record } from "../../policy/model/reading";
import { defaultRootNamespace } from "../../policy/options";
import { type Patience } from "./apiServer";
import { Cluster } from "./cluster";
import { ClusterError } from "./clusterError";
import { type ClusterAccess } from "./kubeconfig";
import { neededConfigMaps, ownsItself, type Reference, servicesWithoutSelector } from "./liveNeeds";

export interface LiveOptions extends ClusterAccess, Patience {
  rootNamespace?: string;
}

export interface LiveObjects {
  objects: unknown[];
  /** Kinds that could not be read although the cluster has them. */
  warnings: string[];
}

/** Kinds that rules ask about, with the versions that clusters may serve them in, best first. */
const kinds: readonly (readonly [kind: string, ...apiVersions: string[]])[] = [
  ["Deployment", "apps/v1"],
  ["StatefulSet", "apps/v1"],
  ["DaemonSet", "apps/v1"],
  ["ReplicaSet", "apps/v1"],
  ["ReplicationController", "v1"],
  ["CronJob", "batch/v1"],
  ["Job", "batch/v1"],
  ["Pod", "v1"],
  ["HorizontalPodAutoscaler", "autoscaling/v2"],
  ["Service", "v1"],
  ["NetworkPolicy", "networking.k8s.io/v1"],
  ["Ingress", "networking.k8s.io/v1"],
  ["CiliumNetworkPolicy", "cilium.io/v2"],
  ["CiliumClusterwideNetworkPolicy", "cilium.io/v2"],
  ["NetworkPolicy", "crd.projectcalico.org/v1"],
  ["GlobalNetworkPolicy", "crd.projectcalico.org/v1"],
  ["AdminNetworkPolicy", "policy.networking.k8s.io/v1alpha1"],
  ["BaselineAdminNetworkPolicy", "policy.networking.k8s.io/v1alpha1"],
  ["ClusterNetworkPolicy", "policy.networking.k8s.io/v1alpha2"],
  ["NetworkPolicy", "crd.antrea.io/v1beta1"],
  ["ClusterNetworkPolicy", "crd.antrea.io/v1beta1"],
  ["Telemetry", "telemetry.istio.io/v1", "telemetry.istio.io/v1alpha1"],
  ["ServiceEntry", "networking.istio.io/v1", "networking.istio.io/v1beta1"],
  ["Sidecar", "networking.istio.io/v1", "networking.istio.io/v1beta1"],
  ["VirtualService", "networking.istio.io/v1", "networking.istio.io/v1beta1"],
  ["Gateway", "networking.istio.io/v1", "networking.istio.io/v1beta1"],
  ["DestinationRule", "networking.istio.io/v1", "networking.istio.io/v1beta1"],
  ["PeerAuthentication", "security.istio.io/v1", "security.istio.io/v1beta1"],
  ["RequestAuthentication", "security.istio.io/v1", "security.istio.io/v1beta1"],
  ["AuthorizationPolicy", "security.istio.io/v1", "security.istio.io/v1beta1"],
  ["Gateway", "gateway.networking.k8s.io/v1", "gateway.networking.k8s.io/v1beta1"],
  ["HTTPRoute", "gateway.networking.k8s.io/v1", "gateway.networking.k8s.io/v1beta1"],
  ["GRPCRoute", "gateway.networking.k8s.io/v1"],
  ["Certificate", "cert-manager.io/v1"],
  ["Instrumentation", "opentelemetry.io/v1alpha1"],
  ["OpenTelemetryCollector", "opentelemetry.io/v1beta1", "opentelemetry.io/v1alpha1"],
  ["Jaeger", "jaegertracing.io/v1"],
  ["Kiali", "kiali.io/v1alpha1"],
];

/**
 * Everything that rules need of a cluster.
 * @throws ClusterError if the cluster cannot be reached, does not know who asks or fails
 */
export async function readLive(options: LiveOptions): Promise<LiveObjects> {
  const reader = new LiveReader(await Cluster.of(options, options));
  // The first request alone: if the cluster is not there, one failure tells.
  const namespaces = await reader.list("Namespace", ["v1"]);
  const lists = await Promise.all(kinds.map(([kind, ...apiVersions]) => reader.list(kind, apiVersions)));
  const objects = lists.flat().filter(ownsItself);
  const rootNamespace = options.rootNamespace ?? defaultRootNamespace;
  const { namespaces: whole, references } = neededConfigMaps(objects, rootNamespace);
  const configMaps = whole.map((namespace) => reader.list("ConfigMap", ["v1"], namespace));
  const single = [...references, ...servicesWithoutSelector(objects)];
  const others = single.map((reference) => reader.get(reference));
  const more = await Promise.all([...configMaps, ...others]);
  return { objects: [...namespaces, ...objects, ...more.flat()], warnings: reader.warnings() };
}

/** Reads what may be read, and keeps account of what may not. */
class LiveReader {
  private readonly forbidden = new Set<string>();

  constructor(private readonly cluster: Cluster) {}

  /** All objects of a kind, in the best version that is served; none if the cluster does not serve it. */
  async list(kind: string, apiVersions: readonly string[], namespace?: string): Promise<unknown[]> {
    for (const apiVersion of apiVersions) {
      const what = namespace === undefined ? `${kind} (${apiVersion})` : `${kind} in ${namespace}`;
      const items = await this.unlessForbidden(what, this.cluster.list(apiVersion, kind, { namespace }));
      if (items !== undefined) return items.map(lean);
    }
    return [];
  }

  /** One object; none if it is not there. */
  async get({ kind, namespace, name }: Reference): Promise<unknown[]> {
    const what = `${kind} ${namespace}/${name}`;
    const object = await this.unlessForbidden(what, this.cluster.get("v1", kind, namespace, name));
    return object === undefined ? [] : [lean(object)];
  }

  warnings(): string[] {
    return [...this.forbidden].map(
      (what) => `${what} may not be read, so what depends on it was not checked`,
    );
  }

  private async unlessForbidden<T>(what: string, answer: Promise<T>): Promise<T | undefined> {
    try {
      return await answer;
    } catch (error) {
      if (!(error instanceof ClusterError) || error.problem !== "forbidden") throw error;
      this.forbidden.add(what);
      return undefined;
    }
  }
}

/** Without who owns which field, which is most of an object's size. */
function lean(object: Record<string, unknown>): unknown {
  const metadata: Record<string, unknown> = { ...record(at(object, "metadata")) };
  delete metadata["managedFields"];
  return { ...object, metadata };
}
