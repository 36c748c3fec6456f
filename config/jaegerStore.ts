/** Where traces are kept, with every default filled in. */
import { ports } from "../mesh/ports";
import { jaegerStorage, type StorageSettings } from "./jaegerStorage";
import { hostsOf, namespaceOfHost } from "./jaegerStorageChecks";

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
  /** Set where Jaeger creates the keyspace and its tables. */
  schema?: { retentionDays: number; replicationFactor: number };
}

export interface BadgerStorage {
  type: "badger";
  size: string;
  storageClass?: string;
  retentionDays: number;
}

/** Where traces are kept, every default filled in. */
export type JaegerStorage = { type: "memory" } | BadgerStorage | SearchStorage | CassandraStorage;

/** What a stack file says, as the components take it. */
export function storageOf(written: StorageSettings | StorageSettings["type"]): JaegerStorage {
  const given = typeof written === "string" ? jaegerStorage.parse({ type: written }) : written;
  if (typeof given === "string" || given.type === "memory") return { type: "memory" };
  const { retentionDays = 7 } = given;
  if (given.type === "badger") return { ...given, retentionDays };
  const { credentialsSecret } = given;
  const common = { credentialsSecret, tls: tlsOf(given.tls), place: placeOf(given) };
  if (given.type !== "cassandra") {
    const { type, urls, indexPrefix, indexShards, indexReplicas } = given;
    return { type, urls, indexPrefix, indexShards, indexReplicas, retentionDays, ...common };
  }
  const { type, contactPoints, port, keyspace, datacenter, createSchema, replicationFactor = 1 } = given;
  const schema = createSchema ? { schema: { retentionDays, replicationFactor } } : {};
  return { type, contactPoints, port, keyspace, datacenter, ...schema, ...common };
}

type RemoteSettings = Extract<StorageSettings, { peer?: unknown }>;

function tlsOf(tls: RemoteSettings["tls"]): StorageTls | undefined {
  if (tls?.enabled === false) return undefined;
  const ca =
    tls?.caSecret !== undefined
      ? { kind: "Secret" as const, ...tls.caSecret }
      : tls?.caConfigMap !== undefined
        ? { kind: "ConfigMap" as const, ...tls.caConfigMap }
        : undefined;
  return { ca, serverName: tls?.serverName };
}

function placeOf(value: RemoteSettings): StoragePlace {
  const { peer: given } = value;
  const numbers = given?.port === undefined ? portsOf(value) : [given.port];
  if (given?.cidrs !== undefined)
    return { peers: given.cidrs.map((range) => ({ cidr: range })), ports: numbers };
  const { namespace, podLabels } = given ?? {};
  if (namespace !== undefined) return { peers: [{ namespace, podLabels }], ports: numbers };
  const namespaces = hostsOf(value).flatMap((name) => namespaceOfHost(name) ?? []);
  return { peers: [...new Set(namespaces)].sort().map((name) => ({ namespace: name })), ports: numbers };
}

function portsOf(value: RemoteSettings): number[] {
  if (value.type === "cassandra") return [value.port];
  const numbers = value.urls.map((address) => {
    const { port: written, protocol } = new URL(address);
    return written === "" ? (protocol === "https:" ? ports.https : 80) : Number(written);
  });
  return [...new Set(numbers)].sort((a, b) => a - b);
}
