import { describe, expect, it } from "vitest";
import { collectorHost, type Manifest, Mesh, meshConfig } from "../../../docs/generate/sample/mesh";
import { asker, exampleFault, istioObject, testRule } from "../../fixtures/rule";
import { stringify } from "yaml";

const meshConfigMap = "ConfigMap istio-system/istio";
const environment = "ConfigMap auth/otel-environment";
const meshConfigFrom = (mesh: Mesh, source: Manifest): Mesh =>
  mesh.remove("ConfigMap istio-system/istio").add(source);
const collector = "Service istio-system/jaeger-collector-clusterip";
const meshWide = "Telemetry istio-system/mesh-default";

testRule("mesh-provider", {
  faults: [
    {
      ...exampleFault("mesh-provider"),
      object: meshConfigMap,
      message:
        "ConfigMap istio-system/istio has provider jaeger with port 9412, which Service istio-system/jaeger-collector-clusterip does not have: Envoy rejects listeners whose tracer has no cluster, so new pods never become ready; its port for spans is 9411",
      fix: `# in the mesh config of ConfigMap istio-system/istio, under extensionProviders, jaeger, zipkin
port: 9411`,
    },
    {
      name: "the provider's port is missing",
      breaks: (mesh) => mesh.zipkin("port", undefined),
      object: meshConfigMap,
      message:
        "ConfigMap istio-system/istio has provider jaeger with no port; use a port between 1 and 65535",
      fix: `# in the mesh config of ConfigMap istio-system/istio, under extensionProviders, jaeger, zipkin
port: 9411`,
    },
    {
      name: "the provider's path is that of version 1",
      breaks: (mesh) => mesh.zipkin("path", "/api/v1/spans"),
      object: meshConfigMap,
      message:
        "ConfigMap istio-system/istio has provider jaeger with path /api/v1/spans, but the collector receives Zipkin v2 spans on /api/v2/spans",
      fix: `# in the mesh config of ConfigMap istio-system/istio, under extensionProviders, jaeger, zipkin
path: /api/v2/spans`,
    },
    {
      name: "the provider's host is not qualified",
      breaks: (mesh) => mesh.zipkin("service", "istio-system/jaeger-collector-clusterip.istio-system"),
      object: meshConfigMap,
      message:
        "ConfigMap istio-system/istio has provider jaeger with service istio-system/jaeger-collector-clusterip.istio-system, which Istio cannot resolve to a Service; use the fully qualified host",
      fix: `# in the mesh config of ConfigMap istio-system/istio, under extensionProviders, jaeger, zipkin
service: istio-system/jaeger-collector-clusterip.istio-system.svc.cluster.local`,
    },
    {
      name: "the provider's host is the Service's name",
      breaks: (mesh) => mesh.zipkin("service", "istio-system/jaeger-collector-clusterip"),
      object: meshConfigMap,
      message:
        "ConfigMap istio-system/istio has provider jaeger with service istio-system/jaeger-collector-clusterip, which Istio cannot resolve to a Service; use the fully qualified host",
      fix: `# in the mesh config of ConfigMap istio-system/istio, under extensionProviders, jaeger, zipkin
service: istio-system/jaeger-collector-clusterip.istio-system.svc.cluster.local`,
    },
    {
      name: "the provider's namespace is not the host's",
      breaks: (mesh) => mesh.zipkin("service", `observability/${collectorHost}`),
      object: meshConfigMap,
      message:
        "ConfigMap istio-system/istio has provider jaeger with service observability/jaeger-collector-clusterip.istio-system.svc.cluster.local, whose namespace observability is not the host's; use istio-system",
      fix: `# in the mesh config of ConfigMap istio-system/istio, under extensionProviders, jaeger, zipkin
service: istio-system/jaeger-collector-clusterip.istio-system.svc.cluster.local`,
    },
    {
      name: "the provider's host has no namespace in front",
      breaks: (mesh) => mesh.zipkin("service", collectorHost),
      object: meshConfigMap,
      level: "info",
      message:
        "ConfigMap istio-system/istio has provider jaeger with service jaeger-collector-clusterip.istio-system.svc.cluster.local: tracing stops if another namespace defines that host, too; with its namespace in front it does not",
      fix: `# in the mesh config of ConfigMap istio-system/istio, under extensionProviders, jaeger, zipkin
service: istio-system/jaeger-collector-clusterip.istio-system.svc.cluster.local`,
    },
    {
      name: "the provider's trace context option does not exist",
      breaks: (mesh) =>
        mesh
          .zipkin("traceContextOption", "USE_W3C")
          .set(environment, "data OTEL_PROPAGATORS", "tracecontext,b3"),
      object: meshConfigMap,
      message:
        "ConfigMap istio-system/istio has provider jaeger with traceContextOption USE_W3C; use USE_B3 or USE_B3_WITH_W3C_PROPAGATION",
      fix: `# in the mesh config of ConfigMap istio-system/istio, under extensionProviders, jaeger, zipkin
traceContextOption: USE_B3_WITH_W3C_PROPAGATION`,
    },
  ],
  harmless: [
    {
      name: "the mesh config in an IstioOperator",
      varies: (mesh) =>
        meshConfigFrom(mesh, {
          apiVersion: "install.istio.io/v1alpha1",
          kind: "IstioOperator",
          metadata: { name: "istio", namespace: "istio-system" },
          spec: { meshConfig: meshConfig() },
        }),
    },
    {
      name: "the mesh config in the sail operator's Istio",
      varies: (mesh) =>
        meshConfigFrom(mesh, {
          apiVersion: "sailoperator.io/v1",
          kind: "Istio",
          metadata: { name: "default" },
          spec: { version: "v1.31.0", namespace: "istio-system", values: { meshConfig: meshConfig() } },
        }),
    },
    {
      name: "the mesh config in an Argo CD Application",
      varies: (mesh) =>
        meshConfigFrom(mesh, {
          apiVersion: "argoproj.io/v1alpha1",
          kind: "Application",
          metadata: { name: "istiod", namespace: "argocd" },
          spec: {
            destination: { namespace: "istio-system" },
            source: {
              chart: "istiod",
              targetRevision: "1.31.0",
              helm: { values: stringify({ meshConfig: meshConfig() }) },
            },
          },
        }),
    },
    {
      name: "the mesh config in a Flux HelmRelease",
      varies: (mesh) =>
        meshConfigFrom(mesh, {
          apiVersion: "helm.toolkit.fluxcd.io/v2",
          kind: "HelmRelease",
          metadata: { name: "istiod", namespace: "istio-system" },
          spec: {
            chart: { spec: { chart: "istiod", version: "1.31.0" } },
            values: { meshConfig: meshConfig() },
          },
        }),
    },
  ],
});

