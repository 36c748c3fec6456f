/** Faults of the mesh: Telemetry, provider, sampling, access log. */
import { collectorHost, istioConfigMap, type Manifest, meshConfig } from "../fixture";
import { type Fault } from "./fault";

const telemetry = "Telemetry istio-system/mesh-default";
const meshConfigMap = "ConfigMap istio-system/istio";
const environment = "ConfigMap auth/otel-environment";
const telemetryOf = (namespace: string, name: string, spec: Record<string, unknown>): Manifest => ({
  apiVersion: "telemetry.istio.io/v1",
  kind: "Telemetry",
  metadata: { name, namespace },
  spec,
});

export const meshes: readonly Fault[] = [
  {
    name: "two mesh-wide Telemetries",
    breaks: (mesh) =>
      mesh.add(
        telemetryOf("istio-system", "global-sampling", { tracing: [{ randomSamplingPercentage: 100 }] }),
      ),
    rule: "telemetry-mesh-wide",
    object: "Telemetry istio-system/global-sampling",
  },
  {
    name: "no Telemetry: a mesh without tracing",
    breaks: (mesh) => mesh.remove(telemetry),
    rule: "telemetry-mesh-wide",
    object: telemetry,
  },
  {
    name: "the mesh-wide Telemetry switches spans off",
    breaks: (mesh) => mesh.set(telemetry, "spec tracing 0 disableSpanReporting", true),
    rule: "telemetry-mesh-wide",
    object: telemetry,
  },
  {
    name: "the Telemetry names a provider that is not defined",
    breaks: (mesh) => mesh.set(telemetry, "spec tracing 0 providers 0 name", "zipkin"),
    rule: "telemetry-provider",
    object: telemetry,
  },
  {
    name: "the Telemetry traces with an access-log provider",
    breaks: (mesh) => mesh.set(telemetry, "spec tracing 0 providers 0 name", "json-access-log"),
    rule: "telemetry-provider",
    object: telemetry,
  },
  {
    name: "istiod is not told of the shared mesh config",
    breaks: (mesh) => {
      const { extensionProviders } = meshConfig();
      mesh.mesh("extensionProviders", undefined);
      const shared = istioConfigMap({ extensionProviders });
      shared.metadata = {
        name: "mesh-tracing",
        namespace: "istio-system",
        labels: { "app.kubernetes.io/part-of": "mesh-tracing" },
      };
      mesh.add(shared);
    },
    rule: "telemetry-provider",
    object: telemetry,
  },
  {
    name: "sampling below what is demanded",
    breaks: (mesh) => mesh.set(telemetry, "spec tracing 0 randomSamplingPercentage", 10),
    rule: "telemetry-sampling",
    object: telemetry,
  },
  {
    name: "sampling is not set",
    breaks: (mesh) => mesh.unset(telemetry, "spec tracing 0 randomSamplingPercentage"),
    rule: "telemetry-sampling",
    object: telemetry,
  },
  {
    name: "sampling above what is allowed",
    breaks: () => undefined,
    options: { minSampling: 0.5, maxSampling: 5 },
    rule: "telemetry-sampling",
    object: telemetry,
  },
  {
    name: "a namespace switches its spans off",
    breaks: (mesh) => mesh.add(telemetryOf("auth", "quiet", { tracing: [{ disableSpanReporting: true }] })),
    rule: "telemetry-overrides",
    object: "Telemetry auth/quiet",
  },
  {
    name: "a workload's Telemetry samples nothing",
    breaks: (mesh) =>
      mesh.add(
        telemetryOf("auth", "quiet", {
          selector: { matchLabels: { app: "auth-api" } },
          tracing: [{ randomSamplingPercentage: 0 }],
        }),
      ),
    rule: "telemetry-overrides",
    object: "Telemetry auth/quiet",
  },
  {
    name: "a namespace names a provider that is not defined",
    breaks: (mesh) => mesh.add(telemetryOf("auth", "own", { tracing: [{ providers: [{ name: "tempo" }] }] })),
    rule: "telemetry-overrides",
    object: "Telemetry auth/own",
  },
  {
    name: "the provider's port is wrong",
    breaks: (mesh) => mesh.zipkin("port", 9412),
    rule: "mesh-provider",
    object: meshConfigMap,
  },
  {
    name: "the provider's port is missing",
    breaks: (mesh) => mesh.zipkin("port", undefined),
    rule: "mesh-provider",
    object: meshConfigMap,
  },
  {
    name: "the provider's path is that of version 1",
    breaks: (mesh) => mesh.zipkin("path", "/api/v1/spans"),
    rule: "mesh-provider",
    object: meshConfigMap,
  },
  {
    name: "the provider's host is not qualified",
    breaks: (mesh) => mesh.zipkin("service", "istio-system/jaeger-collector-clusterip.istio-system"),
    rule: "mesh-provider",
    object: meshConfigMap,
  },
  {
    name: "the provider's host is the Service's name",
    breaks: (mesh) => mesh.zipkin("service", "istio-system/jaeger-collector-clusterip"),
    rule: "mesh-provider",
    object: meshConfigMap,
  },
  {
    name: "the provider's namespace is not the host's",
    breaks: (mesh) => mesh.zipkin("service", `observability/${collectorHost}`),
    rule: "mesh-provider",
    object: meshConfigMap,
  },
  {
    name: "the provider's host has no namespace in front",
    breaks: (mesh) => mesh.zipkin("service", collectorHost),
    rule: "mesh-provider",
    object: meshConfigMap,
    level: "warning",
  },
  {
    name: "the provider's trace context option does not exist",
    breaks: (mesh) =>
      mesh
        .zipkin("traceContextOption", "USE_W3C")
        .set(environment, "data OTEL_PROPAGATORS", "tracecontext,b3"),
    rule: "mesh-provider",
    object: meshConfigMap,
  },
  {
    name: "the access log has no trace id",
    breaks: (mesh) =>
      mesh.mesh("extensionProviders 1 envoyFileAccessLog logFormat labels", { "url.path": "%REQ(:PATH)%" }),
    rule: "access-log-trace-id",
    object: meshConfigMap,
    level: "warning",
  },
  {
    name: "the access log has Envoy's format",
    breaks: (mesh) => mesh.set(telemetry, "spec accessLogging 0 providers 0 name", "envoy"),
    rule: "access-log-trace-id",
    object: telemetry,
    level: "warning",
  },
];
