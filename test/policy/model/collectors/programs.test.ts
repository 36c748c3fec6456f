import { describe, expect, it } from "vitest";
import {
  namedPort,
  programsBehind,
  programsOf,
  replicasOf,
  takenBehind,
} from "../../../../policy/model/collectors/programs";
import { TracingModel } from "../../../../policy/model/tracingModel";

const config = {
  receivers: { otlp: { protocols: { grpc: { endpoint: "0.0.0.0:4317" } } } },
  service: { pipelines: { traces: { receivers: ["otlp"], exporters: [] } } },
};
const collector = {
  apiVersion: "opentelemetry.io/v1beta1",
  kind: "OpenTelemetryCollector",
  metadata: { name: "otel", namespace: "tracing" },
  spec: { config },
};
const owner = {
  apiVersion: "opentelemetry.io/v1beta1",
  kind: "OpenTelemetryCollector",
  name: "otel",
  controller: true,
};
const made = (ownerReferences: object[]) => ({
  apiVersion: "apps/v1",
  kind: "Deployment",
  metadata: { name: "otel-collector", namespace: "tracing", ownerReferences },
  spec: {
    selector: {},
    template: {
      spec: {
        containers: [
          {
            name: "otc-container",
            image: "otel/opentelemetry-collector:0.140.0",
            volumeMounts: [{ name: "config", mountPath: "/conf" }],
          },
        ],
        volumes: [{ name: "config", configMap: { name: "otel-config" } }],
      },
    },
  },
});
const configMap = {
  apiVersion: "v1",
  kind: "ConfigMap",
  metadata: { name: "otel-config", namespace: "tracing" },
  data: { "collector.yaml": JSON.stringify(config) },
};

/** The objects that have the collectors' configurations. */
const programs = (...objects: unknown[]) =>
  programsOf(TracingModel.from(objects)).map(({ object }) => `${object.kind} ${object.metadata.name}`);

it("a collector that the operator runs is told once, by the object that configures it", () => {
  expect(programs(collector)).toEqual(["OpenTelemetryCollector otel"]);
  expect(programs(collector, made([owner]), configMap)).toEqual(["OpenTelemetryCollector otel"]);
  expect(programs(made([owner]), configMap)).toEqual(["ConfigMap otel-config"]);
  const byAnother = { ...collector, apiVersion: "jaegertracing.io/v1", kind: "Jaeger" };
  expect(
    programs(byAnother, made([{ ...owner, apiVersion: "jaegertracing.io/v1", kind: "Jaeger" }]), configMap),
  ).toEqual(["ConfigMap otel-config"]);
  const other = made([{ ...owner, name: "other" }]);
  expect(programs(collector, other, configMap)).toEqual([
    "ConfigMap otel-config",
    "OpenTelemetryCollector otel",
  ]);
});

it("pods that the operator makes have its labels over the object's, but for their name", () => {
  const labelsOf = (labels: object) =>
    programsOf(TracingModel.from([{ ...collector, metadata: { ...collector.metadata, labels } }])).map(
      ({ workload }) => workload.labels,
    );
  const own = {
    "app.kubernetes.io/component": "opentelemetry-collector",
    "app.kubernetes.io/instance": "tracing.otel",
    "app.kubernetes.io/managed-by": "opentelemetry-operator",
    "app.kubernetes.io/part-of": "opentelemetry",
  };
  const name = "app.kubernetes.io/name";
  expect(labelsOf({ team: "x", "app.kubernetes.io/part-of": "shop" })).toEqual([
    { ...own, team: "x", [name]: "otel-collector" },
  ]);
  const [program] = programsOf(TracingModel.from([collector]));
  expect(program?.workload).toMatchObject({ name: "otel", namespace: "tracing", hypothetical: "partial" });
  expect(labelsOf({ [name]: "gateway" })).toEqual([{ ...own, [name]: "gateway" }]);
});

type Json = Record<string, unknown>;

const workload = (name: string, container: Json, spec: Json = {}, kind = "Deployment") => ({
  apiVersion: "apps/v1",
  kind,
  metadata: { name, namespace: "tracing" },
  spec: {
    selector: { matchLabels: { app: name } },
    template: {
      metadata: { labels: { app: name } },
      spec: {
        containers: [{ name, volumeMounts: [{ name: "config" }], ...container }],
        volumes: [{ name: "config", configMap: { name: "files" } }],
      },
    },
    ...spec,
  },
});
const files = (data: Record<string, unknown>) => ({
  apiVersion: "v1",
  kind: "ConfigMap",
  metadata: { name: "files", namespace: "tracing" },
  data: Object.fromEntries(
    Object.entries(data).map(([name, file]) => [
      name,
      typeof file === "string" ? file : JSON.stringify(file),
    ]),
  ),
});
const image = "otel/opentelemetry-collector:0.140.0";
/** The receivers of the only collector there is, as `transport host:port`; undefined if it is not known. */
const receiversOf = (...objects: unknown[]) => {
  const [program] = programsOf(TracingModel.from(objects));
  return program?.receivers.map(({ transport, host, port }) => `${transport} ${host ?? "?"}:${port}`);
};

