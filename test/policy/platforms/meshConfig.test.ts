/** Which mesh config, and which Telemetry, decides where proxies send spans; from whichever source they come. */
import { parse, stringify } from "yaml";
import { type Manifest, type Mesh, type Tree } from "../../../docs/generate/sample/mesh";
import {
  annotate,
  api,
  collector,
  env,
  guarded,
  jaegerHost,
  namespace,
  object,
  open,
  tcp,
  testPlatform,
  web,
} from "./platform";

const map = "ConfigMap istio-system/istio";
const meshDefault = "Telemetry istio-system/mesh-default";
const provider = (port: number) => ({
  name: "spans",
  zipkin: {
    service: `observability/${jaegerHost}`,
    port,
    traceContextOption: "USE_B3_WITH_W3C_PROPAGATION",
  },
});
const wrongPort = "has provider spans with port 9412, which Service observability/jaeger does not have";

testPlatform("the mesh config in istiod's ConfigMap", open, [
  [
    "has a provider without a port, because that is misspelt",
    (mesh) => mesh.zipkin("port", undefined).zipkin("prot", 9411),
    `warning known-fields ${map}: extensionProviders[0].zipkin.prot (port is meant)`,
    `error mesh-provider ${map}: has provider spans with no port`,
  ],
  [
    "has no providers, because that is misspelt",
    (mesh) => mesh.mesh("extensionProviders", undefined).mesh("extensionProvider", [provider(9411)]),
    `warning known-fields ${map}: has extensionProvider (extensionProviders is meant)`,
    `error telemetry-provider ${meshDefault}: names the tracing provider spans, which the mesh config does not define`,
  ],
  [
    "is a list",
    (mesh) => mesh.set(map, "data mesh", "- a\n- b\n"),
    `error mesh-config-sources ${map}: it is not a YAML map`,
  ],
  [
    "has the provider twice, of which the last one holds",
    (mesh) =>
      mesh.mesh("extensionProviders 1", {
        name: "spans",
        zipkin: { ...provider(9411).zipkin, service: `observability/${jaegerHost.replace("jaeger", "old")}` },
      }),
    "error collector-service Service observability/old: does not exist, but the mesh sends its spans to",
  ],
  [
    "has the provider in a namespace of which nothing is in the input",
    (mesh) => mesh.zipkin("service", "monitoring/jaeger.monitoring.svc.cluster.local"),
    "warning collector-service Service monitoring/jaeger: so it is unknown whether its pods are reachable",
  ],
  [
    "sends Zipkin to the port for OTLP",
    (mesh) => mesh.zipkin("port", 4318),
    "error collector-receives ConfigMap observability/jaeger-config: takes Zipkin on port 9411",
  ],
  [
    "is not in the input",
    (mesh) => mesh.remove(map),
    `warning telemetry-provider ${meshDefault}: it is unknown whether the mesh config defines it`,
  ],
]);

/** The mesh config comes from elsewhere. */
const elsewhere = (mesh: Mesh, ...sources: Manifest[]) => mesh.remove(map).add(...sources);
const values = (port: number) => ({ meshConfig: { extensionProviders: [provider(port)] } });
const argo = (helm: Tree) =>
  object(
    "Application argocd/istiod",
    {
      destination: { namespace: "istio-system" },
      source: {
        repoURL: "https://istio-release.storage.googleapis.com/charts",
        chart: "istiod",
        targetRevision: "1.30.0",
        helm,
      },
    },
    "argoproj.io/v1alpha1",
  );
const flux = (more: Tree) =>
  object(
    "HelmRelease istio-system/istiod",
    { chart: { spec: { chart: "istiod", version: "1.30.0" } }, ...more },
    "helm.toolkit.fluxcd.io/v2",
  );
const fluxFrom = (port: number) => [
  flux({ valuesFrom: [{ kind: "ConfigMap", name: "istiod-values" }] }),
  object("ConfigMap istio-system/istiod-values", { "values.yaml": stringify(values(port)) }),
];

