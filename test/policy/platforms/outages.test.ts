/** Outages of tracing as they are reported again and again, each with the repaired twin. */
import { stringify } from "yaml";
import { type Mesh, type Tree } from "../../../docs/generate/sample/mesh";
import {
  api,
  collectorHost,
  configured,
  configure,
  containerOf,
  env,
  inNamespaces,
  jaegerHost,
  object,
  open,
  pods,
  type Row,
  service,
  tcp,
  testPlatform,
  tiered,
  web,
} from "./platform";

/** Broken by the first change, healthy by the second one. */
function outage(
  name: string,
  breaks: (mesh: Mesh) => unknown,
  found: string | readonly string[],
  repairs: (mesh: Mesh) => unknown,
): Row[] {
  return [
    [name, breaks, ...[found].flat()],
    [`repaired: ${name}`, repairs],
  ];
}

const map = "ConfigMap istio-system/istio";
const collectorMap = "ConfigMap observability/otel-collector-config";
const sidecar = (ref: string, ...egress: Tree[]) => object(`Sidecar ${ref}`, { egress });
const known = { hosts: ["./*", "pay/*", "istio-system/*"] };

testPlatform("outages in the mesh:", open, [
  ...outage(
    "Telemetry replaces enableTracing, and says a share only",
    (mesh) =>
      mesh
        .set(map, "data mesh", "enableTracing: false\n")
        .set("Telemetry istio-system/mesh-default", "spec tracing", [{ randomSamplingPercentage: 10 }]),
    "error telemetry-mesh-wide Telemetry istio-system/mesh-default: nothing names a tracing provider",
    (mesh) => mesh.set("Telemetry istio-system/mesh-default", "spec tracing 0 randomSamplingPercentage", 10),
  ),
  ...outage(
    "a Sidecar shows the collector's namespace for the port of something else",
    (mesh) =>
      mesh.add(
        sidecar(
          "shop/default",
          { port: { number: 5757, protocol: "TCP", name: "tcp" }, hosts: ["observability/*"] },
          known,
        ),
      ),
    "error collector-visible Sidecar shop/default: no entry of spec.egress shows it on port 9411",
    (mesh) => mesh.add(sidecar("shop/default", { hosts: ["observability/*"] }, known)),
  ),
  ...outage(
    "a ServiceEntry of an application has the collector's host",
    (mesh) =>
      mesh.add(
        object("ServiceEntry shop/jaeger", {
          hosts: [jaegerHost],
          ports: [{ number: 9411, name: "tcp", protocol: "TCP" }],
          resolution: "DNS",
          location: "MESH_INTERNAL",
        }),
      ),
    "error collector-host-unique ServiceEntry shop/jaeger: redefines the collector's host",
    (mesh) =>
      mesh.add(
        object("ServiceEntry shop/payments", {
          hosts: ["payments.example"],
          ports: [{ number: 443, name: "tls", protocol: "TLS" }],
          resolution: "DNS",
          location: "MESH_EXTERNAL",
        }),
      ),
  ),
  ...outage(
    "the chart's OTLP port is called http, and applications speak gRPC",
    (mesh) => port(mesh, "http-otlp-grpc"),
    "error collector-port-protocol Service observability/jaeger: but the collector speaks OTLP over gRPC there; use grpc",
    (mesh) => port(mesh, "grpc-otlp"),
  ),
  ...outage(
    "a policy of the agents' namespace knows Zipkin and an old agent's port, and no OTLP",
    (mesh) => mesh.add(ingress([{ ports: tcp(9411, 8126) }])),
    "error trace-path-open NetworkPolicy observability/in: on TCP 4317 (spans of applications, OTLP)",
    (mesh) => mesh.add(ingress([{ ports: tcp(9411, 8126, 4317) }])),
  ),
  ...outage(
    "TLS to a vendor, once by the application and once by a DestinationRule",
    (mesh) =>
      toVendor(mesh).add(
        object("DestinationRule istio-system/vendor", {
          host: "otlp.vendor.example",
          trafficPolicy: { tls: { mode: "SIMPLE" } },
        }),
      ),
    "error destination-rule-tls DestinationRule istio-system/vendor: which speak TLS themselves",
    toVendor,
  ),
]);

function port(mesh: Mesh, name: string): Mesh {
  const ref = "Service observability/jaeger";
  return mesh.set(ref, "spec ports 1", { name, port: 4317, targetPort: 4317 });
}
const ingress = (rules: Tree[]) =>
  object("NetworkPolicy observability/in", {
    podSelector: { matchLabels: { app: "jaeger" } },
    policyTypes: ["Ingress"],
    ingress: rules,
  });
