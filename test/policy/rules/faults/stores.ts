/** Faults of the store that Jaeger keeps its traces in. */
import { stringify } from "yaml";
import { type Manifest, type Mesh } from "../fixture";
import { type Fault } from "./fault";

const jaeger = "Deployment istio-system/jaeger";
const container = "spec template spec containers 0";
const config = "ConfigMap istio-system/user-config";
const cleanerRef = "CronJob istio-system/jaeger-es-index-cleaner";
const cleanerPod = "spec jobTemplate spec template spec";
const egress = "NetworkPolicy istio-system/allow-jaeger-storage";

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

const other = (change: object) => ({ opensearch: { ...openSearch, ...change } });

export const stores: readonly Fault[] = [
  {
    name: "three pods that keep traces in memory",
    breaks: (mesh) => mesh.set(jaeger, "spec replicas", 3),
    rule: "jaeger-storage-shared",
    object: jaeger,
  },
  {
    name: "an autoscaler for pods that keep traces in memory",
    breaks: (mesh) => mesh.add(autoscaler(4)),
    rule: "jaeger-storage-shared",
    object: "HorizontalPodAutoscaler istio-system/jaeger",
  },
  {
    name: "a disk that the next pod cannot open",
    breaks: (mesh) => withStore(mesh, { badger: { ephemeral: false } }),
    rule: "jaeger-storage-shared",
    object: jaeger,
  },
  {
    name: "two pods of Jaeger 1 with a disk each",
    breaks: (mesh) =>
      mesh
        .set(jaeger, `${container} env`, [{ name: "SPAN_STORAGE_TYPE", value: "badger" }])
        .set(jaeger, "spec strategy", { type: "Recreate" })
        .set(jaeger, "spec replicas", 2),
    rule: "jaeger-storage-shared",
    object: jaeger,
  },
  {
    name: "egress of Jaeger with another port than its store's",
    breaks: (mesh) => withOpenSearch(mesh).set(egress, "spec egress 1 ports 0 port", 9300),
    rule: "jaeger-storage-path",
    object: egress,
  },
  {
    name: "egress of Jaeger with another namespace than its store's",
    breaks: (mesh) =>
      withOpenSearch(mesh).set(egress, "spec egress 1 to 0 namespaceSelector matchLabels", {
        "kubernetes.io/metadata.name": "search",
      }),
    rule: "jaeger-storage-path",
    object: egress,
  },
  {
    name: "egress of Jaeger without DNS",
    breaks: (mesh) => withOpenSearch(mesh).unset(egress, "spec egress 0"),
    rule: "jaeger-storage-path",
    object: egress,
  },
  {
    name: "the store's namespace lets Jaeger in on another port",
    breaks: (mesh) =>
      withOpenSearch(mesh)
        .add(...storeInCluster())
        .set("NetworkPolicy logging/allow-clients", "spec ingress 0 ports 0 port", 9300),
    rule: "jaeger-storage-path",
    object: "NetworkPolicy logging/allow-clients",
  },
  {
    name: "only Jaeger may reach the store, not the job that cleans it up",
    breaks: (mesh) =>
      withOpenSearch(mesh)
        .set(cleanerRef, "spec jobTemplate spec template metadata labels app.kubernetes.io/name", "cleaner")
        .add({
          ...storeEgress(),
          metadata: { name: "default-deny", namespace: "istio-system" },
          spec: {
            podSelector: { matchLabels: { "app.kubernetes.io/name": "cleaner" } },
            policyTypes: ["Egress"],
          },
        }),
    rule: "jaeger-storage-path",
    object: "NetworkPolicy istio-system/default-deny",
  },
  {
    name: "Cassandra of Jaeger 1 behind an address that egress forgets",
    breaks: (mesh) =>
      mesh
        .set(jaeger, `${container} env`, [
          { name: "SPAN_STORAGE_TYPE", value: "cassandra" },
          { name: "CASSANDRA_SERVERS", value: "10.1.2.3" },
          { name: "CASSANDRA_TLS_ENABLED", value: "true" },
        ])
        .add(storeEgress()),
    rule: "jaeger-storage-path",
    object: egress,
  },
  {
    name: "the store's password in Jaeger's configuration",
    breaks: (mesh) =>
      withStore(mesh, other({ auth: { basic: { username: "jaeger", password: "hunter2" } } })),
    rule: "jaeger-storage-credentials",
    object: config,
  },
  {
    name: "the store's password in its address",
    breaks: (mesh) =>
      withStore(mesh, other({ server_urls: ["https://jaeger:hunter2@opensearch.logging.svc:9200"] })),
    rule: "jaeger-storage-credentials",
    object: config,
  },
  {
    name: "the store's password in a variable",
    breaks: (mesh) =>
      withStore(mesh, { opensearch: openSearch }).set(jaeger, `${container} env`, [
        { name: "JAEGER_STORE_PASSWORD", value: "hunter2" },
      ]),
    rule: "jaeger-storage-credentials",
    object: jaeger,
  },
  {
    name: "the store's password in an argument",
    breaks: (mesh) =>
      withStore(mesh, { opensearch: openSearch }).set(
        jaeger,
        `${container} args 2`,
        "--set=extensions.jaeger_storage.backends.some_storage.opensearch.auth.basic.password=hunter2",
      ),
    rule: "jaeger-storage-credentials",
    object: jaeger,
  },
  {
    name: "the store's password in the variables of the job that cleans it up",
    breaks: (mesh) =>
      withOpenSearch(mesh).set(cleanerRef, `${cleanerPod} containers 0 env 0`, {
        name: "ES_PASSWORD",
        value: "hunter2",
      }),
    rule: "jaeger-storage-credentials",
    object: cleanerRef,
  },
  {
    name: "traces go to the store in clear",
    breaks: (mesh) =>
      withStore(mesh, { opensearch: { server_urls: ["http://opensearch.logging.svc:9200"] } }),
    rule: "jaeger-storage-tls",
    object: config,
    level: "warning",
  },
  {
    name: "traces go to Cassandra in clear",
    breaks: (mesh) =>
      withStore(mesh, {
        cassandra: { connection: { servers: ["cassandra.cassandra.svc"], tls: { insecure: true } } },
      }),
    rule: "jaeger-storage-tls",
    object: config,
    level: "warning",
  },
  {
    name: "Jaeger trusts any certificate of its store",
    breaks: (mesh) => withStore(mesh, other({ tls: { insecure_skip_verify: true } })),
    rule: "jaeger-storage-tls",
    object: config,
  },
  {
    name: "the search client does not check the certificate",
    breaks: (mesh) => withStore(mesh, other({ tls: { insecure: true } })),
    rule: "jaeger-storage-tls",
    object: config,
  },
  {
    name: "the job that cleans the store up does not check its certificate",
    breaks: (mesh) =>
      withOpenSearch(mesh).set(
        cleanerRef,
        `${cleanerPod} containers 0 args 2`,
        "--es.tls.skip-host-verify=true",
      ),
    rule: "jaeger-storage-tls",
    object: cleanerRef,
  },
  {
    name: "the job that cleans the store up may run as root",
    breaks: (mesh) => withOpenSearch(mesh).unset(cleanerRef, `${cleanerPod} securityContext runAsNonRoot`),
    rule: "jaeger-hardened",
    object: cleanerRef,
  },
];
