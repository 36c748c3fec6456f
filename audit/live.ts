/** Reads the objects to check from a cluster. Only ever lists and gets. */
import * as fs from "node:fs";
import type { KubeConfig, KubernetesObject, KubernetesObjectApi } from "@kubernetes/client-node";
import { InputError } from "../engine/stackFile";
import { defaultRootNamespace } from "../policy/options";
import { neededConfigMaps, ownsItself, type Reference, servicesWithoutSelector } from "./liveNeeds";

/** How to reach the cluster. */
export interface LiveOptions {
  /** Path of a kubeconfig. @default KUBECONFIG, then ~/.kube/config */
  kubeconfig?: string;
  /** Context to use. @default the current one */
  context?: string;
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
  ["Instrumentation", "opentelemetry.io/v1alpha1"],
  ["OpenTelemetryCollector", "opentelemetry.io/v1beta1", "opentelemetry.io/v1alpha1"],
  ["Jaeger", "jaegertracing.io/v1"],
];

/** How many objects a page has: what kubectl asks for. */
const pageSize = 500;

/** How many requests are under way at once. */
const parallel = 8;

/** How long the first answer may take, in milliseconds. */
const patience = 15_000;

/**
 * Everything that rules need of a cluster.
 * @throws InputError if the cluster cannot be reached or does not know who asks
 */
export async function readLive(options: LiveOptions): Promise<LiveObjects> {
  // Loaded here, because it takes half a second and only this needs it.
  const client = await import("@kubernetes/client-node");
  const config = load(new client.KubeConfig(), options);
  const reader = new ClusterReader(client.KubernetesObjectApi.makeApiClient(config));
  // The first request alone: if the cluster is not there, one failure tells.
  const namespaces = await inTime(reader.list("Namespace", ["v1"]), config);
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

function load(config: KubeConfig, { kubeconfig, context }: LiveOptions): KubeConfig {
  try {
    if (kubeconfig === undefined) config.loadFromDefault();
    else if (fs.existsSync(kubeconfig)) config.loadFromFile(kubeconfig);
    else throw new InputError(`kubeconfig ${kubeconfig} does not exist`);
  } catch (error) {
    if (error instanceof InputError) throw error;
    throw new InputError(`the kubeconfig cannot be read: ${(error as Error).message.split("\n")[0]}`);
  }
  const names = config.getContexts().map(({ name }) => name);
  if (context !== undefined && !names.includes(context)) {
    throw new InputError(`there is no context ${context}\n  fix: choose one of ${names.join(", ")}`);
  }
  if (context !== undefined) config.setCurrentContext(context);
  if (config.getCurrentCluster() === null) {
    throw new InputError("no cluster is configured\n  fix: give --kubeconfig, or --context");
  }
  return config;
}

async function inTime<T>(promise: Promise<T>, config: KubeConfig): Promise<T> {
  const server = config.getCurrentCluster()?.server ?? "";
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer within ${patience / 1000} s`)), patience);
  });
  try {
    return await Promise.race([promise, late]);
  } catch (error) {
    if (error instanceof InputError) throw error;
    throw new InputError(
      `the cluster at ${server} cannot be reached: ${(error as Error).message.split("\n")[0]}`,
    );
  } finally {
    clearTimeout(timer);
  }
}

/** Asks the API server, and keeps account of what it may not read. */
class ClusterReader {
  private readonly forbidden = new Set<string>();

  constructor(private readonly api: KubernetesObjectApi) {}

  /** All objects of a kind, page by page; none if the cluster does not serve it. */
  async list(kind: string, apiVersions: readonly string[], namespace?: string): Promise<KubernetesObject[]> {
    for (const apiVersion of apiVersions) {
      const objects = await this.pages(apiVersion, kind, namespace);
      if (objects !== undefined) return objects;
    }
    return [];
  }

  /** One object; none if it is not there. */
  async get({ kind, namespace, name }: Reference): Promise<KubernetesObject[]> {
    try {
      return [
        lean(await this.api.read({ apiVersion: "v1", kind, metadata: { name, namespace } }), "v1", kind),
      ];
    } catch (error) {
      this.judge(error, `${kind} ${namespace}/${name}`);
      return [];
    }
  }

  warnings(): string[] {
    return [...this.forbidden].map(
      (what) => `${what} may not be read, so what depends on it was not checked`,
    );
  }

  private async pages(
    apiVersion: string,
    kind: string,
    namespace: string | undefined,
  ): Promise<KubernetesObject[] | undefined> {
    const objects: KubernetesObject[] = [];
    let token: string | undefined;
    do {
      try {
        const none = undefined;
        const page = await this.api.list(
          apiVersion,
          kind,
          namespace,
          none,
          none,
          none,
          none,
          none,
          pageSize,
          token,
        );
        objects.push(...page.items.map((item) => lean(item, apiVersion, kind)));
        token = page.metadata?._continue;
      } catch (error) {
        return this.judge(
          error,
          namespace === undefined ? `${kind} (${apiVersion})` : `${kind} in ${namespace}`,
        );
      }
    } while (token !== undefined && token !== "");
    return objects;
  }

  /** Returns if the cluster does not have what was asked for, or if it may not be read. */
  private judge(error: unknown, what: string): undefined {
    const { code } = error as { code?: unknown };
    if (code === 404 || /unrecognized API version and kind/i.test(String(error))) return;
    if (code === 403) {
      this.forbidden.add(what);
      return;
    }
    if (code === 401) throw new InputError("the cluster does not accept the credentials of the kubeconfig");
    if (code === 410)
      throw new InputError("the cluster changed too much while it was read\n  fix: try again");
    throw new InputError(`the cluster cannot be read (${what}): ${(error as Error).message.split("\n")[0]}`);
  }
}

/** Items of a list carry neither apiVersion nor kind, and who owns which field is most of their size. */
function lean(object: KubernetesObject, apiVersion: string, kind: string): KubernetesObject {
  const { metadata } = object;
  return { ...object, apiVersion, kind, metadata: { ...metadata, managedFields: undefined } };
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
