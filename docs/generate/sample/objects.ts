/** The objects of a healthy mesh: the reference platform with everything its traces need. */
import { stringify } from "yaml";

/** A Kubernetes object, as far as finding it needs. */
export interface Manifest {
  apiVersion: string;
  kind: string;
  metadata: { name: string; namespace?: string } & Record<string, unknown>;
  [field: string]: unknown;
}

export type Tree = Record<string, unknown>;

export const namespaces = ["auth", "character", "chat", "image", "location", "my", "scan"];

export const collectorHost = "jaeger-collector-clusterip.istio-system.svc.cluster.local";

/** What the caller of the checks says about the stack: every request is traced. */
export const options = { minSampling: 100 };

const jaegerLabels = {
  "app.kubernetes.io/name": "jaeger",
  "app.kubernetes.io/instance": "jaeger",
  "app.kubernetes.io/component": "all-in-one",
};

const namespaceNamed = (...values: string[]) => ({
  namespaceSelector: { matchExpressions: [{ key: "kubernetes.io/metadata.name", operator: "In", values }] },
});
const tcp = (...ports: (number | string)[]) => ports.map((port) => ({ protocol: "TCP", port }));

function namespace(name: string, labels: Record<string, string> = {}): Manifest {
  return {
    apiVersion: "v1",
    kind: "Namespace",
    metadata: { name, labels: { "kubernetes.io/metadata.name": name, ...labels } },
  };
}

function deployment(
  namespace: string,
  name: string,
  labels: Record<string, string>,
  pod: Tree,
  podLabels: Record<string, string> = labels,
): Manifest {
  return {
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: { name, namespace },
    spec: {
      selector: { matchLabels: { ...labels } },
      template: { metadata: { labels: { ...podLabels } }, spec: pod },
    },
  };
}

function policy(namespace: string, name: string, spec: Tree): Manifest {
  return { apiVersion: "networking.k8s.io/v1", kind: "NetworkPolicy", metadata: { name, namespace }, spec };
}

function service(namespace: string, name: string, selector: Record<string, string>, ports: Tree[]): Manifest {
  return {
    apiVersion: "v1",
    kind: "Service",
    metadata: { name, namespace },
    spec: { type: "ClusterIP", selector: { ...selector }, ports },
  };
}

export function otelEnvironment(namespace: string): Manifest {
  return {
    apiVersion: "v1",
    kind: "ConfigMap",
    metadata: { name: "otel-environment", namespace },
    data: {
      OTEL_EXPORTER_OTLP_ENDPOINT: `http://${collectorHost}:4317`,
      OTEL_EXPORTER_OTLP_PROTOCOL: "grpc",
      OTEL_PROPAGATORS: "b3,tracecontext,baggage",
      OTEL_TRACES_EXPORTER: "otlp",
      OTEL_TRACES_SAMPLER: "parentbased_traceidratio",
      OTEL_TRACES_SAMPLER_ARG: "1.0",
    },
  };
}

/** The mesh config of istiod's ConfigMap. */
export function meshConfig(): Tree {
  return {
    rootNamespace: "istio-system",
    defaultConfig: { discoveryAddress: "istiod.istio-system.svc:15012" },
    extensionProviders: [
      {
        name: "jaeger",
        zipkin: {
          service: `istio-system/${collectorHost}`,
          port: 9411,
          traceContextOption: "USE_B3_WITH_W3C_PROPAGATION",
        },
      },
      {
        name: "json-access-log",
        envoyFileAccessLog: {
          path: "/dev/stdout",
          logFormat: { labels: { "trace.id": "%TRACE_ID%", "url.path": "%REQ(:PATH)%" } },
        },
      },
    ],
  };
}

export function istioConfigMap(mesh: Tree): Manifest {
  return {
    apiVersion: "v1",
    kind: "ConfigMap",
    metadata: { name: "istio", namespace: "istio-system" },
    data: { mesh: stringify(mesh) },
  };
}

export function application(namespace: string): Manifest[] {
  const name = `${namespace}-api`;
  return [
    deployment(
      namespace,
      name,
      { app: name },
      {
        containers: [
          {
            name: "app",
            image: `example.com/${name}:1`,
            envFrom: [{ configMapRef: { name: "otel-environment" } }],
          },
        ],
      },
    ),
    otelEnvironment(namespace),
    service(namespace, name, { app: name }, [{ name: "http", port: 80, targetPort: 8080 }]),
    policy(namespace, "allow-jaeger-egress", {
      podSelector: {},
      policyTypes: ["Egress"],
      egress: [
        {
          to: [
            {
              namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": "istio-system" } },
              podSelector: { matchLabels: { "app.kubernetes.io/name": "jaeger" } },
            },
          ],
          ports: tcp(4317, 4318, 9411),
        },
      ],
    }),
    policy(namespace, "allow-mesh-egress", {
      podSelector: {},
      policyTypes: ["Egress"],
      egress: [
        {
          to: [
            {
              namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": "kube-system" } },
              podSelector: { matchLabels: { "k8s-app": "kube-dns" } },
            },
          ],
          ports: [
            { protocol: "UDP", port: 53 },
            { protocol: "TCP", port: 53 },
          ],
        },
        {
          to: [
            {
              namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": "istio-system" } },
              podSelector: { matchLabels: { app: "istiod" } },
            },
          ],
          ports: tcp(15012),
        },
      ],
    }),
  ];
}

