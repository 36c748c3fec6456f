import { expect, it } from "vitest";
import { programsOf } from "../../../../policy/model/collectors/programs";
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
  expect(labelsOf({ [name]: "gateway" })).toEqual([{ ...own, [name]: "gateway" }]);
});
