/** Faults of the store that Jaeger keeps its traces in. */
import {
  autoscaler,
  openSearch,
  storeEgress,
  storeInCluster,
  withOpenSearch,
  withStore,
} from "../storeFixture";
import { type Fault } from "./fault";

const jaeger = "Deployment istio-system/jaeger";
const container = "spec template spec containers 0";
const config = "ConfigMap istio-system/user-config";
const cleanerRef = "CronJob istio-system/jaeger-es-index-cleaner";
const cleanerPod = "spec jobTemplate spec template spec";
const egress = "NetworkPolicy istio-system/allow-jaeger-storage";

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
