/**
 * A platform as other teams have it: Jaeger in a namespace of its own, applications in `shop` and `pay`, a gateway in
 * `edge`. Tables change one and say all that is found.
 */
import { describe, expect, it } from "vitest";
import { stringify } from "yaml";
import { type Manifest, Mesh, type Tree } from "../../../docs/generate/sample/mesh";
import { checkAll } from "../../../policy/checkAll";

/**
 * What is it, what changes, and what comes out: `level rule Kind namespace/name`, and after a colon words of the
 * message, for each finding.
 */
export type Row = readonly [name: string, change: (platform: Mesh) => unknown, ...found: string[]];

/**
 * Of each variation of a platform exactly the findings of its row are told.
 * @param besides rules that say the same of the platform in each
 */
export function testPlatform(
  title: string,
  platform: () => Mesh,
  rows: readonly Row[],
  besides: readonly string[] = [],
): void {
  describe(title, () => {
    it.each(rows.map(([name, ...rest]) => ({ name, rest })))("$name", ({ rest: [change, ...expected] }) => {
      const varied = platform();
      change(varied);
      const findings = checkAll(varied.objects).filter(({ rule }) => !besides.includes(rule));
      const found = findings.map(({ level, rule, kind, namespace, name, message }, index) => {
        const what = `${level} ${rule} ${kind} ${namespace === "" ? "" : `${namespace}/`}${name}`;
        const words = expected[index]?.slice(what.length + 2) ?? message;
        return words === "" ? what : `${what}: ${message.includes(words) ? words : message}`;
      });
      expect(found).toEqual(expected);
    });
  });
}

const versions: Record<string, string> = {
  AuthorizationPolicy: "security.istio.io/v1",
  ConfigMap: "v1",
  DaemonSet: "apps/v1",
  Deployment: "apps/v1",
  DestinationRule: "networking.istio.io/v1",
  Gateway: "networking.istio.io/v1",
  Namespace: "v1",
  NetworkPolicy: "networking.k8s.io/v1",
  PeerAuthentication: "security.istio.io/v1",
  Service: "v1",
  ServiceEntry: "networking.istio.io/v1",
  Sidecar: "networking.istio.io/v1",
  Telemetry: "telemetry.istio.io/v1",
  VirtualService: "networking.istio.io/v1",
};

/** An object by `Kind namespace/name`; kinds that are rare here come with the version of their API. */
export function object(ref: string, spec: Tree, apiVersion?: string): Manifest {
  const [kind = "", place = ""] = ref.split(" ");
  const [name = "", namespace] = place.split("/").reverse();
  const version = apiVersion ?? versions[kind];
  if (version === undefined) throw new Error(`which API has ${kind}?`);
  const metadata = { name, ...(namespace === undefined ? {} : { namespace }) };
  return { apiVersion: version, kind, metadata, ...(kind === "ConfigMap" ? { data: spec } : { spec }) };
}

export function namespace(name: string, labels: Record<string, string> = {}): Manifest {
  return { apiVersion: "v1", kind: "Namespace", metadata: { name, labels } };
}

export interface Pod {
  labels?: Record<string, string>;
  annotations?: Record<string, string>;
  spec?: Tree;
}

/** A Deployment's pods, labelled `app`, with one container of that name. */
export function pods(app: string, container: Tree, { labels = {}, annotations = {}, spec = {} }: Pod = {}) {
  return {
    selector: { matchLabels: { app } },
    template: {
      metadata: { labels: { app, ...labels }, annotations },
      spec: { containers: [{ name: app, image: `registry.example/${app}:1`, ...container }], ...spec },
    },
  };
}

export function service(ref: string, ports: Tree[], more: Tree = {}): Manifest {
  const app = ref.split("/")[1];
  return object(`Service ${ref}`, { selector: { app }, ports, ...more });
}

/** All pods of these namespaces, as a peer of a NetworkPolicy. */
export function inNamespaces(...names: string[]) {
  return names.map((name) => ({
    namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": name } },
  }));
}

export const tcp = (...ports: (number | string)[]) => ports.map((port) => ({ port, protocol: "TCP" }));

export const dns = { ports: [53, 53].map((port, index) => ({ port, protocol: ["UDP", "TCP"][index] })) };

export const jaegerHost = "jaeger.observability.svc.cluster.local";
export const collectorHost = "otel-collector.observability.svc.cluster.local";
export const web = "Deployment shop/web";
export const api = "Deployment pay/api";

/** The variables of an SDK that sends to the given host. */
export function sdk(name: string, host = jaegerHost): Record<string, string> {
  return {
    OTEL_SERVICE_NAME: name,
    OTEL_EXPORTER_OTLP_ENDPOINT: `http://${host}:4317`,
    OTEL_EXPORTER_OTLP_PROTOCOL: "grpc",
    OTEL_PROPAGATORS: "b3,tracecontext,baggage",
    OTEL_TRACES_SAMPLER: "parentbased_always_on",
  };
}

