/** Reads the objects to check from a cluster. Only ever lists and gets. */
import { InputError } from "../inputError";
import { at, record, records, text } from "../../policy/model/reading";
import { defaultRootNamespace } from "../../policy/options";
import { ApiServer, type ClusterAccess, Refused } from "./apiServer";
import { neededConfigMaps, ownsItself, type Reference, servicesWithoutSelector } from "./liveNeeds";

export interface LiveOptions extends ClusterAccess {
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

/** How many objects a page has: what kubectl asks for. */
const pageSize = 500;

/** How many requests are under way at once. */
const parallel = 8;

/**
 * Everything that rules need of a cluster.
 * @throws InputError if the cluster cannot be reached or does not know who asks
 */
export async function readLive(options: LiveOptions): Promise<LiveObjects> {
  const reader = new ClusterReader(await ApiServer.of(options));
  // The first request alone: if the cluster is not there, one failure tells.
  const namespaces = await reader.list("Namespace", ["v1"]);
  const lists = await inParallel(kinds, ([kind, ...apiVersions]) => reader.list(kind, apiVersions));
  const objects = lists.flat().filter(ownsItself);
  const rootNamespace = options.rootNamespace ?? defaultRootNamespace;
  const { namespaces: whole, references } = neededConfigMaps(objects, rootNamespace);
  const configMaps = await inParallel(whole, (namespace) => reader.list("ConfigMap", ["v1"], namespace));
  const single = [...references, ...servicesWithoutSelector(objects)];
  const others = await inParallel(single, (reference) => reader.get(reference));
  return {
    objects: [...namespaces, ...objects, ...configMaps.flat(), ...others.flat()],
    warnings: reader.warnings(),
  };
}

/** Asks the API server, and keeps account of what it may not read. */
class ClusterReader {
  private readonly forbidden = new Set<string>();
  /** Plural names by kind, by version of an API. */
  private readonly resources = new Map<string, Promise<ReadonlyMap<string, string>>>();

  constructor(private readonly server: ApiServer) {}

  /** All objects of a kind, page by page; none if the cluster does not serve it. */
  async list(kind: string, apiVersions: readonly string[], namespace?: string): Promise<unknown[]> {
    for (const apiVersion of apiVersions) {
      const plural = (await this.resourcesOf(apiVersion)).get(kind);
      if (plural === undefined) continue;
      const what = namespace === undefined ? `${kind} (${apiVersion})` : `${kind} in ${namespace}`;
      const place = namespace === undefined ? "" : `/namespaces/${namespace}`;
      const pages = await this.unlessRefused(what, () =>
        this.pages(`${pathOf(apiVersion)}${place}/${plural}`),
      );
      return pages?.map((item) => lean(item, apiVersion, kind)) ?? [];
    }
    return [];
  }

  /** One object; none if it is not there. */
  async get({ kind, namespace, name }: Reference): Promise<unknown[]> {
    const path = `/api/v1/namespaces/${namespace}/${kind === "ConfigMap" ? "configmaps" : "endpoints"}/${name}`;
    const object = await this.unlessRefused(`${kind} ${namespace}/${name}`, () => this.server.get(path));
    return object === undefined ? [] : [lean(object, "v1", kind)];
  }

  warnings(): string[] {
    return [...this.forbidden].map(
      (what) => `${what} may not be read, so what depends on it was not checked`,
    );
  }

  private async pages(path: string): Promise<unknown[]> {
    const items: unknown[] = [];
    let next: string | undefined;
    do {
      const query: Record<string, string> = next === undefined ? {} : { continue: next };
      const page = await this.server.get(path, { limit: String(pageSize), ...query });
      items.push(...records(at(page, "items")));
      next = text(at(page, "metadata", "continue"));
    } while (next !== undefined && next !== "");
    return items;
  }

  private resourcesOf(apiVersion: string): Promise<ReadonlyMap<string, string>> {
    let known = this.resources.get(apiVersion);
    if (known === undefined) this.resources.set(apiVersion, (known = this.discover(apiVersion)));
    return known;
  }

  private async discover(apiVersion: string): Promise<ReadonlyMap<string, string>> {
    const list = await this.unlessRefused(`the list of kinds of ${apiVersion}`, () =>
      this.server.get(pathOf(apiVersion)),
    );
    const resources = records(at(list, "resources")).flatMap(({ name, kind }): [string, string][] =>
      // Parts of objects, such as deployments/scale, have kinds too.
      typeof name === "string" && typeof kind === "string" && !name.includes("/") ? [[kind, name]] : [],
    );
    return new Map(resources);
  }

  /** Undefined if the cluster does not have what is asked for, or if it may not be read. */
  private async unlessRefused<T>(what: string, ask: () => Promise<T>): Promise<T | undefined> {
    try {
      return await ask();
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      const { code, message } = error;
      if (code === 404) return undefined;
      if (code === 403) {
        this.forbidden.add(what);
        return undefined;
      }
      if (code === 401) throw new InputError("the cluster does not accept the credentials of the kubeconfig");
      if (code === 410)
        throw new InputError("the cluster changed too much while it was read\n  fix: try again");
      throw new InputError(`the cluster cannot be read (${what}): ${message} (status ${code})`);
    }
  }
}

function pathOf(apiVersion: string): string {
  return apiVersion.includes("/") ? `/apis/${apiVersion}` : `/api/${apiVersion}`;
}

/** Items of a list carry neither apiVersion nor kind, and who owns which field is most of their size. */
function lean(object: unknown, apiVersion: string, kind: string): unknown {
  const metadata: Record<string, unknown> = { ...record(at(object, "metadata")) };
  delete metadata["managedFields"];
  return { ...record(object), apiVersion, kind, metadata };
}

async function inParallel<T, R>(items: readonly T[], work: (item: T) => Promise<R>): Promise<R[]> {
  const results: R[] = [];
  const queue = items.entries();
  const worker = async (): Promise<void> => {
    for (const [index, item] of queue) results[index] = await work(item);
  };
  await Promise.all(Array.from({ length: parallel }, worker));
  return results;
}
