/** What the check reads of a cluster. */
import { type Cluster } from "../../input/cluster/cluster";
import { ClusterError } from "../../input/cluster/clusterError";
import { readObjects } from "../../input/cluster/live";
import { sortedSet } from "../../mesh/stableOrder";
import { type LiveObject } from "./liveObject";
import { type ObjectId, type Plan } from "./plan";

/** What was read. */
export interface ClusterFacts {
  /** Objects of the planned kinds and names, of every namespace. */
  objects: readonly LiveObject[];
  /** Telemetries of the root namespace. */
  telemetries: readonly LiveObject[];
  /** Names of the cluster's namespaces; undefined if they are not to be listed. */
  namespaces: ReadonlySet<string> | undefined;
  /** API versions and kinds that the API server does not serve. */
  unserved: readonly string[];
  /** What the rules read: everything that has a part in tracing, whoever made it. */
  live: readonly unknown[];
}

/** A kind as a stack file names it: `Pod`, `Kiali.kiali.io`. */
export function kindName(apiVersion: string, kind: string): string {
  const group = apiVersion.includes("/") ? apiVersion.slice(0, apiVersion.lastIndexOf("/")) : "";
  return group === "" || !group.includes(".") || group.endsWith(".k8s.io") ? kind : `${kind}.${group}`;
}

/**
 * Reads what the check needs.
 * @param unlisted kinds that are not asked for, as {@link kindName} spells them
 * @returns the facts, and the kinds that may not be read
 * @throws ClusterError if anything cannot be read for another reason than a missing right
 */
export async function readFacts(
  cluster: Cluster,
  plan: Plan,
  rootNamespace: string,
  unlisted: readonly string[],
): Promise<{ facts: ClusterFacts; forbidden: string[] }> {
  const unserved = new Set<string>();
  const forbidden = new Set<string>();
  const isLeftOut = (apiVersion: string, kind: string) => unlisted.includes(kindName(apiVersion, kind));
  const read = async (
    apiVersion: string,
    kind: string,
    ask: () => Promise<Record<string, unknown>[] | undefined>,
  ): Promise<LiveObject[]> => {
    if (isLeftOut(apiVersion, kind)) return [];
    try {
      const items = await ask();
      if (items === undefined) unserved.add(`${kind}.${apiVersion}`);
      return (items ?? []) as unknown as LiveObject[];
    } catch (error) {
      if (!(error instanceof ClusterError) || error.problem !== "forbidden") throw error;
      forbidden.add(kindName(apiVersion, kind));
      return [];
    }
  };
  // The first request alone: if the cluster is not there, one failure tells.
  const namespaces = await read("v1", "Namespace", () => cluster.list("v1", "Namespace"));
  const [telemetries, named, { objects: live, forbidden: more }] = await Promise.all([
    read("telemetry.istio.io/v1", "Telemetry", () =>
      cluster.list("telemetry.istio.io/v1", "Telemetry", { namespace: rootNamespace }),
    ),
    Promise.all(
      questions(plan).map(({ apiVersion, kind, namespace, name }) =>
        read(apiVersion, kind, () => ask(cluster, apiVersion, kind, namespace, name)),
      ),
    ),
    readObjects(cluster, rootNamespace, isLeftOut),
  ]);
  for (const one of more) forbidden.add(kindName(one.apiVersion, one.kind));
  return {
    facts: {
      namespaces: isLeftOut("v1", "Namespace") ? undefined : new Set(namespaces.map(nameOf)),
      telemetries,
      objects: named.flat(),
      unserved: [...unserved].sort(),
      live,
    },
    forbidden: [...forbidden].sort(),
  };
}

const nameOf = ({ metadata }: LiveObject): string => metadata.name;

/** Objects of a name in all namespaces, or the one of a namespace. */
async function ask(
  cluster: Cluster,
  apiVersion: string,
  kind: string,
  namespace: string | undefined,
  name: string,
): Promise<Record<string, unknown>[] | undefined> {
  if (namespace === undefined) {
    return cluster.list(apiVersion, kind, { fieldSelector: `metadata.name=${name}` });
  }
  if ((await cluster.resource(apiVersion, kind)) === undefined) return undefined;
  const object = await cluster.get(apiVersion, kind, namespace, name);
  return object === undefined ? [] : [object];
}

/**
 * The distinct questions to ask: a kind and a name, over all namespaces. Secrets alone are asked for one by one:
 * the right to list them is the right to read them all.
 */
export function questions(plan: Plan): ObjectId[] {
  const keys = sortedSet(
    [...plan.creates, ...plan.patches].map(({ apiVersion, kind, namespace, name }) =>
      [apiVersion, kind, name, ...(kind === "Secret" && namespace !== undefined ? [namespace] : [])].join(
        "|",
      ),
    ),
  );
  return keys.map((key) => {
    const [apiVersion = "", kind = "", name = "", namespace] = key.split("|");
    return { apiVersion, kind, name, ...(namespace === undefined ? {} : { namespace }) };
  });
}
