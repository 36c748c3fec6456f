/** Whatever makes a pod: where it exports its own spans, its path is judged, also without a mesh. */
import { describe, expect, it } from "vitest";
import { checkAll } from "../../../policy/checkAll";
import { TracingModel } from "../../../policy/model/tracingModel";
import { judgementOf } from "../../../policy/paths/judgement";
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
          .replace('"exporters":{"otlp"', '"exporters":{"kafka"')
          .replace('"exporters":["otlp"]', '"exporters":["kafka"]'),
      ) as Manifest;
      expect(checkAll(platform(silent, 4318))).toEqual([]);
    },
  );

  const cutOff = (...env: object[]) => {
    const [container] = template.spec.containers;
    const changed = { ...template, spec: { containers: [{ ...container, env }] } };
    const sender = {
      apiVersion: "apps/v1",
      kind: "Deployment",
      metadata,
      spec: { ...withTemplate, template: changed },
    };
    return checkAll(platform(sender, 4318)).map(
      ({ message }) => /to Service \S+/.exec(message)?.[0] ?? message,
    );
  };

  it.each([
    ["OTLP_ENDPOINT", "http://collector.tracing:4317"],
    ["OTLP_COLLECTOR_URL", "http://collector.tracing.svc.cluster.local:4317/v1/traces"],
    ["OTEL_ENDPOINT", "collector.tracing:4317"],
    ["CATALOG_OTLP_ENDPOINT", "collector.tracing:4317"],
    ["APP_OPENTELEMETRY_ADDRESS", "grpc://collector.tracing:4317"],
    ["MANAGEMENT_OTLP_TRACING_ENDPOINT", "http://collector.tracing:4317/v1/traces"],
  ])("a program's own %s=%s is an endpoint, too", (name, value) => {
    expect(cutOff({ name, value })).toEqual(["to Service tracing/collector"]);
  });

  it.each([
    ["OTLP_METRICS_ENDPOINT", "http://collector.tracing:4317"],
    ["MANAGEMENT_OTLP_LOGGING_ENDPOINT", "http://collector.tracing:4317"],
    ["OTLP_RECEIVER_ENDPOINT", "http://collector.tracing:4317"],
    ["COLLECTOR_OTLP_GRPC_ENDPOINT", ":4317"],
    ["OTLP_ENDPOINT", "http://localhost:4317"],
    ["OTLP_ENDPOINT", "http://collector.tracing:8080"],
    ["UPSTREAM_URL", "http://collector.tracing:4317"],
  ])("%s=%s is none", (name, value) => {
    expect(cutOff({ name, value })).toEqual([]);
  });

  it("an SDK's own variables win over the program's, and what turns it off holds for both", () => {
    const own = { name: "OTLP_ENDPOINT", value: "http://collector.tracing:4317" };
    const ofSdk = { name: "OTEL_EXPORTER_OTLP_ENDPOINT", value: "https://otlp.example.com" };
    const off = "container web has OTEL_TRACES_EXPORTER=none, so the program sends no spans of its own";
    expect(cutOff(own, { name: "OTEL_TRACES_EXPORTER", value: "none" })).toEqual([
      expect.stringContaining(off),
    ]);
    expect(cutOff(own, ofSdk)).not.toContain("to Service tracing/collector");
    expect(cutOff(own)).toContain("to Service tracing/collector");
  });

  it("nothing is assumed of a mesh config that nobody has", () => {
    const objects = platform(Object.values(senders)[0] as Manifest, 4317);
    const assumed = (...more: Manifest[]) =>
      judgementOf(TracingModel.from([...objects, ...more])).assumptions;
    expect(assumed()).toEqual([]);
    const istio: Manifest = {
      apiVersion: "security.istio.io/v1",
      kind: "PeerAuthentication",
      metadata,
      spec: {},
    };
    expect(assumed(istio)).toEqual([
      "more may be configured: the mesh config of istiod's owner (ConfigMap istio) is not in the input",
    ]);
  });

  it.each(Object.entries(senders))("of a %s with its path open there is nothing to say", (_kind, sender) => {
    expect(checkAll(platform(sender, 4317))).toEqual([]);
  });
});
