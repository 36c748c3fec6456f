/** Whatever makes a pod: where it exports its own spans, its path is judged, also without a mesh. */
import { describe, expect, it } from "vitest";
import { checkAll } from "../../../policy/checkAll";
import { type Manifest } from "../../../docs/generate/sample/mesh";

const labels = { app: "web" };
const template = {
  metadata: { labels },
  spec: {
    containers: [
      {
        name: "web",
        image: "registry.example/web:1",
        env: [
          { name: "OTEL_EXPORTER_OTLP_ENDPOINT", value: "http://collector.tracing:4317" },
          { name: "OTEL_EXPORTER_OTLP_PROTOCOL", value: "grpc" },
        ],
      },
    ],
  },
};
const metadata = { name: "web", namespace: "shop" };
const withTemplate = { selector: { matchLabels: labels }, template };

const senders: Record<string, Manifest> = {
  Deployment: { apiVersion: "apps/v1", kind: "Deployment", metadata, spec: withTemplate },
  StatefulSet: { apiVersion: "apps/v1", kind: "StatefulSet", metadata, spec: withTemplate },
  DaemonSet: { apiVersion: "apps/v1", kind: "DaemonSet", metadata, spec: withTemplate },
  ReplicaSet: { apiVersion: "apps/v1", kind: "ReplicaSet", metadata, spec: withTemplate },
  Job: { apiVersion: "batch/v1", kind: "Job", metadata, spec: { template } },
  CronJob: {
    apiVersion: "batch/v1",
    kind: "CronJob",
    metadata,
    spec: { jobTemplate: { spec: { template } } },
  },
  Pod: { apiVersion: "v1", kind: "Pod", metadata: { ...metadata, labels }, spec: template.spec },
  Rollout: { apiVersion: "argoproj.io/v1alpha1", kind: "Rollout", metadata, spec: withTemplate },
  OpenTelemetryCollector: {
    apiVersion: "opentelemetry.io/v1beta1",
    kind: "OpenTelemetryCollector",
    metadata,
    spec: {
      config: {
        receivers: { otlp: { protocols: { grpc: { endpoint: "0.0.0.0:4317" } } } },
        exporters: { otlp: { endpoint: "collector.tracing:4317", tls: { insecure: true } } },
        service: { pipelines: { traces: { receivers: ["otlp"], exporters: ["otlp"] } } },
      },
    },
  },
  "Knative Service": { apiVersion: "serving.knative.dev/v1", kind: "Service", metadata, spec: { template } },
};

/** A platform without a mesh, whose egress policy lets DNS through, and these ports of the collector. */
function platform(sender: Manifest, ...ports: number[]): Manifest[] {
  const namespace = (name: string): Manifest => ({ apiVersion: "v1", kind: "Namespace", metadata: { name } });
  return [
    namespace("shop"),
    namespace("tracing"),
    sender,
    {
      apiVersion: "apps/v1",
      kind: "Deployment",
      metadata: { name: "collector", namespace: "tracing" },
      spec: {
        selector: { matchLabels: { app: "collector" } },
        template: {
          metadata: { labels: { app: "collector" } },
          spec: { containers: [{ name: "collector", image: "registry.example/collector:1" }] },
        },
      },
    },
    {
      apiVersion: "v1",
      kind: "Service",
      metadata: { name: "collector", namespace: "tracing" },
      spec: { selector: { app: "collector" }, ports: [{ name: "grpc", port: 4317 }] },
    },
    {
      apiVersion: "networking.k8s.io/v1",
      kind: "NetworkPolicy",
      metadata: { name: "egress", namespace: "shop" },
      spec: {
        podSelector: {},
        policyTypes: ["Egress"],
        egress: [{ ports: [53, ...ports].flatMap((port) => [{ port }, { port, protocol: "UDP" }]) }],
      },
    },
  ];
}

describe("without a mesh", () => {
  it.each(Object.entries(senders))("a %s that a policy cuts off is named", (_kind, sender) => {
    expect(
      checkAll(platform(sender, 4318)).map(({ level, rule, message }) => ({ level, rule, message })),
    ).toEqual([
      {
        level: "error",
        rule: "trace-path-open",
        message: expect.stringContaining(`to Service tracing/collector on TCP 4317`) as string,
      },
    ]);
  });

  it.each(Object.entries(senders))(
    "of a %s that exports nothing there is nothing to say",
    (_kind, sender) => {
      const silent = JSON.parse(
        JSON.stringify(sender)
          .replaceAll("OTEL_EXPORTER_OTLP_", "OF_ITS_OWN_")
          .replace('"exporters":["otlp"]', '"exporters":[]'),
      ) as Manifest;
      expect(checkAll(platform(silent, 4318))).toEqual([]);
    },
  );

  it.each(Object.entries(senders))("of a %s with its path open there is nothing to say", (_kind, sender) => {
    expect(checkAll(platform(sender, 4317))).toEqual([]);
  });
});