testPlatform("the mesh config", open, [
  ["in values of Argo CD, as text", (mesh) => elsewhere(mesh, argo({ values: stringify(values(9411)) }))],
  [
    "in values of Argo CD, as text, with a port that Jaeger lacks",
    (mesh) => elsewhere(mesh, argo({ values: stringify(values(9412)) })),
    `error mesh-provider Application argocd/istiod: ${wrongPort}`,
  ],
  ["in values of Argo CD, as a map", (mesh) => elsewhere(mesh, argo({ valuesObject: values(9411) }))],
  [
    "in values of Argo CD, as a map, with a port that Jaeger lacks",
    (mesh) => elsewhere(mesh, argo({ valuesObject: values(9412) })),
    `error mesh-provider Application argocd/istiod: ${wrongPort}`,
  ],
  [
    "in values of Flux, with a port that Jaeger lacks",
    (mesh) => elsewhere(mesh, flux({ values: values(9412) })),
    `error mesh-provider HelmRelease istio-system/istiod: ${wrongPort}`,
  ],
  ["in a ConfigMap that Flux takes values from", (mesh) => elsewhere(mesh, ...fluxFrom(9411))],
  [
    "in a ConfigMap that Flux takes values from, with a port that Jaeger lacks",
    (mesh) => elsewhere(mesh, ...fluxFrom(9412)),
    `error mesh-provider HelmRelease istio-system/istiod: ${wrongPort}`,
  ],
  [
    "in two places that say different things of tracing",
    (mesh) => mesh.add(argo({ valuesObject: values(9412) })),
    `warning mesh-config-sources ${map}: Application argocd/istiod configures tracing differently and was ignored`,
  ],
  ["in two places that say the same", (mesh) => mesh.add(argo({ valuesObject: values(9411) }))],
]);

/** A namespace with proxies of another revision of istiod, which has a mesh config of its own. */
function canary(mesh: Mesh, config: Tree): void {
  const labels = { app: "istiod", "istio.io/rev": "canary" };
  mesh
    .set("Namespace shop", "metadata labels", { "istio.io/rev": "canary" })
    .copy("Deployment istio-system/istiod", "istiod-canary")
    .set("Deployment istio-system/istiod-canary", "spec selector matchLabels", labels)
    .set("Deployment istio-system/istiod-canary", "spec template metadata labels", labels)
    .set("Deployment istio-system/istiod-canary", "spec template spec containers 0 env", [
      { name: "REVISION", value: "canary" },
    ])
    .add(object("ConfigMap istio-system/istio-canary", { mesh: stringify(config) }));
}

testPlatform("the mesh config of another revision", open, [
  ["is as the first one's", (mesh) => canary(mesh, { extensionProviders: [provider(9411)] })],
  [
    "has no provider",
    (mesh) => canary(mesh, { accessLogFile: "/dev/stdout" }),
    `error telemetry-provider ${meshDefault}: for Deployment shop/web, which ConfigMap istio-system/istio-canary`,
  ],
  [
    "has a port that Jaeger lacks",
    (mesh) => canary(mesh, { extensionProviders: [provider(9412)] }),
    `error mesh-provider ConfigMap istio-system/istio-canary: ${wrongPort}`,
  ],
  [
    "has another collector, which does not exist",
    (mesh) => {
      const config = parse(
        stringify({ extensionProviders: [provider(9411)] }).replace("jaeger.", "jaeger-canary."),
      ) as Tree;
      canary(mesh, config);
    },
    "error collector-service Service observability/jaeger-canary: does not exist, but the mesh sends its spans to",
  ],
]);

/** Proxies trace by their own configuration, as they did before Telemetries; applications put W3C headers first. */
function legacy(): Mesh {
  const mesh = guarded().remove(meshDefault);
  for (const app of [web, api]) env(mesh, { OTEL_PROPAGATORS: "tracecontext,baggage,b3multi" }, app);
  const tracing = { sampling: 100, zipkin: { address: `${jaegerHost}:9411` } };
  return mesh.set(map, "data mesh", stringify({ enableTracing: true, defaultConfig: { tracing } }));
}
const address = (mesh: Mesh, value: string) => mesh.mesh("defaultConfig tracing zipkin address", value);

