/** Faults of Kiali, which shows the traces. */
import { type Manifest } from "../fixture";
import { addKiali, kialiConfig } from "../kialis";
import { type Fault } from "./fault";

const configMap = "ConfigMap observability/kiali";
const egress = "NetworkPolicy observability/allow-kiali-egress";
const ingress = "NetworkPolicy istio-system/allow-tracing-ingress";
const host = "jaeger-query-clusterip.istio-system.svc.cluster.local";
const anonymous = { ...kialiConfig(), auth: { strategy: "anonymous" } };
const virtualService: Manifest = {
  apiVersion: "networking.istio.io/v1",
  kind: "VirtualService",
  metadata: { name: "kiali", namespace: "observability" },
  spec: {
    hosts: ["kiali.example.com"],
    gateways: ["istio-system/public"],
    http: [{ route: [{ destination: { host: "kiali.observability.svc.cluster.local" } }] }],
  },
};
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

export const kialis: readonly Fault[] = [
  {
    name: "Kiali reads HTTP where gRPC is spoken",
    breaks: (mesh) => addKiali(mesh, kialiConfig({ use_grpc: false })),
    before: (mesh) => addKiali(mesh),
    rule: "kiali-tracing",
    object: configMap,
  },
  {
    name: "Kiali reads gRPC where HTTP is spoken",
    breaks: (mesh) =>
      addKiali(mesh, kialiConfig({ internal_url: `http://${host}:16686` }))
        .set(ingress, "spec ingress 4 ports 0 port", 16686)
        .set(egress, "spec egress 0 ports 0 port", 16686),
    rule: "kiali-tracing",
    object: configMap,
  },
  {
    name: "Kiali reads a port that Jaeger's Service does not have",
    breaks: (mesh) => addKiali(mesh, kialiConfig({ internal_url: `http://${host}` })),
    rule: "kiali-tracing",
    object: configMap,
  },
  {
    name: "Kiali reads a Service that does not exist",
    breaks: (mesh) => addKiali(mesh, kialiConfig({ internal_url: undefined })),
    rule: "kiali-tracing",
    object: configMap,
  },
  {
    name: "Kiali reads a Service of a namespace that is not in the input",
    breaks: (mesh) => addKiali(mesh, kialiConfig({ internal_url: "http://jaeger.tracing:16685" })),
    rule: "kiali-tracing",
    object: configMap,
    level: "warning",
  },
  {
    name: "Kiali's tracing is off",
    breaks: (mesh) => addKiali(mesh, kialiConfig({ enabled: undefined })),
    rule: "kiali-tracing",
    object: configMap,
    level: "warning",
  },
  {
    name: "the values of Kiali's chart read gRPC where HTTP is spoken",
    breaks: (mesh) => mesh.add(argo),
    rule: "kiali-tracing",
    object: "Application argocd/kiali",
  },
  {
    name: "a Kiali of the operator reads a port that Jaeger's Service does not have",
    breaks: (mesh) =>
      mesh.add({
        apiVersion: "kiali.io/v1alpha1",
        kind: "Kiali",
        metadata: { name: "kiali", namespace: "istio-system" },
        spec: kialiConfig({ internal_url: `http://${host}:80/jaeger` }),
      }),
    rule: "kiali-tracing",
    object: "Kiali istio-system/kiali",
  },
  {
    name: "Jaeger's ingress forgets Kiali",
    breaks: (mesh) => addKiali(mesh).unset(ingress, "spec ingress 4"),
    before: (mesh) => addKiali(mesh),
    rule: "kiali-reaches-tracing",
    object: ingress,
  },
  {
    name: "Kiali's egress opens the other port of Jaeger",
    breaks: (mesh) => addKiali(mesh).set(egress, "spec egress 0 ports 0 port", 16686),
    rule: "kiali-reaches-tracing",
    object: egress,
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
    rule: "kiali-reaches-tracing",
    object: ingress,
  },
  {
    name: "Kiali asks nobody who comes, inside the cluster",
    breaks: (mesh) => addKiali(mesh, anonymous),
    rule: "kiali-authenticated",
    object: configMap,
    level: "warning",
  },
  {
    name: "Kiali asks nobody who comes and has a load balancer",
    breaks: (mesh) =>
      addKiali(mesh, anonymous).set("Service observability/kiali", "spec type", "LoadBalancer"),
    rule: "kiali-authenticated",
    object: configMap,
    before: (mesh) => addKiali(mesh),
    example: true,
  },
  {
    name: "Kiali asks nobody who comes by the mesh's gateway",
    breaks: (mesh) => addKiali(mesh, anonymous).add(virtualService),
    rule: "kiali-authenticated",
    object: configMap,
  },
  {
    name: "Kiali's chart gives it a load balancer and no question",
    breaks: (mesh) =>
      mesh.add({
        apiVersion: "mesh-tracing/v1",
        kind: "HelmChart",
        metadata: { name: "kiali", namespace: "istio-system" },
        spec: {
          chart: "kiali-server",
          version: "2.29.0",
          values: { ...anonymous, deployment: { service_type: "LoadBalancer" } },
        },
      }),
    rule: "kiali-authenticated",
    object: "HelmChart istio-system/kiali",
  },
  {
    name: "Kiali's tracing is off, so that its closed way to Jaeger matters to nobody",
    breaks: (mesh) => addKiali(mesh, kialiConfig({ enabled: false })).unset(ingress, "spec ingress 4"),
    rule: "kiali-tracing",
    object: configMap,
    level: "warning",
  },
  {
    name: "Kiali asks nobody who comes, and the gateway does",
    breaks: (mesh) =>
      addKiali(mesh, anonymous).add(virtualService, {
        apiVersion: "security.istio.io/v1",
        kind: "AuthorizationPolicy",
        metadata: { name: "people", namespace: "istio-system" },
        spec: { action: "DENY", rules: [{ from: [{ source: { notRequestPrincipals: ["*"] } }] }] },
      }),
    rule: "kiali-authenticated",
    object: configMap,
    level: "warning",
  },
  {
    name: "the values of the operator's chart name a Service beside Kiali, and the wrong protocol",
    breaks: (mesh) =>
      mesh.add({
        ...argo,
        spec: {
          destination: { namespace: "kiali-operator" },
          source: {
            chart: "kiali-operator",
            targetRevision: "2.29.0",
            helm: {
              valuesObject: {
                cr: {
                  create: true,
                  namespace: "istio-system",
                  spec: kialiConfig({ internal_url: "http://jaeger-query-clusterip:16686" }),
                },
              },
            },
          },
        },
      }),
    rule: "kiali-tracing",
    object: "Application argocd/kiali",
  },
];
