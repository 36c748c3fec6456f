import { describe, expect, it } from "vitest";
import { collectorConfig, withCollector } from "../../../docs/generate/sample/collector";
import { type Manifest, Mesh } from "../../../docs/generate/sample/mesh";
import { asker, exampleFault, testRule } from "../../fixtures/rule";

const collector = "ConfigMap observability/otel-collector";
const jaeger = "jaeger-collector-clusterip.istio-system.svc.cluster.local";
const withExporter = (exporter: object, name = "otlp") => ({
  ...collectorConfig,
  exporters: { [name]: exporter },
  service: { pipelines: { traces: { ...collectorConfig.service.pipelines.traces, exporters: [name] } } },
});

/** The next collector, whose pods and Services the operator makes. */
const gateway = (config: object, more: object = {}): Manifest => ({
  apiVersion: "opentelemetry.io/v1beta1",
  kind: "OpenTelemetryCollector",
  metadata: { name: "gateway", namespace: "observability" },
  spec: { config, ...more },
});

/** What the next collector says of TLS where it takes OTLP. */
const takingWith = (tls: object | string) => {
  const protocol = (port: number) => ({ endpoint: `0.0.0.0:${port}`, tls });
  const receivers = {
    ...collectorConfig.receivers,
    otlp: { protocols: { grpc: protocol(4317), http: protocol(4318) } },
  };
  return gateway({ ...collectorConfig, receivers });
};

/** A collector's pipeline with an exporter that prints. */
const printing = (...exporters: string[]) => ({
  ...collectorConfig,
  exporters: { ...collectorConfig.exporters, debug: {} },
  service: { pipelines: { traces: { receivers: ["otlp", "zipkin"], processors: ["batch"], exporters } } },
});

