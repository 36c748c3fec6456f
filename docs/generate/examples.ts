/** What the page of each rule breaks the sample mesh with, to show a finding. */
import { type Options } from "../../policy/model/options";
import { collectorConfig, withCollector } from "./sample/collector";
import { instrumented } from "./sample/instrumented";
import { addKiali, kialiConfig } from "./sample/kiali";
import { collectorHost, type Manifest, type Mesh, namespaces } from "./sample/mesh";
import { openSearch, withOpenSearch, withStore } from "./sample/store";
import { refs, withUi } from "./sample/ui";

export interface ExampleFault {
  /** What is wrong, in a few words. */
  name: string;
  breaks: (mesh: Mesh) => unknown;
  /** What the mesh has before it is broken and `breaks` adds too: the page does not show it as the fault. */
  before?: (mesh: Mesh) => unknown;
  /** More options than the healthy mesh's. */
  options?: Options;
}

const egress = "NetworkPolicy auth/allow-jaeger-egress";
const baseline = "NetworkPolicy auth/allow-mesh-egress";
const collector = "Service istio-system/jaeger-collector-clusterip";
const google = "ServiceEntry istio-system/google-external";
const sidecar = (namespace: string, hosts: string[]): Manifest => ({
  apiVersion: "networking.istio.io/v1",
  kind: "Sidecar",
  metadata: { name: "default", namespace },
  spec: { egress: [{ hosts }] },
});
const destinationRule = (namespace: string, host: string, trafficPolicy: object): Manifest => ({
  apiVersion: "networking.istio.io/v1",
  kind: "DestinationRule",
  metadata: { name: "default", namespace },
  spec: { host, trafficPolicy },
});
const virtualService = (namespace: string, host: string): Manifest => ({
  apiVersion: "networking.istio.io/v1",
  kind: "VirtualService",
  metadata: { name: "otlp", namespace },
  spec: { hosts: [collectorHost], exportTo: ["."], http: [{ route: [{ destination: { host } }] }] },
});
const telemetryOf = (namespace: string, name: string, spec: Record<string, unknown>): Manifest => ({
  apiVersion: "telemetry.istio.io/v1",
  kind: "Telemetry",
  metadata: { name, namespace },
  spec,
});
/** Jaeger's pod with a sidecar, which its own rule does not like. */
const inMesh = (mesh: Mesh): Mesh =>
  mesh.set(jaeger, `spec template metadata labels sidecar.istio.io/inject`, "true");
const allowing = (...ports: string[]): Manifest => ({
  apiVersion: "security.istio.io/v1",
  kind: "AuthorizationPolicy",
  metadata: { name: "jaeger", namespace: "istio-system" },
  spec: { rules: [{ to: [{ operation: { ports } }] }] },
});
const telemetry = "Telemetry istio-system/mesh-default";
const environment = "ConfigMap auth/otel-environment";
const jaeger = "Deployment istio-system/jaeger";
const container = "spec template spec containers 0";
const httpProbe = { httpGet: { path: "/ready", port: 8080 } };
const ingress = "NetworkPolicy istio-system/allow-tracing-ingress";
const anonymous = { ...kialiConfig(), auth: { strategy: "anonymous" } };
const storePolicy = "NetworkPolicy istio-system/allow-jaeger-storage";
const { endpoint } = collectorConfig.exporters.otlp;
const withoutTls = { ...collectorConfig, exporters: { otlp: { endpoint } } };
const tailSampling = {
  ...collectorConfig,
  processors: { tail_sampling: { policies: [{ name: "errors", type: "status_code" }] } },
  service: {
    pipelines: {
      traces: { ...collectorConfig.service.pipelines.traces, processors: ["tail_sampling"] },
    },
  },
};
const other = (change: object) => ({ opensearch: { ...openSearch, ...change } });

