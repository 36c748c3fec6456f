/** Kiali beside the healthy mesh, as its chart and this project make it. */
import { stringify } from "yaml";
import { type Manifest, type Mesh, type Tree } from "./mesh";

const labels = { app: "kiali", "app.kubernetes.io/name": "kiali", "app.kubernetes.io/instance": "kiali" };
const selector = { "app.kubernetes.io/name": "kiali", "app.kubernetes.io/instance": "kiali" };

/** Kiali's configuration; sections given here replace those of `external_services.tracing`. */
export function kialiConfig(tracing: Tree = {}): Tree {
  return {
    auth: { strategy: "token" },
    external_services: {
      tracing: {
        enabled: true,
        internal_url: "http://jaeger-query-clusterip.istio-system.svc.cluster.local:16685",
        use_grpc: true,
        ...tracing,
      },
    },
  };
}

export function kialiConfigMap(config: Tree, namespace = "observability"): Manifest {
  return {
    apiVersion: "v1",
    kind: "ConfigMap",
    metadata: { name: "kiali", namespace, labels: { ...labels, "app.kubernetes.io/version": "v2.29.0" } },
    data: { "config.yaml": stringify(config) },
  };
}

export function kialiService(namespace = "observability"): Manifest {
  return {
    apiVersion: "v1",
    kind: "Service",
    metadata: { name: "kiali", namespace },
    spec: { type: "ClusterIP", selector, ports: [{ name: "http", port: 20001, appProtocol: "http" }] },
  };
}

const tcp = (...ports: number[]) => ports.map((port) => ({ protocol: "TCP", port }));
const pods = (namespace: string, matchLabels: Record<string, string>) => ({
  namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": namespace } },
  podSelector: { matchLabels },
});

/** A Kiali in the namespace `observability`, with its policy, and the way to Jaeger open. */
export function addKiali(mesh: Mesh, config: Tree = kialiConfig()): Mesh {
  const ingress = "NetworkPolicy istio-system/allow-tracing-ingress";
  return mesh
    .set(ingress, "spec ingress 4", { from: [pods("observability", selector)], ports: tcp(16685) })
    .add(
      {
        apiVersion: "v1",
        kind: "Namespace",
        metadata: { name: "observability", labels: { "kubernetes.io/metadata.name": "observability" } },
      },
      kialiConfigMap(config),
      kialiService(),
      {
        apiVersion: "apps/v1",
        kind: "Deployment",
        metadata: { name: "kiali", namespace: "observability", labels },
        spec: {
          selector: { matchLabels: selector },
          template: {
            metadata: { labels: { ...labels, "sidecar.istio.io/inject": "false" } },
            spec: { containers: [{ name: "kiali", image: "quay.io/kiali/kiali:v2.29.0" }] },
          },
        },
      },
      {
        apiVersion: "networking.k8s.io/v1",
        kind: "NetworkPolicy",
        metadata: { name: "allow-kiali-egress", namespace: "observability" },
        spec: {
          podSelector: { matchLabels: selector },
          policyTypes: ["Egress"],
          egress: [{ to: [pods("istio-system", { "app.kubernetes.io/name": "jaeger" })], ports: tcp(16685) }],
        },
      },
    );
}
