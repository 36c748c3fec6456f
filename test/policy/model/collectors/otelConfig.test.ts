/** What the configuration of an OpenTelemetry Collector says of spans. */
import { describe, expect, it } from "vitest";
import { readOtelConfig, readReceiver } from "../../../../policy/model/collectors/otelConfig";
import { tempoFix, tempoReceivers } from "../../../../policy/model/collectors/tempo";

type Json = Record<string, unknown>;

const traces = (pipeline: Json, more: Json = {}) => ({
  service: { pipelines: { traces: pipeline } },
  ...more,
});

describe("a receiver", () => {
  const receivers = (name: string, settings: Json, isLocal?: boolean) =>
    readReceiver(name, settings, true, isLocal, "receivers").map(
      ({ transport, host, port, isDefaultHost, isEncrypted, path }) => ({
        is: `${transport} ${host ?? "?"}:${port ?? "?"}`,
        by: isDefaultHost ? "default" : "name",
        isEncrypted,
        path,
      }),
    );
  const one = (...given: Parameters<typeof receivers>) => receivers(...given)[0];
  const written = { by: "name", isEncrypted: false };

  it("takes Zipkin by one protocol and OTLP by two, under any name of its type", () => {
    const grpc = { endpoint: "0.0.0.0:4317" };
    expect(receivers("otlp/mesh", { protocols: { grpc, http: { endpoint: "10.0.0.1:80" } } })).toEqual([
      { ...written, is: "otlp-grpc :4317", path: "receivers.otlp/mesh.protocols.grpc" },
      { ...written, is: "otlp-http 10.0.0.1:80", path: "receivers.otlp/mesh.protocols.http" },
    ]);
    expect(receivers("otlp", { protocols: { grpc } })).toHaveLength(1);
    expect(receivers("otlp", {})).toEqual([]);
    expect(receivers("zipkin/mesh", { endpoint: "[::]:9999" })).toEqual([
      { ...written, is: "zipkin :9999", path: "receivers.zipkin/mesh" },
    ]);
    expect(receivers("zipkin", { endpoint: ":9411" })).toHaveLength(1);
    for (const name of ["zipkin2", "my/zipkin", "otlpjsonfile", "my/otlp", "jaeger"]) {
      expect(receivers(name, { endpoint: ":1", protocols: { grpc } })).toEqual([]);
    }
  });

  it.each<[boolean | undefined, string]>([
    [true, "localhost"],
    [false, ""],
    [undefined, "?"],
  ])("listens where its version does if nothing is written (localhost: %s)", (isLocal, host) => {
    const byDefault = { by: "default", isEncrypted: false };
    expect(receivers("otlp", { protocols: { grpc: null, http: {} } }, isLocal)).toMatchObject([
      { ...byDefault, is: `otlp-grpc ${host}:4317` },
      { ...byDefault, is: `otlp-http ${host}:4318` },
    ]);
    expect(receivers("zipkin", {}, isLocal)).toMatchObject([{ ...byDefault, is: `zipkin ${host}:9411` }]);
    expect(one("zipkin", { endpoint: null }, isLocal)).toMatchObject({
      ...byDefault,
      is: `zipkin ${host}:9411`,
    });
  });

  it.each([
    ["${env:POD_IP}:9411", "zipkin ?:9411"],
    ["{{ .host }}:9411", "zipkin ?:9411"],
    ["${env:ADDRESS}", "zipkin ?:?"],
    ["127.0.0.1", "zipkin 127.0.0.1:?"],
    [9411, "zipkin ?:?"],
  ])("listens where nobody can tell, or in part: %j", (endpoint, is) => {
    expect(one("zipkin", { endpoint }, true)).toMatchObject({ is, by: "name" });
  });

  it("wants TLS where it has a section of it, which a variable may stand for", () => {
    const encrypted = (tls: unknown) => one("zipkin", { endpoint: ":9411", tls })?.isEncrypted;
    expect(encrypted({ cert_file: "/tls.crt" })).toBe(true);
    expect(encrypted({})).toBe(true);
    expect(encrypted(undefined)).toBe(false);
    expect(encrypted(null)).toBe(false);
    expect(encrypted("${env:TLS}")).toBeUndefined();
  });

  it("is of use if a pipeline of traces takes from it", () => {
    const used = (pipelines: Json) =>
      readOtelConfig(
        {
          receivers: { otlp: { protocols: { grpc: {} } }, zipkin: null, "zipkin/b": {} },
          service: { pipelines },
        },
        false,
      ).receivers.map(({ name, isUsed }) => `${name} ${isUsed}`);
    const [first] = readOtelConfig({ receivers: { zipkin: {} } }, false).receivers;
    expect(first?.path).toBe("receivers.zipkin");
    expect(used({ traces: { receivers: ["zipkin"] }, "traces/b": { receivers: ["zipkin/b"] } })).toEqual([
      "otlp false",
      "zipkin true",
      "zipkin/b true",
    ]);
    const others = {
      metrics: { receivers: ["otlp"] },
      "my/traces": { receivers: ["zipkin"] },
      tracesx: null,
    };
    expect(used(others)).toEqual(["otlp false", "zipkin false", "zipkin/b false"]);
  });
});