/** Variables as a container has them: a value, or where it comes from. */
export function variables(values: Record<string, string | Tree>): Tree[] {
  return Object.entries(values).map(([name, value]) =>
    typeof value === "string" ? { name, value } : { name, valueFrom: value },
  );
}

/** Sets variables of an application; `undefined` takes one out. */
export function env(platform: Mesh, changes: Record<string, string | Tree | undefined>, app = web): Mesh {
  const container = containerOf(platform, app);
  const kept = (container["env"] as { name: string }[]).filter(({ name }) => !(name in changes));
  const set = Object.entries(changes).flatMap(([name, value]) =>
    value === undefined ? [] : variables({ [name]: value }),
  );
  container["env"] = [...kept, ...set];
  return platform;
}

/** The first container of a workload. */
export function containerOf(platform: Mesh, ref: string): Tree {
  const { template } = platform.get(ref)["spec"] as ReturnType<typeof pods>;
  return template.spec.containers[0] as Tree;
}

export function annotate(platform: Mesh, ref: string, annotations: Record<string, string>): Mesh {
  return platform.set(ref, "spec template metadata annotations", annotations);
}

function istio(): Manifest[] {
  return [
    namespace("istio-system"),
    object("Deployment istio-system/istiod", {
      ...pods("istiod", {
        name: "discovery",
        image: "docker.io/istio/pilot:1.30.0",
        ports: [{ containerPort: 15012 }],
      }),
    }),
    service("istio-system/istiod", [
      { name: "grpc-xds", port: 15010 },
      { name: "https-dns", port: 15012 },
    ]),
    object("ConfigMap istio-system/istio", {
      mesh: stringify({
        extensionProviders: [
          {
            name: "spans",
            zipkin: {
              service: `observability/${jaegerHost}`,
              port: 9411,
              traceContextOption: "USE_B3_WITH_W3C_PROPAGATION",
            },
          },
        ],
      }),
    }),
    object("Telemetry istio-system/mesh-default", {
      tracing: [{ providers: [{ name: "spans" }], randomSamplingPercentage: 100 }],
    }),
  ];
}

const receivers = {
  otlp: { protocols: { grpc: { endpoint: "0.0.0.0:4317" }, http: { endpoint: "0.0.0.0:4318" } } },
  zipkin: { endpoint: "0.0.0.0:9411" },
};
const spanPorts = [
  { name: "http-zipkin", port: 9411, targetPort: 9411 },
  { name: "grpc-otlp", port: 4317, targetPort: 4317, appProtocol: "grpc" },
  { name: "http-otlp", port: 4318, targetPort: 4318 },
];
const containerPorts = (...ports: number[]) => ports.map((containerPort) => ({ containerPort }));

/** A container that reads its configuration from a ConfigMap, and the volume of it. */
export function configured(image: string, map: string, ports: number[], more: Tree = {}): [Tree, Pod] {
  return [
    {
      image,
      args: ["--config=/conf/config.yaml"],
      ports: containerPorts(...ports),
      volumeMounts: [{ name: "config", mountPath: "/conf" }],
      ...more,
    },
    { spec: { volumes: [{ name: "config", configMap: { name: map } }] } },
  ];
}

function jaeger(): Manifest[] {
  const [container, pod] = configured(
    "docker.io/jaegertracing/jaeger:2.19.0",
    "jaeger-config",
    [9411, 4317, 4318, 16686],
    {
      resources: { limits: { memory: "512Mi" } },
      securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ["ALL"] } },
    },
  );
  const securityContext = { runAsNonRoot: true, seccompProfile: { type: "RuntimeDefault" } };
  const config = {
    service: {
      extensions: ["jaeger_storage", "jaeger_query"],
      pipelines: { traces: { receivers: ["otlp", "zipkin"], exporters: ["jaeger_storage_exporter"] } },
    },
    extensions: {
      jaeger_query: { storage: { traces: "main" } },
      jaeger_storage: { backends: { main: { memory: { max_traces: 10000 } } } },
    },
    receivers,
    exporters: { jaeger_storage_exporter: { trace_storage: "main" } },
  };
  return [
    namespace("observability"),
    object("ConfigMap observability/jaeger-config", { "config.yaml": stringify(config) }),
    object(
      "Deployment observability/jaeger",
      pods("jaeger", container, { spec: { ...pod.spec, securityContext } }),
    ),
    service("observability/jaeger", [...spanPorts, { name: "http-query", port: 16686, targetPort: 16686 }]),
  ];
}

