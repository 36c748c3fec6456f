/** What the check before the first change reads of the cluster. */
import { Cluster } from "../../input/cluster/cluster";
import { ClusterError } from "../../input/cluster/clusterError";
import { type ClusterAccess } from "../../input/cluster/kubeconfig";
import { type ClusterFacts, type LiveObject } from "./findings";

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
  try {
    const cluster = await Cluster.of(access, { signal: AbortSignal.timeout(patience) });
    return await read(cluster, questions, rootNamespace);
  } catch (error) {
    if (error instanceof ClusterError) throw new Unreachable(error.message);
    throw error;
  }
}

async function read(
  cluster: Cluster,
  questions: readonly { apiVersion: string; kind: string; name: string }[],
  rootNamespace: string,
): Promise<ClusterFacts & { unreadable: string[] }> {
  const unserved = new Set<string>();
  const unreadable = new Set<string>();
  const list = async (
    apiVersion: string,
    kind: string,
    selection: { namespace?: string; fieldSelector?: string } = {},
  ): Promise<LiveObject[]> => {
    try {
      const items = await cluster.list(apiVersion, kind, selection);
      if (items === undefined) unserved.add(`${kind}.${apiVersion}`);
      return (items ?? []) as unknown as LiveObject[];
    } catch (error) {
      const { problem } = error as Partial<ClusterError>;
      if (problem !== "unauthenticated" && problem !== "forbidden") throw error;
      unreadable.add(`${kind}.${apiVersion}`);
      return [];
    }
  };
  // The first request alone: if the cluster is not there, one failure tells.
  const namespaces = await list("v1", "Namespace");
  const telemetries = await list("telemetry.istio.io/v1", "Telemetry", { namespace: rootNamespace });
  const objects = await Promise.all(
    questions.map(({ apiVersion, kind, name }) =>
      list(apiVersion, kind, { fieldSelector: `metadata.name=${name}` }),
    ),
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
