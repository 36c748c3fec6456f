/** What istiod says of itself and of its proxies on its debug endpoints. */
import { at, isRecord, type Json, number, record, records, text } from "../../policy/model/reading";

export const istiodMetrics = {
  /** A provider whose Service istiod does not find. */
  providerFailures: "provider_lookup_cluster_failures",
  /** Configuration that proxies did not take, by type of resource. */
  rejects: [
    "pilot_total_xds_rejects",
    "pilot_xds_cds_reject",
    "pilot_xds_lds_reject",
    "pilot_xds_eds_reject",
    "pilot_xds_rds_reject",
  ],
  pushErrors: ["pilot_xds_push_errors", "pilot_total_xds_internal_errors", "pilot_xds_write_timeout"],
} as const;

export function isIstiodMetric(name: string): boolean {
  const all: readonly string[] = [
    istiodMetrics.providerFailures,
    ...istiodMetrics.rejects,
    ...istiodMetrics.pushErrors,
  ];
  return all.includes(name.replace(/_total$/, "")) || all.includes(name);
}

export interface ConnectedProxy {
  /** `name.namespace` of its pod. */
  pod: string;
  /** Kinds of configuration that were sent and never accepted, with what the proxy said, if it is known. */
  rejected: { kind: string; error?: string }[];
  /** The tracing part of the configuration that it started with. */
  tracing?: Json;
}

/** The mesh config as istiod has it (`/debug/mesh`); undefined if the answer is none. */
export function parseMesh(answer: string): Json | undefined {
  const value = parsed(answer);
  return isRecord(value) ? value : undefined;
}

/** `/debug/syncz`, of old istiods (fields of each kind) and of new ones (`resources`). */
export function parseSyncz(answer: string): ConnectedProxy[] {
  const value = parsed(answer);
  const clients = records(Array.isArray(value) ? value : at(value, "clients"));
  return clients.flatMap((client) => {
    const pod = podOfProxy(text(client["proxy"]) ?? "");
    return pod === undefined ? [] : [{ pod, rejected: rejectedOf(client) }];
  });
}

/** `/debug/adsz`: what proxies told of themselves when they connected. */
export function parseAdsz(answer: string): Map<string, Json> {
  const tracing = new Map<string, Json>();
  for (const client of records(at(parsed(answer), "clients"))) {
    // `cart-7d9.shop-12`: the connections of a proxy are counted.
    const pod = podOfProxy((text(client["connectionId"]) ?? "").replace(/-\d+$/, ""));
    const config = at(client, "metadata", "PROXY_CONFIG") ?? at(client, "metadata", "ProxyConfig");
    if (pod !== undefined && isRecord(config)) tracing.set(pod, record(config["tracing"]));
  }
  return tracing;
}

const kinds = ["cluster", "listener", "route", "endpoint"] as const;

function rejectedOf(client: Json): ConnectedProxy["rejected"] {
  const resources = record(client["resources"]);
  const byType = Object.entries(resources).flatMap(([type, status]) => {
    const error = text(at(status, "lastError"));
    return error === undefined || error === "" ? [] : [{ kind: type.replace(/^.*\./, ""), error }];
  });
  if (byType.length > 0) return byType;
  return kinds.flatMap((kind) => {
    const [sent, acked] = [text(client[`${kind}_sent`]) ?? "", text(client[`${kind}_acked`]) ?? ""];
    // What was sent a moment ago is accepted a moment later: only what was never accepted says something.
    return sent !== "" && acked === "" ? [{ kind }] : [];
  });
}

/** `sidecar~10.1.1.1~cart-7d9.shop~shop.svc.cluster.local` or `cart-7d9.shop`. */
function podOfProxy(id: string): string | undefined {
  const name = id.includes("~") ? id.split("~")[2] : id;
  return name !== undefined && /^[^.\s]+\.[^.\s]+$/.test(name) ? name : undefined;
}

/** Providers of a mesh config that send spans, by name. */
export function tracingProviders(
  mesh: Json,
): { name: string; type: string; service: string; port?: number }[] {
  return records(mesh["extensionProviders"]).flatMap((entry) => {
    const name = text(entry["name"]);
    const type = Object.keys(entry).find((key) => isRecord(entry[key]) && key !== "name");
    const service = text(at(entry, type ?? "", "service"));
    if (name === undefined || type === undefined || service === undefined) return [];
    return [{ name, type, service, port: number(at(entry, type, "port")) }];
  });
}

function parsed(answer: string): unknown {
  try {
    return JSON.parse(answer) as unknown;
  } catch {
    return undefined;
  }
}