describe("an exporter", () => {
  const exporter = (settings: Json, name = "otlp") => {
    const config = traces({ exporters: [name] }, { exporters: { [name]: settings, other: {} } });
    const [found] = readOtelConfig(config, false).exporters;
    if (found === undefined) return undefined;
    const { transport, scheme, host, port, isEncrypted, isDefaultTls, path } = found;
    expect(path).toBe(`exporters.${name}`);
    return `${transport} ${scheme ?? "-"} ${host}:${port} ${isEncrypted ? "TLS" : "plain"}${isDefaultTls ? " by default" : ""}`;
  };

  it.each<[string, Json, string | undefined]>([
    ["otlp", { endpoint: "a.b:4317" }, "otlp-grpc - a.b:4317 TLS by default"],
    ["otlp_grpc/x", { endpoint: "a" }, "otlp-grpc - a:4317 TLS by default"],
    ["otlp", { endpoint: "a:1", tls: {} }, "otlp-grpc - a:1 TLS"],
    ["otlp", { endpoint: "a:1", tls: { insecure: false } }, "otlp-grpc - a:1 TLS"],
    ["otlp", { endpoint: "a:1", tls: { insecure: "false" } }, "otlp-grpc - a:1 TLS"],
    ["otlp", { endpoint: "a:1", tls: { insecure: true } }, "otlp-grpc - a:1 plain"],
    ["otlp", { endpoint: "a:1", tls: { insecure: "true" } }, "otlp-grpc - a:1 plain"],
    ["otlp", { endpoint: "a:1", tls: { insecure: "${env:X}" } }, undefined],
    ["otlp", { endpoint: "https://a", tls: { insecure: "${env:X}" } }, "otlp-grpc https a:443 TLS"],
    ["otlp", { endpoint: "HTTP://a:1/x" }, "otlp-grpc http a:1 plain"],
    ["otlp", { endpoint: "http://a" }, "otlp-grpc http a:4317 plain"],
    ["otlp", { endpoint: "dns:///a:1" }, "otlp-grpc dns a:1 TLS by default"],
    ["otlp", { endpoint: "dns://a:1" }, "otlp-grpc dns a:1 TLS by default"],
    ["otlphttp", { endpoint: "http://a" }, "otlp-http http a:80 plain"],
    ["otlphttp", { endpoint: "https://a/v1/traces" }, "otlp-http https a:443 TLS"],
    ["otlphttp", { endpoint: "a:4318", tls: { insecure: "false" } }, "otlp-http - a:4318 plain"],
    ["otlp_http", { endpoint: "http://a", traces_endpoint: "http://b" }, "otlp-http http b:80 plain"],
    ["zipkin", { endpoint: "http://a:9411/api/v2/spans" }, "zipkin http a:9411 plain"],
    ["zipkin/b", { endpoint: "https://a" }, "zipkin https a:443 TLS"],
    ["otlp", { endpoint: "${env:HOST}:4317" }, undefined],
    ["otlp", { endpoint: "a:${env:PORT}" }, undefined],
    ["otlphttp", { endpoint: "http://a/${env:PATH}" }, undefined],
    ["otlp", { endpoint: 4317 }, undefined],
    ["otlp", {}, undefined],
    ["kafka", { endpoint: "a:1" }, undefined],
    ["my/otlp", { endpoint: "a:1" }, undefined],
  ])("%s %j: %s", (name, settings, expected) => {
    expect(exporter(settings, name)).toBe(expected);
  });

  it("is nobody's where no pipeline of traces has it", () => {
    const exporters = { otlp: { endpoint: "a:1" } };
    expect(readOtelConfig({ exporters }, false).exporters).toEqual([]);
    const metrics = { pipelines: { metrics: { exporters: ["otlp"] } } };
    expect(readOtelConfig({ exporters, service: metrics }, false).exporters).toEqual([]);
  });

  it("may be gone since a version", () => {
    const gone = (name: string, settings: Json, minor?: number) =>
      readOtelConfig(traces({ exporters: [name] }, { exporters: { [name]: settings } }), false, minor)
        .goneExporters;
    const jaeger = (name: string, host: string) => [
      {
        name,
        since: "0.86",
        instead: { "otlp/jaeger": { endpoint: `${host}:4317`, tls: { insecure: true } } },
      },
    ];
    expect(gone("jaeger", { endpoint: "a.b:14250" }, 86)).toEqual(jaeger("jaeger", "a.b"));
    const address = { endpoint: "http://a.b/api/traces" };
    expect(gone("jaeger_thrift/x", address, 120)).toEqual(jaeger("jaeger_thrift/x", "a.b"));
    expect(gone("jaeger", { endpoint: "${env:JAEGER}:14250" }, 86)).toEqual(jaeger("jaeger", "jaeger"));
    expect(gone("jaeger", {}, 86)).toEqual(jaeger("jaeger", "jaeger"));
    expect(gone("jaeger", {}, 85)).toEqual([]);
    expect(gone("jaeger", {})).toEqual([]);
    expect(gone("my/jaeger", {}, 120)).toEqual([]);
    expect(gone("otlp", {}, 120)).toEqual([]);
    expect(gone("logging", {}, 110)).toEqual([]);
    expect(gone("logging", {}, 111)).toEqual([{ name: "logging", since: "0.111", instead: { debug: {} } }]);
    // Of any signal, and once.
    const pipelines = { logs: { exporters: ["logging"] }, metrics: { exporters: ["logging"] } };
    expect(readOtelConfig({ service: { pipelines } }, false, 120).goneExporters).toHaveLength(1);
  });

  it("that prints or drops keeps nothing", () => {
    const onlyPrints = (...pipelines: string[][]) =>
      readOtelConfig(
        {
          service: {
            pipelines: Object.fromEntries(
              pipelines.map((exporters, index) => [`traces/${index}`, { exporters }]),
            ),
          },
        },
        false,
      ).onlyPrints;
    expect(onlyPrints(["debug"], ["logging/x", "nop"])).toBe(true);
    expect(onlyPrints(["debug"], ["debug", "otlp"])).toBe(false);
    expect(onlyPrints(["debug"], [])).toBe(false);
    expect(onlyPrints(["debugger"])).toBe(false);
    expect(onlyPrints(["my/debug"])).toBe(false);
    expect(onlyPrints()).toBe(false);
  });
});

