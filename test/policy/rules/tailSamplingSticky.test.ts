import { describe, expect, it } from "vitest";
import { collectorConfig, withCollector } from "../../../docs/generate/sample/collector";
import { Mesh } from "../../../docs/generate/sample/mesh";
import { asker, exampleFault, testRule } from "../../fixtures/rule";

const collector = "ConfigMap observability/otel-collector";
const deployment = "Deployment observability/otel-collector";
const deciding = (name = "tail_sampling") => ({
  ...collectorConfig,
  processors: { [name]: {} },
  service: { pipelines: { traces: { ...collectorConfig.service.pipelines.traces, processors: [name] } } },
});
const scaler = (maxReplicas: number) => ({
  apiVersion: "autoscaling/v2",
  kind: "HorizontalPodAutoscaler",
  metadata: { name: "otel-collector", namespace: "observability" },
  spec: { scaleTargetRef: { kind: "Deployment", name: "otel-collector" }, maxReplicas },
});

testRule("tail-sampling-sticky", {
  faults: [
    {
      ...exampleFault("tail-sampling-sticky"),
      object: collector,
      message: `${collector} decides about whole traces (tail_sampling) in 3 pods, and Service observability/otel-collector spreads the spans of a trace over them, so traces are split; run one replica or route by trace ID`,
      fix: "# in spec of the collector, or put collectors in front that export by loadbalancing\nreplicas: 1",
    },
    {
      name: "an autoscaler decides how many pods there are",
      breaks: (mesh) => withCollector(mesh, deciding()).add(scaler(5)),
      object: collector,
      level: "warning",
      message:
        `${collector} decides about whole traces (tail_sampling) in several pods, and Service observability/otel-collector ` +
        "spreads the spans of a trace over them, so traces are split; run one replica or route by trace ID",
      fix: "# in spec of the collector, or put collectors in front that export by loadbalancing\nreplicas: 1",
    },
  ],
  harmless: [
    { name: "one replica", varies: (mesh) => withCollector(mesh, deciding()) },
    {
      name: "three replicas that do not",
      varies: (mesh) => withCollector(mesh, collectorConfig, { replicas: 3 }),
    },
    {
      name: "an autoscaler that scales nothing",
      varies: (mesh) => withCollector(mesh, deciding()).add(scaler(1)),
    },
  ],
});

describe("tail-sampling-sticky", () => {
  const ask = asker("tail-sampling-sticky");
  const levels = (mesh: Mesh) => ask(mesh).map((line) => line.split(":")[0]);
  const three = (name?: string) => withCollector(new Mesh(), deciding(name), { replicas: 3 });

  it("is about processors that look at whole traces", () => {
    expect(levels(three("groupbytrace/x"))).toEqual(["error"]);
    expect(levels(three("batch/tail_sampling"))).toEqual([]);
    const graph = { ...deciding("batch"), connectors: { servicegraph: {} } };
    const traces = { ...graph.service.pipelines.traces, exporters: ["otlp", "servicegraph"] };
    const config = { ...graph, service: { pipelines: { traces } } };
    expect(levels(withCollector(new Mesh(), config, { replicas: 2 }))).toEqual(["warning"]);
    const processors = { ...config.processors, tail_sampling: {} };
    const both = {
      ...config,
      processors,
      service: { pipelines: { traces: { ...traces, processors: ["tail_sampling"] } } },
    };
    expect(levels(withCollector(new Mesh(), both, { replicas: 2 }))).toEqual(["error"]);
    expect(levels(withCollector(new Mesh(), both, { replicas: 0 }))).toEqual([]);
  });

  it("lets collectors in front choose the pod", () => {
    const front = {
      ...collectorConfig,
      exporters: { loadbalancing: { resolver: { dns: { hostname: "otel-collector.observability" } } } },
      service: {
        pipelines: { traces: { ...collectorConfig.service.pipelines.traces, exporters: ["loadbalancing"] } },
      },
    };
    const tiers = three();
    const own = withCollector(new Mesh(), front).objects.filter(
      ({ metadata }) => metadata.namespace === "observability",
    );
    const moved = own.map((object) => ({ ...object, metadata: { ...object.metadata, namespace: "edge" } }));
    expect(levels(tiers.add(...moved))).toEqual([]);
    // Not those of another collector.
    const gate = { resolver: { dns: { hostname: "gate-collector.observability" } } };
    const elsewhere = withCollector(new Mesh(), { ...front, exporters: { loadbalancing: gate } })
      .objects.filter(({ metadata }) => metadata.namespace === "observability")
      .map((object) => ({ ...object, metadata: { ...object.metadata, namespace: "edge" } }));
    expect(levels(three().add(...elsewhere))).toEqual(["error"]);
  });

  it("is about pods of a node, too, and not about a collector that no Service leads to", () => {
    const service = "Service observability/otel-collector";
    expect(ask(three().copy(service, "second"))[0]).toContain(
      `and ${service} and Service observability/second spread the spans of a trace over them`,
    );
    const nodes = three().set(deployment, "kind", "DaemonSet");
    expect(levels(nodes)).toEqual(["warning"]);
    expect(levels(three().remove("Service observability/otel-collector"))).toEqual([]);
  });

  it("reads an OpenTelemetryCollector", () => {
    const operated = (spec: object) =>
      new Mesh().add({
        apiVersion: "opentelemetry.io/v1beta1",
        kind: "OpenTelemetryCollector",
        metadata: { name: "gate", namespace: "observability" },
        spec: { config: deciding(), ...spec },
      });
    expect(levels(operated({ replicas: 2 }))).toEqual(["error"]);
    expect(ask(operated({ replicas: 2 }))[0]).toContain(
      "and Service observability/gate-collector spreads the",
    );
    expect(levels(operated({}))).toEqual([]);
    expect(levels(operated({ mode: "daemonset" }))).toEqual(["warning"]);
    expect(levels(operated({ autoscaler: { maxReplicas: 3 } }))).toEqual(["warning"]);
  });
});
