/** Meshes whose Jaeger keeps its traces in a store of its own. */
import { stringify } from "yaml";
import { type Manifest, type Mesh } from "./mesh";

const jaeger = "Deployment istio-system/jaeger";
const container = "spec template spec containers 0";

/** An OpenSearch of another namespace, spoken to over TLS with a password from a Secret. */
export const openSearch = {
  server_urls: ["https://opensearch.logging.svc.cluster.local:9200"],
  auth: { basic: { username: "${env:JAEGER_STORE_USERNAME}", password_file: "/etc/jaeger-store/password" } },
  tls: { insecure: false, ca_file: "/etc/jaeger-store/ca/ca.crt" },
};
const hardened = {
  allowPrivilegeEscalation: false,
  capabilities: { drop: ["ALL"] },
  readOnlyRootFilesystem: true,
};

/** Lets Jaeger keep its traces elsewhere, with a configuration from a ConfigMap. */
export function withStore(mesh: Mesh, backend: object): Mesh {
  const configuration = {
    exporters: { jaeger_storage_exporter: { trace_storage: "some_storage" } },
    extensions: { jaeger_storage: { backends: { some_storage: backend } } },
  };
  return mesh
    .set(jaeger, `${container} args`, ["--config", "/etc/jaeger/user-config.yaml"])
    .set(jaeger, `${container} volumeMounts`, [{ name: "user-config", mountPath: "/etc/jaeger" }])
    .set(jaeger, "spec template spec volumes", [{ name: "user-config", configMap: { name: "user-config" } }])
    .add({
      apiVersion: "v1",
      kind: "ConfigMap",
      metadata: { name: "user-config", namespace: "istio-system" },
      data: { "user-config.yaml": stringify(configuration) },
    });
}

/** The job that deletes old indices. */
export function cleaner(): Manifest {
  return {
    apiVersion: "batch/v1",
    kind: "CronJob",
    metadata: { name: "jaeger-es-index-cleaner", namespace: "istio-system" },
    spec: {
      jobTemplate: {
        spec: {
          template: {
            metadata: {
              labels: {
                "app.kubernetes.io/name": "jaeger",
                "app.kubernetes.io/component": "es-index-cleaner",
              },
            },
            spec: {
              securityContext: { runAsNonRoot: true, seccompProfile: { type: "RuntimeDefault" } },
              containers: [
                {
                  name: "cleaner",
                  image: "jaegertracing/jaeger-es-index-cleaner:2.19.0",
                  args: ["7", "https://opensearch.logging.svc.cluster.local:9200"],
                  env: [
                    {
                      name: "ES_PASSWORD",
                      valueFrom: { secretKeyRef: { name: "jaeger-store", key: "password" } },
                    },
                  ],
                  securityContext: hardened,
                },
              ],
            },
          },
        },
      },
    },
  };
}

/** Egress of Jaeger's pods: DNS and their store. */
export function storeEgress(): Manifest {
  const namespace = (name: string) => ({
    namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": name } },
  });
  return {
    apiVersion: "networking.k8s.io/v1",
    kind: "NetworkPolicy",
    metadata: { name: "allow-jaeger-storage", namespace: "istio-system" },
    spec: {
      podSelector: { matchLabels: { "app.kubernetes.io/name": "jaeger" } },
      policyTypes: ["Egress"],
      egress: [
        {
          to: [{ ...namespace("kube-system"), podSelector: { matchLabels: { "k8s-app": "kube-dns" } } }],
          ports: [
            { protocol: "UDP", port: 53 },
            { protocol: "TCP", port: 53 },
          ],
        },
        {
          to: [{ ...namespace("logging"), podSelector: { matchLabels: { app: "opensearch" } } }],
          ports: [{ protocol: "TCP", port: 9200 }],
        },
      ],
    },
  };
}

/** The store itself, in the input: its pods, its Service, and a policy that lets Jaeger's pods in. */
export function storeInCluster(): Manifest[] {
  const labels = { app: "opensearch" };
  return [
    { apiVersion: "v1", kind: "Namespace", metadata: { name: "logging" } },
    {
      apiVersion: "apps/v1",
      kind: "StatefulSet",
      metadata: { name: "opensearch", namespace: "logging" },
      spec: {
        selector: { matchLabels: labels },
        template: {
          metadata: { labels },
          spec: { containers: [{ name: "opensearch", image: "example.com/opensearch:2" }] },
        },
      },
    },
    {
      apiVersion: "v1",
      kind: "Service",
      metadata: { name: "opensearch", namespace: "logging" },
      spec: { selector: labels, ports: [{ name: "https", port: 9200, targetPort: 9200 }] },
    },
    {
      apiVersion: "networking.k8s.io/v1",
      kind: "NetworkPolicy",
      metadata: { name: "allow-clients", namespace: "logging" },
      spec: {
        podSelector: {},
        policyTypes: ["Ingress"],
        ingress: [
          {
            from: [
              {
                namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": "istio-system" } },
                podSelector: { matchLabels: { "app.kubernetes.io/name": "jaeger" } },
              },
            ],
            ports: [{ protocol: "TCP", port: 9200 }],
          },
        ],
      },
    },
  ];
}

export function autoscaler(maxReplicas: number): Manifest {
  return {
    apiVersion: "autoscaling/v2",
    kind: "HorizontalPodAutoscaler",
    metadata: { name: "jaeger", namespace: "istio-system" },
    spec: { scaleTargetRef: { apiVersion: "apps/v1", kind: "Deployment", name: "jaeger" }, maxReplicas },
  };
}

/** A mesh whose Jaeger keeps its traces in OpenSearch, with everything that needs. */
export function withOpenSearch(mesh: Mesh): Mesh {
  return withStore(mesh, { opensearch: openSearch }).add(cleaner(), storeEgress());
}
