/** A cluster on loopback for the doctor: one API server that lists a mesh, and answers for its pods. */
import * as http from "node:http";
import { type AddressInfo } from "node:net";
import { type WebSocket, WebSocketServer } from "ws";
import { application, collectorHost, type Manifest, Mesh } from "../docs/generate/sample/mesh";

export interface BenchCluster {
  kubeconfig: string;
  /** Calls since it was asked the last time. */
  counted(): Counted;
  close(): void;
}

export interface Counted {
  /** Requests that are no streams. */
  requests: number;
  streams: number;
  /** Most streams that were open at once. */
  open: number;
}

/** Milliseconds that a pod takes to answer, as through the API server of a cluster that is not loopback. */
const latency = 20;

/** The healthy mesh with so many workloads more, each with a namespace, a sidecar and policies of its own. */
export async function benchCluster(workloads: number): Promise<BenchCluster> {
  const byPath = listsOf(objectsOf(workloads));
  let [requests, streams, open, active] = [0, 0, 0, 0];
  const server = http.createServer((request, response) => {
    requests += 1;
    const { pathname } = new URL(request.url ?? "/", "http://server");
    const body = request.method === "POST" ? allowed : byPath(pathname);
    response.writeHead(body === undefined ? 404 : 200, { "content-type": "application/json" });
    response.end(body ?? "{}");
  });
  const sockets = new WebSocketServer({ server, handleProtocols: (protocols) => [...protocols][0] ?? false });
  sockets.on("connection", (socket, { url = "" }) => {
    streams += 1;
    active += 1;
    open = Math.max(open, active);
    // Whoever has the answer may ask the next one before this end knows that the stream is closed.
    const answered = (): void => void (active -= 1);
    const { pathname, searchParams } = new URL(url, "http://server");
    if (pathname.endsWith("/exec")) setTimeout(() => (answered(), answerCommand(socket, pathname)), latency);
    else answerHttp(socket, Number(searchParams.get("ports")), answered);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    kubeconfig: kubeconfigFor(`http://127.0.0.1:${port}`),
    counted() {
      const counted = { requests, streams, open };
      [requests, streams, open] = [0, 0, 0];
      return counted;
    },
    close() {
      sockets.close();
      server.closeAllConnections();
      server.close();
    },
  };
}

function objectsOf(workloads: number): Manifest[] {
  // It names the namespaces of the sample.
  const mesh = new Mesh().remove("NetworkPolicy istio-system/allow-tracing-ingress");
  for (let index = 0; index < workloads; index++) {
    const name = `team-${index}`;
    mesh.add(
      { apiVersion: "v1", kind: "Namespace", metadata: { name, labels: { "istio-injection": "enabled" } } },
      ...application(name),
    );
  }
  return [...mesh.objects, ...mesh.objects.flatMap(podOf)];
}

function podOf({ apiVersion, kind, metadata, spec }: Manifest): Manifest[] {
  if (kind !== "Deployment") return [];
  const { template } = spec as { template: { metadata: object; spec: { containers: object[] } } };
  const owner = { apiVersion, kind, name: metadata.name, controller: true };
  return [
    {
      apiVersion: "v1",
      kind: "Pod",
      metadata: {
        ...template.metadata,
        name: `${metadata.name}-1`,
        namespace: metadata.namespace,
        ownerReferences: [owner],
      },
      spec: { containers: [...template.spec.containers, { name: "istio-proxy" }] },
      status: { phase: "Running", conditions: [{ type: "Ready", status: "True" }] },
    },
  ];
}

/** Bodies by path: which kinds there are, all objects of one, those of a namespace, and single ones. */
function listsOf(objects: readonly Manifest[]): (path: string) => string | undefined {
  const lists = new Map<string, Manifest[]>();
  const single = new Map<string, string>();
  const resources = new Map<string, Map<string, object>>();
  for (const object of objects) {
    const { apiVersion, kind, metadata } = object;
    const { name, namespace } = metadata;
    const group = `/${apiVersion === "v1" ? "api" : "apis"}/${apiVersion}`;
    const plural = pluralOf(kind);
    const kinds = resources.get(group) ?? new Map<string, object>();
    kinds.set(kind, { name: plural, kind, namespaced: namespace !== undefined, verbs: ["get", "list"] });
    resources.set(group, kinds);
    const places = [`${group}/${plural}`];
    if (namespace !== undefined) places.push(`${group}/namespaces/${namespace}/${plural}`);
    for (const place of places) lists.set(place, [...(lists.get(place) ?? []), object]);
    single.set(`${places.at(-1)}/${name}`, JSON.stringify(object));
  }
  return (path) => {
    const kinds = resources.get(path);
    if (kinds !== undefined)
      return JSON.stringify({ kind: "APIResourceList", groupVersion: path, resources: [...kinds.values()] });
    const items = lists.get(path);
    return items === undefined ? single.get(path) : JSON.stringify({ kind: "List", apiVersion: "v1", items });
  };
}

function pluralOf(kind: string): string {
  const lower = kind.toLowerCase();
  if (lower.endsWith("y") && lower !== "gateway") return `${lower.slice(0, -1)}ies`;
  return lower.endsWith("s") ? lower : `${lower}s`;
}

const allowed = JSON.stringify({
  apiVersion: "authorization.k8s.io/v1",
  kind: "SelfSubjectAccessReview",
  status: { allowed: true },
});

const rounds = new Map<string, number>();

/** What a proxy says that has delivered something since it was asked the last time. */
function answerCommand(socket: WebSocket, pod: string): void {
  const round = (rounds.get(pod) ?? 0) + 1;
  rounds.set(pod, round);
  const lines = [9411, 4317].flatMap((port) => {
    const cluster = `outbound|${port}||${collectorHost}`;
    const counters = {
      cx_active: 1,
      cx_connect_fail: 0,
      cx_total: 1,
      rq_error: 0,
      rq_success: round,
      rq_total: round,
    };
    return Object.entries(counters).map(
      ([name, value]) => `${cluster}::10.0.0.9:${port}::${name}::${value}\n`,
    );
  });
  send(socket, 1, lines.join(""));
  send(socket, 3, '{"status":"Success"}');
  socket.close();
}

/** Metrics for whoever asks for them, nothing else: a stream is what costs. */
function answerHttp(socket: WebSocket, port: number, answered: () => void): void {
  const bytes = String.fromCharCode(port & 255, port >> 8);
  send(socket, 0, bytes);
  send(socket, 1, bytes);
  socket.on("message", () => {
    answered();
    const body = 'otelcol_receiver_accepted_spans_total{receiver="zipkin"} 5\n';
    send(socket, 0, `HTTP/1.1 200 OK\r\ncontent-length: ${body.length}\r\nconnection: close\r\n\r\n${body}`);
    socket.close();
  });
}

function send(socket: WebSocket, channel: number, text: string): void {
  socket.send(Buffer.from(String.fromCharCode(channel) + text, "latin1"));
}

function kubeconfigFor(server: string): string {
  const [name, current] = ["bench", "current-context"];
  return JSON.stringify({
    apiVersion: "v1",
    kind: "Config",
    clusters: [{ name, cluster: { server } }],
    users: [{ name, user: {} }],
    contexts: [{ name, context: { cluster: name, user: name } }],
    [current]: name,
  });
}
