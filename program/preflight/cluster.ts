import * as fs from "node:fs";
import type { KubeConfig, KubernetesObjectApi } from "@kubernetes/client-node";
import { type ClusterFacts, type LiveObject } from "./findings";

/** How to reach the cluster, as the Kubernetes provider is told. */
export interface ClusterAccess {
  /** Content or path of a kubeconfig. @default KUBECONFIG, then ~/.kube/config */
  kubeconfig?: string;
  /** Context to use. @default the current one */
  context?: string;
}

/** Thrown when the cluster does not answer; the check is then left to the provider, which says so itself. */
export class Unreachable extends Error {}

/** How long the check may take, in milliseconds, before a preview goes on without it. */
const patience = 15_000;

/**
 * Reads what the check needs: one request for each kind and name, over all namespaces.
 * @throws Unreachable if no cluster is configured, its kubeconfig cannot be read, or it does not answer in time
 */
export async function readCluster(
  access: ClusterAccess,
  questions: readonly { apiVersion: string; kind: string; name: string }[],
  rootNamespace: string,
): Promise<ClusterFacts & { unreadable: string[] }> {
  // Loaded here, because it takes half a second and only a real deployment needs it.
  const client = await import("@kubernetes/client-node");
  const config = load(new client.KubeConfig(), access);
  const api = client.KubernetesObjectApi.makeApiClient(config);
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Unreachable(`no answer within ${patience / 1000} s`)), patience);
    timer.unref();
  });
  try {
    return await Promise.race([read(api, questions, rootNamespace), late]);
  } finally {
    clearTimeout(timer);
  }
}

function load(config: KubeConfig, { kubeconfig, context }: ClusterAccess): KubeConfig {
  try {
    if (kubeconfig === undefined) config.loadFromDefault();
    else if (fs.existsSync(kubeconfig)) config.loadFromFile(kubeconfig);
    else config.loadFromString(kubeconfig);
  } catch (error) {
    throw new Unreachable(`the kubeconfig cannot be read: ${(error as Error).message}`);
  }
  if (context !== undefined) config.setCurrentContext(context);
  if (config.getCurrentCluster() === null) throw new Unreachable("no cluster is configured");
  return config;
}

async function read(
  api: KubernetesObjectApi,
  questions: readonly { apiVersion: string; kind: string; name: string }[],
  rootNamespace: string,
): Promise<ClusterFacts & { unreadable: string[] }> {
  const unserved = new Set<string>();
  const unreadable = new Set<string>();
  const list = async (
    apiVersion: string,
    kind: string,
    namespace?: string,
    name?: string,
  ): Promise<LiveObject[]> => {
    try {
      const selector = name === undefined ? undefined : `metadata.name=${name}`;
      const { items } = await api.list(
        apiVersion,
        kind,
        namespace,
        undefined,
        undefined,
        undefined,
        selector,
      );
      // Items of a list carry neither apiVersion nor kind.
      return items.map((item) => ({ ...(item as unknown as LiveObject), apiVersion, kind }));
    } catch (error) {
      const code = (error as { code?: unknown }).code;
      if (code === 404 || /unrecognized API version and kind/i.test(String(error)))
        unserved.add(`${kind}.${apiVersion}`);
      else if (code === 401 || code === 403) unreadable.add(`${kind}.${apiVersion}`);
      else throw new Unreachable(String(error));
      return [];
    }
  };
  // The first request alone: if the cluster is not there, one failure tells.
  const namespaces = await list("v1", "Namespace");
  const telemetries = await list("telemetry.istio.io/v1", "Telemetry", rootNamespace);
  const objects = await Promise.all(
    questions.map(({ apiVersion, kind, name }) => list(apiVersion, kind, undefined, name)),
  );
  return {
    namespaces: unreadable.has("Namespace.v1")
      ? undefined
      : new Set(namespaces.map(({ metadata }) => metadata.name)),
    telemetries,
    objects: objects.flat(),
    unserved: [...unserved].sort(),
    unreadable: [...unreadable].sort(),
  };
}
