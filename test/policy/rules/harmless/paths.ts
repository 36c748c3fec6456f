/** Other ways to say the same with policies, Services and labels. */
import { type Manifest, namespaces } from "../fixture";
import { type Variation } from "./variation";

const egress = "NetworkPolicy auth/allow-jaeger-egress";
const baseline = "NetworkPolicy auth/allow-mesh-egress";
const ingress = "NetworkPolicy istio-system/allow-tracing-ingress";
const collector = "Service istio-system/jaeger-collector-clusterip";
const app = "Deployment auth/auth-api";
const jaeger = "Deployment istio-system/jaeger";
const container = "spec template spec containers 0";
const policy = (namespace: string, name: string, spec: Record<string, unknown>): Manifest => ({
  apiVersion: "networking.k8s.io/v1",
  kind: "NetworkPolicy",
  metadata: { name, namespace },
  spec,
});

export const paths: readonly Variation[] = [
  {
    name: "no policies at all",
    varies: (mesh) => mesh.removeWhere(({ kind }) => kind === "NetworkPolicy"),
  },
  {
    name: "policies of other names",
    varies: (mesh) => mesh.set(egress, "metadata name", "to-the-collector"),
  },
  {
    name: "a range of ports",
    varies: (mesh) =>
      mesh.set(egress, "spec egress 0 ports", [
        { port: 4317, endPort: 4318 },
        { port: 9000, endPort: 9999 },
      ]),
  },
  {
    name: "named ports of the pod",
    varies: (mesh) => {
      mesh.set(jaeger, `${container} ports`, [
        { name: "zipkin", containerPort: 9411 },
        { name: "otlp-grpc", containerPort: 4317 },
        { name: "otlp-http", containerPort: 4318 },
        { name: "query", containerPort: 16686 },
      ]);
      mesh.set(collector, "spec ports 0 targetPort", "zipkin");
      mesh.set(
        egress,
        "spec egress 0 ports",
        ["zipkin", "otlp-grpc", "otlp-http"].map((port) => ({ port })),
      );
    },
  },
  {
    name: "one policy split into two",
    varies: (mesh) =>
      mesh
        .copy(egress, "allow-zipkin-egress")
        .unset(egress, "spec egress 0 ports 2")
        .set("NetworkPolicy auth/allow-zipkin-egress", "spec egress 0 ports", [{ port: 9411 }]),
  },
  {
    name: "all policies of a namespace in one",
    varies: (mesh) => {
      const rules = (mesh.get(baseline)["spec"] as { egress: unknown[] }).egress;
      mesh.set(egress, "spec egress 1", rules[0]).set(egress, "spec egress 2", rules[1]).remove(baseline);
    },
  },
  { name: "all ports to the collector", varies: (mesh) => mesh.unset(egress, "spec egress 0 ports") },
  {
    name: "all pods of the collector's namespace",
    varies: (mesh) => mesh.unset(egress, "spec egress 0 to 0 podSelector"),
  },
  {
    name: "DNS to anywhere on port 53",
    varies: (mesh) => mesh.unset(baseline, "spec egress 0 to"),
  },
  {
    name: "policies that select pods by their labels",
    varies: (mesh) => {
      for (const ref of [egress, baseline])
        mesh.set(ref, "spec podSelector", { matchLabels: { app: "auth-api" } });
    },
  },
  {
    name: "a policy of an untraced namespace that closes everything",
    varies: (mesh) =>
      mesh.add(policy("monitoring", "deny-all", { podSelector: {}, policyTypes: ["Ingress", "Egress"] })),
  },
  {
    name: "a policy for other pods of a traced namespace",
    varies: (mesh) =>
      mesh.add(
        policy("auth", "deny-migrations", {
          podSelector: { matchLabels: { job: "migrate" } },
          policyTypes: ["Egress"],
        }),
      ),
  },
  {
    name: "a pod that has no sidecar and may reach nothing",
    varies: (mesh) =>
      mesh
        .copy(app, "batch")
        .set("Deployment auth/batch", "spec template metadata labels", {
          app: "batch",
          "sidecar.istio.io/inject": "false",
        })
        .set(egress, "spec podSelector", {
          matchExpressions: [{ key: "app", operator: "NotIn", values: ["batch"] }],
        }),
  },
  {
    name: "default deny beside what is allowed",
    varies: (mesh) =>
      mesh.add(policy("auth", "default-deny", { podSelector: {}, policyTypes: ["Ingress", "Egress"] })),
  },
  {
    name: "the collector is open to everybody",
    varies: (mesh) => mesh.remove(ingress),
  },
  {
    name: "a namespace that asks for a revision",
    varies: (mesh) => mesh.set("Namespace auth", "metadata labels", { "istio.io/rev": "1-31-0" }),
  },
  {
    name: "Services of other names",
    varies: (mesh) => {
      mesh.set(collector, "metadata name", "tracing");
      const host = "tracing.istio-system.svc.cluster.local";
      mesh.zipkin("service", `istio-system/${host}`);
      for (const namespace of namespaces) {
        mesh.set(
          `ConfigMap ${namespace}/otel-environment`,
          "data OTEL_EXPORTER_OTLP_ENDPOINT",
          `http://${host}:4317`,
        );
      }
    },
  },
  {
    name: "a Service port that is not the pod's",
    varies: (mesh) => mesh.set(collector, "spec ports 0 port", 80).zipkin("port", 80),
  },
  {
    name: "ports without names and protocols: Istio detects them",
    varies: (mesh) =>
      mesh.set(
        collector,
        "spec ports",
        [9411, 4317, 4318].map((port) => ({ name: `port-${port}`, port })),
      ),
  },
  {
    name: "a Sidecar that shows the collector",
    varies: (mesh) =>
      mesh.add({
        apiVersion: "networking.istio.io/v1",
        kind: "Sidecar",
        metadata: { name: "default", namespace: "auth" },
        spec: { egress: [{ hosts: ["./*", "istio-system/*"] }] },
      }),
  },
];