function toVendor(mesh: Mesh): Mesh {
  for (const app of [web, api]) {
    env(
      mesh,
      {
        OTEL_EXPORTER_OTLP_ENDPOINT: "https://otlp.vendor.example:443",
        OTEL_EXPORTER_OTLP_PROTOCOL: "http/protobuf",
      },
      app,
    );
  }
  return mesh.add(
    object("ServiceEntry istio-system/vendor", {
      hosts: ["otlp.vendor.example"],
      ports: [{ number: 443, name: "https", protocol: "HTTPS" }],
      resolution: "DNS",
      location: "MESH_EXTERNAL",
    }),
  );
}

/** Proxies reach only what they know, and a Sidecar of the mesh says what that is. */
function registryOnly(mesh: Mesh, ...hosts: string[]): void {
  mesh
    .mesh("outboundTrafficPolicy", { mode: "REGISTRY_ONLY" })
    .mesh("extensionProviders 0", {
      name: "spans",
      opentelemetry: { service: `observability/${collectorHost}`, port: 4317 },
    })
    .add(sidecar("istio-system/default", { hosts: ["./*", "istio-system/*", ...hosts] }));
}

testPlatform("outages at a collector:", tiered, [
  ...outage(
    "a Sidecar of the mesh hides the collector, and proxies reach only what they know",
    (mesh) => registryOnly(mesh),
    [
      `error collector-visible ${map}: Service observability/otel-collector, port 4317, is hidden from Deployment pay/api and Deployment shop/web`,
      "error collector-visible Sidecar istio-system/default: no entry of spec.egress shows it on port 4317",
    ],
    (mesh) => registryOnly(mesh, `observability/${collectorHost}`),
  ),
  ...outage(
    "TLS is switched off where older versions had it",
    (mesh) =>
      configure(mesh, "exporters otlp/next tls", undefined) &&
      configure(mesh, "exporters otlp/next insecure", true),
    `error collector-exports ${collectorMap}: (exporters.otlp/next does not set tls.insecure)`,
    (mesh) => configure(mesh, "exporters otlp/next tls", { insecure: true }),
  ),
  ...outage(
    "an exporter for gRPC has the URL for HTTP",
    (mesh) => configure(mesh, "exporters otlp/next endpoint", `http://${jaegerHost}:4318/v1/traces`),
    `error collector-exports ${collectorMap}: which is no host with a port alone, so the collector does not start`,
    (mesh) => overHttp(mesh, `http://${jaegerHost}:4318`),
  ),
  ...outage(
    "an exporter for HTTP has the path that it appends",
    (mesh) => overHttp(mesh, `http://${jaegerHost}:4318/v1/traces`),
    `error collector-exports ${collectorMap}: appends /v1/traces once more`,
    (mesh) => overHttp(mesh, `http://${jaegerHost}:4318`),
  ),
  ...outage(
    "an exporter for HTTP has an address as those for gRPC have it",
    (mesh) => overHttp(mesh, `${jaegerHost}:4318`),
    `error collector-exports ${collectorMap}: without a scheme: all spans are lost`,
    (mesh) => overHttp(mesh, `http://${jaegerHost}:4318`),
  ),
  ...outage(
    "a pipeline has no exporters, because the last one is taken out",
    (mesh) => configure(mesh, "service pipelines traces exporters", []),
    `error collector-receives ${collectorMap}: has no exporters in pipeline traces, so the collector does not start`,
    (mesh) => configure(mesh, "service pipelines traces exporters", ["otlp/next"]),
  ),
  ...outage(
    "Jaeger's policy knows the applications, and not the collector in front of it now",
    (mesh) => mesh.add(ingress([{ from: inNamespaces("shop"), ports: tcp(4317) }])),
    "error trace-path-open NetworkPolicy observability/in: from Deployment observability/otel-collector on TCP 4317",
    (mesh) => mesh.add(ingress([{ from: inNamespaces("observability"), ports: tcp(4317) }])),
  ),
]);

function overHttp(mesh: Mesh, endpoint: string): void {
  configure(mesh, "exporters", { otlphttp: { endpoint } });
  configure(mesh, "service pipelines traces exporters", ["otlphttp"]);
}

