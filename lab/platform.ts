/** What a stack finds in its cluster and is other people's: namespaces, DNS, istiod, a gateway, two services. */
import { parse } from "yaml";
import { dnsAddress } from "./addresses";
import { type ApiObject } from "./api";

/** How the stack's provider gets into the mesh configuration. */
export type Delivery = "shared" | "values";

const istioTag = "1.31.0";
const system = "istio-system";

/** The two services of the lab, in namespaces of the stack. */
export const services = {
  first: { namespace: "auth", name: "auth-api" },
  second: { namespace: "scan", name: "scan-api" },
} as const;
export const gateway = { namespace: system, name: "istio-ingressgateway" } as const;

export interface PlatformOptions {
  readonly delivery: Delivery;
  /** Namespaces of the stack, each with its Deployments. */
  readonly namespaces: Readonly<Record<string, readonly string[]>>;
  /** With delivery `values`: what the stack asks the owner of istiod's chart to set. */
  readonly meshValues?: MeshValues;
}

export interface MeshValues {
  readonly meshConfig?: Readonly<Record<string, unknown>>;
}

/** All objects, in the order in which they can be applied. */
export function platform(options: PlatformOptions): ApiObject[] {
  const { namespaces } = options;
  return [
    namespaceObject(system),
    ...Object.keys(namespaces).map((name) => namespaceObject(name, { "istio-injection": "enabled" })),
    ...dns(),
    policyEngine(),
    meshConfig(options),
    ...istiod(),
    ...ingressGateway(),
    ...Object.keys(namespaces).map(teamPolicy),
    ...Object.entries(namespaces).flatMap(([namespace, deployments]) =>
      deployments.flatMap((name) => application(namespace, name)),
    ),
    ...routing(),
  ];
}

function namespaceObject(name: string, labels?: Record<string, string>): ApiObject {
  return { apiVersion: "v1", kind: "Namespace", metadata: { name, labels } };
}

interface Container {
  readonly name: string;
  readonly image: string;
  readonly args?: readonly string[];
  readonly env?: readonly object[];
  readonly ports?: readonly object[];
}

function deployment(
  namespace: string,
  name: string,
  labels: Readonly<Record<string, string>>,
  { container, replicas = 1, annotations }: { container: Container; replicas?: number; annotations?: object },
): ApiObject {
  return {
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: { name, namespace, labels: { ...labels } },
    spec: {
      replicas,
      selector: { matchLabels: { app: name } },
      template: {
        metadata: { labels: { app: name, ...labels }, annotations },
        // Part of a proxy's identity, which nobody fills in without the admission of service accounts.
        spec: { serviceAccountName: "default", terminationGracePeriodSeconds: 0, containers: [container] },
      },
    },
  };
}

function service(
  namespace: string,
  name: string,
  ports: readonly object[],
  more: Readonly<Record<string, unknown>> = {},
): ApiObject {
  return {
    apiVersion: "v1",
    kind: "Service",
    metadata: { name, namespace },
    spec: { selector: { app: name }, ports, ...more },
  };
}

function dns(): ApiObject[] {
  const labels = { "k8s-app": "kube-dns" };
  const container = {
    name: "dns",
    image: "lab/dns:1",
    ports: [
      { name: "dns", containerPort: 53, protocol: "UDP" },
      { name: "dns-tcp", containerPort: 53, protocol: "TCP" },
    ],
  };
  const ports = [
    { name: "dns", port: 53, protocol: "UDP" },
    { name: "dns-tcp", port: 53, protocol: "TCP" },
  ];
  return [
    deployment("kube-system", "kube-dns", labels, { container }),
    service("kube-system", "kube-dns", ports, { clusterIP: dnsAddress, selector: labels }),
  ];
}

/** What enforces policies, as clusters show it; the lab runs it on the node itself, so that it has no pods. */
function policyEngine(): ApiObject {
  const name = "kube-network-policies";
  const labels = { app: name };
  const container = { name, image: `registry.k8s.io/networking/${name}:v0.8.0` };
  return {
    apiVersion: "apps/v1",
    kind: "DaemonSet",
    metadata: { name, namespace: "kube-system", labels },
    spec: {
      selector: { matchLabels: labels },
      template: { metadata: { labels }, spec: { hostNetwork: true, containers: [container] } },
    },
  };
}

/**
 * The mesh configuration of istiod's chart. Without metrics: a plain Envoy has no filters of Istio's own.
 */
export function meshConfig({
  delivery,
  meshValues,
}: Pick<PlatformOptions, "delivery" | "meshValues">): ApiObject {
  const own = {
    rootNamespace: system,
    trustDomain: "cluster.local",
    defaultProviders: { metrics: [] },
    defaultConfig: { discoveryAddress: `istiod.${system}.svc:15012` },
  };
  const mesh = delivery === "values" ? { ...own, ...meshValues?.meshConfig } : own;
  return {
    apiVersion: "v1",
    kind: "ConfigMap",
    metadata: { name: "istio", namespace: system },
    data: { mesh: JSON.stringify(mesh, undefined, 2), meshNetworks: "networks: {}" },
  };
}

