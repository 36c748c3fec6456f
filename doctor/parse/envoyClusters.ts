/**
 * What Envoy's admin says at `/clusters`: settings of every cluster and counters of every endpoint, a line each,
 * `cluster::endpoint::name::value`.
 * @see https://www.envoyproxy.io/docs/envoy/latest/operations/admin#get--clusters
 */
import { groupBy } from "../../mesh/maps";

/** What is counted since the proxy started. */
interface Counts {
  requests: number;
  succeeded: number;
  failed: number;
  /** Connections that were opened, and that are open or being opened. */
  connections: number;
  open: number;
  /** Connections that could not be opened. */
  connectFailures: number;
}

interface EndpointCounters extends Counts {
  /** As Envoy writes it: `10.1.2.3:9411`, `[fd00::3]:9411`. */
  address: string;
}

interface ClusterCounters {
  /** Envoy's name of the cluster. */
  name: string;
  /** The part of a Service that a DestinationRule names; empty for all of it. */
  subset: string;
  endpoints: EndpointCounters[];
}

/** What of `/clusters` is about Services, by port and host; other clusters are left out. */
export type Clusters = ReadonlyMap<string, ClusterCounters[]>;

/** How Istio names the cluster of a Service's port: `outbound|9411||jaeger.istio-system.svc.cluster.local`. */
const outbound = /^outbound[|_.]+(\d+)[|_.]+(?:([^|]*)\|)?([^|]+)$/;

/**
 * @param wanted ports of Services that are of interest; a mesh has thousands of others
 * @returns undefined if the text is no answer of Envoy's; nothing at all is one, of a proxy without such clusters
 */
export function parseClusters(answer: string, wanted: ReadonlySet<number>): Clusters | undefined {
  if (answer.trim() !== "" && !answer.includes("::")) return undefined;
  const clusters = new Map<string, ClusterCounters>();
  for (const line of answer.split("\n")) {
    if (!line.startsWith("outbound")) continue;
    const parsed = splitLine(line);
    if (parsed === undefined) continue;
    const { cluster: name, endpoint, counter, value } = parsed;
    const [, port, subset = "", host] = outbound.exec(name) ?? [];
    if (port === undefined || host === undefined || !wanted.has(Number(port))) continue;
    let cluster = clusters.get(name);
    if (cluster === undefined) clusters.set(name, (cluster = { name, subset, endpoints: [] }));
    if (endpoint === undefined || counter === undefined) continue;
    note(cluster, endpoint, counter, value ?? "");
  }
  return groupBy(clusters.values(), ({ name }) => {
    const [, port, , host] = outbound.exec(name) ?? [];
    return `${port} ${host}`;
  });
}

/** Requests to everything but some ports since the proxy started. */
export function requestsTo(answer: string, except: ReadonlySet<number>): number {
  let total = 0;
  for (const [, port, value] of answer.matchAll(/^outbound[|_.]+(\d+)[|_.].*::rq_total::(\d+)$/gm)) {
    if (!except.has(Number(port))) total += Number(value);
  }
  return total;
}

/**
 * Addresses of IPv6 have colons, in brackets (`[fd00::3]:9411`) or, for some listeners, without; names of counters and
 * clusters have none, and values hardly.
 */
function splitLine(
  line: string,
): { cluster: string; endpoint?: string; counter?: string; value?: string } | undefined {
  const first = line.indexOf("::");
  if (first <= 0) return undefined;
  const cluster = line.slice(0, first);
  const rest = line.slice(first + 2);
  const endpoint =
    /^(\[[0-9a-fA-F:.%\w]+\]:\d+|\d+\.\d+\.\d+\.\d+:\d+|[^:\s]+:\d+|[^:\s]+(?:\/[^:\s]*)+)::([a-z_]+)::(.*)$/.exec(
      rest,
    );
  if (endpoint === null) return { cluster };
  return { cluster, endpoint: endpoint[1], counter: endpoint[2], value: endpoint[3] };
}

const fields: Readonly<Record<string, keyof Counts>> = {
  rq_total: "requests",
  rq_success: "succeeded",
  rq_error: "failed",
  cx_total: "connections",
  cx_active: "open",
  cx_connect_fail: "connectFailures",
};

function note({ endpoints }: ClusterCounters, address: string, counter: string, value: string): void {
  let endpoint = endpoints.find((one) => one.address === address);
  if (endpoint === undefined) {
    endpoint = { address, requests: 0, succeeded: 0, failed: 0, connections: 0, open: 0, connectFailures: 0 };
    endpoints.push(endpoint);
  }
  const field = fields[counter];
  if (field !== undefined && /^\d+$/.test(value)) endpoint[field] = Number(value);
}

/** Sums over endpoints, and over the parts of a Service. */
export interface Counters extends Counts {
  endpoints: number;
}

/** Undefined if the proxy has no such cluster. */
export function countersOf(clusters: Clusters, port: number, host: string): Counters | undefined {
  const found = clusters.get(`${port} ${host}`);
  if (found === undefined) return undefined;
  // Each part of a Service has the same endpoints again, and connections of its own.
  const whole = found.find(({ subset }) => subset === "") ?? found[0];
  const sum = (field: keyof Counts): number =>
    found.reduce(
      (total, { endpoints }) => total + endpoints.reduce((part, endpoint) => part + endpoint[field], 0),
      0,
    );
  return {
    endpoints: whole?.endpoints.length ?? 0,
    requests: sum("requests"),
    succeeded: sum("succeeded"),
    failed: sum("failed"),
    connections: sum("connections"),
    open: sum("open"),
    connectFailures: sum("connectFailures"),
  };
}

/** What has happened between two samples; all of the second where the proxy started anew in between. */
export function between(before: Counters | undefined, after: Counters): Counters {
  if (before === undefined || isRestart(before, after)) return after;
  return {
    endpoints: after.endpoints,
    open: after.open,
    requests: after.requests - before.requests,
    succeeded: after.succeeded - before.succeeded,
    failed: after.failed - before.failed,
    connections: after.connections - before.connections,
    connectFailures: after.connectFailures - before.connectFailures,
  };
}

/** Counters never fall in one life of an endpoint: it went away and another one came. */
function isRestart(before: Counters, after: Counters): boolean {
  return (["requests", "connections", "connectFailures", "failed"] as const).some(
    (field) => after[field] < before[field],
  );
}
