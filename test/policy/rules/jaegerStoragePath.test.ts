import { describe, expect, it } from "vitest";
import { Mesh } from "../../../docs/generate/sample/mesh";
import {
  cleaner,
  openSearch,
  storeEgress,
  storeInCluster,
  withOpenSearch,
  withStore,
} from "../../../docs/generate/sample/store";
import { asker, exampleFault, testRule } from "../../fixtures/rule";

const storePolicy = "NetworkPolicy istio-system/allow-jaeger-storage";
const cleanerRef = "CronJob istio-system/jaeger-es-index-cleaner";
const jaeger = "Deployment istio-system/jaeger";
const container = "spec template spec containers 0";

testRule("jaeger-storage-path", {
  faults: [
    {
      ...exampleFault("jaeger-storage-path"),
      object: storePolicy,
      message:
        "NetworkPolicy istio-system/allow-jaeger-storage blocks egress from CronJob " +
        "istio-system/jaeger-es-index-cleaner and Deployment istio-system/jaeger to Service logging/opensearch on TCP 9200 (Jaeger's store), so traces are not stored, or not deleted when they expire; add a rule for TCP 9200",
      fix: `# add to spec.egress of NetworkPolicy istio-system/allow-jaeger-storage
- to:
    - namespaceSelector:
        matchLabels:
          kubernetes.io/metadata.name: logging
  ports:
    - protocol: TCP
      port: 9200`,
    },
    {
      name: "egress of Jaeger with another namespace than its store's",
      breaks: (mesh) =>
        withOpenSearch(mesh).set(storePolicy, "spec egress 1 to 0 namespaceSelector matchLabels", {
          "kubernetes.io/metadata.name": "search",
        }),
      object: storePolicy,
      message:
        "NetworkPolicy istio-system/allow-jaeger-storage blocks egress from CronJob " +
        "istio-system/jaeger-es-index-cleaner and Deployment istio-system/jaeger to Service logging/opensearch on TCP 9200 (Jaeger's store), so traces are not stored, or not deleted when they expire; allow the destination in spec.egress[1]",
      fix: `# add to spec.egress[1].to of NetworkPolicy istio-system/allow-jaeger-storage
- namespaceSelector:
    matchLabels:
      kubernetes.io/metadata.name: logging`,
    },
    {
      name: "egress of Jaeger without DNS",
      breaks: (mesh) => withOpenSearch(mesh).unset(storePolicy, "spec egress 0"),
      object: storePolicy,
      message:
        "NetworkPolicy istio-system/allow-jaeger-storage blocks egress from CronJob " +
        "istio-system/jaeger-es-index-cleaner and Deployment istio-system/jaeger to DNS " +
        "on UDP 53 and TCP 53, so traces are not stored, or not deleted when they expire; add a rule for UDP 53 and TCP 53",
      fix: `# add to spec.egress of NetworkPolicy istio-system/allow-jaeger-storage
- to:
    - namespaceSelector:
        matchLabels:
          kubernetes.io/metadata.name: kube-system
      podSelector:
        matchLabels:
          k8s-app: kube-dns
  ports:
    - protocol: UDP
      port: 53
    - protocol: TCP
      port: 53`,
    },
    {
      name: "the store's namespace lets Jaeger in on another port",
      breaks: (mesh) =>
        withOpenSearch(mesh)
          .add(...storeInCluster())
          .set("NetworkPolicy logging/allow-clients", "spec ingress 0 ports 0 port", 9300),
      object: "NetworkPolicy logging/allow-clients",
      message:
        "NetworkPolicy logging/allow-clients blocks ingress to Service logging/opensearch from CronJob istio-system/jaeger-es-index-cleaner and Deployment istio-system/jaeger on TCP 9200 " +
        "(Jaeger's store), so traces are not stored, or not deleted when they expire; add TCP 9200 to spec.ingress[0]",
      fix: `# add to spec.ingress[0].ports of NetworkPolicy logging/allow-clients
- protocol: TCP
  port: 9200`,
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
      object: "NetworkPolicy istio-system/default-deny",
      message:
        "NetworkPolicy istio-system/default-deny blocks egress from CronJob " +
        "istio-system/jaeger-es-index-cleaner to DNS on UDP 53 and TCP 53 and Service " +
        "logging/opensearch on TCP 9200 (Jaeger's store), so traces are not stored, or not deleted when they expire; add a rule for UDP 53 and TCP 53 and add a rule for TCP 9200",
      fix: `# add beside NetworkPolicy istio-system/default-deny
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata:
  name: allow-jaeger-storage
  namespace: istio-system
spec:
  podSelector:
    matchLabels:
      app.kubernetes.io/name: cleaner
  policyTypes:
    - Egress
  egress:
    - to:
        - namespaceSelector:
            matchLabels:
              kubernetes.io/metadata.name: kube-system
          podSelector:
            matchLabels:
              k8s-app: kube-dns
      ports:
        - protocol: UDP
          port: 53
        - protocol: TCP
          port: 53
    - to:
        - namespaceSelector:
            matchLabels:
              kubernetes.io/metadata.name: logging
      ports:
        - protocol: TCP
          port: 9200`,
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
      object: storePolicy,
      message:
        "NetworkPolicy istio-system/allow-jaeger-storage blocks egress from Deployment istio-system/jaeger to 10.1.2.3 on TCP 9042 (Jaeger's store), so traces are not stored, or not deleted when they expire; add a rule for TCP 9042",
      fix: `# add to spec.egress of NetworkPolicy istio-system/allow-jaeger-storage
- to:
    - ipBlock:
        cidr: 10.1.2.3/32
  ports:
    - protocol: TCP
      port: 9042`,
    },
  ],
  harmless: [
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
  ],
});