export function jaegerDeployment(): Manifest {
  return deployment(
    "istio-system",
    "jaeger",
    jaegerLabels,
    {
      securityContext: {
        runAsNonRoot: true,
        runAsUser: 10001,
        fsGroup: 10001,
        seccompProfile: { type: "RuntimeDefault" },
      },
      containers: [
        {
          name: "jaeger",
          image: "jaegertracing/jaeger:2.19.0",
          args: ["--set=extensions.jaeger_storage.backends.some_storage.memory.max_traces=10000"],
          ports: [9411, 4317, 4318, 16686, 16685, 8888].map((containerPort) => ({
            containerPort,
            protocol: "TCP",
          })),
          resources: { limits: { cpu: "1", memory: "512Mi" } },
          securityContext: {
            allowPrivilegeEscalation: false,
            capabilities: { drop: ["ALL"] },
            readOnlyRootFilesystem: true,
          },
        },
      ],
    },
    { ...jaegerLabels, "sidecar.istio.io/inject": "false" },
  );
}

function serviceEntry(name: string, hosts: string[], resolution: string): Manifest {
  return {
    apiVersion: "networking.istio.io/v1",
    kind: "ServiceEntry",
    metadata: { name, namespace: "istio-system" },
    spec: {
      hosts,
      location: "MESH_EXTERNAL",
      ports: [{ name: "https", number: 443, protocol: "HTTPS" }],
      resolution,
    },
  };
}

/** The collector's side: Jaeger, its Services and who may come. */
function collector(): Manifest[] {
  return [
    jaegerDeployment(),
    service("istio-system", "jaeger-collector-clusterip", jaegerLabels, [
      { name: "http-zipkin", port: 9411, targetPort: 9411, protocol: "TCP", appProtocol: "http" },
      { name: "grpc-otlp", port: 4317, targetPort: 4317, protocol: "TCP", appProtocol: "grpc" },
      { name: "http-otlp", port: 4318, targetPort: 4318, protocol: "TCP", appProtocol: "http" },
    ]),
    service("istio-system", "jaeger-query-clusterip", jaegerLabels, [
      { name: "http-query", port: 16686, targetPort: 16686, protocol: "TCP", appProtocol: "http" },
      { name: "grpc-query", port: 16685, targetPort: 16685, protocol: "TCP", appProtocol: "grpc" },
    ]),
    policy("istio-system", "allow-tracing-ingress", {
      podSelector: { matchLabels: { "app.kubernetes.io/name": "jaeger" } },
      policyTypes: ["Ingress"],
      ingress: [
        { from: [namespaceNamed(...namespaces, "istio-system")], ports: tcp(9411) },
        { from: [namespaceNamed(...namespaces)], ports: tcp(4317, 4318) },
        { from: [namespaceNamed("istio-system")], ports: tcp(16685, 16686) },
        { from: [namespaceNamed("monitoring")], ports: tcp(8888) },
      ],
    }),
  ];
}

/** Istio, DNS and what belongs to no application. */
function platform(): Manifest[] {
  const dnsLabels = { "k8s-app": "kube-dns" };
  return [
    deployment(
      "istio-system",
      "istiod",
      { app: "istiod", istio: "pilot" },
      {
        containers: [
          { name: "discovery", image: "docker.io/istio/pilot:1.31.0", ports: [{ containerPort: 15012 }] },
        ],
      },
    ),
    deployment(
      "istio-system",
      "istio-ingressgateway",
      { app: "istio-ingressgateway", istio: "ingressgateway" },
      {
        containers: [{ name: "istio-proxy", image: "docker.io/istio/proxyv2:1.31.0" }],
      },
    ),
    deployment("kube-system", "coredns", dnsLabels, {
      containers: [{ name: "coredns", image: "registry.k8s.io/coredns/coredns:v1.13.0" }],
    }),
    service("kube-system", "kube-dns", dnsLabels, [
      { name: "dns", port: 53, protocol: "UDP", targetPort: 53 },
      { name: "dns-tcp", port: 53, protocol: "TCP", targetPort: 53 },
    ]),
    istioConfigMap(meshConfig()),
    {
      apiVersion: "telemetry.istio.io/v1",
      kind: "Telemetry",
      metadata: { name: "mesh-default", namespace: "istio-system" },
      spec: {
        accessLogging: [{ providers: [{ name: "json-access-log" }] }],
        tracing: [{ providers: [{ name: "jaeger" }], randomSamplingPercentage: 100 }],
      },
    },
    serviceEntry("google-external", ["accounts.google.com", "www.googleapis.com"], "DNS"),
    serviceEntry("openai-external", ["api.openai.com"], "DNS"),
    serviceEntry("aws-s3-external", ["*.s3.amazonaws.com", "*.s3.ap-northeast-2.amazonaws.com"], "NONE"),
    serviceEntry("aws-cloudfront", ["*.cloudfront.net", "images.dev.growbin.app"], "NONE"),
  ];
}

/** Every object of the healthy mesh, new at each call. */
export function healthyObjects(): Manifest[] {
  const objects = [
    namespace("kube-system"),
    namespace("istio-system"),
    namespace("monitoring"),
    ...namespaces.map((name) => namespace(name, { "istio-injection": "enabled" })),
    ...platform(),
    ...collector(),
    ...namespaces.flatMap(application),
  ];
  // No two places share a map: what a fault changes in one of them must not change in another, or in the next test.
  return JSON.parse(JSON.stringify(objects)) as Manifest[];
}
