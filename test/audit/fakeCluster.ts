/** As much of an API server as reading a cluster needs, on loopback. */
import * as http from "node:http";
import { type AddressInfo } from "node:net";
import { onTestFinished } from "vitest";
import { stringify } from "yaml";
import { directoryOf } from "./files";

interface KubeObject {
  apiVersion: string;
  kind: string;
  metadata: { name: string; namespace?: string };
}

export interface FakeCluster {
  /** Path of a kubeconfig that leads here. */
  kubeconfig: string;
  /** Method and path of every request. */
  requests: string[];
}

/** How the server answers otherwise than with what it has. */
export interface Behaviour {
  /** Kinds that may not be read. */
  forbidden?: string[];
  /** Answers all requests with this status. */
  status?: number;
  /** Most items of a page, whatever is asked for. */
  pageSize?: number;
}

/** Serves some objects, and every kind that they are of. */
export async function fakeCluster(
  objects: readonly KubeObject[],
  { forbidden = [], status, pageSize = 3 }: Behaviour = {},
): Promise<FakeCluster> {
  const requests: string[] = [];
  const server = http.createServer((request, response) => {
    const url = new URL(request.url ?? "/", "http://localhost");
    requests.push(`${request.method} ${url.pathname}`);
    const [code, body] = status === undefined ? answer(url) : [status, failure(status)];
    response.writeHead(code, { "content-type": "application/json" }).end(JSON.stringify(body));
  });

  function answer(url: URL): [number, unknown] {
    const [, apiVersion = "", rest = ""] =
      /^\/(?:api\/(?=v1)|apis\/(?=[^/]+\/))(v1|[^/]+\/[^/]+)(?:\/(.*))?$/.exec(url.pathname) ?? [];
    const served = objects.filter((object) => object.apiVersion === apiVersion);
    if (served.length === 0) return [404, failure(404)];
    if (rest === "") return [200, resourceList(apiVersion, served)];
    const [, namespace, plural = "", name] =
      /^(?:namespaces\/([^/]+)\/)?([^/]+)(?:\/([^/]+))?$/.exec(rest) ?? [];
    const found = served.filter((object) => pluralOf(object.kind) === plural);
    if (found.length === 0) return [404, failure(404)];
    if (forbidden.includes(found[0]?.kind ?? "")) return [403, failure(403)];
    const inside = found.filter(
      ({ metadata }) => namespace === undefined || metadata.namespace === namespace,
    );
    if (name === undefined) return [200, page(url, apiVersion, inside)];
    const one = inside.find(({ metadata }) => metadata.name === name);
    return one === undefined ? [404, failure(404)] : [200, one];
  }

  /** Items without what they are, as real servers leave it out. */
  function page(url: URL, apiVersion: string, items: readonly KubeObject[]): unknown {
    const start = Number(url.searchParams.get("continue") ?? 0);
    const end = start + Math.min(pageSize, Number(url.searchParams.get("limit") ?? pageSize));
    const bare = items.slice(start, end).map(({ apiVersion: _, kind: __, ...rest }) => rest);
    const metadata = end < items.length ? { continue: String(end) } : {};
    return { apiVersion, kind: `${items[0]?.kind}List`, metadata, items: bare };
  }

  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  return { kubeconfig: kubeconfigFor(`http://127.0.0.1:${port}`), requests };
}

/** A kubeconfig whose current context is a server. */
export function kubeconfigFor(server: string): string {
  const config = {
    apiVersion: "v1",
    kind: "Config",
    clusters: [{ name: "fake", cluster: { server, "insecure-skip-tls-verify": true } }],
    users: [{ name: "nobody", user: {} }],
    contexts: [{ name: "fake", context: { cluster: "fake", user: "nobody" } }],
    "current-context": "fake",
  };
  return `${directoryOf({ kubeconfig: stringify(config) })}/kubeconfig`;
}

function resourceList(groupVersion: string, objects: readonly KubeObject[]): unknown {
  const kinds = new Map(objects.map(({ kind, metadata }) => [kind, metadata.namespace !== undefined]));
  const resources = Array.from(kinds, ([kind, namespaced]) => ({
    name: pluralOf(kind),
    kind,
    namespaced,
    verbs: ["list"],
  }));
  return { apiVersion: "v1", kind: "APIResourceList", groupVersion, resources };
}

function pluralOf(kind: string): string {
  const lower = kind.toLowerCase();
  return lower.endsWith("y") && lower !== "gateway"
    ? `${lower.slice(0, -1)}ies`
    : lower.endsWith("s")
      ? lower
      : `${lower}s`;
}

function failure(code: number): unknown {
  return { apiVersion: "v1", kind: "Status", status: "Failure", message: `fake ${code}`, code };
}