describe("the way to a store", () => {
  const ask = asker("jaeger-storage-path");
  const paths = (mesh: Mesh) => ask(mesh).map((finding) => finding.split("\n")[0] ?? "");
  const at = (...server_urls: string[]) =>
    withStore(new Mesh(), { opensearch: { ...openSearch, server_urls } });
  /** Egress to nothing but DNS. */
  const closed = (mesh: Mesh) => mesh.add(storeEgress()).unset(storePolicy, "spec egress 1");

  it.each<[string, string | undefined]>([
    ["https://opensearch.logging:9200", "Service logging/opensearch on TCP 9200"],
    ["https://opensearch:9200", "Service istio-system/opensearch on TCP 9200"],
    ["https://10.21.32.43:9200", "10.21.32.43 on TCP 9200"],
    ["https://search.example.com.:9200", undefined],
    ["https://10.1.2.3.nip.io.:9200", undefined],
    ["https://x.10.1.2.3.example.:9200", undefined],
    ["https://x.10.1.2.3:9200", undefined],
  ])("%s is judged: %s", (url, expected) => {
    const found = paths(closed(at(url)));
    expect(found).toHaveLength(expected === undefined ? 0 : 1);
    if (expected !== undefined) expect(found[0]).toContain(`to ${expected} (Jaeger's store)`);
  });

  it("leads to a Service's port that is there, and to no other name of another host", () => {
    const inCluster = () => closed(at("https://opensearch.logging:9200")).add(...storeInCluster());
    const service = "Service logging/opensearch";
    expect(paths(inCluster())).toHaveLength(1);
    expect(ask(inCluster())[0]).toMatch(
      /\n {6}podSelector:\n {8}matchLabels:\n {10}app: opensearch\n {2}ports/,
    );
    expect(paths(inCluster().set(service, "spec ports 0 port", 9300))).toEqual([]);
    expect(paths(inCluster().set(service, "spec type", "ExternalName"))).toEqual([]);
  });

  it.each<[string, object]>([
    ["labels of pods", { namespaceSelector: {}, podSelector: { matchLabels: { app: "opensearch" } } }],
    ["labels of namespaces", { namespaceSelector: { matchLabels: { team: "search" } } }],
    ["addresses", { ipBlock: { cidr: "10.0.0.0/8" } }],
  ])("is not doubted by %s that are not in the input", (_, to) => {
    const told = at("https://opensearch.logging:9200").add(storeEgress());
    expect(paths(told.set(storePolicy, "spec egress 1 to", [to]))).toEqual([]);
  });

  it("is named after the policies of this project where there are none to add to", () => {
    const mesh = at("https://opensearch.logging:9200").add({
      ...storeEgress(),
      metadata: { name: "default-deny", namespace: "istio-system" },
      spec: {
        podSelector: { matchLabels: { "app.kubernetes.io/name": "jaeger" } },
        policyTypes: ["Egress"],
        egress: [],
      },
    });
    expect(ask(mesh).join("\n")).toContain("allow-jaeger-storage");
    const ingress = withOpenSearch(new Mesh()).add(...storeInCluster());
    ingress.set("NetworkPolicy logging/allow-clients", "spec ingress", []);
    expect(ask(ingress).join("\n")).toContain("allow-jaeger-ingress");
  });

  it("is asked of jobs where there is a store, of the Jaeger in their namespace", () => {
    const isolated = () => ({
      ...storeEgress(),
      metadata: { name: "jobs", namespace: "jobs" },
      spec: {
        podSelector: {},
        policyTypes: ["Egress"],
        egress: [
          {
            ports: [
              { protocol: "UDP", port: 53 },
              { protocol: "TCP", port: 53 },
            ],
          },
        ],
      },
    });
    const elsewhere = () => ({ ...cleaner(), metadata: { name: "cleaner", namespace: "jobs" } });
    expect(paths(at("https://opensearch.logging:9200").add(elsewhere(), isolated()))).toEqual([]);
    const shut = { ...isolated(), spec: { podSelector: {}, policyTypes: ["Egress"] } };
    // DNS is for whoever has a store to look after.
    expect(paths(new Mesh().add(elsewhere(), shut))).toEqual([]);
    expect(paths(at("https://opensearch.logging:9200").add(elsewhere(), shut))).toHaveLength(1);
  });
});