describe("mesh-provider", () => {
  const ask = asker("mesh-provider");
  const says = (what: string, lines: string, level = "error", type = "zipkin") =>
    `${level}: ConfigMap istio-system/istio has provider jaeger with ${what}\n# in the mesh config of ConfigMap istio-system/istio, under extensionProviders, jaeger, ${type}\n${lines}`;
  const right = `service: istio-system/${collectorHost}`;
  const service = (value: unknown) => ask(new Mesh().zipkin("service", value));
  const unqualified = (written: string, wanted = right) => [
    says(`service ${written}, which Istio cannot resolve to a Service; use the fully qualified host`, wanted),
  ];

  const outside = (written: string) =>
    says(
      `service ${written}, a host outside the cluster that no ServiceEntry in the input defines; add a ServiceEntry`,
      `service: ${written}`,
      "warning",
    );

  it.each<[string, unknown, string[]]>([
    ["a qualified host with its namespace", `istio-system/${collectorHost}`, []],
    ["nothing", undefined, [says("no service; set the collector's", "service: namespace/host")]],
    ["empty text", "", [says("no service; set the collector's", "service: namespace/host")]],
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
          `service tracing/${collectorHost}, whose namespace tracing is not the host's; use istio-system`,
          right,
        ),
      ],
    ],
    [
      "a host without a namespace",
      collectorHost,
      [
        says(
          `service ${collectorHost}: tracing stops if another namespace defines that host, too; with its namespace in front it does not`,
          right,
          "info",
        ),
      ],
    ],
    [
      "a host with a dot at its end",
      "istio-system/jaeger.istio-system.svc.",
      [outside("istio-system/jaeger.istio-system.svc.")],
    ],
    ["a name of no namespace", "zipkin", [outside("zipkin")]],
    ["a host outside", "istio-system/zipkin.example.com", [outside("istio-system/zipkin.example.com")]],
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
      says(`${what}; use a port between 1 and 65535`, "port: 9411"),
    ]);
  });

  it("has a port that the Service has: the one for spans", () => {
    const wrong = [
      says(
        `port 9412, which ${collector} does not have: Envoy rejects listeners whose tracer has no cluster, so new pods ` +
          "never become ready; its port for spans is 80",
        "port: 80",
      ),
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
    expect(ask(new Mesh().zipkin("port", 1))).toEqual([expect.stringContaining("port 1, which")]);
    expect(ask(new Mesh().zipkin("port", 65535))).toEqual([expect.stringContaining("port 65535, which")]);
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
        `port 4318, which ${collector} does not have; its port for spans is 4317`,
        "port: 4317",
        "error",
        "opentelemetry",
      ),
    ];
    expect(opentelemetry(4318, [{ port: 9411 }, { port: 4317 }])).toEqual(wrong);
    expect(opentelemetry(4318, [{ port: 4317, targetPort: 1, name: "otlp-grpc" }])).toEqual(wrong);
    expect(opentelemetry(4318, [{ port: 4317, targetPort: 1, name: "otel" }])).toEqual(wrong);
    expect(opentelemetry(4317, [{ port: 4317 }])).toEqual([]);
    expect(opentelemetry(4319, [{ port: 4318, name: "http-otlp" }, { port: 4317 }])).toHaveLength(1);
    expect(opentelemetry(4319, [{ port: 4318, name: "http-otlp" }])).toEqual([]);
  });

  it("of OpenTelemetry has the port of its transport, and over HTTP the path of traces", () => {
    const provider = (port: number, http?: unknown, mesh = new Mesh()) =>
      ask(
        mesh.mesh("extensionProviders 0", {
          name: "jaeger",
          opentelemetry: { service: `istio-system/${collectorHost}`, port, http },
        }),
      );
    const error = (what: string, fix: string) => [says(what, fix, "error", "opentelemetry")];
    const path = "/v1/traces";
    expect(provider(4317)).toEqual([]);
    expect(provider(4318, { path, timeout: "2s" })).toEqual([]);
    expect(provider(4318, { path: `/api/default${path}` })).toEqual([]);
    expect(provider(4318)).toEqual(
      error(
        "port 4318, which takes OTLP over HTTP, while proxies send it over gRPC (without http); use port 4317",
        "port: 4317",
      ),
    );
    const overHttp = (port: number) =>
      error(
        `port ${port}, which takes OTLP over gRPC, while proxies send it over HTTP (with http); use port 4318`,
        "port: 4318",
      );
    expect(provider(4317, { path })).toEqual(overHttp(4317));
    const renamed = new Mesh().set(collector, "spec ports", [{ port: 80, targetPort: 4317 }]);
    expect(provider(80, { path }, renamed)).toEqual(overHttp(80));
    expect(provider(4318, { path: "/v1/trace", timeout: "2s" })).toEqual(
      error(
        "path /v1/trace, but collectors receive OTLP over HTTP on /v1/traces",
        "http:\n  path: /v1/traces\n  timeout: 2s",
      ),
    );
    expect(provider(4318, {})).toEqual(
      error("no path, but collectors receive OTLP over HTTP on /v1/traces", "http:\n  path: /v1/traces"),
    );
  });

  it("is one of two where a ServiceEntry of another namespace has the host, too", () => {
    const entry = (namespace: string) => ({
      apiVersion: "networking.istio.io/v1",
      kind: "ServiceEntry",
      metadata: { name: "tracing", namespace },
      spec: { hosts: [collectorHost] },
    });
    const bare = () => new Mesh().zipkin("service", collectorHost);
    const two = (level: string) => [
      says(
        `service ${collectorHost}, a host that ServiceEntry shop/tracing defines, too: of two istiod takes neither, and nothing is traced; write namespace/host`,
        right,
        level,
      ),
    ];
    expect(ask(bare().add(entry("shop")))).toEqual(two("error"));
    expect(ask(bare().remove(collector).add(entry("shop")))).toEqual(two("warning"));
    expect(ask(bare().add(entry("istio-system"))).map((line) => line.slice(0, 4))).toEqual(["info"]);
    expect(ask(new Mesh().add(entry("shop")))).toEqual([]);
  });

  it("has a path and an option that exist", () => {
    const path = (value: unknown, limits = {}) => ask(new Mesh().zipkin("path", value), {}, limits);
    expect(path("")).toEqual([]);
    expect(path("/api/v2/spans")).toEqual([]);
    expect(path("/spans", { paths: ["/spans"] })).toEqual([]);
    expect(path("/api/v2/spans", { paths: ["/a", "/b"] })).toEqual([
      says("path /api/v2/spans, but the collector receives Zipkin v2 spans on /a, /b", "path: /a"),
    ]);
    const option = (value: unknown) => ask(new Mesh().zipkin("traceContextOption", value));
    expect(option("USE_B3")).toEqual([]);
    expect(option("USE_B3_WITH_W3C_PROPAGATION")).toEqual([]);
    expect(option(undefined)).toEqual([]);
    expect(option(2)).toEqual([
      says(
        "traceContextOption 2; use USE_B3 or USE_B3_WITH_W3C_PROPAGATION",
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
