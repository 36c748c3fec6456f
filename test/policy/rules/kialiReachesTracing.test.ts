import { describe, expect, it } from "vitest";
import { addKiali, kialiConfig, kialiConfigMap } from "../../../docs/generate/sample/kiali";
import { type Manifest, Mesh, type Tree } from "../../../docs/generate/sample/mesh";
import { asker, exampleFault, testRule } from "../../fixtures/rule";

const ingress = "NetworkPolicy istio-system/allow-tracing-ingress";
const egress = "NetworkPolicy observability/allow-kiali-egress";
const host = "jaeger-query-clusterip.istio-system.svc.cluster.local";
const argo: Manifest = {
  apiVersion: "argoproj.io/v1alpha1",
  kind: "Application",
  metadata: { name: "kiali", namespace: "argocd" },
  spec: {
    destination: { namespace: "istio-system" },
    source: {
      chart: "kiali-server",
      targetRevision: "2.29.0",
      helm: { valuesObject: kialiConfig({ internal_url: `http://${host}:16686` }) },
    },
  },
};

testRule("kiali-reaches-tracing", {
  faults: [
    {
      ...exampleFault("kiali-reaches-tracing"),
      object: ingress,
      message:
        "NetworkPolicy istio-system/allow-tracing-ingress blocks ingress to Service " +
        "istio-system/jaeger-query-clusterip from Deployment observability/kiali on TCP " +
        "16685 (traces for Kiali), so Kiali shows no traces; allow the sender in spec.ingress[2]",
      fix: `# add to spec.ingress[2].from of NetworkPolicy istio-system/allow-tracing-ingress
- namespaceSelector:
    matchLabels:
      kubernetes.io/metadata.name: observability`,
    },
    {
      name: "Kiali's egress opens the other port of Jaeger",
      breaks: (mesh) => addKiali(mesh).set(egress, "spec egress 0 ports 0 port", 16686),
      object: egress,
      message:
        "NetworkPolicy observability/allow-kiali-egress blocks egress from Deployment observability/kiali to Service istio-system/jaeger-query-clusterip on TCP 16685 (traces for Kiali), " +
        "so Kiali shows no traces; add TCP 16685 to spec.egress[0]",
      fix: `# add to spec.egress[0].ports of NetworkPolicy observability/allow-kiali-egress
- protocol: TCP
  port: 16685`,
    },
    {
      name: "Jaeger's ingress forgets a Kiali that is known by its chart's values alone",
      breaks: (mesh) => {
        const values = kialiConfig();
        mesh.add({
          ...argo,
          spec: {
            destination: { namespace: "elsewhere" },
            source: { chart: "kiali-server", targetRevision: "2.29.0", helm: { valuesObject: values } },
          },
        });
      },
      object: ingress,
      message:
        "NetworkPolicy istio-system/allow-tracing-ingress blocks ingress to Service " +
        "istio-system/jaeger-query-clusterip from Deployment elsewhere/kiali on TCP 16685 " +
        "(traces for Kiali), so Kiali shows no traces; allow the sender in spec.ingress[2]",
      fix: `# add to spec.ingress[2].from of NetworkPolicy istio-system/allow-tracing-ingress
- namespaceSelector:
    matchLabels:
      kubernetes.io/metadata.name: elsewhere`,
    },
  ],
  harmless: [
    {
      name: "Kiali's own egress policy in the gateway's namespace, where the gateway's labels are not known",
      varies: (mesh) => {
        addKiali(mesh).copy(
          "NetworkPolicy observability/allow-kiali-egress",
          "allow-kiali-egress",
          "istio-system",
        );
        mesh.remove("Deployment istio-system/istio-ingressgateway");
      },
      options: { gateways: ["istio-system"] },
    },
    {
      name: "Kiali by its chart's values, beside a policy for other pods",
      varies: (mesh) =>
        mesh.add(
          {
            apiVersion: "mesh-tracing/v1",
            kind: "HelmChart",
            metadata: { name: "kiali", namespace: "istio-system" },
            spec: { chart: "kiali-server", version: "2.29.0", values: kialiConfig() },
          },
          {
            apiVersion: "networking.k8s.io/v1",
            kind: "NetworkPolicy",
            metadata: { name: "grafana", namespace: "istio-system" },
            spec: { podSelector: { matchLabels: { tier: "grafana" } }, policyTypes: ["Egress"] },
          },
        ),
    },
  ],
});

describe("Kiali's way to traces", () => {
  const ask = asker("kiali-reaches-tracing");
  const egress = "NetworkPolicy observability/allow-kiali-egress";
  const shut = () => addKiali(new Mesh()).set(egress, "spec egress 0 ports 0 port", 1);
  const map = "ConfigMap observability/kiali";
  const reads = (tracing: Tree) => (mesh: Mesh) =>
    mesh.set(map, "data", kialiConfigMap(kialiConfig(tracing))["data"]);
  const service = "Service istio-system/jaeger-query-clusterip";

  it("is judged where it leads to Jaeger's pods", () => {
    expect(ask(shut())).toHaveLength(1);
    expect(ask(reads({ enabled: false })(shut()))).toEqual([]);
    expect(ask(reads({ internal_url: "http://jaeger.example.com.:1" })(shut()))).toEqual([]);
    expect(ask(reads({ internal_url: "http://gone:1" })(shut()))).toEqual([]);
    expect(ask(reads({ internal_url: "http://jaeger-query-clusterip.istio-system:1" })(shut()))).toEqual([]);
    expect(ask(shut().set(service, "spec selector", { app: "nobody" }))).toEqual([]);
  });

  it("is not judged by a policy that cannot be read: another rule says what is wrong with it", () => {
    const open = addKiali(new Mesh());
    expect(ask(open.set(egress, "spec egress 0 ports 0 port", "1 6685"))).toEqual([]);
  });

  it("is given a policy of this project's name where there is none to add to", () => {
    expect(ask(shut().set(egress, "spec egress", []))).toEqual([
      `warning: ${egress} blocks egress from Deployment observability/kiali to ${service} on TCP 16685 (traces for Kiali), so Kiali shows no traces; add a rule for TCP 16685
# add beside ${egress}
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata:
  name: allow-kiali-egress
  namespace: observability
spec:
  podSelector:
    matchLabels:
      app.kubernetes.io/name: kiali
      app.kubernetes.io/instance: kiali
  policyTypes:
    - Egress
  egress:
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
          port: 16685`,
    ]);
    const ingress = "NetworkPolicy istio-system/allow-tracing-ingress";
    const closed = addKiali(new Mesh())
      .set(ingress, "spec ingress", [])
      .set(ingress, "metadata name", "deny");
    expect(ask(closed).join("\n")).toContain("name: allow-tracing-ingress");
  });
});
