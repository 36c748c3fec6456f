import { describe, expect, it } from "vitest";
import { checkAll } from "../../../policy/checkAll";
import { type ChartRelease } from "../../../policy/model/charts";
import { collectorChartObjects } from "../../../policy/model/collectorChart";
import { at, type Json, text } from "../../../policy/model/reading";

const rendered = (values: Json, more: Partial<ChartRelease> = {}) =>
  collectorChartObjects({
    chart: "opentelemetry-collector",
    release: "otel",
    namespace: "tracing",
    values: { mode: "deployment", ...values },
    object: { apiVersion: "mesh-tracing/v1", kind: "HelmChart", metadata: { name: "otel" } },
    ...more,
  });
const names = (...given: Parameters<typeof rendered>) =>
  rendered(...given).map(({ kind, metadata: { name, namespace } }) => `${kind} ${String(namespace)}/${name}`);
const configOf = (values: Json): Json => {
  const [, configMap] = rendered(values);
  return JSON.parse(text(at(configMap?.["data"], "relay.yaml")) ?? "") as Json;
};

describe("the collector's chart as it would render", () => {
  it("makes pods, their configuration and a Service", () => {
    const selector = {
      "app.kubernetes.io/name": "opentelemetry-collector",
      "app.kubernetes.io/instance": "otel",
      component: "standalone-collector",
    };
    const [deployment, , service] = rendered({ podLabels: { team: "x" }, image: { tag: "0.140.0" } });
    expect(deployment).toMatchObject({
      kind: "Deployment",
      metadata: { name: "otel-opentelemetry-collector", namespace: "tracing" },
      spec: {
        replicas: 1,
        template: {
          metadata: { labels: { ...selector, team: "x" } },
          spec: { containers: [{ image: "otel/opentelemetry-collector:0.140.0" }] },
        },
      },
    });
    expect(service?.["spec"]).toEqual({
      type: "ClusterIP",
      internalTrafficPolicy: "Cluster",
      selector,
      ports: [
        { name: "otlp", port: 4317, targetPort: 4317, protocol: "TCP", appProtocol: "grpc" },
        { name: "otlp-http", port: 4318, targetPort: 4318, protocol: "TCP" },
        { name: "jaeger-thrift", port: 14268, targetPort: 14268, protocol: "TCP" },
        { name: "jaeger-grpc", port: 14250, targetPort: 14250, protocol: "TCP" },
        { name: "zipkin", port: 9411, targetPort: 9411, protocol: "TCP" },
      ],
    });
  });

  it.each<[string, Json, Partial<ChartRelease>, string[]]>([
    ["a release of its name", {}, { release: "my-opentelemetry-collector" }, ["my-opentelemetry-collector"]],
    ["a name of its own", { fullnameOverride: "collector" }, {}, ["collector"]],
    ["another name of the chart", { nameOverride: "gateway" }, {}, ["otel-gateway"]],
    ["no mode", { mode: "" }, {}, []],
    ["values that are not in the input", {}, { incomplete: "its valueFiles" }, []],
  ])("with %s", (_, values, more, expected) => {
    expect(names(values, more)).toEqual(
      expected.flatMap((name) => [
        `Deployment tracing/${name}`,
        `ConfigMap tracing/${name}`,
        `Service tracing/${name}`,
      ]),
    );
  });

  it("is a DaemonSet without a Service, a StatefulSet, or as many pods as it is scaled to", () => {
    const named = { fullnameOverride: "c" };
    expect(names({ ...named, mode: "daemonset" })).toEqual([
      "DaemonSet tracing/c-agent",
      "ConfigMap tracing/c-agent",
    ]);
    const [agent, , service] = rendered({ ...named, mode: "daemonset", service: { enabled: true } });
    expect(at(agent?.["spec"], "template", "spec", "containers")).toMatchObject([
      {
        ports: expect.arrayContaining([expect.objectContaining({ name: "otlp", hostPort: 4317 })]) as unknown,
      },
    ]);
    expect(service).toMatchObject({ metadata: { name: "c" }, spec: { internalTrafficPolicy: "Local" } });
    expect(names({ ...named, mode: "statefulset", namespaceOverride: "other" })[0]).toBe(
      "StatefulSet other/c",
    );
    const replicas = (values: Json) => at(rendered(values)[0]?.["spec"], "replicas");
    expect(replicas({ replicaCount: 3 })).toBe(3);
    expect(replicas({ replicaCount: 3, autoscaling: { enabled: true, maxReplicas: 5 } })).toBe(5);
    expect(replicas({ autoscaling: { enabled: true } })).toBe(10);
    expect(names({ ...named, configMap: { existingName: "mine" } })).toEqual([
      "Deployment tracing/c",
      "Service tracing/c",
    ]);
    expect(names({ ...named, service: { enabled: false } })).toHaveLength(2);
  });

  it("runs the image, on the network and with the volume that its values say", () => {
    const pod = (values: Json, more?: Partial<ChartRelease>) =>
      at(rendered(values, more)[0]?.["spec"], "template", "spec") as Json;
    const image = (given: Json) => (pod({ image: given })["containers"] as Json[])[0]?.["image"];
    expect(image({})).toBe("otel/opentelemetry-collector");
    expect(image({ repository: "example.com/otelcol" })).toBe("example.com/otelcol");
    expect(image({ repository: "", tag: "" })).toBe("otel/opentelemetry-collector");
    expect(pod({})["hostNetwork"]).toBe(false);
    expect(pod({ hostNetwork: true })["hostNetwork"]).toBe(true);
    const volumes = (name: string) => [{ name: "config", configMap: { name } }];
    expect(pod({})["volumes"]).toEqual(volumes("otel-opentelemetry-collector"));
    expect(pod({ configMap: { existingName: "mine" } })["volumes"]).toEqual(volumes("mine"));
    expect(pod({ mode: "daemonset", fullnameOverride: "c" })["volumes"]).toEqual(volumes("c-agent"));
    expect(pod({ resources: { limits: { memory: "1Gi" } } })["containers"]).toMatchObject([
      {
        name: "opentelemetry-collector",
        args: ["--config=/conf/relay.yaml"],
        resources: { limits: { memory: "1Gi" } },
        volumeMounts: [{ name: "config", mountPath: "/conf" }],
      },
    ]);
    expect(names({ fullnameOverride: "c", configMap: { create: false } })).toEqual([
      "Deployment tracing/c",
      "Service tracing/c",
    ]);
    expect(names({ fullnameOverride: "c", configMap: { create: true } })).toHaveLength(3);
  });

  it("has a Service of the kind that its values say, whose pods are marked by mode and release", () => {
    const spec = (values: Json) => rendered(values)[2]?.["spec"];
    const service = { type: "LoadBalancer", clusterIP: "None", internalTrafficPolicy: "Local" };
    expect(spec({ service })).toMatchObject(service);
    expect(spec({ service: { clusterIP: "" } })).not.toHaveProperty("clusterIP");
    const component = (mode: string) =>
      at(rendered({ mode })[0]?.["spec"], "selector", "matchLabels", "component");
    expect(["deployment", "statefulset", "daemonset"].map(component)).toEqual([
      "standalone-collector",
      "statefulset-collector",
      "agent-collector",
    ]);
    const named = rendered({ nameOverride: "gateway" })[0]?.["spec"];
    expect(at(named, "selector", "matchLabels", "app.kubernetes.io/name")).toBe("gateway");
    const agent = rendered({ mode: "daemonset", replicaCount: 3 })[0];
    expect(agent?.["spec"]).not.toHaveProperty("replicas");
    const portsOf = (mode: string) =>
      (
        at(
          rendered({ mode, ports: { otlp: { hostPort: 80 } } })[0]?.["spec"],
          "template",
          "spec",
          "containers",
        ) as Json[]
      )
        .flatMap((container) => container["ports"] as Json[])
        .map(({ name, containerPort, hostPort, protocol }) => [name, containerPort, hostPort, protocol]);
    expect(portsOf("daemonset").slice(0, 2)).toEqual([
      ["otlp", 4317, 80, "TCP"],
      ["otlp-http", 4318, 4318, "TCP"],
    ]);
    expect(portsOf("deployment")[0]).toEqual(["otlp", 4317, undefined, "TCP"]);
  });

  it("opens the ports that its values say", () => {
    const ports = (given: Json) =>
      (at(rendered({ ports: given })[2]?.["spec"], "ports") as Json[]).map(
        ({ name, port }) => `${String(name)} ${String(port)}`,
      );
    expect(
      ports({ zipkin: { enabled: false }, otlp: { servicePort: 80 }, metrics: { enabled: true } }),
    ).toEqual(["otlp 80", "otlp-http 4318", "jaeger-thrift 14268", "jaeger-grpc 14250", "metrics 8888"]);
    expect(ports({ "jaeger-compact": { enabled: true } })).not.toContain("jaeger-compact undefined");
    expect(ports({ mine: { enabled: true, containerPort: 1 }, off: { containerPort: 2 } })).toEqual([
      "otlp 4317",
      "otlp-http 4318",
      "jaeger-thrift 14268",
      "jaeger-grpc 14250",
      "zipkin 9411",
      "mine 1",
    ]);
  });

  it("merges its values with the configuration it has, as Helm does", () => {
    const traces = (config: Json) => at(configOf({ config }), "service", "pipelines", "traces");
    expect(traces({})).toEqual({
      exporters: ["debug"],
      processors: ["memory_limiter", "batch"],
      receivers: ["otlp", "jaeger", "zipkin"],
    });
    expect(traces({ service: { pipelines: { traces: { exporters: ["otlp"] } } } })).toMatchObject({
      exporters: ["otlp"],
      receivers: ["otlp", "jaeger", "zipkin"],
    });
    const { receivers } = configOf({ config: { receivers: { jaeger: null, mine: null } } });
    expect(Object.keys(receivers as Json)).toEqual(["otlp", "zipkin", "mine"]);
    expect(configOf({ alternateConfig: { receivers: {} }, config: { exporters: {} } })).toEqual({
      receivers: {},
    });
    const own = (section: string) => Object.keys(configOf({})[section] as Json);
    expect(["exporters", "processors", "receivers"].map(own)).toEqual([
      ["debug"],
      ["batch", "memory_limiter"],
      ["jaeger", "otlp", "zipkin"],
    ]);
    expect(configOf({})["receivers"]).toEqual({
      jaeger: {
        protocols: { grpc: { endpoint: "0.0.0.0:14250" }, thrift_http: { endpoint: "0.0.0.0:14268" } },
      },
      otlp: { protocols: { grpc: { endpoint: "0.0.0.0:4317" }, http: { endpoint: "0.0.0.0:4318" } } },
      zipkin: { endpoint: "0.0.0.0:9411" },
    });
    const protocols = { grpc: null, mine: null };
    expect(at(configOf({ config: { receivers: { otlp: { protocols } } } }), "receivers", "otlp")).toEqual({
      protocols: { http: { endpoint: "0.0.0.0:4318" }, mine: null },
    });
    const preset = { kubernetesAttributes: { enabled: true }, logsCollection: { enabled: false } };
    expect(configOf({ presets: preset, config: { processors: { mine: {} } } })["processors"]).toEqual({
      k8sattributes: {},
      k8s_attributes: {},
      resourcedetection: {},
      resource_detection: {},
      batch: {},
      memory_limiter: {},
      mine: {},
    });
    expect(configOf({ presets: { kubernetesAttributes: { enabled: false } } })["processors"]).toEqual({
      batch: {},
      memory_limiter: {},
    });
  });
});

