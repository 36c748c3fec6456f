/** Where traces are kept, with every default filled in. */
import { type StorageSettings } from "./jaegerStorage";

/** Whether each pod has a store of its own, so that there must be one only. */
export function isLocal(type: unknown): boolean {
  return type === "memory" || type === "badger";
}

/** Whether pods share the store, so that there may be several. */
export function isShared(type: unknown): boolean {
  return type === "elasticsearch" || type === "opensearch" || type === "cassandra";
}

/** Keys of a Secret with a user's name and password. */
export interface CredentialsSecret {
  name: string;
  usernameKey: string;
  passwordKey: string;
}

/** Where the store's certificate authority is mounted from; the system's authorities without one. */
export interface StorageTls {
  ca?: { kind: "Secret" | "ConfigMap"; name: string; key: string };
  /** Name in the store's certificate, where that is not the host. */
  serverName?: string;
}

/** What a NetworkPolicy must open for Jaeger. */
export interface StoragePlace {
  /** Pods of namespaces, or address ranges. */
  peers: readonly ({ namespace: string; podLabels?: Record<string, string> } | { cidr: string })[];
  /** Ports of the store's pods. */
  ports: readonly number[];
}

interface Remote {
  credentialsSecret?: CredentialsSecret;
  /** Undefined where the store is spoken to in clear. */
  tls: StorageTls | undefined;
  place: StoragePlace;
}

export interface SearchStorage extends Remote {
  type: "elasticsearch" | "opensearch";
  urls: readonly string[];
  indexPrefix?: string;
  indexShards?: number;
  indexReplicas?: number;
  /** Days after which a job deletes an index. */
  retentionDays: number;
}

export interface CassandraStorage extends Remote {
  type: "cassandra";
  contactPoints: readonly string[];
  port: number;
  keyspace: string;
  datacenter: string;
  /** Set where Jaeger creates keyspace and tables. */
  schema?: { retentionDays: number; replicationFactor: number };
}

export interface BadgerStorage {
  type: "badger";
  /** Size of the volume. */
  size: string;
  storageClass?: string;
  retentionDays: number;
}

/** Where traces are kept, every default filled in. */
export type JaegerStorage = { type: "memory" } | BadgerStorage | SearchStorage | CassandraStorage;

/** What a stack file says, as the components take it. */
export function storageOf(written: StorageSettings | StorageSettings["type"]): JaegerStorage {
  const given: StorageSettings = typeof written === "string" ? { type: written } : written;
  const { type, retentionDays = 7 } = given;
  if (type === "memory") return { type };
  if (type === "badger") {
    return { type, size: given.size ?? "10Gi", storageClass: given.storageClass, retentionDays };
  }
  const { credentialsSecret, contactPoints = [], urls = [] } = given;
  const common = { credentialsSecret, tls: tlsOf(given.tls), place: placeOf(given) };
  if (type !== "cassandra") {
    const { indexPrefix, indexShards, indexReplicas } = given;
    return { type, urls, indexPrefix, indexShards, indexReplicas, retentionDays, ...common };
  }
  return {
    type,
    contactPoints,
    port: given.port ?? cassandraPort,
    // The names Jaeger itself uses.
    keyspace: given.keyspace ?? "jaeger_dc1",
    datacenter: given.datacenter ?? "dc1",
    ...(given.createSchema === true
      ? { schema: { retentionDays, replicationFactor: given.replicationFactor ?? 1 } }
      : {}),
    ...common,
  };
}

const cassandraPort = 9042;

function tlsOf(tls: StorageSettings["tls"]): StorageTls | undefined {
  if (tls?.enabled === false) return undefined;
  const ca =
    tls?.caSecret !== undefined
      ? { kind: "Secret" as const, ...tls.caSecret }
      : tls?.caConfigMap !== undefined
        ? { kind: "ConfigMap" as const, ...tls.caConfigMap }
        : undefined;
  return { ca, serverName: tls?.serverName };
}

function placeOf(value: StorageSettings): StoragePlace {
  const { peer: given } = value;
  const ports = given?.port === undefined ? portsOf(value) : [given.port];
  if (given?.cidrs !== undefined) return { peers: given.cidrs.map((range) => ({ cidr: range })), ports };
  const { namespace, podLabels } = given ?? {};
  if (namespace !== undefined) return { peers: [{ namespace, podLabels }], ports };
  const namespaces = hostsOf(value).flatMap((name) => namespaceOfHost(name) ?? []);
  return { peers: [...new Set(namespaces)].sort().map((name) => ({ namespace: name })), ports };
}

function portsOf({ type, urls = [], port: given }: StorageSettings): number[] {
  if (type === "cassandra") return [given ?? cassandraPort];
  const ports = urls.map((address) => {
    const { port: written, protocol } = new URL(address);
    return written === "" ? (protocol === "https:" ? 443 : 80) : Number(written);
  });
  return [...new Set(ports)].sort((a, b) => a - b);
}

/** Host names of the store; of what is no address, none. */
export function hostsOf({ urls, contactPoints }: Partial<StorageSettings>): string[] {
  const addresses: unknown[] = Array.isArray(urls) ? urls : [];
  const hosts: unknown[] = Array.isArray(contactPoints) ? contactPoints : [];
  return [
    ...addresses.flatMap((address) =>
      typeof address === "string" && URL.canParse(address) ? [new URL(address).hostname] : [],
    ),
    ...hosts.filter((name): name is string => typeof name === "string"),
  ];
}

/** The namespace in the name of a Service, `opensearch.logging.svc` with or without the cluster's domain. */
export function namespaceOfHost(name: string): string | undefined {
  return /^(?:[-a-z0-9]+\.)?[-a-z0-9]+\.([-a-z0-9]+)\.svc(?:\.|$)/.exec(name)?.[1];
}