describe("a collector among the workloads", () => {
  const local = { receivers: { zipkin: {} }, service: { pipelines: {} } };
  const tempo = { distributor: { receivers: { zipkin: {} } } };

  it.each<[string, unknown, string]>([
    ["otel/opentelemetry-collector:0.103.0", local, ""],
    ["otel/opentelemetry-collector-contrib:0.104.0", local, "localhost"],
    ["ghcr.io/open-telemetry/opentelemetry-collector-k8s:v0.140.0", local, "localhost"],
    ["otelcol:0.90.0", local, ""],
    ["otel/opentelemetry-collector", local, "?"],
    // The version of a build of one's own is not the collector's.
    ["example.com/my-opentelemetry-collector:0.90.0", local, "?"],
    ["grafana/tempo:2.6.1", tempo, ""],
    ["grafana/tempo:2.7.0", tempo, "localhost"],
    ["grafana/tempo:2.10.0", tempo, "localhost"],
    ["grafana/tempo:1.9.0", tempo, ""],
    ["grafana/tempo:latest", tempo, "?"],
  ])("%s listens where its version does", (name, file, host) => {
    expect(receiversOf(workload("a", { image: name }), files({ "config.yaml": file }))).toEqual([
      `zipkin ${host}:9411`,
    ]);
  });

  it("is known if one file of its ConfigMaps is its configuration, or one that its arguments name", () => {
    const container = { image, args: ["--config=/conf/b.yaml"] };
    const known = (data: Json, more: Json = {}) =>
      receiversOf(workload("a", { ...container, ...more }), files(data)) !== undefined;
    expect(known({ "a.yaml": config, "other.yaml": { a: 1 }, "text.txt": "text" })).toBe(true);
    expect(known({ "a.yaml": config, "b.yaml": config })).toBe(true);
    expect(
      known({ "a.yaml": config, "b.yaml": config }, { command: ["/otelcol", "/conf/b.yaml"], args: [] }),
    ).toBe(true);
    expect(known({ "a.yaml": config, "b.yaml": config }, { args: [] })).toBe(false);
    expect(known({ "a.yaml": config, "c.yaml": config })).toBe(false);
    expect(known({ "other.yaml": { a: 1 } })).toBe(false);
    expect(known({ "a.yaml": tempo })).toBe(false);
    expect(known({ "a.yaml": `{{ if .x }}\n${JSON.stringify(config)}` })).toBe(false);
    expect(known({ "a.yaml": "a: [" })).toBe(false);
    expect(known({ "a.yaml": config }, { image: "nginx" })).toBe(false);
    expect(known({ "a.yaml": config }, { image: undefined })).toBe(false);
    expect(known({ "a.yaml": config }, { volumeMounts: [] })).toBe(false);
    expect(known({ "a.yaml": config }, { image: "grafana/tempo:2.7.0" })).toBe(false);
  });

  it("reads files of a projected volume, too", () => {
    const volumes = [
      { name: "config", projected: { sources: [{ secret: {} }, { configMap: { name: "files" } }] } },
    ];
    const pods = workload("a", { image });
    pods.spec.template.spec.volumes = volumes as never;
    expect(receiversOf(pods, files({ "a.yaml": config }))).toEqual(["otlp-grpc :4317"]);
  });

  it("is not known where arguments change what its file says", () => {
    const known = (...args: string[]) =>
      receiversOf(workload("a", { image, args }), files({ "a.yaml": config })) !== undefined;
    expect(known("--set=receivers.otlp.protocols.grpc.endpoint=:1")).toBe(false);
    expect(known("--set", "x", "--set=service.pipelines={}")).toBe(false);
    expect(known("--config=a.yaml", "--set", "receivers.otlp.protocols.grpc.endpoint=:1")).toBe(false);
    expect(known("--set exporters.x=y")).toBe(false);
    expect(known("--set=processors.batch.timeout=1s")).toBe(false);
    expect(known("--set=extensions.x=y")).toBe(true);
    expect(known("--x--set=receivers")).toBe(true);
    expect(known("--set=receiversx")).toBe(true);
  });

  it("may be Jaeger: version 2 with a file or as its image has it, version 1 by its flags", () => {
    const jaeger = (container: Json) =>
      receiversOf(
        workload("a", { image: "jaegertracing/jaeger:2.19.0", ...container }),
        files({ "a.yaml": local }),
      );
    const builtIn = ["otlp-grpc :4317", "otlp-http :4318", "zipkin :9411"];
    expect(jaeger({})).toEqual(builtIn);
    expect(jaeger({ args: ["--set=extensions.x=y"] })).toEqual(builtIn);
    expect(jaeger({ args: ["--config", "/conf/a.yaml"] })).toEqual(["zipkin localhost:9411"]);
    expect(jaeger({ args: ["--config=/conf/a.yaml"], volumeMounts: [] })).toBeUndefined();
    expect(jaeger({ "mesh-tracing/userconfig": { extensions: {} } })).toEqual(builtIn);
    const given = {
      "mesh-tracing/userconfig": { ...config, receivers: { otlp: { protocols: { grpc: {} } } } },
    };
    expect(jaeger(given)).toEqual(["otlp-grpc localhost:4317"]);
    expect(jaeger({ image: "jaegertracing/all-in-one:1.62.0" })).toEqual([
      "otlp-grpc :4317",
      "otlp-http :4318",
    ]);
    expect(jaeger({ image: "jaegertracing/all-in-one:1.62.0", envFrom: [{}] })).toBeUndefined();
  });

  it("takes from every receiver that its image's own pipeline has", () => {
    const [jaeger] = programsOf(TracingModel.from([workload("a", { image: "jaegertracing/jaeger:2.19.0" })]));
    expect(jaeger?.receivers.map(({ isUsed }) => isUsed)).toEqual([true, true, true]);
  });

  it("may be the operator's, unless it is put beside applications or is no configuration", () => {
    const spec = (more: Json) => receiversOf({ ...collector, spec: { config, ...more } });
    expect(spec({})).toEqual(["otlp-grpc :4317"]);
    expect(spec({ config: JSON.stringify(config) })).toEqual(["otlp-grpc :4317"]);
    expect(spec({ config: { receivers: { zipkin: null } } })).toEqual(["zipkin :9411"]);
    expect(spec({ mode: "statefulset" })).toEqual(["otlp-grpc :4317"]);
    expect(spec({ mode: "sidecar" })).toBeUndefined();
    expect(spec({ config: undefined })).toBeUndefined();
  });
});

