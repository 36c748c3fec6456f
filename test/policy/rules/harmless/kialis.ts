/** Kialis of all sorts that are as they should be, or of which nothing can be said. */
import { namespaces } from "../fixture";
import { addKiali, kialiConfig, kialiConfigMap } from "../kialis";
import { type Variation } from "./variation";

const host = "jaeger-query-clusterip.istio-system.svc.cluster.local";

export const kialis: readonly Variation[] = [
  { name: "Kiali as this project makes it", varies: (mesh) => addKiali(mesh) },
  {
    name: "Kiali by HTTP",
    varies: (mesh) =>
      addKiali(mesh, kialiConfig({ internal_url: `http://${host}:16686/`, use_grpc: false }))
        .set("NetworkPolicy istio-system/allow-tracing-ingress", "spec ingress 4 ports 0 port", 16686)
        .set("NetworkPolicy observability/allow-kiali-egress", "spec egress 0 ports 0 port", 16686),
  },
  {
    name: "Kiali told by the key of older versions",
    varies: (mesh) =>
      addKiali(mesh, kialiConfig({ internal_url: undefined, in_cluster_url: `http://${host}:16685` })),
  },
  {
    name: "Kiali that reads another store than Jaeger",
    varies: (mesh) =>
      addKiali(mesh, kialiConfig({ provider: "tempo", internal_url: "http://tempo.tempo:3200" })),
  },
  {
    name: "Kiali that reads a Jaeger outside the cluster",
    varies: (mesh) => addKiali(mesh, kialiConfig({ internal_url: "https://jaeger.eu.example.com" })),
  },
  {
    name: "Kiali of version 1, whose default for tracing nobody knows",
    varies: (mesh) => {
      addKiali(mesh, kialiConfig({ enabled: undefined }));
      mesh.set("ConfigMap observability/kiali", "metadata labels app.kubernetes.io/version", "v1.73.0");
    },
  },
  {
    name: "Kiali in the gateway's namespace, by an OpenID issuer",
    varies: (mesh) =>
      mesh.add(kialiConfigMap({ ...kialiConfig(), auth: { strategy: "openid" } }, "istio-system")),
  },
  {
    name: "Kiali by the values of a Flux release that are partly elsewhere",
    varies: (mesh) =>
      mesh.add({
        apiVersion: "helm.toolkit.fluxcd.io/v2",
        kind: "HelmRelease",
        metadata: { name: "kiali", namespace: "observability" },
        spec: {
          chart: { spec: { chart: "kiali-server", version: "2.29.0" } },
          valuesFrom: [{ kind: "Secret", name: "kiali-values" }],
        },
      }),
  },
  {
    name: "a ConfigMap called kiali that is no configuration of Kiali",
    varies: (mesh) =>
      mesh.add({
        apiVersion: "v1",
        kind: "ConfigMap",
        metadata: { name: "kiali", namespace: "scan" },
        data: { "config.yaml": "- a\n- b\n" },
      }),
  },
  {
    name: "the chart's values beside what the chart rendered: the ConfigMap counts",
    varies: (mesh) =>
      addKiali(mesh).add({
        apiVersion: "mesh-tracing/v1",
        kind: "HelmChart",
        metadata: { name: "kiali", namespace: "observability" },
        spec: { chart: "kiali-server", version: "2.29.0", values: { auth: { strategy: "anonymous" } } },
      }),
  },
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
    name: "the operator's chart without a Kiali",
    varies: (mesh) =>
      mesh.add({
        apiVersion: "mesh-tracing/v1",
        kind: "HelmChart",
        metadata: { name: "kiali-operator", namespace: "kiali-operator" },
        spec: {
          chart: "kiali-operator",
          version: "2.29.0",
          values: { cr: { create: false, spec: { auth: { strategy: "anonymous" } } } },
        },
      }),
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
  {
    name: "Kiali without tracing in a mesh whose traces go to no Jaeger",
    varies: (mesh) => {
      addKiali(mesh, kialiConfig({ enabled: false }));
      mesh.set(
        "Deployment istio-system/jaeger",
        "spec template spec containers 0 image",
        "example.com/collector:1",
      );
      mesh.set(
        "Deployment istio-system/jaeger",
        "spec template metadata labels app.kubernetes.io/name",
        "collector",
      );
      for (const ref of [
        "Service istio-system/jaeger-collector-clusterip",
        "Service istio-system/jaeger-query-clusterip",
      ]) {
        mesh.set(ref, "spec selector app.kubernetes.io/name", "collector");
      }
      mesh.set(
        "NetworkPolicy istio-system/allow-tracing-ingress",
        "spec podSelector matchLabels app.kubernetes.io/name",
        "collector",
      );
      for (const namespace of namespaces) {
        mesh.set(
          `NetworkPolicy ${namespace}/allow-jaeger-egress`,
          "spec egress 0 to 0 podSelector matchLabels app.kubernetes.io/name",
          "collector",
        );
      }
    },
  },
];