describe("a pipeline", () => {
  it("names what is defined: a connector is a receiver and an exporter, and no processor", () => {
    const undefinedParts = (pipeline: Json, config: Json = {}) =>
      readOtelConfig(traces(pipeline, config), false).undefinedParts.map(
        ({ kind, name }) => `${kind} ${name}`,
      );
    const parts = { receivers: ["a"], processors: ["b"], exporters: ["c"] };
    expect(undefinedParts(parts)).toEqual(["receivers a", "processors b", "exporters c"]);
    expect(
      undefinedParts(parts, { receivers: { a: null }, processors: { b: {} }, exporters: { c: {} } }),
    ).toEqual([]);
    expect(undefinedParts(parts, { connectors: { a: {}, b: {}, c: {} } })).toEqual(["processors b"]);
    expect(undefinedParts({ receivers: ["${env:RECEIVER}"] })).toEqual([]);
    const metrics = { service: { pipelines: { metrics: { exporters: ["gone"] } } } };
    expect(readOtelConfig(metrics, false).undefinedParts).toEqual([
      { pipeline: "metrics", kind: "exporters", name: "gone" },
    ]);
  });

  it("sees whole traces in some of its parts, each of which is told once", () => {
    const stateful = (pipelines: Json) => readOtelConfig({ service: { pipelines } }, false).stateful;
    const processors = ["tail_sampling/a", "groupbytrace", "batch", "my/tail_sampling", "tail_sampling2"];
    expect(
      stateful({
        traces: { processors, exporters: ["servicegraph"] },
        "traces/b": { processors: ["groupbytrace"] },
        metrics: { receivers: ["servicegraph"], processors: ["tail_sampling"] },
      }),
    ).toEqual(["tail_sampling/a", "groupbytrace", "servicegraph"]);
  });

  it("may send all spans of a trace to one pod", () => {
    const balancesTo = (name: string, resolver: Json) =>
      readOtelConfig(traces({ exporters: [name] }, { exporters: { [name]: { resolver } } }), false)
        .balancesTo;
    expect(balancesTo("loadbalancing", { dns: { hostname: "a.b" } })).toEqual(["a.b"]);
    expect(balancesTo("loadbalancing/x", { k8s: { service: "c.d" } })).toEqual(["c.d"]);
    expect(balancesTo("loadbalancing", { static: { hostnames: ["a"] } })).toEqual([]);
    expect(balancesTo("otlp", { dns: { hostname: "a.b" } })).toEqual([]);
    expect(balancesTo("my/loadbalancing", { dns: { hostname: "a.b" } })).toEqual([]);
  });
});

