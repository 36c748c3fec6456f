/** Requests through the gateway, and what Jaeger and the gateway's log know of them. */
import { randomBytes } from "node:crypto";
import * as fs from "node:fs";
import * as http from "node:http";
import { podOf } from "./cluster";
import { gateway, services } from "./platform";
import { labPods, logOf } from "./pods/kubelet";
import { accessLogLine, type JaegerTrace, outcomeOf, type Outcome, type Span, spansOf } from "./trace";

/** Which headers a client sends. */
export type Client = "plain" | "traceparent" | "b3";

export interface TraceResult extends Outcome {
  readonly client: Client;
  /** Status of the answer; 0 if there was none. */
  readonly status: number;
  readonly probe: string;
  /** The trace that the client began, and its own span. */
  readonly clientTrace?: string;
  readonly clientSpan?: string;
  /** `trace.id` of the gateway's access log. */
  readonly logTraceId?: string;
  readonly tree: readonly Span[];
}

const names = { gateway, ...services };

/** Headers of a client that traces itself. */
export function clientHeaders(client: Client, traceId: string, spanId: string): Record<string, string> {
  if (client === "traceparent") return { traceparent: `00-${traceId}-${spanId}-01` };
  if (client === "b3") return { "x-b3-traceid": traceId, "x-b3-spanid": spanId, "x-b3-sampled": "1" };
  return {};
}

/** Where the node reaches the gateway. */
export async function gatewayUrl(): Promise<string> {
  return `http://${(await podOf(gateway)).address}:8080/`;
}

/** Sends one request and waits for its spans until no more come. */
export async function trace(client: Client, patience = 12_000): Promise<TraceResult> {
  const probe = `probe-${randomBytes(6).toString("hex")}`;
  const [traceId, spanId] = [randomBytes(16).toString("hex"), randomBytes(8).toString("hex")];
  const pod = await podOf(gateway);
  const headers = clientHeaders(client, traceId, spanId);
  const status = await statusOf(`${await gatewayUrl()}${probe}`, headers);
  const spans = await arrivedSpans(probe, client === "plain" ? undefined : spanId, patience);
  const outcome = outcomeOf(spans, client === "plain" ? undefined : spanId);
  const log = logOf(pod, "istio-proxy");
  const line = fs.existsSync(log) ? accessLogLine(fs.readFileSync(log, "utf8"), probe) : undefined;
  const logTraceId = line?.["trace.id"];
  return {
    ...outcome,
    client,
    status,
    probe,
    clientTrace: client === "plain" ? undefined : traceId,
    clientSpan: client === "plain" ? undefined : spanId,
    logTraceId: typeof logTraceId === "string" ? logTraceId : undefined,
    tree: spans,
  };
}

/** Proxies send every five seconds, SDKs every second: spans that are not there by then do not come. */
async function arrivedSpans(
  probe: string,
  remoteParent: string | undefined,
  patience: number,
): Promise<Span[]> {
  const jaeger = (await labPods()).find(({ containers }) => containers.some(({ name }) => name === "jaeger"));
  if (jaeger === undefined) return [];
  const api = `http://${jaeger.address}:16686`;
  const end = Date.now() + patience;
  for (;;) {
    const spans = spansOf(await tracesOf(api), probe, names);
    if (outcomeOf(spans, remoteParent).joined || Date.now() > end) return spans;
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
}

async function tracesOf(api: string): Promise<JaegerTrace[]> {
  const services = (await getJson<{ data?: string[] }>(`${api}/api/services`)).data ?? [];
  const all = new Map<string, JaegerTrace>();
  for (const service of services) {
    const query = `service=${encodeURIComponent(service)}&limit=200`;
    const { data } = await getJson<{ data?: JaegerTrace[] }>(`${api}/api/traces?${query}`);
    for (const one of data ?? []) all.set(one.traceID, one);
  }
  return [...all.values()];
}

/** Edges of Jaeger's dependency graph, `parent > child`, sorted. */
export async function dependencies(): Promise<string[]> {
  const jaeger = await podOf({ namespace: gateway.namespace, name: "jaeger" });
  const url = `http://${jaeger.address}:16686/api/dependencies?endTs=${Date.now()}&lookback=3600000`;
  const { data } = await getJson<{ data?: { parent: string; child: string }[] }>(url);
  return (data ?? []).map(({ parent, child }) => `${parent} > ${child}`).sort();
}

async function getJson<T>(url: string): Promise<T> {
  const { body } = await request(url, {});
  return JSON.parse(body) as T;
}

async function statusOf(url: string, headers: Record<string, string>): Promise<number> {
  return request(url, headers).then(
    ({ status }) => status,
    () => 0,
  );
}

function request(url: string, headers: Record<string, string>): Promise<{ status: number; body: string }> {
  return new Promise((resolve, reject) => {
    http
      .get(url, { headers, agent: false, timeout: 20_000 }, (response) => {
        const chunks: Buffer[] = [];
        response.on("data", (chunk: Buffer) => chunks.push(chunk));
        response.on("error", reject);
        response.on("end", () =>
          resolve({ status: response.statusCode ?? 0, body: Buffer.concat(chunks).toString() }),
        );
      })
      .on("timeout", function (this: http.ClientRequest) {
        this.destroy(new Error("no answer within 20 s"));
      })
      .on("error", reject);
  });
}
