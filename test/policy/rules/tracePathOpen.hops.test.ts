/** What collectors pass on has a path of its own, to the store at the end of it. */
import { stringify } from "yaml";
import { collectorConfig, withCollector } from "../../../docs/generate/sample/collector";
import { type Manifest, type Mesh } from "../../../docs/generate/sample/mesh";
import { testRule } from "../../fixtures/rule";

const tier = "observability";
const admitted = "NetworkPolicy istio-system/allow-collector";
const policy = (namespace: string, name: string, spec: object): Manifest => ({
  apiVersion: "networking.k8s.io/v1",
  kind: "NetworkPolicy",
  metadata: { name, namespace },
  spec,
});
const dns = {
  ports: [
    { port: 53, protocol: "UDP" },
    { port: 53, protocol: "TCP" },
  ],
};
const onlyOut = (...egress: object[]): Manifest =>
  policy(tier, "egress", { podSelector: {}, policyTypes: ["Egress"], egress: [dns, ...egress] });
const toJaeger = {
  to: [{ namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": "istio-system" } } }],
  ports: [{ port: 4317 }],
};
const exportingTo = (endpoint: string) => ({
  ...collectorConfig,
  exporters: { otlp: { endpoint, tls: { insecure: true } } },
});

/** Collectors on every node, in front of those that pass on to Jaeger. */
function withAgents(mesh: Mesh): Mesh {
  const objects = withCollector(mesh).objects.filter(
    ({ metadata }) => metadata.namespace === tier || metadata.name === tier,
  );
  const agents = structuredClone(objects).map((object) =>
    object.kind === "Namespace"
      ? { ...object, metadata: { name: "agents" } }
      : { ...object, metadata: { ...object.metadata, namespace: "agents" } },
  );
  mesh.add(...agents);
  const config = stringify(exportingTo(`otel-collector.${tier}:4317`));
  return mesh.set("ConfigMap agents/otel-collector", "data config.yaml", config);
}

testRule("trace-path-open", {
  faults: [
    {
      name: "the store's policy does not know the collector",
      breaks: (mesh) => withCollector(mesh).remove(admitted),
      object: "NetworkPolicy istio-system/allow-tracing-ingress",
      message:
        "NetworkPolicy istio-system/allow-tracing-ingress blocks ingress to Service istio-system/jaeger-collector-clusterip from " +
        "Deployment observability/otel-collector on TCP 4317 (spans that collectors pass on), so these spans are lost; allow the " +
        "sender in spec.ingress[1]",
      fix: `# add to spec.ingress[1].from of NetworkPolicy istio-system/allow-tracing-ingress
- namespaceSelector:
    matchLabels:
      kubernetes.io/metadata.name: observability`,
    },
    {
      name: "the collector's own policy lets nothing out",
      breaks: (mesh) => withCollector(mesh).add(onlyOut()),
      object: "NetworkPolicy observability/egress",
      message:
        "NetworkPolicy observability/egress blocks egress from Deployment observability/otel-collector to Service " +
        "istio-system/jaeger-collector-clusterip on TCP 4317 (spans that collectors pass on), so these spans are lost; add a rule for " +
        "TCP 4317",
      fix: `# add to spec.egress of NetworkPolicy observability/egress
- to:
    - namespaceSelector:
        matchLabels:
          kubernetes.io/metadata.name: istio-system
      podSelector:
        matchLabels:
          app.kubernetes.io/name: jaeger
          app.kubernetes.io/instance: jaeger
          app.kubernetes.io/component: all-in-one
  ports:
    - protocol: TCP
      port: 4317`,
    },
    {
      name: "the collector's own policy lets nothing out to a backend outside the cluster",
      breaks: (mesh) => withCollector(mesh, exportingTo("otlp.example.com:4317")).add(onlyOut(toJaeger)),
      object: "NetworkPolicy observability/egress",
      message:
        "NetworkPolicy observability/egress blocks egress from Deployment observability/otel-collector to otlp.example.com on TCP 4317 " +
        "(spans that collectors pass on), so these spans are lost; allow the destination in spec.egress[1]",
      fix: `# add to spec.egress[1].to of NetworkPolicy observability/egress
- ipBlock:
    cidr: <address of otlp.example.com>/32`,
    },
    {
      name: "the second tier's policy lets nothing in",
      breaks: (mesh) =>
        withAgents(mesh).add(policy(tier, "closed", { podSelector: {}, policyTypes: ["Ingress"] })),
      object: "NetworkPolicy observability/closed",
      message:
        "NetworkPolicy observability/closed blocks ingress to Service observability/otel-collector from Deployment " +
        "agents/otel-collector on TCP 4317 (spans that collectors pass on), so these spans are lost; add a rule for TCP 4317",
      fix: `# add beside NetworkPolicy observability/closed
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata:
  name: allow-tracing-ingress
  namespace: observability
spec:
  podSelector: {}
  policyTypes:
    - Ingress
  ingress:
    - from:
        - namespaceSelector:
            matchLabels:
              kubernetes.io/metadata.name: agents
      ports:
        - protocol: TCP
          port: 4317`,
    },
  ],
  harmless: [
    { name: "the fix: the store's policy knows the collector", varies: (mesh) => withCollector(mesh) },
    {
      name: "the fix: the collector's own policy lets it out to the store",
      varies: (mesh) => withCollector(mesh).add(onlyOut(toJaeger)),
    },
    {
      name: "the fix: the collector's own policy lets it out to all addresses",
      varies: (mesh) =>
        withCollector(mesh, exportingTo("otlp.example.com:4317")).add(
          onlyOut({ to: [{ ipBlock: { cidr: "0.0.0.0/0" } }], ports: [{ port: 4317 }] }),
        ),
    },
    {
      name: "a collector that passes spans on to an alias of a host outside, of which nobody knows the addresses",
      varies: (mesh) =>
        withCollector(mesh, exportingTo(`vendor.${tier}:4317`)).add(onlyOut(toJaeger), {
          apiVersion: "v1",
          kind: "Service",
          metadata: { name: "vendor", namespace: tier },
          spec: { type: "ExternalName", externalName: "otlp.example.com", ports: [{ port: 4317 }] },
        }),
    },
    {
      name: "a collector that passes spans on to its own pod",
      varies: (mesh) => withCollector(mesh, exportingTo("127.0.0.1:4317")).add(onlyOut(toJaeger)),
      besides: ["collector-exports"],
    },
    {
      name: "a collector that passes spans on to a port that the Service lacks",
      varies: (mesh) =>
        withCollector(mesh, exportingTo("jaeger-collector-clusterip.istio-system:55680")).add(
          onlyOut(toJaeger),
        ),
      besides: ["collector-exports"],
    },
    { name: "two tiers without policies of their own", varies: (mesh) => withAgents(mesh) },
    {
      name: "a policy of the collector's namespace for other pods",
      varies: (mesh) =>
        withCollector(mesh).add(
          policy(tier, "closed", {
            podSelector: { matchLabels: { app: "grafana" } },
            policyTypes: ["Ingress", "Egress"],
          }),
        ),
    },
  ],
});
