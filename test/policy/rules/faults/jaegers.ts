/** Faults of Jaeger itself. */
import { type Manifest } from "../fixture";
import { type Fault } from "./fault";

const jaeger = "Deployment istio-system/jaeger";
const container = "spec template spec containers 0";
const virtualService: Manifest = {
  apiVersion: "networking.istio.io/v1",
  kind: "VirtualService",
  metadata: { name: "jaeger", namespace: "istio-system" },
  spec: {
    hosts: ["jaeger.example.com"],
    gateways: ["istio-system/public"],
    http: [
      {
        route: [
          {
            destination: {
              host: "jaeger-query-clusterip.istio-system.svc.cluster.local",
              port: { number: 16686 },
            },
          },
        ],
      },
    ],
  },
};
export const ingressRoute: Manifest = {
  apiVersion: "networking.k8s.io/v1",
  kind: "Ingress",
  metadata: { name: "jaeger", namespace: "istio-system" },
  spec: {
    rules: [
      {
        host: "jaeger.example.com",
        http: {
          paths: [
            {
              path: "/",
              backend: { service: { name: "jaeger-query-clusterip", port: { name: "http-query" } } },
            },
          ],
        },
      },
    ],
  },
};
export const httpRoute: Manifest = {
  apiVersion: "gateway.networking.k8s.io/v1",
  kind: "HTTPRoute",
  metadata: { name: "jaeger", namespace: "istio-system" },
  spec: {
    parentRefs: [{ name: "public" }],
    hostnames: ["jaeger.example.com"],
    rules: [{ backendRefs: [{ name: "jaeger-query-clusterip", port: 16686 }] }],
  },
};

export const jaegers: readonly Fault[] = [
  {
    name: "Jaeger's store is not bounded",
    breaks: (mesh) => mesh.unset(jaeger, `${container} args`),
    rule: "jaeger-memory-bound",
    object: jaeger,
  },
  {
    name: "Jaeger keeps more traces than its memory holds",
    breaks: (mesh) =>
      mesh.set(jaeger, `${container} args`, [
        "--set=extensions.jaeger_storage.backends.some_storage.memory.max_traces=50000",
      ]),
    rule: "jaeger-memory-bound",
    object: jaeger,
  },
  {
    name: "Jaeger has no memory limit",
    breaks: (mesh) => mesh.unset(jaeger, `${container} resources`),
    rule: "jaeger-memory-bound",
    object: jaeger,
  },
  {
    name: "Jaeger gets a sidecar",
    breaks: (mesh) =>
      mesh
        .set("Namespace istio-system", "metadata labels istio-injection", "enabled")
        .unset(jaeger, "spec template metadata labels sidecar.istio.io/inject")
        .set(
          "Deployment istio-system/istiod",
          "spec template metadata labels sidecar.istio.io/inject",
          "false",
        ),
    rule: "jaeger-no-sidecar",
    object: jaeger,
  },
  {
    name: "Jaeger may run as root",
    breaks: (mesh) => mesh.set(jaeger, "spec template spec securityContext", {}),
    rule: "jaeger-hardened",
    object: jaeger,
  },
  {
    name: "Jaeger keeps its capabilities",
    breaks: (mesh) => mesh.unset(jaeger, `${container} securityContext capabilities`),
    rule: "jaeger-hardened",
    object: jaeger,
  },
  {
    name: "Jaeger's UI has a load balancer",
    breaks: (mesh) => mesh.set("Service istio-system/jaeger-query-clusterip", "spec type", "LoadBalancer"),
    rule: "jaeger-ui-not-public",
    object: "Service istio-system/jaeger-query-clusterip",
  },
  {
    name: "Jaeger's UI is routed by the mesh's gateway",
    breaks: (mesh) => mesh.add(virtualService),
    rule: "jaeger-ui-not-public",
    object: "VirtualService istio-system/jaeger",
  },
  {
    name: "Jaeger's UI has an Ingress",
    breaks: (mesh) => mesh.add(ingressRoute),
    rule: "jaeger-ui-not-public",
    object: "Ingress istio-system/jaeger",
  },
  {
    name: "Jaeger's UI has an HTTPRoute",
    breaks: (mesh) => mesh.add(httpRoute),
    rule: "jaeger-ui-not-public",
    object: "HTTPRoute istio-system/jaeger",
  },
];
