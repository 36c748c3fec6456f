/** The engines Jaeger keeps traces in, and the addresses they answer at. */
import { describe, expect, it } from "vitest";
import { jaegersOf } from "../../../policy/model/jaeger";
import { addressesOf, type Backend, backendsOf, engineOf } from "../../../policy/model/storeBackends";
import { TracingModel } from "../../../policy/model/tracingModel";

type Json = Record<string, unknown>;

function jaegerWith(container: Json) {
  const model = TracingModel.from([
    {
      apiVersion: "apps/v1",
      kind: "Deployment",
      metadata: { name: "jaeger", namespace: "tracing" },
      spec: {
        selector: {},
        template: {
          spec: { containers: [{ name: "jaeger", image: "jaegertracing/jaeger:2", ...container }] },
        },
      },
    },
  ]);
  const [jaeger] = jaegersOf(model);
  if (jaeger === undefined) throw new Error("no Jaeger");
  return { jaeger, index: model.index };
}
const backends = (container: Json) => {
  const { jaeger, index } = jaegerWith(container);
  return backendsOf(jaeger, index);
};
const engine = (container: Json) => {
  const { jaeger, index } = jaegerWith(container);
  return engineOf(jaeger, index);
};
const configured = (stores: Json, more: Json = {}, extensions: Json = {}) => ({
  "mesh-tracing/userconfig": {
    ...more,
    extensions: { jaeger_storage: { backends: stores }, ...extensions },
  },
});
const env = (variables: Record<string, string>) =>
  Object.entries(variables).map(([name, value]) => ({ name, value }));

describe("Jaeger 2", () => {
  const two = { old: { badger: { ephemeral: true } }, main: { opensearch: { server_urls: [] } } };
  const primaries = (more?: Json, extensions?: Json) =>
    backends(configured(two, more, extensions)).map(({ engine: name, isPrimary }) => [name, isPrimary]);

  it("has the stores of its configuration", () => {
    expect(backends(configured(two))).toMatchObject([
      {
        engine: "badger",
        settings: { ephemeral: true },
        path: "extensions.jaeger_storage.backends.old.badger",
        object: { kind: "Deployment" },
      },
      { engine: "opensearch", path: "extensions.jaeger_storage.backends.main.opensearch" },
    ]);
    expect(backends({})).toEqual([]);
  });

  it("writes to the one that its exporter or its query names, else to any", () => {
    const exporters = { debug: {}, nop: null, jaeger_storage_exporter: { trace_storage: "main" } };
    const query = { jaeger_query: { storage: { traces: "old" } } };
    expect(primaries()).toEqual([
      ["badger", true],
      ["opensearch", true],
    ]);
    expect(primaries({ exporters })).toEqual([
      ["badger", false],
      ["opensearch", true],
    ]);
    expect(primaries({}, query)).toEqual([
      ["badger", true],
      ["opensearch", false],
    ]);
    expect(primaries({ exporters }, query)).toEqual([
      ["badger", false],
      ["opensearch", true],
    ]);
    expect(engine(configured(two, { exporters }))).toBe("opensearch");
    expect(engine(configured(two))).toBe("badger");
  });

  it("keeps traces in memory where nothing else is said", () => {
    expect(engine({})).toBe("memory");
    expect(engine({ args: ["--config=/etc/jaeger.yaml"] })).toBeUndefined();
  });
});

describe("Jaeger 1", () => {
  it("has the store of its variables", () => {
    const variables = {
      SPAN_STORAGE_TYPE: "elasticsearch",
      ES_SERVER_URLS: "https://a:9200, https://b:9200",
      ES_TLS_SKIP_HOST_VERIFY: "true",
    };
    expect(backends({ env: env(variables) })).toMatchObject([
      {
        engine: "elasticsearch",
        settings: { server_urls: ["https://a:9200", "https://b:9200"], tls: { insecure_skip_verify: true } },
        isPrimary: true,
        path: "its variables",
        object: { kind: "Deployment" },
      },
    ]);
    expect(engine({ env: env(variables) })).toBe("elasticsearch");
  });

  it("has the store of its flags, over which variables win", () => {
    const args = ["--other=1", "--es.server-urls=https://a:9200", "--es.tls.skip-host-verify=true"];
    const [store] = backends({ env: env({ SPAN_STORAGE_TYPE: "opensearch" }), args });
    expect(store?.settings).toEqual({ server_urls: ["https://a:9200"], tls: { insecure_skip_verify: true } });
    const variables = { SPAN_STORAGE_TYPE: "opensearch", ES_SERVER_URLS: "https://b:9200" };
    const [other] = backends({ env: env({ ...variables, ES_TLS_SKIP_HOST_VERIFY: "false" }), args });
    expect(other?.settings).toEqual({
      server_urls: ["https://b:9200"],
      tls: { insecure_skip_verify: false },
    });
    const [bare] = backends({ env: env({ SPAN_STORAGE_TYPE: "opensearch" }) });
    expect(bare?.settings).toEqual({ server_urls: [], tls: { insecure_skip_verify: false } });
  });

  it("has Cassandra's servers, in clear unless it is told otherwise", () => {
    const cassandra = { SPAN_STORAGE_TYPE: "cassandra" };
    const byVariables = { CASSANDRA_SERVERS: "a,b", CASSANDRA_PORT: "9142", CASSANDRA_TLS_ENABLED: "true" };
    expect(backends({ env: env({ ...cassandra, ...byVariables }) })[0]?.settings).toEqual({
      connection: { servers: ["a", "b"], port: 9142, tls: { insecure: false } },
    });
    const args = ["--cassandra.servers=c", "--cassandra.port=9242", "--cassandra.tls.enabled=true"];
    expect(backends({ env: env(cassandra), args })[0]?.settings).toEqual({
      connection: { servers: ["c"], port: 9242, tls: { insecure: false } },
    });
    expect(backends({ env: env(cassandra) })[0]?.settings).toEqual({
      connection: { servers: [], port: undefined, tls: { insecure: true } },
    });
  });
});

describe("the addresses of a store", () => {
  const at = (name: string, settings: Json) => addressesOf({ engine: name, settings } as unknown as Backend);

  it.each(["elasticsearch", "opensearch"])("of %s are those of its URLs", (name) => {
    const urls = [
      "https://a",
      "http://b",
      "https://c:9200",
      "${env:URL}",
      "https://${env:HOST}:9200",
      "none",
      1,
    ];
    expect(at(name, { server_urls: urls })).toEqual([
      { host: "a", port: 443, isEncrypted: true },
      { host: "b", port: 80, isEncrypted: false },
      { host: "c", port: 9200, isEncrypted: true },
    ]);
  });

  it("of Cassandra are its servers, at their own port, the common one or 9042", () => {
    const servers = ["a", "b:19042", "${env:HOST}", "x$y:1", "c:port"];
    const a = { host: "a", isEncrypted: true };
    const b = { host: "b", port: 19042, isEncrypted: true };
    expect(at("cassandra", { connection: { servers } })).toEqual([{ ...a, port: 9042 }, b]);
    expect(at("cassandra", { connection: { servers, port: 9142 } })).toEqual([{ ...a, port: 9142 }, b]);
    expect(at("cassandra", { connection: { servers: ["a"], tls: { insecure: true } } })).toEqual([
      { host: "a", port: 9042, isEncrypted: false },
    ]);
  });

  it("of another engine are none", () => {
    expect(at("clickhouse", { connection: { servers: ["a"] }, server_urls: ["https://a"] })).toEqual([]);
  });
});
