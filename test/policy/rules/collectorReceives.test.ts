import { describe, expect, it } from "vitest";
import { stringify } from "yaml";
import { collectorConfig, withCollector } from "../../../docs/generate/sample/collector";
import { type Manifest, Mesh } from "../../../docs/generate/sample/mesh";
import { asker, exampleFault, istioObject, testRule } from "../../fixtures/rule";

const jaeger = "Deployment istio-system/jaeger";
const image = "spec template spec containers 0 image";
const env = "spec template spec containers 0 env";
const collector = "ConfigMap observability/otel-collector";
const endpoint = "data OTEL_EXPORTER_OTLP_ENDPOINT";
const environment = "ConfigMap auth/otel-environment";
const at = "http://otel-collector.observability.svc.cluster.local:4317";
const jaeger1 = (mesh: Mesh, version = "1.62.0", ...variables: [string, string][]) =>
  mesh.set(jaeger, image, `jaegertracing/all-in-one:${version}`).set(
    jaeger,
    env,
    variables.map(([name, value]) => ({ name, value })),
  );

/** A collector that passes spans on with an exporter of a type, beside the one that works. */
const exportingTo = (name: string) => ({
  ...collectorConfig,
  exporters: {
    ...collectorConfig.exporters,
    [name]: { endpoint: "jaeger-collector-clusterip.istio-system:14250" },
  },
  service: {
    pipelines: { traces: { ...collectorConfig.service.pipelines.traces, exporters: ["otlp", name] } },
  },
});
const imageOf = (version: string) => ({ image: `otel/opentelemetry-collector-contrib:${version}` });

const withPipeline = (metrics: object) => ({
  ...collectorConfig,
  service: { pipelines: { ...collectorConfig.service.pipelines, metrics } },
});

testRule("collector-receives", {
  faults: [
    {
      name: "an exporter that this version no longer has",
      breaks: (mesh) => withCollector(mesh, exportingTo("jaeger"), imageOf("0.88.0")),
      object: collector,
      message: `${collector} uses exporter jaeger, which the collector no longer has since 0.86, so it does not start`,
      fix: `# in the collector's configuration, in place of exporter jaeger, and in its pipelines
exporters:
  otlp/jaeger:
    endpoint: jaeger-collector-clusterip.istio-system:4317
    tls:
      insecure: true`,
    },
    {
      name: "an exporter that writes logs under its old name",
      breaks: (mesh) => withCollector(mesh, exportingTo("logging"), imageOf("0.111.0")),
      object: collector,
      message: `${collector} uses exporter logging, which the collector no longer has since 0.111, so it does not start`,
      fix: "# in the collector's configuration, in place of exporter logging, and in its pipelines\nexporters:\n  debug: {}",
    },
    {
      ...exampleFault("collector-receives"),
      object: jaeger,
      message:
        `${jaeger} has no receiver for Zipkin, but Deployment auth/auth-api, Deployment character/character-api and 6 more send it to ` +
        "Service istio-system/jaeger-collector-clusterip, port 9411: these spans are lost",
      fix: "# in env of Jaeger's container\n- name: COLLECTOR_ZIPKIN_HOST_PORT\n  value: :9411",
    },
    {
      name: "flags in place of the program",
      breaks: (mesh) =>
        withCollector(mesh)
          .set("Deployment observability/otel-collector", "spec template spec containers 0 command", [
            "--config=/conf/config.yaml",
          ])
          .set("Deployment observability/otel-collector", "spec template spec containers 0 args", ["--x"]),
      object: "Deployment observability/otel-collector",
      message:
        "Deployment observability/otel-collector container otel-collector has command --config=/conf/config.yaml, which is no program but " +
        "takes the place of the image's, so it does not start; make it args",
      fix: "# in container otel-collector, in place of command\nargs:\n  - --config=/conf/config.yaml\n  - --x",
    },
    {
      name: "a pipeline has nowhere to send to",
      breaks: (mesh) => withCollector(mesh, withPipeline({ receivers: ["otlp"], exporters: [] })),
      object: collector,
      message: `${collector} has no exporters in pipeline metrics, so the collector does not start; name one, or take the pipeline out`,
      fix: "",
    },
    {
      name: "a pipeline has nothing to take from",
      breaks: (mesh) => withCollector(mesh, withPipeline({ exporters: ["otlp"] })),
      object: collector,
      message: `${collector} has no receivers in pipeline metrics, so the collector does not start; name one, or take the pipeline out`,
      fix: "",
    },
    {
      name: "a pipeline names what nothing defines",
      breaks: (mesh) => withCollector(mesh, { ...collectorConfig, processors: {} }),
      object: collector,
      message: `${collector} names processor batch (pipeline traces) and does not define it, so the collector does not start`,
      fix: "# in the collector's configuration, or take the name out of the pipeline\nprocessors:\n  batch: {}",
    },
  ],
  harmless: [
    {
      name: "a pipeline whose receivers a variable says",
      varies: (mesh) =>
        withCollector(mesh, withPipeline({ receivers: "${env:RECEIVERS}", exporters: ["otlp"] })),
    },
    {
      name: "an exporter that this version still has",
      varies: (mesh) => withCollector(mesh, exportingTo("jaeger"), imageOf("0.85.0")),
    },
    {
      name: "an exporter that only some versions have, of an unknown one",
      varies: (mesh) => withCollector(mesh, exportingTo("jaeger"), imageOf("latest")),
    },
    { name: "a collector in front of Jaeger", varies: (mesh) => withCollector(mesh) },
    {
      name: "a program and its flags, and flags alone of a container that is no collector",
      varies: (mesh) =>
        withCollector(mesh)
          .set("Deployment observability/otel-collector", "spec template spec containers 0 command", [
            "/otelcol",
            "--config=/conf/config.yaml",
          ])
          .set("Deployment auth/auth-api", "spec template spec containers 0 command", ["--serve"]),
    },
    {
      name: "Jaeger 1 that takes Zipkin",
      varies: (mesh) => jaeger1(mesh, "1.62.0", ["COLLECTOR_ZIPKIN_HOST_PORT", ":9411"]),
    },
    {
      name: "a collector whose configuration is a template",
      varies: (mesh) => withCollector(mesh, `{{ if .x }}\n${stringify({ service: { pipelines: {} } })}`),
    },
    {
      name: "a pipeline for logs that names a connector",
      varies: (mesh) =>
        withCollector(mesh, {
          ...collectorConfig,
          connectors: { count: {} },
          service: {
            pipelines: {
              ...collectorConfig.service.pipelines,
              "traces/more": { receivers: ["otlp"], exporters: ["count"] },
              logs: { receivers: ["count"], exporters: ["otlp"] },
            },
          },
        }),
    },
  ],
});

