/** Where Istio leads spans: what proxies know, VirtualServices, Services and their ports, ambient mode. */
import { type Mesh, type Tree } from "../../../docs/generate/sample/mesh";
import {
  api,
  collectorHost,
  env,
  guarded,
  inNamespaces,
  jaegerHost,
  object,
  open,
  testPlatform,
  tiered,
  web,
} from "./platform";

const jaeger = "Deployment observability/jaeger";
const jaegerService = "Service observability/jaeger";

const sidecar = (place: string, hosts: string[], more: Tree = {}) =>
  object(`Sidecar ${place}`, { ...more, egress: [{ hosts }] });
const registryOnly = { mode: "REGISTRY_ONLY" };
const exportTo = (mesh: Mesh, value: string) =>
  mesh.set(jaegerService, "metadata annotations", { "networking.istio.io/exportTo": value });
/** Only namespaces of this label are discovered, these ones have it. */
function discovered(mesh: Mesh, ...names: string[]) {
  mesh.mesh("discoverySelectors", [{ matchLabels: { team: "mesh" } }]);
  for (const name of names) mesh.set(`Namespace ${name}`, "metadata labels team", "mesh");
}
/** Applications send to a vendor outside. */
function toVendor(mesh: Mesh): Mesh {
  for (const app of [web, api]) {
    env(mesh, { OTEL_EXPORTER_OTLP_ENDPOINT: "http://otlp.traces.example:4317" }, app);
  }
  return mesh;
}
const vendorEntry = (number: number, name: string, protocol: string) =>
  object("ServiceEntry istio-system/vendor", {
    hosts: ["otlp.traces.example"],
    ports: [{ number, name, protocol }],
    resolution: "DNS",
    location: "MESH_EXTERNAL",
  });

testPlatform("what proxies know of Jaeger", open, [
  [
    "a Sidecar of the mesh shows each namespace itself only",
    (mesh) => mesh.add(sidecar("istio-system/default", ["./*"])),
    "error collector-visible Sidecar istio-system/default: from the proxies of namespaces pay and shop",
  ],
  [
    "a Sidecar of the mesh shows each namespace itself only, and one of a namespace shows more",
    (mesh) =>
      mesh.add(
        sidecar("istio-system/default", ["./*"]),
        sidecar("shop/default", ["./*", "istio-system/*", "observability/*"]),
      ),
    "error collector-visible Sidecar istio-system/default: from the proxies of namespace pay:",
  ],
  [
    "a Sidecar of a namespace shows istiod, and no collector",
    (mesh) => mesh.add(sidecar("shop/default", ["./*", "istio-system/*"])),
    "error collector-visible Sidecar shop/default: Envoy rejects listeners whose tracer has no cluster",
  ],
  [
    "a Sidecar of a workload shows what it calls, and no collector",
    (mesh) => mesh.add(sidecar("shop/only-web", ["pay/*"], { workloadSelector: { labels: { app: "web" } } })),
    "error collector-visible Sidecar shop/only-web",
  ],
  [
    "a Sidecar shows a collector that is no longer in use",
    (mesh) => mesh.add(sidecar("shop/default", ["./*", "istio-system/*", `observability/${collectorHost}`])),
    "error collector-visible Sidecar shop/default",
  ],
  [
    "a Sidecar shows Jaeger's host in whichever namespace, and another one says nothing of what goes out",
    (mesh) =>
      mesh.add(
        sidecar("shop/default", [`*/${jaegerHost}`, "./*", "istio-system/*"]),
        object("Sidecar pay/default", { ingress: [] }),
        sidecar("istio-system/default", ["./*", "istio-system/*"]),
      ),
  ],
  [
    "a Sidecar shows Jaeger's namespace",
    (mesh) => mesh.add(sidecar("shop/default", ["./*", "istio-system/*", "observability/*", "pay/*"])),
  ],
  [
    "Jaeger's Service is exported to all namespaces but one",
    (mesh) => exportTo(mesh, ".,pay,edge"),
    `error collector-visible ${jaegerService}: from the proxies of namespace shop`,
  ],
  ["Jaeger's Service is exported to all", (mesh) => exportTo(mesh, "*")],
  [
    "Services are exported to their own namespaces, where they do not say, and Jaeger's says",
    (mesh) => exportTo(mesh.mesh("defaultServiceExportTo", ["."]), "*"),
  ],
  [
    "istiod discovers Jaeger's namespace among others",
    (mesh) => discovered(mesh, "shop", "pay", "edge", "istio-system", "observability"),
  ],
  [
    "the mesh lets proxies reach only what they know, and the vendor outside may be declared elsewhere",
    (mesh) => toVendor(mesh).mesh("outboundTrafficPolicy", registryOnly),
    "warning collector-visible ConfigMap istio-system/istio: no ServiceEntry in the input has otlp.traces.example, port 4317",
  ],
  [
    "a Sidecar lets proxies reach only what they know, and the vendor outside may be declared elsewhere",
    (mesh) => toVendor(mesh).add(sidecar("shop/default", ["*/*"], { outboundTrafficPolicy: registryOnly })),
    "warning collector-visible Sidecar shop/default: where Deployment shop/web sends spans",
  ],
  [
    "proxies reach only what they know, which is another port of the vendor outside",
    (mesh) =>
      toVendor(mesh)
        .mesh("outboundTrafficPolicy", registryOnly)
        .add(vendorEntry(443, "tls", "TLS")),
    "warning collector-visible ConfigMap istio-system/istio: has otlp.traces.example, port 4317",
  ],
  [
    "proxies reach only what they know, the vendor outside, too",
    (mesh) =>
      toVendor(mesh)
        .mesh("outboundTrafficPolicy", registryOnly)
        .add(vendorEntry(4317, "grpc", "GRPC")),
  ],
]);