describe("the lines that let a collector take spans", () => {
  const fix = (config: Json) => readOtelConfig(config, false).fixFor;

  it("add a receiver and put it into the first pipeline of traces", () => {
    const pipelines = { metrics: {}, "traces/in": { receivers: ["jaeger", "otlp"] }, "traces/out": {} };
    const add = fix({ service: { pipelines } });
    expect(add("zipkin", 9411)).toEqual({
      where: "in the collector's configuration",
      lines: {
        receivers: { zipkin: { endpoint: "0.0.0.0:9411" } },
        service: { pipelines: { "traces/in": { receivers: ["jaeger", "otlp", "zipkin"] } } },
      },
    });
    expect(add("otlp-grpc", 4317).lines).toEqual({
      receivers: { otlp: { protocols: { grpc: { endpoint: "0.0.0.0:4317" } } } },
      service: { pipelines: { "traces/in": { receivers: ["jaeger", "otlp"] } } },
    });
    expect(fix({})("otlp-http", 4318).lines).toEqual({
      receivers: { otlp: { protocols: { http: { endpoint: "0.0.0.0:4318" } } } },
      service: { pipelines: { traces: { receivers: ["otlp"] } } },
    });
  });

  it("are the distributor's in Tempo", () => {
    const added = (...given: Parameters<typeof tempoFix>) => tempoFix(...given).lines;
    const distributor = (receivers: Json) => ({ distributor: { receivers } });
    expect(tempoFix("zipkin", 9411).where).toBe("in Tempo's configuration");
    expect(added("zipkin", 9411)).toEqual(distributor({ zipkin: { endpoint: "0.0.0.0:9411" } }));
    const endpoint = { endpoint: "0.0.0.0:1" };
    expect(added("otlp-grpc", 1)).toEqual(distributor({ otlp: { protocols: { grpc: endpoint } } }));
    expect(added("otlp-http", 1)).toEqual(distributor({ otlp: { protocols: { http: endpoint } } }));
  });
});

it("Tempo's distributor has receivers of the same form, all of which are started", () => {
  const receivers = { zipkin: null, otlp: { protocols: { http: { endpoint: "0.0.0.0:4318" } } } };
  expect(tempoReceivers({ distributor: { receivers } }, true)).toMatchObject([
    { name: "zipkin", host: "localhost", port: 9411, isUsed: true, path: "distributor.receivers.zipkin" },
    { name: "otlp", host: "", isUsed: true, path: "distributor.receivers.otlp.protocols.http" },
  ]);
  expect(tempoReceivers({}, true)).toEqual([]);
});
