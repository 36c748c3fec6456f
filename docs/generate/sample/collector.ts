/** A mesh with an OpenTelemetry Collector of another namespace in front of Jaeger. */
import { stringify } from "yaml";
import { type Manifest, type Mesh } from "./mesh";

const labels = { app: "otel-collector" };

/** The configuration of a collector that takes all there is and passes it on to Jaeger. */
export const collectorConfig = {
  receivers: {
    otlp: { protocols: { grpc: { endpoint: "0.0.0.0:4317" }, http: { endpoint: "0.0.0.0:4318" } } },
    zipkin: { endpoint: "0.0.0.0:9411" },
  },
  processors: { batch: {} },
  exporters: {
    otlp: {
      endpoint: "jaeger-collector-clusterip.istio-system.svc.cluster.local:4317",
      tls: { insecure: true },
    },
  },
  service: {
    pipelines: { traces: { receivers: ["otlp", "zipkin"], processors: ["batch"], exporters: ["otlp"] } },
  },
};

/** Adds the collector; a config that is text is the file as it stands. */
export function withCollector(
  mesh: Mesh,
  config: object | string = collectorConfig,
  { replicas = 1, image = "otel/opentelemetry-collector-contrib:0.140.1" } = {},
): Mesh {
  const container = {
    name: "otel-collector",
    image,
    args: ["--config=/conf/config.yaml"],
    volumeMounts: [{ name: "config", mountPath: "/conf" }],
  };
  const metadata = { name: "otel-collector", namespace: "observability" };
  const parts: Manifest[] = [
    { apiVersion: "v1", kind: "Namespace", metadata: { name: "observability" } },
    {
      apiVersion: "apps/v1",
      kind: "Deployment",
      metadata,
      spec: {
        replicas,
        selector: { matchLabels: labels },
        template: {
          metadata: { labels },
          spec: {
            containers: [container],
            volumes: [{ name: "config", configMap: { name: "otel-collector" } }],
          },
        },
      },
    },
    {
      apiVersion: "v1",
      kind: "ConfigMap",
      metadata,
      data: { "config.yaml": typeof config === "string" ? config : stringify(config) },
    },
    {
      apiVersion: "v1",
      kind: "Service",
      metadata,
      spec: {
        selector: labels,
        ports: [4317, 4318, 9411].map((port) => ({
          name: `port-${port}`,
          port,
          targetPort: port,
          protocol: "TCP",
        })),
      },
    },
    {
      apiVersion: "networking.k8s.io/v1",
      kind: "NetworkPolicy",
      metadata: { name: "allow-collector", namespace: "istio-system" },
      spec: {
        podSelector: { matchLabels: { "app.kubernetes.io/name": "jaeger" } },
        policyTypes: ["Ingress"],
        ingress: [
          {
            from: [
              { namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": "observability" } } },
            ],
            ports: [{ protocol: "TCP", port: 4317 }],
          },
        ],
      },
    },
  ];
  return mesh.add(...parts);
}