/** Applications send OTLP over HTTP. */
function overHttp(): Mesh {
  const mesh = open();
  for (const app of [web, api]) {
    env(
      mesh,
      {
        OTEL_EXPORTER_OTLP_ENDPOINT: `http://${jaegerHost}:4318`,
        OTEL_EXPORTER_OTLP_PROTOCOL: "http/protobuf",
      },
      app,
    );
  }
  return mesh;
}
const route = (host: string, number?: number) => ({
  route: [{ destination: { host, ...(number === undefined ? {} : { port: { number } }) } }],
});
const routes = (...http: Tree[]) =>
  object("VirtualService observability/jaeger", { hosts: [jaegerHost], http });
const old = "jaeger-old.observability.svc.cluster.local";

testPlatform("a VirtualService of Jaeger's host, and OTLP over HTTP", overHttp, [
  [
    "routes to a Service that is gone",
    (mesh) => mesh.add(routes(route(old))),
    "error virtual-service-otlp VirtualService observability/jaeger: to Service observability/jaeger-old, port 4318, which does not exist",
  ],
  [
    "routes to a port that Jaeger does not have",
    (mesh) => mesh.add(routes(route(jaegerHost, 80))),
    "error virtual-service-otlp VirtualService observability/jaeger: port 80, which has no such port",
  ],
  [
    "aborts every request",
    (mesh) =>
      mesh.add(
        routes({
          fault: { abort: { percentage: { value: 100 }, httpStatus: 503 } },
          ...route(jaegerHost, 4318),
        }),
      ),
    "error virtual-service-otlp VirtualService observability/jaeger: (spec.http[0].fault.abort)",
  ],
  [
    "answers by itself, in the namespace of one client, for all",
    (mesh) =>
      mesh.add(
        object("VirtualService shop/off", {
          hosts: [jaegerHost],
          http: [{ directResponse: { status: 200 } }],
        }),
      ),
    "error virtual-service-otlp VirtualService shop/off: Deployment pay/api and Deployment shop/web are lost",
  ],
  [
    "has an entry for paths of the UI only",
    (mesh) => mesh.add(routes({ match: [{ uri: { prefix: "/api" } }], ...route(jaegerHost, 4318) })),
    "error virtual-service-otlp VirtualService observability/jaeger: so that sidecars answer 404",
  ],
  [
    "routes a tenth to a Service that is gone",
    (mesh) =>
      mesh.add(
        routes({
          route: [
            { destination: { host: jaegerHost }, weight: 90 },
            { destination: { host: old }, weight: 10 },
          ],
        }),
      ),
    "error virtual-service-otlp VirtualService observability/jaeger: to Service observability/jaeger-old",
  ],
  [
    "answers by itself, in a namespace that exports it to nobody else, or at the gateway only",
    (mesh) => {
      const http = [{ directResponse: { status: 200 } }];
      mesh.add(
        object("VirtualService ops/off", { hosts: [jaegerHost], exportTo: ["."], http }),
        object("VirtualService edge/off", { hosts: [jaegerHost], gateways: ["edge/public"], http }),
      );
    },
  ],
  [
    "copies to a Service that is gone",
    (mesh) => mesh.add(routes({ ...route(jaegerHost), mirror: { host: old } })),
  ],
  ["retries", (mesh) => mesh.add(routes({ retries: { attempts: 2 }, ...route(jaegerHost, 4318) }))],
  [
    "routes Zipkin to a Service that is gone, which Envoy's tracer never sees",
    (mesh) => mesh.add(routes({ match: [{ port: 9411 }], ...route(old) }, route(jaegerHost))),
  ],
]);