/** Kiali beside istiod, with these settings of tracing. */
function kiali(mesh: Mesh, port: string, isGrpc: boolean): void {
  const tracing = {
    enabled: true,
    provider: "jaeger",
    internal_url: `http://${jaegerHost}${port}`,
    use_grpc: isGrpc,
  };
  const config = { auth: { strategy: "token" }, external_services: { tracing } };
  const [container, pod] = configured("quay.io/kiali/kiali:v2.10", "kiali", [20001]);
  containerOf(mesh, "Deployment observability/jaeger")["ports"] = [9411, 4317, 16685, 16686].map(
    (containerPort) => ({ containerPort }),
  );
  mesh.set("Service observability/jaeger", "spec ports 4", { name: "grpc-query", port: 16685 }).add(
    object("ConfigMap istio-system/kiali", { "config.yaml": stringify(config) }),
    object(
      "Deployment istio-system/kiali",
      pods("kiali", container, {
        ...pod,
        labels: { "app.kubernetes.io/name": "kiali", "sidecar.istio.io/inject": "false" },
      }),
    ),
  );
}
const kialiMap = "ConfigMap istio-system/kiali";

testPlatform("Kiali", open, [
  ...outage(
    "speaks gRPC to Jaeger's port for HTTP",
    (mesh) => kiali(mesh, ":16686", true),
    `warning kiali-tracing ${kialiMap}: speaks HTTP on port 16686; set use_grpc: false`,
    (mesh) => kiali(mesh, ":16686", false),
  ),
  ...outage(
    "speaks HTTP to Jaeger's port for gRPC",
    (mesh) => kiali(mesh, ":16685", false),
    `warning kiali-tracing ${kialiMap}: speaks gRPC on port 16685; set use_grpc: true`,
    (mesh) => kiali(mesh, ":16685", true),
  ),
  [
    "is told no port",
    (mesh) => kiali(mesh, "", false),
    `warning kiali-tracing ${kialiMap}: has no port 80 (it has 9411, 4317, 4318, 16686, 16685)`,
  ],
]);

/** A way from the gateway to Jaeger's UI, open and in plain HTTP, which is said each time. */
function ui(): Mesh {
  return open()
    .set("Gateway edge/public", "spec servers 0 hosts 1", "traces.shop.example")
    .add(
      service("observability/jaeger-query", [{ name: "http-query", port: 16686 }], {
        selector: { app: "jaeger" },
      }),
      object("VirtualService observability/ui", {
        hosts: ["traces.shop.example"],
        gateways: ["edge/public"],
        http: [
          {
            route: [
              {
                destination: {
                  host: "jaeger-query.observability.svc.cluster.local",
                  port: { number: 16686 },
                },
              },
            ],
          },
        ],
      }),
    );
}
const plainHttp = "warning ui-route Gateway edge/public: serves a tracing UI in plain HTTP on port 8080";
const isPublic =
  "warning jaeger-ui-not-public VirtualService observability/ui: routes traces.shop.example from outside";

testPlatform("Jaeger's UI at the gateway", ui, [
  ["is in plain HTTP, and open to all", () => undefined, plainHttp, isPublic],
  [
    "is behind a headless Service",
    (mesh) => mesh.set("Service observability/jaeger-query", "spec clusterIP", "None"),
    plainHttp,
    isPublic,
    "warning ui-route VirtualService observability/ui: which is headless (clusterIP: None), so the gateway returns 503",
  ],
  [
    "is redirected to HTTPS, and asks who is there",
    (mesh) => {
      const hosts = ["traces.shop.example"];
      mesh
        .set("Gateway edge/public", "spec servers 0 tls", { httpsRedirect: true })
        .set("Gateway edge/public", "spec servers 1", {
          port: { number: 8443, name: "https", protocol: "HTTPS" },
          hosts,
          tls: { mode: "SIMPLE", credentialName: "traces" },
        })
        .add(
          object("AuthorizationPolicy edge/traces", {
            selector: { matchLabels: { istio: "ingress" } },
            action: "CUSTOM",
            provider: { name: "oauth2-proxy" },
            rules: [{ to: [{ operation: { hosts: [...hosts, `${hosts[0]}:*`] } }] }],
          }),
        );
    },
  ],
]);

testPlatform("istiod's chart", open, [
  [
    "has the collector where older versions had it",
    (mesh) => {
      const valuesObject = { global: { tracer: { zipkin: { address: `${jaegerHost}:9411` } } } };
      const source = {
        repoURL: "https://istio-release.storage.googleapis.com/charts",
        chart: "istiod",
        targetRevision: "1.30.0",
        helm: { valuesObject },
      };
      mesh
        .remove(map)
        .remove("Telemetry istio-system/mesh-default")
        .add(
          object(
            "Application argocd/istiod",
            { destination: { namespace: "istio-system" }, source },
            "argoproj.io/v1alpha1",
          ),
        );
    },
    "info telemetry-mesh-wide Application argocd/istiod: proxies of this mesh send no spans",
  ],
]);