function applications(): Manifest[] {
  const application = (ref: string, name = ref.split("/")[1] ?? "") => [
    object(`Deployment ${ref}`, pods(name, { env: variables(sdk(name)), ports: containerPorts(8080) })),
    service(ref, [{ name: "http", port: 80, targetPort: 8080 }]),
  ];
  return [
    ...["shop", "pay", "edge"].map((name) => namespace(name, { "istio-injection": "enabled" })),
    ...application("shop/web"),
    ...application("pay/api"),
    object(
      "Deployment edge/ingress",
      pods(
        "ingress",
        { name: "istio-proxy", image: "auto", ports: containerPorts(8080) },
        {
          labels: { istio: "ingress" },
          annotations: { "inject.istio.io/templates": "gateway" },
        },
      ),
    ),
    service("edge/ingress", [{ name: "http2", port: 80, targetPort: 8080 }], { type: "LoadBalancer" }),
    object("Gateway edge/public", {
      selector: { istio: "ingress" },
      servers: [{ port: { number: 8080, name: "http", protocol: "HTTP" }, hosts: ["shop.example"] }],
    }),
    object("VirtualService shop/web", {
      hosts: ["shop.example"],
      gateways: ["edge/public"],
      http: [{ route: [{ destination: { host: "web.shop.svc.cluster.local", port: { number: 80 } } }] }],
    }),
  ];
}

/** A collector in `observability` that takes all there is and passes it on. */
export function collector(name = "otel-collector", to = `${jaegerHost}:4317`): Manifest[] {
  const config = {
    receivers,
    processors: { batch: {} },
    exporters: { "otlp/next": { endpoint: to, tls: { insecure: true } } },
    service: {
      pipelines: {
        traces: { receivers: ["otlp", "zipkin"], processors: ["batch"], exporters: ["otlp/next"] },
      },
    },
  };
  const [container, pod] = configured(
    "otel/opentelemetry-collector-contrib:0.138.0",
    `${name}-config`,
    [9411, 4317, 4318],
  );
  return [
    object(`ConfigMap observability/${name}-config`, { "config.yaml": stringify(config) }),
    object(`Deployment observability/${name}`, pods(name, container, pod)),
    service(`observability/${name}`, spanPorts),
  ];
}

/** Sets a value in the configuration of a collector, or of Jaeger; `undefined` takes it out. */
export function configure(platform: Mesh, path: string, value: unknown, name = "otel-collector"): Mesh {
  return platform.inData(`ConfigMap observability/${name}-config`, "config.yaml", path, value);
}

function policies(): Manifest[] {
  const out = (from: string) =>
    object(`NetworkPolicy ${from}/traces-out`, {
      podSelector: {},
      policyTypes: ["Egress"],
      egress: [
        dns,
        { to: inNamespaces("istio-system"), ports: tcp(15012) },
        { to: inNamespaces("observability"), ports: tcp(9411, 4317, 4318) },
        { to: inNamespaces("shop", "pay"), ports: tcp(8080) },
      ],
    });
  return [
    out("shop"),
    out("pay"),
    object("NetworkPolicy observability/traces-in", {
      podSelector: { matchLabels: { app: "jaeger" } },
      policyTypes: ["Ingress"],
      ingress: [
        { from: inNamespaces("shop", "pay", "edge"), ports: tcp(9411, 4317, 4318) },
        { from: inNamespaces("edge"), ports: tcp(16686) },
      ],
    }),
  ];
}

/** Makes it anew each time, with no map in two places: what a change sets in one must not change in another. */
function platformOf(...parts: Manifest[][]): () => Mesh {
  const text = JSON.stringify(parts.flat());
  return () => new Mesh(JSON.parse(text) as Manifest[]);
}

/** Senders and proxies send straight to Jaeger, and no policy is in their way. */
export const open = platformOf(istio(), jaeger(), applications());

/** The same with NetworkPolicies that let through what is needed. */
export const guarded = platformOf(istio(), jaeger(), applications(), policies());

const withCollector = platformOf(istio(), jaeger(), collector(), applications());

/** All send to a collector, which passes on to Jaeger. */
export function tiered(): Mesh {
  const platform = withCollector();
  for (const app of [web, api]) {
    env(platform, { OTEL_EXPORTER_OTLP_ENDPOINT: `http://${collectorHost}:4317` }, app);
  }
  return platform.zipkin("service", `observability/${collectorHost}`);
}

/** Jaeger has a sidecar, too, which `jaeger-no-sidecar` doubts. */
export function meshed(): Mesh {
  return open().set("Namespace observability", "metadata labels", { "istio-injection": "enabled" });
}

const beside = platformOf(jaeger(), applications());

/** Applications and Jaeger without Istio. */
export function withoutMesh(): Mesh {
  return beside()
    .removeWhere(({ apiVersion, metadata }) => apiVersion.includes("istio") || metadata.namespace === "edge")
    .remove("Namespace edge")
    .set("Namespace shop", "metadata labels", {})
    .set("Namespace pay", "metadata labels", {});
}