testPlatform("proxies that trace by their own configuration", legacy, [
  ["send to Jaeger", () => undefined],
  ["send to Jaeger by Service and namespace", (mesh) => address(mesh, "jaeger.observability:9411")],
  [
    "send to a Service that is not there",
    (mesh) => address(mesh, "jeager.observability:9411"),
    "error collector-service Service observability/jeager: does not exist, but the mesh sends its spans to jeager.observability:9411",
  ],
  [
    "send to the Service that they do by default, which may be elsewhere",
    (mesh) => address(mesh, "zipkin.istio-system:9411").removeWhere(({ kind }) => kind === "NetworkPolicy"),
    "warning collector-service Service istio-system/zipkin: is not in the input",
  ],
  [
    "are kept from Jaeger by a policy that knows the applications' ports only",
    (mesh) => mesh.set("NetworkPolicy shop/traces-out", "spec egress 2 ports", tcp(4317, 4318)),
    "error trace-path-open NetworkPolicy shop/traces-out: on TCP 9411 (spans of proxies, Zipkin)",
  ],
  [
    "meet applications that put B3 first, where W3C headers win",
    (mesh) => env(mesh, { OTEL_PROPAGATORS: "b3,tracecontext,baggage" }),
    `warning trace-context-joins ${web}: use tracecontext,baggage,b3multi`,
  ],
  [
    "have the share of requests in the wrong place",
    (mesh) => mesh.mesh("defaultConfig sampling", 100),
    `warning known-fields ${map}: has defaultConfig.sampling (tracing.sampling is meant)`,
  ],
  [
    "trace no more in a namespace whose Telemetry names no provider",
    (mesh) => mesh.add(telemetry("shop/own", { randomSamplingPercentage: 100 })),
    "error telemetry-overrides Telemetry shop/own: the mesh traces by defaultConfig.tracing alone",
  ],
]);

const telemetry = (ref: string, tracing: Tree, more: Tree = {}) =>
  object(`Telemetry ${ref}`, { ...more, tracing: [tracing] });
const tracing = (mesh: Mesh, entry: Tree) => mesh.set(meshDefault, "spec tracing 0", entry);
const spans = { providers: [{ name: "spans" }] };
const undefinedProvider = { providers: [{ name: "zipkin-old" }] };

testPlatform("the Telemetry of the mesh", open, [
  [
    "is missing, and a provider is defined",
    (mesh) => mesh.remove(meshDefault),
    `warning telemetry-mesh-wide ${map}: defines the tracing provider spans, and no Telemetry names it`,
  ],
  [
    "is missing, and a default provider is named",
    (mesh) => mesh.remove(meshDefault).mesh("defaultProviders", { tracing: ["spans"] }),
  ],
  [
    "is missing, and a default provider is named that is not defined",
    (mesh) => mesh.remove(meshDefault).mesh("defaultProviders", { tracing: ["zipkin-old"] }),
    `error telemetry-provider ${map}: names the tracing provider zipkin-old, which the mesh config does not define`,
  ],
  [
    "is in Jaeger's namespace",
    (mesh) => mesh.set(meshDefault, "metadata namespace", "observability"),
    "warning telemetry-mesh-wide Telemetry observability/mesh-default: move it to istio-system, Istio's root namespace",
  ],
  [
    "is for pods that nobody has",
    (mesh) => mesh.set(meshDefault, "spec selector", { matchLabels: { app: "nobody" } }),
    `error telemetry-mesh-wide ${meshDefault}: there is no mesh-wide Telemetry`,
  ],
  [
    "says a share, and no provider",
    (mesh) => tracing(mesh, { randomSamplingPercentage: 100 }),
    `error telemetry-mesh-wide ${meshDefault}: nothing names a tracing provider`,
  ],
  [
    "has its providers misspelt",
    (mesh) => tracing(mesh, { provider: [{ name: "spans" }], randomSamplingPercentage: 100 }),
    `error known-fields ${meshDefault}: has spec.tracing[0].provider (providers is meant)`,
  ],
  [
    "has its share misspelt",
    (mesh) => tracing(mesh, { ...spans, randomSamplingPercent: 100 }),
    `error known-fields ${meshDefault}: has spec.tracing[0].randomSamplingPercent`,
  ],
  [
    "traces nothing, on purpose",
    (mesh) => tracing(mesh, { disableSpanReporting: true }),
    `info telemetry-mesh-wide ${meshDefault}: spec.tracing[0].disableSpanReporting is true`,
  ],
  [
    "is younger than another, which says nothing of tracing",
    (mesh) => {
      mesh.set(meshDefault, "metadata creationTimestamp", "2025-02-01T00:00:00Z");
      const older = object("Telemetry istio-system/logs", {
        accessLogging: [{ providers: [{ name: "envoy" }] }],
      });
      older.metadata["creationTimestamp"] = "2024-01-01T00:00:00Z";
      mesh.add(older);
    },
    `error telemetry-mesh-wide ${meshDefault}: Istio uses the oldest, logs, and ignores the others entirely`,
  ],
  [
    "is one of two, and nobody knows the older",
    (mesh) => mesh.add(telemetry("istio-system/global-sampling", { randomSamplingPercentage: 5 })),
    "error telemetry-mesh-wide Telemetry istio-system/global-sampling: is one of 2 mesh-wide Telemetries",
  ],
]);