describe("the collectors behind a Service", () => {
  const service = (name: string, app: string, namespace = "tracing") => ({
    apiVersion: "v1",
    kind: "Service",
    metadata: { name, namespace },
    spec: { selector: { app }, ports: [{ port: 4317 }] },
  });
  const behind = (name: string, ...objects: unknown[]) =>
    programsBehind(TracingModel.from(objects), { namespace: "tracing", name })?.map(
      ({ workload: { name: found } }) => found,
    );
  const map = files({ "a.yaml": config });

  it("are those that it selects, if all of them are known", () => {
    const pods = (name: string, container: Json = { image }) => {
      const made = workload(name, container);
      made.spec.template.metadata.labels.app = "otel";
      return made;
    };
    const all = service("otel", "otel");
    expect(behind("otel", all, pods("a"), pods("b"), map)).toEqual(["a", "b"]);
    expect(behind("otel", all, pods("a"), workload("c", { image }), map)).toEqual(["a"]);
    const model = TracingModel.from([all, service("more", "c"), pods("a"), workload("c", { image }), map]);
    const names = ["otel", "more", "otel"].map((name) =>
      programsBehind(model, { namespace: "tracing", name })?.map(({ workload: { name: found } }) => found),
    );
    expect(names).toEqual([["a"], ["c"], ["a"]]);
    expect(behind("otel", all, pods("a"), pods("b", { image: "nginx" }), map)).toBeUndefined();
    expect(behind("otel", all, workload("c", { image }), map)).toBeUndefined();
    expect(behind("otel", pods("a"), map)).toBeUndefined();
  });

  it("are the operator's by the names of its Services", () => {
    expect(behind("otel-collector", collector)).toEqual(["otel"]);
    expect(behind("otel-collector-headless", collector)).toEqual(["otel"]);
    expect(behind("otel-collector-monitoring", collector)).toBeUndefined();
    expect(behind("otel", collector)).toBeUndefined();
    const elsewhere = { ...collector, metadata: { ...collector.metadata, namespace: "other" } };
    expect(behind("otel-collector", elsewhere)).toBeUndefined();
    // A ConfigMap of such a name is none.
    const like = { ...map, metadata: { ...map.metadata, name: "otel" } };
    const pods = workload("a", { image });
    pods.spec.template.spec.volumes = [{ name: "config", configMap: { name: "otel" } }];
    expect(behind("otel-collector", pods, like)).toBeUndefined();
  });

  it("that is not in the input are the operator's, else the only ones of the namespace", () => {
    const taken = (name: string, ...objects: unknown[]) =>
      takenBehind(TracingModel.from(objects), { namespace: "tracing", name })?.name;
    const [a, b] = [workload("a", { image }), workload("b", { image: "grafana/tempo:2.7.0" })];
    expect(taken("x", a, workload("c", { image: "nginx" }))).toBe("a");
    expect(taken("x", a, b)).toBeUndefined();
    expect(taken("x", { ...a, metadata: { ...a.metadata, namespace: "other" } })).toBeUndefined();
    expect(taken("otel-collector", a, b, collector)).toBe("otel");
  });
});