/** By the names of rules. The tests of a rule break their mesh with its example too. */
export const examples: Readonly<Record<string, ExampleFault>> = {
  "trace-path-open": {
    name: "egress does not list the Zipkin port",
    breaks: (mesh) => mesh.unset(egress, "spec egress 0 ports 2"),
  },
  "mesh-baseline-egress": {
    name: "the baseline is gone: DNS and istiod are cut off",
    breaks: (mesh) => mesh.remove(baseline),
  },
  "well-formed-objects": {
    name: "a policy is malformed",
    breaks: (mesh) => mesh.set(baseline, "spec egress 1 ports 0 endPort", 80),
  },
  "collector-service": {
    name: "the collector's Service is headless",
    breaks: (mesh) => mesh.set(collector, "spec clusterIP", "None"),
  },
  "collector-port-protocol": {
    name: "the Zipkin port says it is gRPC",
    breaks: (mesh) => mesh.set(collector, "spec ports 0 appProtocol", "grpc"),
  },
  "collector-host-unique": {
    name: "a ServiceEntry has the collector's host",
    breaks: (mesh) =>
      mesh.copy(google, "shadow").set("ServiceEntry istio-system/shadow", "spec hosts", [collectorHost]),
  },
  "collector-visible": {
    name: "a Sidecar hides the collector from a namespace",
    breaks: (mesh) => mesh.add(sidecar("auth", ["./*", "kube-system/*"])),
  },
  "destination-rule-tls": {
    name: "a wildcard in the root namespace asks for mutual TLS with everybody",
    breaks: (mesh) => mesh.add(destinationRule("istio-system", "*.local", { tls: { mode: "ISTIO_MUTUAL" } })),
  },
  "collector-admits": {
    name: "a collector gets a sidecar, and an older policy knows two of its three ports",
    before: inMesh,
    breaks: (mesh) => inMesh(mesh).add(allowing("4317", "4318")),
  },
  "known-fields": {
    name: "the name of a field is written in the singular",
    breaks: (mesh) =>
      mesh
        .set(telemetry, "spec tracing 0 provider", [{ name: "jaeger" }])
        .unset(telemetry, "spec tracing 0 providers"),
  },
  "virtual-service-otlp": {
    name: "a route of a migration is left behind",
    before: (mesh) =>
      mesh
        .copy(collector, "otel-old")
        .set("Service istio-system/otel-old", "spec selector", { app: "otel-old" }),
    breaks: (mesh) =>
      mesh
        .copy(collector, "otel-old")
        .set("Service istio-system/otel-old", "spec selector", { app: "otel-old" })
        .add(virtualService("auth", "otel-old.istio-system.svc.cluster.local")),
  },
  "collector-receives": {
    name: "Jaeger 1, which takes Zipkin only if it is told to",
    breaks: (mesh) => mesh.set(jaeger, `${container} image`, "jaegertracing/all-in-one:1.62.0"),
  },
  "collector-exports": {
    name: "the exporter speaks TLS to a Jaeger without TLS",
    before: withCollector,
    breaks: (mesh) => withCollector(mesh, withoutTls),
  },
  "tail-sampling-sticky": {
    name: "three replicas decide about whole traces",
    before: withCollector,
    breaks: (mesh) => withCollector(mesh, tailSampling, { replicas: 3 }),
  },
  "telemetry-mesh-wide": {
    name: "two mesh-wide Telemetries",
    breaks: (mesh) =>
      mesh.add(
        telemetryOf("istio-system", "global-sampling", { tracing: [{ randomSamplingPercentage: 100 }] }),
      ),
  },
  "telemetry-provider": {
    name: "the Telemetry names a provider that is not defined",
    breaks: (mesh) => mesh.set(telemetry, "spec tracing 0 providers 0 name", "zipkin"),
  },
  "telemetry-sampling": {
    name: "sampling below what is demanded",
    breaks: (mesh) => mesh.set(telemetry, "spec tracing 0 randomSamplingPercentage", 10),
  },
  "telemetry-overrides": {
    name: "a namespace switches its spans off",
    breaks: (mesh) => mesh.add(telemetryOf("auth", "quiet", { tracing: [{ disableSpanReporting: true }] })),
  },
  "mesh-provider": {
    name: "the provider's port is wrong",
    breaks: (mesh) => mesh.zipkin("port", 9412),
  },
  "mesh-config-sources": {
    name: "an IstioOperator of an earlier installation says something else",
    breaks: (mesh) =>
      mesh.add({
        apiVersion: "install.istio.io/v1alpha1",
        kind: "IstioOperator",
        metadata: { name: "earlier", namespace: "istio-system" },
        spec: { meshConfig: { enableTracing: false } },
      }),
  },
  "access-log-trace-id": {
    name: "the access log has no trace id",
    breaks: (mesh) =>
      mesh.mesh("extensionProviders 1 envoyFileAccessLog logFormat labels", { "url.path": "%REQ(:PATH)%" }),
  },
  "trace-context-joins": {
    name: "an application reads and writes only W3C headers, the mesh only B3",
    breaks: (mesh) => {
      mesh.zipkin("traceContextOption", undefined);
      for (const namespace of namespaces) {
        mesh.set(
          `ConfigMap ${namespace}/otel-environment`,
          "data OTEL_PROPAGATORS",
          "tracecontext,baggage,b3multi",
        );
      }
      mesh.set(environment, "data OTEL_PROPAGATORS", "tracecontext,baggage");
    },
  },
  "application-port-protocol": {
    name: "the Service calls the port tcp, and the readiness probe speaks HTTP to it",
    before: (mesh) => mesh.set("Deployment auth/auth-api", `${container} readinessProbe`, httpProbe),
    breaks: (mesh) =>
      mesh
        .set("Deployment auth/auth-api", `${container} readinessProbe`, httpProbe)
        .set("Service auth/auth-api", "spec ports 0 name", "tcp-api"),
  },
  "sampler-parent-based": {
    name: "a sampler decides by itself",
    breaks: (mesh) => mesh.set(environment, "data OTEL_TRACES_SAMPLER", "traceidratio"),
  },
  "sdk-settings": {
    name: "the name of a variable is misspelt",
    breaks: (mesh) =>
      mesh
        .unset(environment, "data OTEL_EXPORTER_OTLP_ENDPOINT")
        .set(environment, "data OTEL_EXPORTER_OTLP_ENPOINT", `http://${collectorHost}:4317`),
  },
  "otlp-endpoint": {
    name: "gRPC goes to the port for HTTP",
    breaks: (mesh) =>
      mesh.set(environment, "data OTEL_EXPORTER_OTLP_ENDPOINT", `http://${collectorHost}:4318`),
  },
  "known-inputs": {
    name: "a port is not known at preview",
    breaks: (mesh) => mesh.set(egress, "spec egress 0 ports 2 port", "unknown!"),
    options: { isUnknown: (value) => value === "unknown!" },
  },
  "instrumentation-resolves": {
    name: "an annotation names an Instrumentation that does not exist",
    breaks: (mesh) => instrumented(mesh, { "inject-python": "skd" }),
    before: (mesh) => instrumented(mesh, { "inject-python": "sdk" }),
  },
  "service-entry-resolution": {
    name: "a wildcard is resolved by DNS",
    breaks: (mesh) => mesh.set("ServiceEntry istio-system/aws-s3-external", "spec resolution", "DNS"),
  },
  "service-entry-hosts": {
    name: "a host is in two ServiceEntries",
    breaks: (mesh) =>
      mesh.set("ServiceEntry istio-system/openai-external", "spec hosts", [
        "api.openai.com",
        "accounts.google.com",
      ]),
  },
  "service-entry-ports": {
    name: "HTTPS is declared as HTTP",
    breaks: (mesh) => mesh.set(google, "spec ports 0 protocol", "HTTP"),
  },
  "jaeger-memory-bound": {
    name: "Jaeger's store is not bounded",
    breaks: (mesh) => mesh.unset(jaeger, `${container} args`),
  },
  "jaeger-no-sidecar": {
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
  },
  "jaeger-hardened": {
    name: "Jaeger may run as root",
    breaks: (mesh) => mesh.set(jaeger, "spec template spec securityContext", {}),
  },
  "jaeger-ui-not-public": {
    name: "Jaeger's UI has a load balancer",
    breaks: (mesh) => mesh.set("Service istio-system/jaeger-query-clusterip", "spec type", "LoadBalancer"),
  },
  "kiali-tracing": {
    name: "Kiali reads HTTP where gRPC is spoken",
    breaks: (mesh) => addKiali(mesh, kialiConfig({ use_grpc: false })),
    before: (mesh) => addKiali(mesh),
  },
  "kiali-reaches-tracing": {
    name: "Jaeger's ingress forgets Kiali",
    breaks: (mesh) => addKiali(mesh).unset(ingress, "spec ingress 4"),
    before: (mesh) => addKiali(mesh),
  },
  "kiali-authenticated": {
    name: "Kiali has a load balancer and no login",
    breaks: (mesh) =>
      addKiali(mesh, anonymous).set("Service observability/kiali", "spec type", "LoadBalancer"),
    before: (mesh) => addKiali(mesh),
  },
  "ui-route": {
    name: "the UI's Gateway does not exist",
    breaks: (mesh) => withUi(mesh).set(refs.route, "spec gateways 0", "istio-system/jaeger"),
    before: (mesh) => withUi(mesh),
  },
  "jaeger-storage-shared": {
    name: "three pods that keep traces in memory",
    breaks: (mesh) => mesh.set(jaeger, "spec replicas", 3),
  },
  "jaeger-storage-path": {
    name: "egress of Jaeger with another port than its store's",
    breaks: (mesh) => withOpenSearch(mesh).set(storePolicy, "spec egress 1 ports 0 port", 9300),
    before: (mesh) => withOpenSearch(mesh),
  },
  "jaeger-storage-credentials": {
    name: "the store's password in Jaeger's configuration",
    breaks: (mesh) =>
      withStore(mesh, other({ auth: { basic: { username: "jaeger", password: "hunter2" } } })),
    before: (mesh) => withStore(mesh, { opensearch: openSearch }),
  },
  "jaeger-storage-tls": {
    name: "traces go to the store in clear",
    breaks: (mesh) =>
      withStore(mesh, { opensearch: { server_urls: ["http://opensearch.logging.svc:9200"] } }),
  },
};