testRule("collector-exports", {
  faults: [
    {
      ...exampleFault("collector-exports"),
      object: collector,
      message: `${collector} speaks TLS to Service istio-system/jaeger-collector-clusterip, port 4317 (exporters.otlp does not set tls.insecure), but Deployment istio-system/jaeger accepts OTLP over gRPC there only without TLS: all spans are lost`,
      fix: "# in exporters.otlp\ntls:\n  insecure: true",
    },
    {
      name: "a collector that somebody looks at, and that forwards nothing",
      breaks: (mesh) => withCollector(mesh, printing("debug")),
      object: collector,
      level: "warning",
      message: `${collector} prints the spans it is sent, or drops them, and forwards none: no store of traces gets them`,
      fix: "",
    },
    {
      name: "an exporter to the collector's own pod",
      breaks: (mesh) => withCollector(mesh, withExporter({ endpoint: "http://localhost:4317" })),
      object: collector,
      message: `${collector} forwards spans to localhost:4317 (exporters.otlp), which is its own pod: all of them are lost`,
      fix: "",
    },
    {
      name: "a Service that is not there",
      breaks: (mesh) =>
        withCollector(mesh, withExporter({ endpoint: "jaeger.istio-system:4317", tls: { insecure: true } })),
      object: collector,
      level: "warning",
      message: `${collector} forwards spans to Service istio-system/jaeger (exporters.otlp), which is not in the input, although other Services of istio-system are`,
      fix: "# in exporters.otlp\nendpoint: jaeger-collector-clusterip.istio-system.svc:4317",
    },
    {
      name: "a Service that is not there, by a variable of the container",
      breaks: (mesh) =>
        withCollector(
          mesh,
          withExporter({ endpoint: "${env:STORE}.istio-system:4317", tls: { insecure: true } }),
        ).set("Deployment observability/otel-collector", "spec template spec containers 0 env", [
          { name: "STORE", value: "jaeger" },
        ]),
      object: collector,
      level: "warning",
      message: `${collector} forwards spans to Service istio-system/jaeger (exporters.otlp), which is not in the input, although other Services of istio-system are`,
      fix: "# in exporters.otlp\nendpoint: jaeger-collector-clusterip.istio-system.svc:4317",
    },
    {
      name: "a port that the Service has not",
      breaks: (mesh) =>
        withCollector(mesh, withExporter({ endpoint: `${jaeger}:55680`, tls: { insecure: true } })),
      object: collector,
      message:
        `${collector} forwards spans to port 55680 of Service istio-system/jaeger-collector-clusterip (exporters.otlp), which ` +
        "has only 9411, 4317 and 4318: all of them are lost",
      fix:
        "# in spec.ports of Service istio-system/jaeger-collector-clusterip, or correct exporters.otlp.endpoint\n" +
        "- name: grpc-otlp\n  port: 55680\n  targetPort: 55680\n  protocol: TCP",
    },
    {
      name: "a store that takes its spans with TLS",
      breaks: (mesh) =>
        withCollector(
          mesh,
          withExporter({ endpoint: "gateway-collector:4317", tls: { insecure: true } }),
        ).add(takingWith({ cert_file: "/tls/tls.crt", key_file: "/tls/tls.key" })),
      object: collector,
      message:
        `${collector} speaks to Service observability/gateway-collector, port 4317, without TLS (exporters.otlp), but ` +
        "OpenTelemetryCollector observability/gateway accepts OTLP over gRPC there only with TLS: all spans are lost",
      fix: "# in exporters.otlp\ntls:\n  insecure: false\n  ca_file: /etc/otel/ca.crt",
    },
    {
      name: "TLS by the scheme, and a store without",
      breaks: (mesh) => withCollector(mesh, withExporter({ endpoint: `https://${jaeger}:4318` }, "otlphttp")),
      object: collector,
      message:
        `${collector} speaks TLS to Service istio-system/jaeger-collector-clusterip, port 4318 (exporters.otlphttp), but ` +
        "Deployment istio-system/jaeger accepts OTLP over HTTP there only without TLS: all spans are lost",
      fix: `# in exporters.otlphttp\nendpoint: http://${jaeger}:4318`,
      besides: ["trace-path-open"],
    },
    {
      name: "a Service that is not there, by a scheme",
      breaks: (mesh) =>
        withCollector(mesh, withExporter({ endpoint: "http://jaeger.istio-system:9411" }, "zipkin")),
      options: { isComplete: true },
      object: collector,
      message: `${collector} forwards spans to Service istio-system/jaeger (exporters.zipkin), which is not in the input, although other Services of istio-system are`,
      fix: "# in exporters.zipkin\nendpoint: http://jaeger-collector-clusterip.istio-system.svc:9411",
    },
    {
      name: "a way back to itself",
      breaks: (mesh) =>
        withCollector(mesh, withExporter({ endpoint: "http://otel-collector:4318" }, "otlphttp")),
      object: collector,
      message: `${collector} forwards spans to Service observability/otel-collector (exporters.otlphttp), which leads back to itself, so spans loop until they are dropped`,
      fix: "",
    },
  ],
  harmless: [
    {
      name: "a collector that somebody looks at, and that forwards",
      varies: (mesh) => withCollector(mesh, printing("debug", "otlp")),
    },
    {
      name: "a collector that forwards elsewhere",
      varies: (mesh) =>
        withCollector(mesh, { ...printing("debug", "kafka"), exporters: { debug: {}, kafka: {} } }),
    },
    { name: "an exporter that fits", varies: (mesh) => withCollector(mesh) },
    {
      name: "TLS with a certificate, which the next collector has",
      varies: (mesh) =>
        withCollector(mesh, withExporter({ endpoint: "gateway-collector:4317" })).add(
          takingWith({ cert_file: "/tls/tls.crt" }),
        ),
    },
    {
      name: "TLS of the next collector that a variable says",
      varies: (mesh) =>
        withCollector(mesh, withExporter({ endpoint: "gateway-collector:4317" })).add(
          takingWith("${file:/conf/tls.yaml}"),
        ),
    },
    {
      name: "another name of a host, whatever its ports",
      varies: (mesh) =>
        withCollector(mesh, withExporter({ endpoint: "http://store:4317" })).add({
          apiVersion: "v1",
          kind: "Service",
          metadata: { name: "store", namespace: "observability" },
          spec: { type: "ExternalName", externalName: "store.example.com" },
        }),
    },
    {
      name: "a headless Service, whose name stands for the pods with all their ports",
      varies: (mesh) =>
        withCollector(mesh, withExporter({ endpoint: "http://jaeger-pods.istio-system:4317" })).add({
          apiVersion: "v1",
          kind: "Service",
          metadata: { name: "jaeger-pods", namespace: "istio-system" },
          spec: {
            clusterIP: "None",
            selector: { "app.kubernetes.io/name": "jaeger" },
            ports: [{ name: "http-query", port: 16686 }],
          },
        }),
    },
    {
      name: "a scheme that says there is no TLS",
      varies: (mesh) => withCollector(mesh, withExporter({ endpoint: `http://${jaeger}:4317` })),
    },
    {
      name: "a host that a variable says",
      besides: ["known-inputs"],
      varies: (mesh) => withCollector(mesh, withExporter({ endpoint: "${env:BACKEND}:4317" })),
    },
    {
      name: "a host outside the cluster",
      varies: (mesh) => withCollector(mesh, withExporter({ endpoint: "api.traces.example.com:443" })),
    },
    {
      name: "a namespace of which nothing is in the input",
      varies: (mesh) => withCollector(mesh, withExporter({ endpoint: "tempo.elsewhere:4317" })),
    },
    {
      name: "an exporter that no pipeline uses",
      varies: (mesh) =>
        withCollector(mesh, {
          ...collectorConfig,
          exporters: { ...collectorConfig.exporters, "otlp/old": { endpoint: "localhost:1" } },
        }),
    },
  ],
});

