import { builtInStore } from "../mesh/jaegerChart";
import {
  type BadgerStorage,
  type CassandraStorage,
  type JaegerStorage,
  type SearchStorage,
} from "../config/stack";
import { ports } from "../mesh/ports";

/** Where the pod finds what it needs of its store. */
export const storeFiles = {
  /** Directory of the volume of a badger store. */
  badger: "/badger",
  /** Directory of the store's password, one file, which is read again when the Secret changes. */
  credentials: "/etc/jaeger-store/credentials",
  passwordFile: "password",
  /** Directory of the store's certificate authority, one file. */
  ca: "/etc/jaeger-store/ca",
  caFile: "ca.crt",
} as const;

/** Environment variables of Jaeger's container, set from the Secret. */
export const storeEnv = { username: "JAEGER_STORE_USERNAME", password: "JAEGER_STORE_PASSWORD" } as const;

/** The image sets it to 0.0.0.0; a cluster of IPv6 alone sets it to `[::]`. */
const listenHost = "${env:JAEGER_LISTEN_HOST:-0.0.0.0}";

/**
 * Jaeger's whole configuration for a store other than memory. It replaces the one built in, of which it keeps
 * what this project uses: OTLP, Zipkin, query, health and metrics. The legacy Jaeger protocols, remote
 * sampling and the endpoint for language models are left out: nobody here speaks them, and their keys
 * differ between 2.19 and 2.20.
 * @see https://github.com/jaegertracing/jaeger/tree/v2.19.0/cmd/jaeger
 */
export function jaegerConfig(storage: Exclude<JaegerStorage, { type: "memory" }>) {
  return {
    exporters: {
      jaeger_storage_exporter: {
        // A store that is restarted is asked again; the limiter refuses spans while too many wait.
        retry_on_failure: { enabled: true, max_elapsed_time: "60s" },
        trace_storage: builtInStore,
      },
    },
    extensions: {
      healthcheckv2: { http: { endpoint: `${listenHost}:${ports.jaegerHealth}` }, use_v2: true },
      jaeger_query: { storage: { traces: builtInStore } },
      jaeger_storage: { backends: { [builtInStore]: { [storage.type]: backend(storage) } } },
    },
    processors: {
      batch: {},
      memory_limiter: { check_interval: "1s", limit_percentage: 80, spike_limit_percentage: 20 },
    },
    receivers: {
      otlp: {
        protocols: {
          grpc: {
            endpoint: `${listenHost}:${ports.otlpGrpc}`,
            // A connection stays with its pod: without an end to it, pods that are added get nothing.
            keepalive: { server_parameters: { max_connection_age: "60s", max_connection_age_grace: "10s" } },
          },
          http: { endpoint: `${listenHost}:${ports.otlpHttp}` },
        },
      },
      zipkin: { endpoint: `${listenHost}:${ports.zipkin}` },
    },
    service: {
      extensions: ["jaeger_storage", "jaeger_query", "healthcheckv2"],
      pipelines: {
        traces: {
          exporters: ["jaeger_storage_exporter"],
          processors: ["memory_limiter", "batch"],
          receivers: ["otlp", "zipkin"],
        },
      },
      telemetry: {
        logs: { level: "info" },
        metrics: {
          level: "detailed",
          readers: [
            {
              pull: {
                exporter: {
                  prometheus: { host: "${env:JAEGER_LISTEN_HOST:-0.0.0.0}", port: ports.metrics },
                },
              },
            },
          ],
        },
        resource: { "service.name": "jaeger" },
      },
    },
  };
}

function backend(storage: Exclude<JaegerStorage, { type: "memory" }>): Record<string, unknown> {
  switch (storage.type) {
    case "badger":
      return badger(storage);
    case "cassandra":
      return cassandra(storage);
    default:
      return search(storage);
  }
}

function badger({ retentionDays }: BadgerStorage) {
  return {
    directories: { keys: `${storeFiles.badger}/keys`, values: `${storeFiles.badger}/values` },
    // By default Jaeger forgets a badger store with its process.
    ephemeral: false,
    ttl: { spans: days(retentionDays) },
  };
}

function search({ urls, credentialsSecret, tls, indexPrefix, ...rest }: SearchStorage) {
  const { indexShards, indexReplicas, retentionDays } = rest;
  const index = {
    ...(indexReplicas === undefined ? {} : { replicas: indexReplicas }),
    ...(indexShards === undefined ? {} : { shards: indexShards }),
  };
  const indices = {
    ...(Object.keys(index).length === 0 ? {} : { dependencies: index, services: index, spans: index }),
    ...(indexPrefix === undefined ? {} : { index_prefix: indexPrefix }),
  };
  return {
    ...(credentialsSecret === undefined
      ? {}
      : {
          auth: {
            basic: {
              password_file: `${storeFiles.credentials}/${storeFiles.passwordFile}`,
              reload_interval: "60s",
              username: `\${env:${storeEnv.username}}`,
            },
          },
        }),
    ...(Object.keys(indices).length === 0 ? {} : { indices }),
    // How far back a trace is looked for by its id: as long as it is kept, not the three days of the default.
    max_span_age: days(retentionDays),
    server_urls: [...urls],
    ...(tls === undefined ? {} : { tls: tlsSettings(tls) }),
  };
}

function cassandra({ contactPoints, port, keyspace, datacenter, schema, ...rest }: CassandraStorage) {
  const { credentialsSecret, tls } = rest;
  return {
    connection: {
      ...(credentialsSecret === undefined
        ? {}
        : {
            auth: {
              basic: {
                password: `\${env:${storeEnv.password}}`,
                username: `\${env:${storeEnv.username}}`,
              },
            },
          }),
      local_dc: datacenter,
      port,
      servers: [...contactPoints],
      tls: tls === undefined ? { insecure: true } : tlsSettings(tls),
    },
    schema: {
      create: schema !== undefined,
      datacenter,
      keyspace,
      ...(schema === undefined
        ? {}
        : {
            dependencies_ttl: days(schema.retentionDays),
            replication_factor: schema.replicationFactor,
            trace_ttl: days(schema.retentionDays),
          }),
    },
  };
}

function tlsSettings({ ca, serverName }: NonNullable<SearchStorage["tls"]>) {
  return {
    ...(ca === undefined ? {} : { ca_file: `${storeFiles.ca}/${storeFiles.caFile}` }),
    insecure: false,
    ...(serverName === undefined ? {} : { server_name_override: serverName }),
  };
}

/** Days as Go spells a duration. */
function days(number: number): string {
  return `${number * 24}h`;
}
