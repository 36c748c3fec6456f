/** Reads the objects to check from a cluster. Only ever lists and gets. */
import { defaultRootNamespace } from "../../mesh/names";
import { type Kind, kinds, listedKinds, typeMeta } from "../../mesh/kinds";
import { at, record } from "../../policy/model/reading";
import { type Patience } from "./apiServer";
import { Cluster } from "./cluster";
import { ClusterError } from "./clusterError";
import { type ClusterAccess } from "./kubeconfig";
import { neededConfigMaps, type Reference, servicesWithoutSelector, withoutStoodFor } from "./liveNeeds";

export interface LiveOptions extends ClusterAccess, Patience {
  rootNamespace?: string;
}

export interface LiveObjects {
  objects: unknown[];
  /** Kinds that could not be read although the cluster has them. */
  warnings: string[];
}

/**
 * Everything that rules need of a cluster.
 * @throws ClusterError if the cluster cannot be reached, does not know who asks or fails
 */
export async function readLive(options: LiveOptions): Promise<LiveObjects> {
  const cluster = await Cluster.of(options, options);
  const { objects, forbidden } = await readObjects(cluster, options.rootNamespace);
  return {
    objects,
    warnings: forbidden.map(({ what }) => `${what} may not be read, so what depends on it was not checked`),
  };
}

/** What may not be read. */
export interface Forbidden {
  apiVersion: string;
  kind: string;
  /** Kind and place, for messages. */
  what: string;
}

export interface ReadObjects {
  objects: unknown[];
  /** What was listed, with all that others stand for: Pods and ReplicaSets of Deployments. */
  listed: unknown[];
  forbidden: Forbidden[];
}

/**
 * The same of a cluster that is asked already.
 * @param leftOut kinds that are not asked for
 * @param isLookedAt namespaces whose workloads matter: variables of others are not read
 */
export async function readObjects(
  cluster: Cluster,
  rootNamespace = defaultRootNamespace,
  leftOut: (apiVersion: string, kind: string) => boolean = () => false,
  isLookedAt: (namespace: string) => boolean = () => true,
): Promise<ReadObjects> {
  const reader = new LiveReader(cluster, leftOut);
  // The first request alone: if the cluster is not there, one failure tells.
  const namespaces = await reader.list(kinds.namespace);
  const lists = await Promise.all(listedKinds.map((kind) => reader.list(kind)));
  const listed = lists.flat();
  const objects = withoutStoodFor(listed);
  const { namespaces: whole, references } = neededConfigMaps(objects, rootNamespace, isLookedAt);
  const configMaps = whole.map((namespace) => reader.list(kinds.configMap, namespace));
  const single = [...references, ...servicesWithoutSelector(objects)];
  const others = single.map((reference) => reader.get(reference));
  const more = await Promise.all([...configMaps, ...others]);
  return {
    objects: [...namespaces, ...objects, ...more.flat()],
    listed,
    forbidden: [...reader.forbidden.values()],
  };
}

/** Reads what may be read, and keeps account of what may not. */
class LiveReader {
  readonly forbidden = new Map<string, Forbidden>();

  constructor(
    private readonly cluster: Cluster,
    private readonly leftOut: (apiVersion: string, kind: string) => boolean,
  ) {}

  /** All objects of a kind, in the best version that is served; none if the cluster does not serve it. */
  async list({ name, apiVersions }: Kind, namespace?: string): Promise<unknown[]> {
    for (const apiVersion of apiVersions) {
      if (this.leftOut(apiVersion, name)) continue;
      const what = namespace === undefined ? `${name} (${apiVersion})` : `${name} in ${namespace}`;
      const items = await this.unlessForbidden(
        { apiVersion, kind: name, what },
        this.cluster.list(apiVersion, name, { namespace }),
        [],
      );
      if (items !== undefined) return items.map(lean);
    }
    return [];
  }

  /** One object; none if it is not there. */
  async get({ kind, namespace, name }: Reference): Promise<unknown[]> {
    const { apiVersion } = typeMeta(kind);
    if (this.leftOut(apiVersion, kind.name)) return [];
    const what = { apiVersion, kind: kind.name, what: `${kind.name} ${namespace}/${name}` };
    const answer = this.cluster.get(apiVersion, kind.name, namespace, name);
    const object = await this.unlessForbidden(what, answer, undefined);
    return object === undefined ? [] : [lean(object)];
  }

  private async unlessForbidden<T>(what: Forbidden, answer: Promise<T>, otherwise: T): Promise<T> {
    try {
      return await answer;
    } catch (error) {
      if (!(error instanceof ClusterError) || error.problem !== "forbidden") throw error;
      this.forbidden.set(what.what, what);
      return otherwise;
    }
  }
}

/** Without who owns which field, which is most of an object's size. */
function lean(object: Record<string, unknown>): unknown {
  const metadata: Record<string, unknown> = { ...record(at(object, "metadata")) };
  delete metadata["managedFields"];
  return { ...object, metadata };
}
