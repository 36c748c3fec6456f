import { describe, expect, test } from "vitest";
import { jaegerConfig } from "../../components/jaegerConfig";
import { type JaegerStorage, parseStack } from "../../config/stack";
import { stackOf } from "../fixtures/stack";

type Stored = Exclude<JaegerStorage, { type: "memory" }>;

/** The store of a stack file. */
function storage(written: object | string): Stored {
  const { storage: store } = parseStack(stackOf({ jaeger: { storage: written } }), "test").jaeger;
  if (store.type === "memory") throw new Error("memory needs no configuration");
  return store;
}

const backendOf = (written: object | string): unknown =>
  jaegerConfig(storage(written)).extensions.jaeger_storage.backends.some_storage;

const url = "https://opensearch.logging.svc:9200";
const credentialsSecret = { name: "store" };

test("all but the store is the same for every store: what this project speaks, and nothing else", () => {
  const { extensions, ...rest } = jaegerConfig(storage("badger"));
  const { jaeger_storage: _, ...others } = extensions;
  expect({ ...rest, extensions: others }).toEqual({
    service: {
      extensions: ["jaeger_storage", "jaeger_query", "healthcheckv2"],
      pipelines: {
        traces: {
          receivers: ["otlp", "zipkin"],
          processors: ["memory_limiter", "batch"],
          exporters: ["jaeger_storage_exporter"],
        },
      },
      telemetry: {
        resource: { "service.name": "jaeger" },
        logs: { level: "info" },
        metrics: {
          level: "detailed",
          readers: [
            {
              pull: {
                exporter: { prometheus: { host: "${env:JAEGER_LISTEN_HOST:-0.0.0.0}", port: 8888 } },
              },
            },
          ],
        },
      },
    },
    extensions: {
      healthcheckv2: { use_v2: true, http: { endpoint: "${env:JAEGER_LISTEN_HOST:-0.0.0.0}:13133" } },
      jaeger_query: { storage: { traces: "some_storage" } },
    },
    receivers: {
      otlp: {
        protocols: {
          grpc: {
            endpoint: "${env:JAEGER_LISTEN_HOST:-0.0.0.0}:4317",
            keepalive: { server_parameters: { max_connection_age: "60s", max_connection_age_grace: "10s" } },
          },
          http: { endpoint: "${env:JAEGER_LISTEN_HOST:-0.0.0.0}:4318" },
        },
      },
      zipkin: { endpoint: "${env:JAEGER_LISTEN_HOST:-0.0.0.0}:9411" },
    },
    processors: {
      batch: {},
      memory_limiter: { check_interval: "1s", limit_percentage: 80, spike_limit_percentage: 20 },
    },
    exporters: {
      jaeger_storage_exporter: {
        trace_storage: "some_storage",
        retry_on_failure: { enabled: true, max_elapsed_time: "60s" },
      },
    },
  });
});

describe("the store in Jaeger's words", () => {
  test("OpenSearch with everything", () => {
    expect(
      backendOf({
        type: "opensearch",
        urls: [url, "https://opensearch-2.logging.svc:9200"],
        credentialsSecret,
        tls: { caConfigMap: { name: "ca" }, serverName: "opensearch.example.com" },
        indexPrefix: "prod",
        indexShards: 3,
        indexReplicas: 0,
        retentionDays: 30,
      }),
    ).toEqual({
      opensearch: {
        server_urls: [url, "https://opensearch-2.logging.svc:9200"],
        auth: {
          basic: {
            username: "${env:JAEGER_STORE_USERNAME}",
            password_file: "/etc/jaeger-store/credentials/password",
            reload_interval: "60s",
          },
        },
        tls: {
          insecure: false,
          ca_file: "/etc/jaeger-store/ca/ca.crt",
          server_name_override: "opensearch.example.com",
        },
        indices: {
          index_prefix: "prod",
          dependencies: { shards: 3, replicas: 0 },
          services: { shards: 3, replicas: 0 },
          spans: { shards: 3, replicas: 0 },
        },
        max_span_age: "720h",
      },
    });
  });

  test("Elasticsearch with nothing but its address: the system's authorities, a week", () => {
    expect(backendOf({ type: "elasticsearch", urls: [url] })).toEqual({
      elasticsearch: { server_urls: [url], tls: { insecure: false }, max_span_age: "168h" },
    });
  });

  test("Elasticsearch in clear", () => {
    const urls = ["http://es.logging.svc:9200"];
    expect(backendOf({ type: "elasticsearch", urls, tls: { enabled: false } })).toEqual({
      elasticsearch: { server_urls: urls, max_span_age: "168h" },
    });
  });

  test("Cassandra whose tables are there", () => {
    expect(backendOf({ type: "cassandra", contactPoints: ["cassandra.db.svc"], credentialsSecret })).toEqual({
      cassandra: {
        schema: { create: false, keyspace: "jaeger_dc1", datacenter: "dc1" },
        connection: {
          servers: ["cassandra.db.svc"],
          port: 9042,
          local_dc: "dc1",
          auth: {
            basic: {
              username: "${env:JAEGER_STORE_USERNAME}",
              password: "${env:JAEGER_STORE_PASSWORD}",
            },
          },
          tls: { insecure: false },
        },
      },
    });
  });

  test("Cassandra whose tables Jaeger makes: they carry how long traces are kept", () => {
    expect(
      backendOf({
        type: "cassandra",
        contactPoints: ["cassandra.db.svc"],
        port: 9142,
        keyspace: "traces",
        datacenter: "eu",
        createSchema: true,
        retentionDays: 2,
        replicationFactor: 3,
        tls: { enabled: false },
      }),
    ).toEqual({
      cassandra: {
        schema: {
          create: true,
          keyspace: "traces",
          datacenter: "eu",
          trace_ttl: "48h",
          dependencies_ttl: "48h",
          replication_factor: 3,
        },
        connection: {
          servers: ["cassandra.db.svc"],
          port: 9142,
          local_dc: "eu",
          tls: { insecure: true },
        },
      },
    });
  });

  test("a disk, which outlives the process", () => {
    expect(backendOf({ type: "badger", retentionDays: 3 })).toEqual({
      badger: {
        ephemeral: false,
        directories: { keys: "/badger/keys", values: "/badger/values" },
        ttl: { spans: "72h" },
      },
    });
  });
});