describe("how many pods a collector has", () => {
  const replicas = (object: unknown, ...more: unknown[]) => {
    const model = TracingModel.from([object, files({ "a.yaml": config }), ...more]);
    const [program] = programsOf(model);
    return program && replicasOf(model, program);
  };
  const scaler = (maxReplicas: unknown, target = "a", namespace = "tracing") => ({
    apiVersion: "autoscaling/v2",
    kind: "HorizontalPodAutoscaler",
    metadata: { name: "scaler", namespace },
    spec: { scaleTargetRef: { name: target }, maxReplicas },
  });

  it("is what its object says, or an autoscaler or the nodes decide", () => {
    const pods = (spec: Json = {}, kind = "Deployment") => workload("a", { image }, spec, kind);
    expect(replicas(pods())).toBe(1);
    expect(replicas(pods({ replicas: 3 }))).toBe(3);
    expect(replicas(pods({ replicas: "3" }))).toBe(1);
    expect(replicas(pods({}, "DaemonSet"))).toBe("several");
    expect(replicas(pods(), scaler(2))).toBe("several");
    expect(replicas(pods(), scaler(1))).toBe(1);
    expect(replicas(pods(), scaler(undefined))).toBe(1);
    expect(replicas(pods(), scaler(2, "b"))).toBe(1);
    expect(replicas(pods(), scaler(2, "a", "other"))).toBe(1);
  });

  it("is what the operator's object says", () => {
    const operated = (spec: Json) => replicas({ ...collector, spec: { config, ...spec } });
    expect(operated({ replicas: 2 })).toBe(2);
    expect(operated({ mode: "daemonset" })).toBe("several");
    expect(operated({ autoscaler: { maxReplicas: 2 } })).toBe("several");
    expect(operated({ autoscaler: { maxReplicas: 1 } })).toBe(1);
  });
});

it("a port's name stands for what a container lists under it", () => {
  const ports = [
    { name: "metrics", containerPort: 8888 },
    { name: "otlp", containerPort: 4317 },
    { name: "text", containerPort: "4317" },
  ];
  const model = TracingModel.from([workload("a", { image, ports }), files({ "a.yaml": config })]);
  const [program] = programsOf(model);
  if (program === undefined) throw new Error("no collector");
  expect(["otlp", "gone", "text"].map((name) => namedPort(program, name))).toEqual([
    4317,
    undefined,
    undefined,
  ]);
});

it("a collector says which of its exporters its version no longer has, and Jaeger 1 and Tempo pass nothing on", () => {
  const gone = { ...config, service: { pipelines: { traces: { exporters: ["logging"] } } } };
  const goneIn = (name: string) =>
    programsOf(TracingModel.from([workload("a", { image: name }), files({ "a.yaml": gone })])).map(
      ({ goneExporters }) => goneExporters.length,
    );
  expect(goneIn("otel/opentelemetry-collector:0.140.0")).toEqual([1]);
  expect(goneIn("otel/opentelemetry-collector")).toEqual([0]);
  const distributor = files({ "a.yaml": { distributor: { receivers: {} } } });
  for (const name of ["jaegertracing/all-in-one:1.62.0", "grafana/tempo:2.7.0"]) {
    const [program] = programsOf(TracingModel.from([workload("a", { image: name }), distributor]));
    expect(program).toMatchObject({
      exporters: [],
      undefinedParts: [],
      goneExporters: [],
      onlyPrints: false,
      stateful: [],
      balancesTo: [],
    });
  }
});
