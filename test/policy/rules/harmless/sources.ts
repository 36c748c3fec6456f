/** The same mesh, described by other objects. */
import { stringify } from "yaml";
import { istioConfigMap, type Manifest, type Mesh, meshConfig } from "../fixture";
import { type Variation } from "./variation";

const jaeger = "Deployment istio-system/jaeger";
const container = "spec template spec containers 0";
const meshConfigFrom = (mesh: Mesh, source: Manifest): Mesh =>
  mesh.remove("ConfigMap istio-system/istio").add(source);

export const sources: readonly Variation[] = [
  {
    name: "the mesh config in a shared ConfigMap",
    varies: (mesh) => {
      const { extensionProviders, ...rest } = meshConfig();
      const shared = istioConfigMap({ extensionProviders });
      shared.metadata.name = "tracing";
      mesh.set("ConfigMap istio-system/istio", "data mesh", stringify(rest));
      mesh.add(shared);
      mesh.set("Deployment istio-system/istiod", `${container} env`, [
        { name: "SHARED_MESH_CONFIG", value: "tracing" },
      ]);
    },
  },
  {
    name: "the mesh config in an IstioOperator",
    varies: (mesh) =>
      meshConfigFrom(mesh, {
        apiVersion: "install.istio.io/v1alpha1",
        kind: "IstioOperator",
        metadata: { name: "istio", namespace: "istio-system" },
        spec: { meshConfig: meshConfig() },
      }),
  },
  {
    name: "the mesh config in the sail operator's Istio",
    varies: (mesh) =>
      meshConfigFrom(mesh, {
        apiVersion: "sailoperator.io/v1",
        kind: "Istio",
        metadata: { name: "default" },
        spec: { version: "v1.31.0", namespace: "istio-system", values: { meshConfig: meshConfig() } },
      }),
  },
  {
    name: "the mesh config in an Argo CD Application",
    varies: (mesh) =>
      meshConfigFrom(mesh, {
        apiVersion: "argoproj.io/v1alpha1",
        kind: "Application",
        metadata: { name: "istiod", namespace: "argocd" },
        spec: {
          destination: { namespace: "istio-system" },
          source: {
            chart: "istiod",
            targetRevision: "1.31.0",
            helm: { values: stringify({ meshConfig: meshConfig() }) },
          },
        },
      }),
  },
  {
    name: "the mesh config in a Flux HelmRelease",
    varies: (mesh) =>
      meshConfigFrom(mesh, {
        apiVersion: "helm.toolkit.fluxcd.io/v2",
        kind: "HelmRelease",
        metadata: { name: "istiod", namespace: "istio-system" },
        spec: {
          chart: { spec: { chart: "istiod", version: "1.31.0" } },
          values: { meshConfig: meshConfig() },
        },
      }),
  },
  {
    name: "Jaeger as a chart that was not templated",
    varies: (mesh) => {
      const pod = (mesh.get(jaeger)["spec"] as { template: { spec: Record<string, unknown> } }).template.spec;
      const [own] = pod["containers"] as Record<string, unknown>[];
      mesh.remove(jaeger).add({
        apiVersion: "mesh-tracing/v1",
        kind: "HelmChart",
        metadata: { name: "jaeger", namespace: "istio-system" },
        spec: {
          chart: "jaeger",
          version: "4.11.1",
          values: {
            fullnameOverride: "jaeger",
            jaeger: {
              args: own?.["args"],
              resources: own?.["resources"],
              securityContext: own?.["securityContext"],
              podSecurityContext: pod["securityContext"],
              podLabels: { "sidecar.istio.io/inject": "false" },
            },
          },
        },
      });
    },
  },
  {
    name: "everything in one List",
    varies: (mesh) => {
      const { objects } = mesh;
      mesh.objects = [{ apiVersion: "v1", kind: "List", metadata: { name: "" }, items: objects }];
    },
  },
];