function istiod(): ApiObject[] {
  const fields = { POD_NAME: "metadata.name", POD_NAMESPACE: "metadata.namespace" };
  const container = {
    name: "discovery",
    image: `docker.io/istio/pilot:${istioTag}`,
    args: ["discovery", "--monitoringAddr=:15014", "--domain", "cluster.local"],
    env: [
      { name: "REVISION", value: "default" },
      { name: "PILOT_CERT_PROVIDER", value: "istiod" },
      ...Object.entries(fields).map(([name, fieldPath]) => ({
        name,
        valueFrom: { fieldRef: { fieldPath } },
      })),
      { name: "SERVICE_ACCOUNT", value: "default" },
      { name: "CLUSTER_ID", value: "Kubernetes" },
      // Filters that only Istio's own build of Envoy has.
      { name: "PILOT_ENABLE_METADATA_EXCHANGE", value: "false" },
      { name: "PILOT_ENABLE_ALPN_FILTER", value: "false" },
    ],
    ports: [{ containerPort: 15010 }, { containerPort: 15012 }, { containerPort: 15017 }],
  };
  const ports = [
    { name: "grpc-xds", port: 15010 },
    { name: "https-dns", port: 15012 },
    { name: "https-webhook", port: 443, targetPort: 15017 },
    { name: "http-monitoring", port: 15014 },
  ];
  const labels = {
    app: "istiod",
    istio: "pilot",
    "istio.io/rev": "default",
    "sidecar.istio.io/inject": "false",
  };
  return [
    deployment(system, "istiod", labels, { container }),
    service(system, "istiod", ports, { selector: { app: "istiod", istio: "pilot" } }),
  ];
}

function ingressGateway(): ApiObject[] {
  const container = {
    name: "istio-proxy",
    image: `docker.io/istio/proxyv2:${istioTag}`,
    ports: [{ name: "http2", containerPort: 8080 }],
  };
  const labels = { istio: "ingressgateway", "sidecar.istio.io/inject": "false" };
  return [
    deployment(system, gateway.name, labels, { container }),
    service(system, gateway.name, [{ name: "http2", port: 80, targetPort: 8080 }]),
  ];
}

/**
 * A team's own isolation: DNS, istiod and each other, but no collector. That is the stack's part.
 */
function teamPolicy(namespace: string): ApiObject {
  const pods = (name: string, labels: object): object => ({
    namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": name } },
    podSelector: { matchLabels: labels },
  });
  const port = (number: number, protocol = "TCP"): object => ({ port: number, protocol });
  return {
    apiVersion: "networking.k8s.io/v1",
    kind: "NetworkPolicy",
    metadata: { name: "team-egress", namespace },
    spec: {
      podSelector: {},
      policyTypes: ["Egress"],
      egress: [
        { to: [pods("kube-system", { "k8s-app": "kube-dns" })], ports: [port(53, "UDP"), port(53)] },
        { to: [pods(system, { app: "istiod" })], ports: [port(15012)] },
        {
          to: [{ namespaceSelector: { matchLabels: { "istio-injection": "enabled" } } }],
          ports: [port(8080)],
        },
      ],
    },
  };
}

function application(namespace: string, name: string): ApiObject[] {
  const { first, second } = services;
  const isFirst = namespace === first.namespace && name === first.name;
  const isReal = isFirst || (namespace === second.namespace && name === second.name);
  const env = isFirst
    ? [{ name: "NEXT", value: `http://${second.name}.${second.namespace}.svc.cluster.local:8080` }]
    : [];
  const container = { name, image: "lab/application:1", env, ports: [{ name: "http", containerPort: 8080 }] };
  // Without the label of the injector, others would not speak mutual TLS to the sidecar.
  const labels = { "security.istio.io/tlsMode": "istio" };
  return [
    deployment(namespace, name, labels, { container, replicas: isReal ? 1 : 0 }),
    service(namespace, name, [{ name: "http", port: 8080 }]),
  ];
}

/** From the gateway to the first service. */
function routing(): ApiObject[] {
  const { first } = services;
  const [entry, route] = [
    {
      selector: { istio: "ingressgateway" },
      servers: [{ port: { number: 80, name: "http", protocol: "HTTP" }, hosts: ["*"] }],
    },
    {
      hosts: ["*"],
      gateways: ["lab"],
      http: [
        {
          route: [
            {
              destination: {
                host: `${first.name}.${first.namespace}.svc.cluster.local`,
                port: { number: 8080 },
              },
            },
          ],
        },
      ],
    },
  ];
  const apiVersion = "networking.istio.io/v1";
  return [
    { apiVersion, kind: "Gateway", metadata: { name: "lab", namespace: system }, spec: entry },
    { apiVersion, kind: "VirtualService", metadata: { name: "lab", namespace: system }, spec: route },
  ];
}

/** The mesh configuration as istiod reads it. */
export function parseMesh(map: ApiObject): Record<string, unknown> {
  return parse(map.data?.["mesh"] ?? "{}") as Record<string, unknown>;
}
