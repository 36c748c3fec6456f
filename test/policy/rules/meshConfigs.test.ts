/** The rules about the mesh config: its provider and its access log. */
import { describe, expect, it } from "vitest";
import { asker, istioObject } from "./asking";
import { collectorHost, istioConfigMap, Mesh } from "./fixture";

const collector = "Service istio-system/jaeger-collector-clusterip";
const meshWide = "Telemetry istio-system/mesh-default";

describe("mesh-provider", () => {
  const ask = asker("mesh-provider");
  const says = (what: string, lines: string, level = "error", type = "zipkin") =>
    `${level}: ConfigMap istio-system/istio has provider jaeger with ${what}\n` +
    `# in the mesh config of ConfigMap istio-system/istio, under extensionProviders, jaeger, ${type}\n${lines}`;
  const right = `service: istio-system/${collectorHost}`;
  const service = (value: unknown) => ask(new Mesh().zipkin("service", value));
  const unqualified = (written: string, wanted = right) => [
    says(
      `service ${written}, by which Istio finds no Service; only the fully qualified host is allowed`,
      wanted,
    ),
  ];

  it.each<[string, unknown, string[]]>([
    ["a qualified host with its namespace", `istio-system/${collectorHost}`, []],
    ["nothing", undefined, [says("no service; the collector's is required", "service: namespace/host")]],
    ["empty text", "", [says("no service; the collector's is required", "service: namespace/host")]],
    [
      "a name",
      "istio-system/jaeger-collector-clusterip",
      unqualified("istio-system/jaeger-collector-clusterip"),
    ],
    [
      "a name and namespace",
      "jaeger-collector-clusterip.istio-system",
      unqualified("jaeger-collector-clusterip.istio-system"),
    ],
    [
      "a host without a domain",
      "jaeger-collector-clusterip.istio-system.svc",
      unqualified("jaeger-collector-clusterip.istio-system.svc"),
    ],
    [
      "a host of another namespace",
      "istio-system/jaeger.tracing",
      unqualified("istio-system/jaeger.tracing", "service: tracing/jaeger.tracing.svc.cluster.local"),
    ],
    [
      "another namespace than the host's",
      `tracing/${collectorHost}`,
      [
        says(
          `service tracing/${collectorHost}, whose namespace tracing is not that of the host; istio-system is required`,
          right,
        ),
      ],
    ],
    [
      "a host without a namespace",
      collectorHost,
      [
        says(
          `service ${collectorHost} without its namespace, which switches tracing off as soon as a second namespace has the ` +
            "host; namespace/host is required",
          right,
          "warning",
        ),
      ],
    ],
    [
      "a host outside",
      "istio-system/zipkin.example.com",
      [
        says(
          "service istio-system/zipkin.example.com, a host outside the cluster that no ServiceEntry in the input defines; a " +
            "ServiceEntry is required",
          "service: istio-system/zipkin.example.com",
          "warning",
        ),
      ],
    ],
  ])("has %s", (_, value, expected) => {
    expect(service(value)).toEqual(expected);
  });

  it("has a host outside that a ServiceEntry defines", () => {
    const entry = istioObject("ServiceEntry", "zipkin", { hosts: ["zipkin.example.com"] });
    expect(ask(new Mesh().zipkin("service", "istio-system/zipkin.example.com").add(entry))).toEqual([]);
  });

  it.each<[unknown, string]>([
    [undefined, "no port"],
    ["http", "no port"],
    [0, "port 0"],
    [-1, "port -1"],
    [65536, "port 65536"],
    [94.5, "port 94.5"],
  ])("has the port %s, which is none", (port, what) => {
    expect(ask(new Mesh().zipkin("port", port))).toEqual([
      says(`${what}; a port between 1 and 65535 is required`, "port: 9411"),
    ]);
  });

  it("has a port that the Service has: the one for spans", () => {
    const wrong = [
      says(`port 9412, which ${collector} does not have; its port for spans, 80, is required`, "port: 80"),
    ];
    const ports = (...list: object[]) =>
      ask(new Mesh().zipkin("port", 9412).set(collector, "spec ports", list));
    expect(ports({ port: 9412 })).toEqual([]);
    expect(ports({ port: 8080 }, { port: 80, targetPort: 9411 })).toEqual(wrong);
    expect(ports({ port: 8080 }, { port: 80, name: "http-zipkin", targetPort: "z" })).toEqual(wrong);
    // Without any the Service is what must change.
    expect(ports({ port: 80, targetPort: 9410 }, { port: 4317, name: "grpc-otlp" })).toEqual([]);
    expect(
      ask(new Mesh().zipkin("port", 9412), { collector: "istio-system/jaeger-collector-clusterip:9413" }),
    ).toEqual([]);
    expect(ask(new Mesh().zipkin("port", 1))).toHaveLength(1);
    expect(ask(new Mesh().zipkin("port", 65535))).toHaveLength(1);
  });

  it("of OpenTelemetry has the port for OTLP, and no path", () => {
    const opentelemetry = (port: number, list: object[]) =>
      ask(
        new Mesh()
          .mesh("extensionProviders 0", {
            name: "jaeger",
            opentelemetry: { service: `istio-system/${collectorHost}`, port, path: "/x" },
          })
          .set(collector, "spec ports", list),
      );
    const wrong = [
      says(
        `port 4318, which ${collector} does not have; its port for spans, 4317, is required`,
        "port: 4317",
        "error",
        "opentelemetry",
      ),
    ];
    expect(opentelemetry(4318, [{ port: 9411 }, { port: 4317 }])).toEqual(wrong);
    expect(opentelemetry(4318, [{ port: 4317, targetPort: 1, name: "otlp-grpc" }])).toEqual(wrong);
    expect(opentelemetry(4318, [{ port: 4317, targetPort: 1, name: "otel" }])).toEqual(wrong);
    expect(opentelemetry(4317, [{ port: 4317 }])).toEqual([]);
  });

  it("has a path and an option that exist", () => {
    const path = (value: unknown, limits = {}) => ask(new Mesh().zipkin("path", value), {}, limits);
    expect(path("")).toEqual([]);
    expect(path("/api/v2/spans")).toEqual([]);
    expect(path("/spans", { paths: ["/spans"] })).toEqual([]);
    expect(path("/api/v2/spans", { paths: ["/a", "/b"] })).toEqual([
      says(
        "path /api/v2/spans; /a, /b, where the collector receives Zipkin v2 spans, is allowed",
        "path: /a",
      ),
    ]);
    const option = (value: unknown) => ask(new Mesh().zipkin("traceContextOption", value));
    expect(option("USE_B3")).toEqual([]);
    expect(option("USE_B3_WITH_W3C_PROPAGATION")).toEqual([]);
    expect(option(undefined)).toEqual([]);
    expect(option(2)).toEqual([
      says(
        "traceContextOption 2; USE_B3 or USE_B3_WITH_W3C_PROPAGATION is allowed",
        "traceContextOption: USE_B3_WITH_W3C_PROPAGATION",
      ),
    ]);
  });

  it("says all that is wrong; of providers of other types nothing", () => {
    expect(ask(new Mesh().zipkin("service", "").zipkin("port", 0).zipkin("path", "/x"))).toHaveLength(3);
    expect(ask(new Mesh().mesh("extensionProviders 0", { name: "jaeger", datadog: {} }))).toEqual([]);
    expect(ask(new Mesh().set(meshWide, "spec tracing 0 providers 0 name", "envoy"))).toEqual([]);
  });
});