describe("a collector that is only known by its chart's values", () => {
  const application = (config: Json): Json => ({
    apiVersion: "argoproj.io/v1alpha1",
    kind: "Application",
    metadata: { name: "collector", namespace: "argocd" },
    spec: {
      source: {
        chart: "opentelemetry-collector",
        helm: { valuesObject: { mode: "deployment", fullnameOverride: "collector", config } },
      },
      destination: { namespace: "tracing" },
    },
  });
  const tempo = (port: number): Json => ({
    apiVersion: "v1",
    kind: "Service",
    metadata: { name: "tempo", namespace: "tracing" },
    spec: { selector: { app: "tempo" }, ports: [{ name: "grpc", port }] },
  });
  const exporting: Json = {
    exporters: { otlp: { endpoint: "tempo.tracing:4317", tls: { insecure: true } } },
    service: { pipelines: { traces: { exporters: ["otlp"] } } },
  };
  const found = (...objects: Json[]) => checkAll(objects).map(({ rule, message }) => `${rule}: ${message}`);

  it("is followed to the store", () => {
    expect(found(application(exporting), tempo(4317))).toEqual([]);
    expect(found(application(exporting), tempo(3200))).toEqual([
      "collector-exports: ConfigMap tracing/collector forwards spans to port 4317 of Service tracing/tempo (exporters.otlp), which has only 3200: all of them are lost",
    ]);
  });

  it("is where the chart is asked for", () => {
    const asking = application({});
    const [finding] = checkAll([asking], {
      fileOf: (object) => (object === asking ? "collector.yaml:1" : undefined),
    });
    expect(finding).toMatchObject({ kind: "ConfigMap", name: "collector", file: "collector.yaml:1" });
  });

  it("only prints spans, if its values name no exporter", () => {
    expect(found(application({}))).toEqual([
      "collector-exports: ConfigMap tracing/collector prints the spans it is sent, or drops them, and forwards none: no store of traces gets them",
    ]);
  });
});