describe("collector-receives", () => {
  const ask = asker("collector-receives");
  /** What is said of a collector that one namespace sends OTLP over gRPC to, without the lines to paste. */
  const brief = (config: object | string, more = {}) =>
    ask(withCollector(new Mesh().set(environment, endpoint, at), config, more)).map((line) =>
      line.split("\n")[0]?.replace(`error: ${collector} `, ""),
    );
  const sent =
    "but Deployment auth/auth-api sends it to Service observability/otel-collector, port 4317: these spans are lost";
  it("doubts a receiver on localhost that only a Service leads to, whoever sends there", () => {
    const objects = (grpc: object, change: (mesh: Mesh) => Mesh = (mesh) => mesh) =>
      ask(
        change(
          withCollector(new Mesh(), {
            ...collectorConfig,
            receivers: { ...collectorConfig.receivers, otlp: { protocols: { grpc } } },
          }),
        ),
      );
    const fix =
      "# in the collector's configuration\nreceivers:\n  otlp:\n    protocols:\n      grpc:\n        endpoint: 0.0.0.0:4317\n" +
      "service:\n  pipelines:\n    traces:\n      receivers:\n        - otlp\n        - zipkin";
    const says = (host: string) => [
      `warning: ${collector} has receivers.otlp.protocols.grpc listening on ${host}, which other pods cannot reach, but ` +
        `Service observability/otel-collector leads to it: what is sent there is lost\n${fix}`,
    ];
    expect(objects({})).toEqual(says("localhost (the default of this version)"));
    expect(objects({ endpoint: "127.0.0.1:4317" })).toEqual(says("127.0.0.1"));
    expect(objects({ endpoint: "0.0.0.0:4317" })).toEqual([]);
    const without = (mesh: Mesh) => mesh.remove("Service observability/otel-collector");
    expect(objects({}, without)).toEqual([]);
    const elsewhere = (mesh: Mesh) =>
      mesh.set("Service observability/otel-collector", "spec ports", [{ port: 4317, targetPort: 9999 }]);
    expect(objects({}, elsewhere)).toEqual([]);
    // With senders it is sure, and said once.
    const sending = objects({}, (mesh) => mesh.set(environment, endpoint, at));
    expect(sending.map((line) => line.slice(0, 5))).toEqual(["error"]);
  });

  const withReceivers = (receivers: object, used: string[]) => ({
    ...collectorConfig,
    receivers,
    service: { pipelines: { traces: { ...collectorConfig.service.pipelines.traces, receivers: used } } },
  });
  const grpc = (own: unknown) => withReceivers({ otlp: { protocols: { grpc: own } } }, ["otlp"]);
  const local = (why = " (the default of this version)") =>
    `has receivers.otlp.protocols.grpc listening on localhost${why}, which other pods cannot reach, ${sent}`;

  it.each<[string, object, string[]]>([
    [
      "no receiver for it",
      withReceivers({ zipkin: {} }, ["zipkin"]),
      [`has no receiver for OTLP over gRPC, ${sent}`],
    ],
    [
      "only the other transport",
      withReceivers({ otlp: { protocols: { http: { endpoint: "0.0.0.0:4317" } } } }, ["otlp"]),
      [`has no receiver for OTLP over gRPC, ${sent}`],
    ],
    [
      "a receiver in no pipeline",
      withReceivers({ ...collectorConfig.receivers }, ["zipkin"]),
      [`has receiver otlp in no traces pipeline, so it is not started, ${sent}`],
    ],
    ["no address", grpc({}), [local()]],
    ["null for no settings", grpc(null), [local()]],
    ["localhost", grpc({ endpoint: "localhost:4317" }), [local("")]],
    [
      "another port",
      grpc({ endpoint: "0.0.0.0:4319" }),
      [
        "takes OTLP over gRPC on port 4319 (receivers.otlp.protocols.grpc), but Deployment auth/auth-api sends it to Service " +
          "observability/otel-collector, port 4317, which leads to 4317: these spans are lost",
      ],
    ],
    [
      "TLS",
      grpc({ endpoint: ":4317", tls: { cert_file: "/tls/tls.crt" } }),
      [
        "accepts OTLP over gRPC only with TLS (receivers.otlp.protocols.grpc.tls), but Deployment auth/auth-api sends it without TLS " +
          "to Service observability/otel-collector, port 4317: these spans are lost",
      ],
    ],
    ["all addresses", grpc({ endpoint: "[::]:4317" }), []],
    ["an address that a variable says", grpc({ endpoint: "${env:MY_POD_IP}:4317" }), []],
    ["a port that a variable says", grpc({ endpoint: "0.0.0.0:${env:PORT}" }), []],
  ])("a collector with %s", (_, config, expected) => {
    expect(brief(config)).toEqual(expected);
  });

  it("names proxies that send without the TLS that the receiver wants, unless a DestinationRule lets them", () => {
    const tls = { endpoint: "0.0.0.0:9411", tls: { cert_file: "/tls/tls.crt" } };
    const asked = (...rules: Manifest[]) =>
      ask(
        withCollector(new Mesh(), withReceivers({ zipkin: tls }, ["zipkin"]))
          .zipkin("service", "otel-collector.observability.svc.cluster.local")
          .add(...rules),
      ).map((line) => /accepts Zipkin only with TLS/.test(line));
    const host = "otel-collector.observability.svc.cluster.local";
    const rule = (mode: string) =>
      istioObject("DestinationRule", "tls", { host, trafficPolicy: { tls: { mode } } });
    expect(asked()).toEqual([true]);
    expect(asked(rule("SIMPLE"))).toEqual([]);
    expect(asked(rule("MUTUAL"))).toEqual([]);
    expect(asked(rule("ISTIO_MUTUAL"))).toEqual([true]);
  });

  it("needs one receiver of several that others can reach", () => {
    const protocols = (address: string) => ({ protocols: { grpc: { endpoint: address } } });
    const names = ["otlp", "otlp/pods"];
    const both = (first: string, second: string) =>
      brief(withReceivers({ otlp: protocols(first), "otlp/pods": protocols(second) }, names));
    expect(both("localhost:4317", "${env:MY_POD_IP}:4317")).toEqual([]);
    expect(both("localhost:4317", "127.0.0.1:4317")).toHaveLength(1);
  });

  it.each(["datadog", "skywalking"])("has nothing to say of what proxies send by %s", (type) => {
    const mesh = withCollector(new Mesh())
      .set("Service observability/otel-collector", "spec ports 3", { name: "agent", port: 8126 })
      .mesh("extensionProviders 0", {
        name: "jaeger",
        [type]: { service: "otel-collector.observability.svc.cluster.local", port: 8126 },
      });
    expect(ask(mesh)).toEqual([]);
  });

  it("says of collectors, too, that they send to the port of the other transport", () => {
    const { exporters, ...rest } = collectorConfig;
    const toHttp = { ...exporters.otlp, endpoint: "jaeger-collector-clusterip.istio-system:4318" };
    expect(ask(withCollector(new Mesh(), { ...rest, exporters: { otlp: toHttp } }))).toEqual([
      expect.stringContaining(
        "takes OTLP over gRPC on port 4317 (receivers.otlp.protocols.grpc), but Deployment observability/otel-collector " +
          "sends it to Service istio-system/jaeger-collector-clusterip, port 4318, which leads to 4318: these spans are lost",
      ) as string,
    ]);
  });

  it("knows the port of its pods by name, and where the Service says nothing else, by the Service's own", () => {
    const service = "Service observability/otel-collector";
    const named = (mesh: Mesh, name: string) =>
      mesh
        .set("Deployment observability/otel-collector", "spec template spec containers 0 ports", [
          { name: "otlp", containerPort: 4317 },
          { name: "http", containerPort: 4318 },
        ])
        .set(service, "spec ports 0 targetPort", name)
        .set(environment, endpoint, at);
    const only = () => withCollector(new Mesh(), withReceivers({ zipkin: {} }, ["zipkin"]));
    expect(ask(named(withCollector(new Mesh()), "otlp"))).toEqual([]);
    expect(ask(named(only(), "otlp"))).toHaveLength(1);
    expect(ask(only().unset(service, "spec ports 0 targetPort").set(environment, endpoint, at))).toHaveLength(
      1,
    );
    const elsewhere = withCollector(new Mesh(), grpc({ endpoint: "0.0.0.0:4319" }));
    expect(ask(named(elsewhere, "otlp"))).toHaveLength(1);
    expect(ask(named(withCollector(new Mesh(), grpc({ endpoint: "0.0.0.0:4319" })), "gone"))).toEqual([]);
  });

  it.each<[string, boolean]>([
    ["otel/opentelemetry-collector:0.103.1", false],
    ["otel/opentelemetry-collector:0.104.0", true],
    ["ghcr.io/open-telemetry/opentelemetry-collector-releases/opentelemetry-collector-k8s:v0.120.0", true],
    ["registry.example/otelcol-contrib:0.99.0", false],
    ["otel/opentelemetry-collector-contrib", false],
    ["public.ecr.aws/aws-observability/aws-otel-collector:v0.140.0", false],
  ])("without an address %s listens on localhost: %s", (image, isLocal) => {
    expect(brief(grpc({}), { image })).toEqual(isLocal ? [local()] : []);
  });

  it.each<[string, [string, string][], string[]]>([
    ["1.62.0", [], []],
    ["1.45.0", [], ["OTLP over gRPC"]],
    ["1.45.0", [["COLLECTOR_OTLP_ENABLED", "true"]], []],
    ["1.62.0", [["COLLECTOR_OTLP_ENABLED", "false"]], ["OTLP over gRPC"]],
    ["1.34.0", [["COLLECTOR_OTLP_ENABLED", "true"]], ["OTLP over gRPC"]],
  ])("Jaeger %s with %j lacks %j", (version, variables, expected) => {
    const mesh = jaeger1(new Mesh(), version, ["COLLECTOR_ZIPKIN_HOST_PORT", "9411"], ...variables);
    expect(ask(mesh).map((line) => /no receiver for ([^,]*)/.exec(line)?.[1])).toEqual(expected);
  });

  it("of Jaeger 1 without its variables says nothing", () => {
    const mesh = jaeger1(new Mesh()).set(jaeger, "spec template spec containers 0 envFrom", [
      { configMapRef: { name: "other" } },
    ]);
    expect(ask(mesh)).toEqual([]);
    const later = new Mesh()
      .set(jaeger, image, "jaegertracing/all-in-one:1.62.0")
      .set(jaeger, env, [
        { name: "COLLECTOR_ZIPKIN_HOST_PORT", valueFrom: { secretKeyRef: { name: "x", key: "y" } } },
      ]);
    expect(ask(later)).toEqual([]);
  });

  it.each<[string, string, object, string[]]>([
    [
      "2.8.2",
      "no Zipkin",
      { otlp: { protocols: { grpc: { endpoint: "0.0.0.0:9411" } } } },
      ["has no receiver for Zipkin"],
    ],
    [
      "2.7.0",
      "no address",
      { zipkin: {} },
      ["has distributor.receivers.zipkin listening on localhost (the default of this version)"],
    ],
    ["2.6.1", "no address", { zipkin: null }, []],
    ["latest", "no address", { zipkin: {} }, []],
    ["2.8.2", "all addresses", { zipkin: { endpoint: "0.0.0.0:9411" } }, []],
  ])("Tempo %s with %s", (version, _, receivers, expected) => {
    const own = {
      otlp: { protocols: { grpc: { endpoint: ":4317" }, http: { endpoint: ":4318" } } },
      ...receivers,
    };
    const mesh = new Mesh()
      .set(jaeger, image, `grafana/tempo:${version}`)
      .set(jaeger, "spec template spec containers 0 args", ["-config.file=/conf/tempo.yaml"])
      .set(jaeger, "spec template spec containers 0 volumeMounts", [{ name: "c", mountPath: "/conf" }])
      .set(jaeger, "spec template spec volumes", [{ name: "c", configMap: { name: "tempo" } }])
      .add({
        apiVersion: "v1",
        kind: "ConfigMap",
        metadata: { name: "tempo", namespace: "istio-system" },
        data: { "tempo.yaml": stringify({ distributor: { receivers: own } }) },
      });
    const zipkin = ask(mesh).filter((line) => /zipkin/i.test(line.split("\n")[0] ?? ""));
    expect(zipkin.map((line) => /tempo (.*?), (but|which)/.exec(line)?.[1])).toEqual(expected);
  });

  it.each<[string, object, string | undefined]>([
    ["has no Zipkin", { otlp: { protocols: { grpc: null } } }, "has no receiver for Zipkin"],
    [
      "has Zipkin in no pipeline",
      { zipkin: { endpoint: "0.0.0.0:9411" } },
      "has receiver zipkin in no traces pipeline",
    ],
    ["listens on localhost", { otlp: null, zipkin: {} }, "has receivers.zipkin listening on localhost"],
    ["listens for all", { otlp: null, zipkin: { endpoint: "0.0.0.0:9411" } }, undefined],
  ])("Jaeger 2 whose own file %s", (_, receivers, expected) => {
    const used = "otlp" in receivers ? Object.keys(receivers) : ["otlp"];
    const own = { otlp: { protocols: { grpc: { endpoint: ":4317" }, http: { endpoint: ":4318" } } } };
    const file = {
      receivers: { ...receivers, ...own },
      service: { pipelines: { traces: { receivers: used, exporters: ["jaeger_storage_exporter"] } } },
      exporters: { jaeger_storage_exporter: {} },
    };
    const inPod = "spec template spec";
    const mesh = new Mesh()
      .set(jaeger, `${inPod} containers 0 args`, ["--config=/conf/jaeger.yaml"])
      .set(jaeger, `${inPod} containers 0 volumeMounts`, [{ name: "c", mountPath: "/conf" }])
      .set(jaeger, `${inPod} volumes`, [{ name: "c", configMap: { name: "jaeger" } }])
      .add({
        apiVersion: "v1",
        kind: "ConfigMap",
        metadata: { name: "jaeger", namespace: "istio-system" },
        data: { "jaeger.yaml": stringify(file) },
      });
    const zipkin = ask(mesh).flatMap(
      (line) => /ConfigMap istio-system\/jaeger (.*?)[,(]/.exec(line)?.[1]?.trim() ?? [],
    );
    expect(zipkin).toEqual(expected === undefined ? [] : [expected]);
  });

  it("says of a collector that does not start nothing else", () => {
    // Nothing takes what is sent, and a Service leads to a receiver on localhost.
    const receivers = { zipkin: { endpoint: "localhost:9411" } };
    const deaf = (exporter: string, config: object = {}) => {
      const { exporters } = exportingTo(exporter);
      const traces = { receivers: ["zipkin"], processors: ["batch"], exporters: [exporter] };
      return { ...collectorConfig, exporters, ...config, receivers, service: { pipelines: { traces } } };
    };
    const told = (config: object, sends = true) => {
      const mesh = withCollector(new Mesh(), config, imageOf("0.110.0"));
      return ask(sends ? mesh.set(environment, endpoint, at) : mesh).map(
        (line) => / (has|names|uses) /.exec(line)?.[1],
      );
    };
    expect(told(deaf("otlp"))).toEqual(["has"]);
    expect(told(deaf("otlp"), false)).toEqual(["has"]);
    expect(told(deaf("otlp", { processors: {} }))).toEqual(["names"]);
    expect(told(deaf("otlp", { processors: {} }), false)).toEqual(["names"]);
    expect(told(deaf("jaeger"))).toEqual(["uses"]);
    expect(told(deaf("jaeger"), false)).toEqual(["uses"]);
  });

  it("says all that is not defined", () => {
    expect(brief({ ...collectorConfig, processors: {}, exporters: {} })).toEqual([
      "names processor batch (pipeline traces) and exporter otlp (pipeline traces) and does not define them, so the collector does not start",
    ]);
  });

  it("tells transports and senders apart, and each with lines for the port of the pods", () => {
    const mesh = withCollector(new Mesh(), withReceivers({ zipkin: { endpoint: ":9411" } }, ["zipkin"]))
      .set("Service observability/otel-collector", "spec ports 0", { name: "a", port: 80, targetPort: 4317 })
      .set("Service observability/otel-collector", "spec ports 1", {
        name: "b",
        port: 4318,
        targetPort: "b",
      });
    const service = "http://otel-collector.observability.svc";
    for (const namespace of ["auth", "my"])
      mesh.set(`ConfigMap ${namespace}/otel-environment`, endpoint, `${service}:80`);
    mesh.set("ConfigMap scan/otel-environment", endpoint, `${service}:4318`);
    mesh.set("ConfigMap scan/otel-environment", "data OTEL_EXPORTER_OTLP_PROTOCOL", "http/protobuf");
    expect(ask(mesh).map((line) => line.split("\n").filter((part) => /lost|endpoint/.test(part)))).toEqual([
      [
        `error: ${collector} has no receiver for OTLP over gRPC, but Deployment auth/auth-api and Deployment my/my-api send it to ` +
          "Service observability/otel-collector, port 80: these spans are lost",
        "        endpoint: 0.0.0.0:4317",
      ],
      [
        `error: ${collector} has no receiver for OTLP over HTTP, but Deployment scan/scan-api sends it to ` +
          "Service observability/otel-collector, port 4318: these spans are lost",
        "        endpoint: 0.0.0.0:4318",
      ],
    ]);
  });

  it("asks for TLS on both sides, of applications; what collectors send is said of them", () => {
    const secured = grpc({ endpoint: ":4317", tls: { cert_file: "/tls/tls.crt" } });
    const [line = ""] = ask(withCollector(new Mesh().set(environment, endpoint, at), secured));
    expect(line.split("\n").slice(1).join("\n")).toBe(
      "# in receivers.otlp.protocols.grpc, or TLS in the senders\ntls: null",
    );
    const gate = {
      apiVersion: "opentelemetry.io/v1beta1",
      kind: "OpenTelemetryCollector",
      metadata: { name: "gate", namespace: "observability" },
      spec: { config: secured },
    };
    const plain = { otlp: { endpoint: "http://gate-collector.observability:4317" } };
    expect(ask(withCollector(new Mesh(), { ...collectorConfig, exporters: plain }).add(gate))).toEqual([]);
  });

  it("reads an OpenTelemetryCollector as its operator does, as text or as a map", () => {
    const service = "http://gate-collector.observability:4317";
    const found = (config: unknown, mode = "deployment") =>
      ask(
        new Mesh().set(environment, endpoint, service).add({
          apiVersion: "opentelemetry.io/v1beta1",
          kind: "OpenTelemetryCollector",
          metadata: { name: "gate", namespace: "observability" },
          spec: { mode, config },
        }),
      ).map((line) => line.split(",")[0]);
    const zipkin = withReceivers({ zipkin: {} }, ["zipkin"]);
    const lacks = ["error: OpenTelemetryCollector observability/gate has no receiver for OTLP over gRPC"];
    expect(found(zipkin)).toEqual(lacks);
    expect(found(stringify(zipkin))).toEqual(lacks);
    expect(found(zipkin, "sidecar")).toEqual([]);
    // It writes 0.0.0.0 where nothing is written.
    expect(found(grpc({}))).toEqual([]);
    expect(found("{{ .Values.config }}")).toEqual([]);
  });
});