describe("access-log-trace-id", () => {
  const ask = asker("access-log-trace-id");
  const lines =
    "name: json-access-log\nenvoyFileAccessLog:\n  path: /dev/stdout\n  logFormat:\n    labels:\n" +
    '      trace.id: "%TRACE_ID%"\n      url.path: "%REQ(X-ENVOY-ORIGINAL-PATH?:PATH)%"';
  const own = "# in the mesh config of ConfigMap istio-system/istio, under extensionProviders";
  const without = (what: string, format = "in its own format") =>
    `warning: ConfigMap istio-system/istio writes the access log ${what} without the trace's id (${format}); ` +
    `%TRACE_ID% is required\n${own}\n${lines}`;
  const text = (format: string) =>
    ask(new Mesh().mesh("extensionProviders 1 envoyFileAccessLog logFormat", { text: format })).length === 0;

  it.each([
    ["%TRACE_ID%", true],
    ["a %REQ(X-B3-TRACEID)% b", true],
    ["%REQ(x-b3-traceid?traceparent)%", true],
    ["%REQ(TRACEPARENT)%", true],
    ["%REQ(B3)%", true],
    ["%REQ(X-CLOUD-TRACE-CONTEXT)%", true],
    ["%DYNAMIC_METADATA(envoy:trace_id)%", true],
    ["%REQ(X-REQUEST-ID)%", false],
    ["%REQ(B3X)%", false],
    ["%DYNAMIC_METADATA(envoy:other)% trace", false],
    ["", false],
  ])("the text %s carries it: %s", (format, expected) => {
    expect(text(format)).toBe(expected);
  });

  it("is looked for in every provider in use, and in no other", () => {
    const names = (...providers: string[]) => providers.map((name) => ({ name }));
    const log = (value: unknown) => ask(new Mesh().set(meshWide, "spec accessLogging", value));
    const envoy =
      `warning: ${meshWide} writes the access log of provider envoy without the trace's id (in Envoy's default format); ` +
      `%TRACE_ID% is required\n# in the mesh config, under extensionProviders, and name it in spec.accessLogging of ${meshWide}\n${lines}`;
    expect(log([{ providers: names("json-access-log") }])).toEqual([]);
    expect(log([{ providers: names("json-access-log", "envoy") }])).toEqual([envoy]);
    expect(log([{ providers: names("envoy") }, { providers: names("json-access-log") }])).toEqual([envoy]);
    expect(log([{ providers: names("envoy"), disabled: true }])).toEqual([]);
    expect(log([{ providers: names("envoy"), disabled: false }])).toEqual([envoy]);
    // What is not defined is another rule's.
    expect(log([{ providers: names("gone") }])).toEqual([]);
    expect(log([{ disabled: true }])).toEqual([]);
    const second = new Mesh()
      .copy(meshWide, "other")
      .set(meshWide, "spec accessLogging", [{ providers: names("envoy") }]);
    expect(ask(second)).toEqual([]);
  });

  it("may be the mesh's default provider", () => {
    const byDefault = (name: string) =>
      new Mesh().unset(meshWide, "spec accessLogging").mesh("defaultProviders", { accessLogging: [name] });
    expect(ask(byDefault("json-access-log"))).toEqual([]);
    expect(ask(byDefault("envoy"))).toHaveLength(1);
    // The Telemetry's own providers win.
    expect(ask(new Mesh().mesh("defaultProviders", { accessLogging: ["envoy"] }))).toEqual([]);
    const noTelemetry = byDefault("envoy").remove(meshWide).mesh("defaultProviders tracing", ["jaeger"]);
    expect(ask(noTelemetry)).toEqual([without("of provider envoy", "in Envoy's default format")]);
  });

  it.each(["envoyOtelAls", "envoyHttpAls", "envoyTcpAls", "stackdriver"])(
    "%s carries it by itself",
    (type) => {
      expect(ask(new Mesh().mesh("extensionProviders 1", { name: "json-access-log", [type]: {} }))).toEqual(
        [],
      );
    },
  );

  it("is looked for in labels", () => {
    const labels = (value: unknown) =>
      ask(new Mesh().mesh("extensionProviders 1 envoyFileAccessLog logFormat labels", value));
    expect(labels({ a: "b", c: "%TRACE_ID%" })).toEqual([]);
    expect(labels({ a: "b" })).toEqual([without("of provider json-access-log")]);
    expect(labels({})).toEqual([without("of provider json-access-log", "in Envoy's default format")]);
    expect(labels({ "%TRACE_ID%": "a" })).toHaveLength(1);
    expect(ask(new Mesh().mesh("extensionProviders 1", { name: "json-access-log" }))).toEqual([]);
  });

  it("is looked for in the legacy file, where no provider is used", () => {
    const file = (parts: Record<string, unknown>, entries?: unknown) => {
      const mesh = new Mesh().unset(meshWide, "spec accessLogging");
      if (entries !== undefined) mesh.set(meshWide, "spec accessLogging", entries);
      for (const [key, value] of Object.entries(parts)) mesh.mesh(key, value);
      return ask(mesh);
    };
    const accessLogFile = "/dev/stdout";
    expect(file({})).toEqual([]);
    expect(file({ accessLogFile: "" })).toEqual([]);
    expect(file({ accessLogFile })).toEqual([without("/dev/stdout", "in Envoy's default format")]);
    expect(file({ accessLogFile, accessLogFormat: "" })).toEqual([
      without("/dev/stdout", "in Envoy's default format"),
    ]);
    expect(file({ accessLogFile, accessLogFormat: "%PROTOCOL%" })).toEqual([without("/dev/stdout")]);
    expect(file({ accessLogFile, accessLogFormat: "%TRACE_ID%" })).toEqual([]);
    expect(file({ accessLogFile }, [{}])).toEqual([]);
  });

  it("is no question where nothing is traced", () => {
    expect(ask([istioConfigMap({ accessLogFile: "/dev/stdout" })])).toEqual([]);
    expect(ask([], { collector: "tracing/jaeger:9411" })).toEqual([]);
  });
});