const noPods =
  "Deployment edge/ingress, Deployment pay/api and Deployment shop/web send spans: these spans are lost";

testPlatform("Jaeger's Service", open, [
  [
    "leads to pods of the same node",
    (mesh) => mesh.set(jaegerService, "spec internalTrafficPolicy", "Local"),
    `warning collector-service ${jaegerService}: lost on nodes without one`,
  ],
  [
    "leads to pods of the same node, and there is one on each",
    (mesh) => {
      mesh.set(jaegerService, "spec internalTrafficPolicy", "Local");
      mesh.get(jaeger).kind = "DaemonSet";
    },
  ],
  [
    "leads to a Deployment scaled to nothing",
    (mesh) => mesh.set(jaeger, "spec replicas", 0),
    `error collector-service ${jaeger}: ${noPods}`,
  ],
  [
    "is an alias of a host outside",
    (mesh) => {
      mesh.set(jaegerService, "spec type", "ExternalName");
      mesh.set(jaegerService, "spec externalName", "spans.vendor.example");
    },
    `error collector-service ${jaegerService}`,
  ],
  [
    "is headless",
    (mesh) => mesh.set(jaegerService, "spec clusterIP", "None"),
    `error collector-service ${jaegerService}`,
  ],
  [
    "is headless, and only the gateway has a proxy",
    (mesh) => {
      mesh.set(jaegerService, "spec clusterIP", "None");
      for (const name of ["shop", "pay"]) mesh.unset(`Namespace ${name}`, "metadata labels istio-injection");
    },
  ],
  [
    "selects pods that are not there",
    (mesh) => mesh.set(jaegerService, "spec selector", { app: "jaeger-all-in-one" }),
    `error collector-service ${jaegerService}: selects no pods (app=jaeger-all-in-one)`,
  ],
  [
    "leads to a port by a name that no container has",
    (mesh) => mesh.set(jaegerService, "spec ports 0 targetPort", "zipkin"),
    `error collector-service ${jaegerService}: to port zipkin, which no container of its pods has`,
  ],
  [
    "leads to a port that no container has",
    (mesh) => mesh.set(jaegerService, "spec ports 0 targetPort", 19411),
    `error collector-service ${jaegerService}: to port 19411, which no container of its pods has`,
  ],
]);

/** Proxies send OTLP over gRPC to the collector, whose port says nothing of its protocol but by its name. */
function otlpTier(): Mesh {
  return tiered()
    .mesh("extensionProviders 0", {
      name: "spans",
      opentelemetry: { service: `observability/${collectorHost}`, port: 4317 },
    })
    .unset("Service observability/otel-collector", "spec ports 1 appProtocol");
}
const collectorService = "Service observability/otel-collector";
const port = (mesh: Mesh, name: string, appProtocol?: string) =>
  mesh
    .set(collectorService, "spec ports 1 name", name)
    .set(collectorService, "spec ports 1 appProtocol", appProtocol);
const noProtocol = "so proxies send their own spans there by HTTP/1.1, which OTLP over gRPC cannot use";