describe("collector-exports", () => {
  const ask = asker("collector-exports");
  const brief = (exporter: object, name?: string, change: (mesh: Mesh) => Mesh = (mesh) => mesh) =>
    ask(change(withCollector(new Mesh(), withExporter(exporter, name)))).map((line) =>
      line.split("\n")[0]?.replace(`error: ${collector} `, ""),
    );

  it.each<[string, object, string]>([
    ["otlp", { endpoint: `${jaeger}:4317`, tls: {} }, "speaks TLS"],
    ["otlp/x", { endpoint: `https://${jaeger}:4317`, tls: { insecure: true } }, "speaks TLS"],
    ["otlphttp", { endpoint: `https://${jaeger}:4318` }, "speaks TLS"],
    ["otlp_http", { traces_endpoint: `https://${jaeger}:4318/v1/traces` }, "speaks TLS"],
    ["otlphttp", { endpoint: `http://${jaeger}:4318` }, ""],
    ["zipkin", { endpoint: `http://${jaeger}:9411/api/v2/spans` }, ""],
    ["otlp", { endpoint: `${jaeger}:4317`, tls: { insecure: "${env:INSECURE}" } }, ""],
    ["otlp", { endpoint: `${jaeger}:4317`, tls: { insecure: "true" } }, ""],
  ])("%s with %j: %j", (name, exporter, expected) => {
    expect(brief(exporter, name).map((line) => line?.slice(0, expected.length))).toEqual(
      expected === "" ? [] : [expected],
    );
  });

  it("doubts TLS that nobody asked for where the receiver is not known", () => {
    const hidden = (mesh: Mesh) =>
      mesh.set("Deployment istio-system/jaeger", "spec template spec containers 0 image", "x/store:1");
    expect(brief({ endpoint: `${jaeger}:4317` }, "otlp", hidden)).toEqual([
      `warning: ${collector} speaks TLS to Service istio-system/jaeger-collector-clusterip, port 4317, because exporters.otlp does not set tls.insecure; receivers without a certificate expect OTLP without TLS`,
    ]);
    expect(brief({ endpoint: `${jaeger}:4317`, tls: { ca_file: "/ca" } }, "otlp", hidden)).toEqual([]);
    expect(brief({ endpoint: `https://${jaeger}:4318` }, "otlphttp", hidden)).toEqual([]);
  });

  it.each<[object, string, string, string]>([
    [
      { endpoint: jaeger },
      "otlp",
      `endpoint: ${jaeger}, which is no host with a port alone, so the collector does not start`,
      `endpoint: ${jaeger}:4317`,
    ],
    [
      { endpoint: `http://${jaeger}:4317/` },
      "otlp",
      `endpoint: http://${jaeger}:4317/, which is no host with a port alone, so the collector does not start`,
      `endpoint: http://${jaeger}:4317`,
    ],
    [
      { endpoint: `${jaeger}:4318` },
      "otlphttp",
      `endpoint: ${jaeger}:4318, without a scheme: all spans are lost`,
      `endpoint: http://${jaeger}:4318`,
    ],
    [
      { endpoint: `${jaeger}:9411/api/v2/spans` },
      "zipkin",
      `endpoint: ${jaeger}:9411/api/v2/spans, without a scheme: all spans are lost`,
      `endpoint: http://${jaeger}:9411/api/v2/spans`,
    ],
    [
      { endpoint: "https://otlp.example.com/v1/traces" },
      "otlphttp",
      "endpoint: https://otlp.example.com/v1/traces, to which the exporter appends /v1/traces once more: all spans are lost",
      "endpoint: https://otlp.example.com",
    ],
    [
      { traces_endpoint: `http://${jaeger}:4318/` },
      "otlphttp",
      `traces_endpoint: http://${jaeger}:4318/, to which the exporter appends nothing, and collectors take traces on /v1/traces`,
      `traces_endpoint: http://${jaeger}:4318/v1/traces`,
    ],
  ])("knows what an address has to have: %j of %s", (exporter, name, says, fix) => {
    const found = ask(withCollector(new Mesh(), withExporter(exporter, name)));
    expect(found).toEqual([
      `error: ${collector} has exporters.${name}.${says}\n# in exporters.${name}\n${fix}`,
    ]);
  });

  it.each<[object, string]>([
    [{ endpoint: `dns:///${jaeger}:4317`, tls: { insecure: true } }, "otlp"],
    [{ endpoint: `http://${jaeger}:4318` }, "otlphttp"],
    [{ traces_endpoint: `http://${jaeger}:4318/v1/traces` }, "otlphttp"],
    [{ traces_endpoint: "https://traces.example.com/api/v0.2/traces" }, "otlphttp"],
    [{ endpoint: `http://${jaeger}:9411` }, "zipkin"],
  ])("has nothing to say of the address of %j of %s", (exporter, name) => {
    expect(ask(withCollector(new Mesh(), withExporter(exporter, name)))).toEqual([]);
  });

  it.each([
    ["for its release", { name: "tempo", namespace: "istio-system" }, "tempo", {}, 0],
    ["for itself", { name: "traces", namespace: "istio-system" }, "tempo", {}, 0],
    ["as its values say", { name: "x", namespace: "istio-system" }, "x", { fullnameOverride: "tempo" }, 0],
    ["otherwise", { name: "loki", namespace: "istio-system" }, "loki", {}, 1],
    ["for itself, elsewhere", { name: "tempo", namespace: "other" }, "tempo", {}, 1],
  ])("knows a Service that a chart names %s", (_, metadata, chart, values, expected) => {
    const release = (mesh: Mesh) =>
      mesh.add({
        apiVersion: "helm.toolkit.fluxcd.io/v2",
        kind: "HelmRelease",
        metadata,
        spec: { chart: { spec: { chart } }, values },
      });
    for (const name of ["tempo", "tempo-distributor"]) {
      const exporter = { endpoint: `${name}.istio-system:4317`, tls: { insecure: true } };
      expect(brief(exporter, "otlp", release)).toHaveLength(expected);
    }
  });

  it.each([4318, "otlp"])("says nothing of TLS on a way that ends at another receiver: %s", (targetPort) => {
    const elsewhere = (mesh: Mesh) =>
      mesh.set("Service istio-system/jaeger-collector-clusterip", "spec ports 1 targetPort", targetPort);
    expect(brief({ endpoint: `${jaeger}:4317` }, "otlp", elsewhere)).toEqual([]);
  });

  it("proposes the port of a Service by the exporter's protocol", () => {
    const namesOf = (name: string) =>
      ask(withCollector(new Mesh(), withExporter({ endpoint: `http://${jaeger}:1234` }, name))).map(
        (line) => /- name: (.*)/.exec(line)?.[1],
      );
    expect(["otlp", "otlphttp", "zipkin"].flatMap(namesOf)).toEqual([
      "grpc-otlp",
      "http-otlp",
      "http-zipkin",
    ]);
  });

  it("proposes no Service that leads back, and none that lacks the port", () => {
    const lost = (mesh: Mesh) => ask(withCollector(mesh, withExporter({ endpoint: "http://jaeger:4317" })));
    const other = (ports: object[]): Manifest => ({
      apiVersion: "v1",
      kind: "Service",
      metadata: { name: "other", namespace: "observability" },
      spec: { selector: { app: "other" }, ports },
    });
    const fixes = (ports: object[]) => lost(new Mesh().add(other(ports))).map((line) => line.split("\n")[2]);
    expect(fixes([{ port: 4317 }])).toEqual(["endpoint: http://other.observability.svc:4317"]);
    expect(fixes([{ port: 4318 }])).toEqual([undefined]);
  });

  it.each([
    ["a container", "containers 1", { name: "agent", image: "x/agent:1" }],
    ["the agent of its node", "hostNetwork", true],
  ])("lets %s be the next", (_, key, value) => {
    const beside = (mesh: Mesh) =>
      mesh.set("Deployment observability/otel-collector", `spec template spec ${key}`, value);
    expect(brief({ endpoint: "http://127.0.0.1:9999" })).toHaveLength(1);
    expect(brief({ endpoint: "http://127.0.0.1:9999" }, "otlp", beside)).toEqual([]);
    expect(brief({ endpoint: "http://127.0.0.1:4317" }, "otlp", beside)).toHaveLength(1);
  });

  it.each<[string, object, number[]]>([
    ["alone", {}, [4317, 9999]],
    ["with a container beside it", { additionalContainers: [{ name: "agent" }] }, [4317]],
    ["on its node's network", { hostNetwork: true }, [4317]],
  ])("knows what listens beside the operator's collector %s", (_, more, expected) => {
    const isLost = (port: number) => {
      const config = withExporter({ endpoint: `http://localhost:${port}` });
      return ask(new Mesh().add(gateway(config, more))).length > 0;
    };
    expect([4317, 9999].filter(isLost)).toEqual(expected);
  });
});
