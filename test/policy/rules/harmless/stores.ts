/** Stores of Jaeger that are as good. */
import {
  autoscaler,
  cleaner,
  openSearch,
  storeEgress,
  storeInCluster,
  withOpenSearch,
  withStore,
} from "../storeFixture";
import { type Variation } from "./variation";

const jaeger = "Deployment istio-system/jaeger";
const container = "spec template spec containers 0";

export const stores: readonly Variation[] = [
  {
    name: "three pods and an autoscaler in front of OpenSearch, which is in another input",
    varies: (mesh) => withOpenSearch(mesh).add(autoscaler(6)).set(jaeger, "spec replicas", 3),
  },
  {
    name: "OpenSearch in the input, behind a policy that lets Jaeger in",
    varies: (mesh) => withOpenSearch(mesh).add(...storeInCluster()),
  },
  {
    name: "a store that nobody isolates Jaeger from",
    varies: (mesh) => withStore(mesh, { opensearch: openSearch }).add(cleaner()),
  },
  {
    name: "a store outside the cluster",
    varies: (mesh) => {
      const external = { ...openSearch, server_urls: ["https://search.example.com"] };
      const policy = storeEgress();
      withStore(mesh, { elasticsearch: external })
        .add(policy)
        .set("NetworkPolicy istio-system/allow-jaeger-storage", "spec egress 1", {
          to: [{ ipBlock: { cidr: "203.0.113.0/24" } }],
          ports: [{ protocol: "TCP", port: 443 }],
        });
    },
  },
  {
    name: "Cassandra with a password from a variable that a Secret sets",
    varies: (mesh) =>
      withStore(mesh, {
        cassandra: {
          connection: {
            servers: ["cassandra.cassandra.svc"],
            auth: { basic: { username: "jaeger", password: "${env:JAEGER_STORE_PASSWORD}" } },
          },
        },
      })
        .set(jaeger, `${container} env`, [
          {
            name: "JAEGER_STORE_PASSWORD",
            valueFrom: { secretKeyRef: { name: "jaeger-store", key: "password" } },
          },
        ])
        .set(jaeger, "spec replicas", 2),
  },
  {
    name: "one pod with a disk, which is stopped before the next one starts",
    varies: (mesh) =>
      withStore(mesh, { badger: { ephemeral: false } }).set(jaeger, "spec strategy", { type: "Recreate" }),
  },
  {
    name: "two pods whose archive alone is in memory",
    varies: (mesh) =>
      withStore(mesh, { opensearch: openSearch })
        .set(jaeger, "spec replicas", 2)
        .set(
          "ConfigMap istio-system/user-config",
          "data user-config.yaml",
          [
            "exporters: { jaeger_storage_exporter: { trace_storage: main } }",
            "extensions:",
            "  jaeger_storage:",
            "    backends:",
            "      archive: { memory: { max_traces: 100 } }",
            '      main: { opensearch: { server_urls: ["https://search.example.com"] } }',
          ].join("\n"),
        ),
  },
  {
    name: "a proxy to the store in Jaeger's own pod, spoken to in clear",
    varies: (mesh) => withStore(mesh, { opensearch: { server_urls: ["http://localhost:9200"] } }),
  },
  {
    name: "an autoscaler for one pod in memory at most",
    varies: (mesh) => mesh.add(autoscaler(1)),
  },
  {
    name: "an autoscaler of another Deployment",
    varies: (mesh) =>
      mesh.add({
        ...autoscaler(9),
        spec: { scaleTargetRef: { apiVersion: "apps/v1", kind: "Deployment", name: "web" }, maxReplicas: 9 },
      }),
  },
  {
    name: "files and options that only sound like secrets",
    varies: (mesh) =>
      withStore(mesh, { opensearch: { ...openSearch, auth: { bearer_token: { file_path: "/token" } } } }).set(
        jaeger,
        `${container} env`,
        [
          { name: "ES_PASSWORD_FILE", value: "/etc/jaeger-store/password" },
          { name: "ES_PASSWORD", value: "$(JAEGER_STORE_PASSWORD)" },
        ],
      ),
  },
];
