/**
 * The objects of a cluster by kind: the one client for whatever asks an API server. Asking for much at once is safe,
 * because the API server is only asked a few things at a time.
 */
import { getOrMake } from "../../mesh/maps";
import { at, record, records, text } from "../../policy/model/reading";
import { ApiServer, type Patience } from "./apiServer";
import { ClusterError } from "./clusterError";
import { type ClusterAccess } from "./kubeconfig";

/** What an API server calls a kind. */
export interface Resource {
  plural: string;
  namespaced: boolean;
}

/** Which objects of a kind are listed. */
export interface Selection {
  /** @default all */
  namespace?: string;
  /** `metadata.name=jaeger` */
  fieldSelector?: string;
  labelSelector?: string;
}

/** How many objects a page has: what kubectl asks for. */
const pageSize = 500;

/** How often a list is begun again because its next page was gone. */
const mostRestarts = 3;

export class Cluster {
  private readonly resources = new Map<string, Promise<ReadonlyMap<string, Resource>>>();

  constructor(private readonly server: ApiServer) {}

  /** @throws ClusterError `unconfigured` */
  static async of(access: ClusterAccess, patience: Patience = {}): Promise<Cluster> {
    return new Cluster(await ApiServer.of(access, patience));
  }

  /** Whether the API server has answered anything yet. */
  get hasAnswered(): boolean {
    return this.server.hasAnswered;
  }

  /**
   * How a kind is served; undefined if it is not.
   * @throws ClusterError
   */
  async resource(apiVersion: string, kind: string): Promise<Resource | undefined> {
    return (await getOrMake(this.resources, apiVersion, () => this.discover(apiVersion))).get(kind);
  }

  /**
   * All objects of a kind with `apiVersion` and `kind`, page by page; undefined if the kind is not served.
   * @throws ClusterError
   */
  async list(
    apiVersion: string,
    kind: string,
    { namespace, ...selectors }: Selection = {},
  ): Promise<Record<string, unknown>[] | undefined> {
    const resource = await this.resource(apiVersion, kind);
    if (resource === undefined) return undefined;
    const what = namespace === undefined ? `${kind} (${apiVersion})` : `${kind} in ${namespace}`;
    const path = pathOf(apiVersion, resource.plural, namespace);
    const items = await unlessAbsent(told(apiVersion, kind, this.pages(what, path, { ...selectors })));
    // Items of a list carry neither apiVersion nor kind.
    return items?.map((item) => ({ ...record(item), apiVersion, kind }));
  }

  /**
   * One object; undefined if it is not there, or the kind is not served.
   * @throws ClusterError
   */
  async get(
    apiVersion: string,
    kind: string,
    namespace: string | undefined,
    name: string,
  ): Promise<Record<string, unknown> | undefined> {
    const resource = await this.resource(apiVersion, kind);
    if (resource === undefined) return undefined;
    const what = `${kind} ${namespace === undefined ? "" : `${namespace}/`}${name}`;
    const path = `${pathOf(apiVersion, resource.plural, namespace)}/${encodeURIComponent(name)}`;
    const object = await unlessAbsent(told(apiVersion, kind, this.server.get(what, path)));
    return object === undefined ? undefined : { ...record(object), apiVersion, kind };
  }

  /**
   * Changes one object by a JSON patch that does nothing the second time.
   * @throws ClusterError
   */
  async patch(
    apiVersion: string,
    kind: string,
    namespace: string | undefined,
    name: string,
    operations: readonly object[],
  ): Promise<void> {
    const resource = await this.resource(apiVersion, kind);
    if (resource === undefined) return;
    const what = `${kind} ${namespace === undefined ? "" : `${namespace}/`}${name}`;
    const path = `${pathOf(apiVersion, resource.plural, namespace)}/${encodeURIComponent(name)}`;
    await this.server.patch(what, path, operations);
  }

  private async pages(what: string, path: string, query: Record<string, string>): Promise<unknown[]> {
    for (let restarts = 0; ; restarts += 1) {
      try {
        return await this.pagesOnce(what, path, query);
      } catch (error) {
        const isGone = error instanceof ClusterError && error.problem === "gone";
        if (!isGone || restarts === mostRestarts) throw error;
      }
    }
  }

  private async pagesOnce(what: string, path: string, query: Record<string, string>): Promise<unknown[]> {
    const items: unknown[] = [];
    let next = "";
    do {
      const page = await this.server.get(what, path, {
        ...query,
        limit: String(pageSize),
        ...(next === "" ? {} : { continue: next }),
      });
      items.push(...records(at(page, "items")));
      next = text(at(page, "metadata", "continue")) ?? "";
    } while (next !== "");
    return items;
  }

  private async discover(apiVersion: string): Promise<ReadonlyMap<string, Resource>> {
    const what = `the list of kinds of ${apiVersion}`;
    const list = await unlessAbsent(this.server.get(what, rootOf(apiVersion)));
    const resources = records(at(list, "resources")).flatMap(
      ({ name, kind, namespaced }): [string, Resource][] =>
        // Parts of objects, such as deployments/scale, have kinds too.
        typeof name === "string" && typeof kind === "string" && !name.includes("/")
          ? [[kind, { plural: name, namespaced: namespaced === true }]]
          : [],
    );
    return new Map(resources);
  }
}

/** Says in a failure which kind it is about. */
async function told<T>(apiVersion: string, kind: string, answer: Promise<T>): Promise<T> {
  try {
    return await answer;
  } catch (error) {
    if (error instanceof ClusterError) error.about = { apiVersion, kind };
    throw error;
  }
}

async function unlessAbsent<T>(answer: Promise<T>): Promise<T | undefined> {
  try {
    return await answer;
  } catch (error) {
    if (error instanceof ClusterError && error.problem === "absent") return undefined;
    throw error;
  }
}

function rootOf(apiVersion: string): string {
  return apiVersion.includes("/") ? `/apis/${apiVersion}` : `/api/${apiVersion}`;
}

function pathOf(apiVersion: string, plural: string, namespace: string | undefined): string {
  const place = namespace === undefined ? "" : `/namespaces/${encodeURIComponent(namespace)}`;
  return `${rootOf(apiVersion)}${place}/${plural}`;
}