testPlatform("a collector's port, to which proxies send OTLP over gRPC,", otlpTier, [
  ["is grpc by its name", () => undefined],
  ["is grpc by its appProtocol, whatever its name", (mesh) => port(mesh, "tcp-otlp", "grpc")],
  [
    "says no protocol",
    (mesh) => port(mesh, "otlp"),
    `error collector-port-protocol ${collectorService}: ${noProtocol}`,
  ],
  [
    "says its protocol in the wrong place of its name",
    (mesh) => port(mesh, "otlp-grpc"),
    `error collector-port-protocol ${collectorService}: ${noProtocol}`,
  ],
  [
    "is tcp by its name",
    (mesh) => port(mesh, "tcp-otlp"),
    `error collector-port-protocol ${collectorService}`,
  ],
  [
    "is http by its name",
    (mesh) => port(mesh, "http-otlp-grpc"),
    `error collector-port-protocol ${collectorService}`,
  ],
  [
    "is tcp by its appProtocol, whatever its name",
    (mesh) => port(mesh, "grpc-otlp", "tcp"),
    `error collector-port-protocol ${collectorService}`,
  ],
  [
    "belongs to a headless Service",
    (mesh) => mesh.set(collectorService, "spec clusterIP", "None"),
    `error collector-service ${collectorService}`,
  ],
  [
    "is one that the Service does not have",
    (mesh) => mesh.mesh("extensionProviders 0 opentelemetry port", 4319),
    "error mesh-provider ConfigMap istio-system/istio: with port 4319, which Service observability/otel-collector does not have",
  ],
  [
    "is the one for HTTP",
    (mesh) => mesh.mesh("extensionProviders 0 opentelemetry port", 4318),
    "error mesh-provider ConfigMap istio-system/istio: port 4318, which takes OTLP over HTTP, while proxies send it over gRPC (without http); use port 4317",
  ],
  [
    "is called 80 by the Service",
    (mesh) =>
      mesh
        .set(collectorService, "spec ports 1 port", 80)
        .mesh("extensionProviders 0 opentelemetry port", 80)
        .removeWhere(({ metadata }) => metadata.namespace === "shop" || metadata.namespace === "pay"),
  ],
]);

/** The same over HTTP. */
const otlpOverHttp = () => {
  const http = { path: "/v1/traces" };
  const service = `observability/${collectorHost}`;
  return otlpTier().mesh("extensionProviders 0 opentelemetry", { service, port: 4318, http });
};

testPlatform("a collector's port, to which proxies send OTLP over HTTP,", otlpOverHttp, [
  ["is http by its name", () => undefined],
  [
    "is the one for gRPC",
    (mesh) => mesh.mesh("extensionProviders 0 opentelemetry port", 4317),
    "error mesh-provider ConfigMap istio-system/istio: port 4317, which takes OTLP over gRPC, while proxies send it over HTTP (with http); use port 4318",
  ],
  [
    "answers 404 on the path of the provider",
    (mesh) => mesh.mesh("extensionProviders 0 opentelemetry http path", "/"),
    "error mesh-provider ConfigMap istio-system/istio: with path /, but collectors receive OTLP over HTTP on /v1/traces",
  ],
  [
    "is one that the Service does not have",
    (mesh) => mesh.mesh("extensionProviders 0 opentelemetry port", 4319),
    "error mesh-provider ConfigMap istio-system/istio: its port for spans is 4318",
  ],
]);

/** Applications and Jaeger are in ambient mode. */
function ambient(): Mesh {
  const mesh = guarded();
  for (const name of ["shop", "pay", "observability"]) {
    mesh.set(`Namespace ${name}`, "metadata labels", { "istio.io/dataplane-mode": "ambient" });
  }
  return mesh;
}
const openOut = (mesh: Mesh) => {
  for (const name of ["shop", "pay"]) {
    mesh.set(`NetworkPolicy ${name}/traces-out`, "spec egress 2 ports 3", { port: 15008 });
  }
  return mesh;
};

testPlatform("ambient mode and policies", ambient, [
  [
    "that forget its tunnel",
    () => undefined,
    "warning trace-path-open Deployment edge/ingress: if istiod lets them (profile ambient)",
    "error trace-path-open NetworkPolicy observability/traces-in: on TCP 15008 (spans of applications, OTLP; in the tunnel",
    "error trace-path-open NetworkPolicy pay/traces-out: on TCP 15008",
    "error trace-path-open NetworkPolicy shop/traces-out: on TCP 15008",
  ],
  [
    "that forget its tunnel on the way in",
    openOut,
    "warning trace-path-open Deployment edge/ingress",
    "error trace-path-open NetworkPolicy observability/traces-in: on TCP 15008",
  ],
  [
    "that know its tunnel",
    (mesh) =>
      openOut(mesh).set("NetworkPolicy observability/traces-in", "spec ingress 0 ports 3", { port: 15008 }),
  ],
  [
    "that know its tunnel, and take it from some only",
    (mesh) =>
      openOut(mesh)
        .set("NetworkPolicy observability/traces-in", "spec ingress 0 ports 3", { port: 15008 })
        .set("NetworkPolicy observability/traces-in", "spec ingress 0 from", inNamespaces("shop", "edge")),
    "error trace-path-open NetworkPolicy observability/traces-in: from Deployment pay/api on TCP 15008",
  ],
]);