const kubernetesGateway = object(
  "Gateway edge/public",
  { gatewayClassName: "istio", listeners: [{ name: "http", port: 80, protocol: "HTTP" }] },
  "gateway.networking.k8s.io/v1",
);

testPlatform("a Telemetry of a namespace", guarded, [
  [
    "names a provider that is not defined",
    (mesh) => mesh.add(telemetry("shop/own", undefinedProvider)),
    "error telemetry-overrides Telemetry shop/own: names the provider zipkin-old, which the mesh config does not define",
  ],
  [
    "traces nothing",
    (mesh) => mesh.add(telemetry("shop/own", { disableSpanReporting: true })),
    "error telemetry-overrides Telemetry shop/own: turns off the spans of namespace shop",
  ],
  [
    "is for a gateway of the Gateway API, and names a provider that is not defined",
    (mesh) => {
      const targetRefs = [{ group: "gateway.networking.k8s.io", kind: "Gateway", name: "public" }];
      mesh.add(kubernetesGateway, telemetry("edge/own", undefinedProvider, { targetRefs }));
    },
    "error telemetry-overrides Telemetry edge/own: names the provider zipkin-old",
  ],
  [
    "names a collector of its own, which neither policy knows",
    (mesh) => {
      own(mesh, "second");
      mesh.add(telemetry("pay/own", { providers: [{ name: "second" }], randomSamplingPercentage: 100 }));
    },
    "error trace-path-open NetworkPolicy observability/traces-in: from Deployment second/otel-collector on TCP 4317 (spans that collectors pass on)",
    "error trace-path-open NetworkPolicy pay/traces-out: to Service second/otel-collector on TCP 4317 (spans of proxies, opentelemetry)",
  ],
  [
    "has a collector of its own beside it, which the mesh does not use",
    (mesh) => {
      own(mesh, "second");
      mesh.add(telemetry("pay/own", { ...spans, randomSamplingPercentage: 100 }));
    },
    "error trace-path-open NetworkPolicy observability/traces-in: from Deployment second/otel-collector on TCP 4317 (spans that collectors pass on)",
  ],
  [
    "is in place, whatever an annotation of the pods says of proxies' own tracing",
    (mesh) =>
      annotate(mesh, web, {
        "proxy.istio.io/config":
          "tracing:\n  zipkin:\n    address: zipkin.observability.svc.cluster.local:9411\n",
      }),
  ],
]);

/** A collector in a namespace of its own, and a provider of that name. */
function own(mesh: Mesh, name: string): void {
  const parts = collector().map((part) => ({ ...part, metadata: { ...part.metadata, namespace: name } }));
  mesh.add(namespace(name), ...parts).mesh("extensionProviders 1", {
    name,
    opentelemetry: { service: `${name}/otel-collector.${name}.svc.cluster.local`, port: 4317 },
  });
}

testPlatform("Istio before it could write both sorts of headers", open, [
  [
    "meets applications that read both",
    (mesh) => {
      for (const app of [web, api]) env(mesh, { OTEL_PROPAGATORS: "tracecontext,baggage,b3multi" }, app);
      mesh
        .zipkin("traceContextOption", undefined)
        .set("Deployment istio-system/istiod", "spec template spec containers 0 image", "istio/pilot:1.20.0");
      mesh.get(meshDefault).apiVersion = "telemetry.istio.io/v1alpha1";
    },
  ],
]);
