/** The fault table: one mutation a row, the rule that must find it, and the object it must name. */
import { type Options } from "../../../policy/options";
import { collectorHost, istioConfigMap, type Manifest, type Mesh, meshConfig, namespaces } from "./fixture";

export interface Fault {
  name: string;
  breaks: (mesh: Mesh) => unknown;
  rule: string;
  /** `Kind namespace/name` of the finding. */
  object: string;
  /** @default error */
  level?: "warning";
  /** More options than the stack's. */
  options?: Options;
}

const egress = "NetworkPolicy auth/allow-jaeger-egress";
const baseline = "NetworkPolicy auth/allow-mesh-egress";
const ingress = "NetworkPolicy istio-system/allow-tracing-ingress";
const collector = "Service istio-system/jaeger-collector-clusterip";
const telemetry = "Telemetry istio-system/mesh-default";
const meshConfigMap = "ConfigMap istio-system/istio";
const environment = "ConfigMap auth/otel-environment";
const app = "Deployment auth/auth-api";
const jaeger = "Deployment istio-system/jaeger";
const container = "spec template spec containers 0";
const google = "ServiceEntry istio-system/google-external";

const telemetryOf = (namespace: string, name: string, spec: Record<string, unknown>): Manifest => ({
  apiVersion: "telemetry.istio.io/v1",
  kind: "Telemetry",
  metadata: { name, namespace },
  spec,
});
const sidecar = (namespace: string, hosts: string[]): Manifest => ({
  apiVersion: "networking.istio.io/v1",
  kind: "Sidecar",
  metadata: { name: "default", namespace },
  spec: { egress: [{ hosts }] },
});
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

const paths: Fault[] = [
  {
    name: "egress does not list the Zipkin port",
    breaks: (mesh) => mesh.unset(egress, "spec egress 0 ports 2"),
    rule: "trace-path-open",
    object: egress,
  },
  {
    name: "egress does not list the OTLP port",
    breaks: (mesh) => mesh.unset(egress, "spec egress 0 ports 0"),
    rule: "trace-path-open",
    object: egress,
  },
  {
    name: "egress names the wrong namespace",
    breaks: (mesh) =>
      mesh.set(
        egress,
        "spec egress 0 to 0 namespaceSelector matchLabels kubernetes.io/metadata.name",
        "observability",
      ),
    rule: "trace-path-open",
    object: egress,
  },
  {
    name: "egress names the wrong pods",
    breaks: (mesh) => mesh.set(egress, "spec egress 0 to 0 podSelector matchLabels", { app: "jaeger" }),
    rule: "trace-path-open",
    object: egress,
  },
  {
    name: "egress opens the ports for UDP",
    breaks: (mesh) => mesh.set(egress, "spec egress 0 ports 2 protocol", "UDP"),
    rule: "trace-path-open",
    object: egress,
  },
  {
    name: "the policy for the collector is gone",
    breaks: (mesh) => mesh.remove(egress),
    rule: "trace-path-open",
    object: baseline,
  },
  {
    name: "ingress of the collector does not list the Zipkin port",
    breaks: (mesh) => mesh.unset(ingress, "spec ingress 0"),
    rule: "trace-path-open",
    object: ingress,
  },
  {
    name: "ingress of the collector forgets a namespace",
    breaks: (mesh) => {
      const all = ["istio-system", ...namespaces];
      const values = "namespaceSelector matchExpressions 0 values";
      mesh.set(
        ingress,
        `spec ingress 0 from 0 ${values}`,
        all.filter((name) => name !== "my"),
      );
      mesh.set(
        ingress,
        `spec ingress 1 from 0 ${values}`,
        namespaces.filter((name) => name !== "my"),
      );
    },
    rule: "trace-path-open",
    object: ingress,
  },
  {
    name: "ingress of the collector forgets the gateway's namespace",
    breaks: (mesh) =>
      mesh.set(ingress, "spec ingress 0 from 0 namespaceSelector matchExpressions 0 values", namespaces),
    rule: "trace-path-open",
    object: ingress,
  },
  {
    name: "the gateway's own egress is closed",
    breaks: (mesh) =>
      mesh.add({
        ...mesh.get(baseline),
        metadata: { name: "gateway-egress", namespace: "istio-system" },
        spec: {
          podSelector: { matchLabels: { istio: "ingressgateway" } },
          policyTypes: ["Egress"],
          egress: [
            { ports: [{ port: 53, protocol: "UDP" }, { port: 53, protocol: "TCP" }, { port: 15012 }] },
          ],
        },
      }),
    rule: "trace-path-open",
    object: "NetworkPolicy istio-system/gateway-egress",
  },
  {
    name: "a policy of another kind may close the path",
    breaks: (mesh) =>
      mesh.add({
        apiVersion: "cilium.io/v2",
        kind: "CiliumNetworkPolicy",
        metadata: { name: "deny", namespace: "auth" },
        spec: { endpointSelector: {}, egressDeny: [{}] },
      }),
    rule: "trace-path-open",
    object: "CiliumNetworkPolicy auth/deny",
    level: "warning",
  },
  {
    name: "the baseline is gone: DNS and istiod are cut off",
    breaks: (mesh) => mesh.remove(baseline),
    rule: "mesh-baseline-egress",
    object: egress,
  },
  {
    name: "the baseline forgets DNS",
    breaks: (mesh) => mesh.unset(baseline, "spec egress 0"),
    rule: "mesh-baseline-egress",
    object: baseline,
  },
  {
    name: "the baseline forgets istiod",
    breaks: (mesh) => mesh.unset(baseline, "spec egress 1"),
    rule: "mesh-baseline-egress",
    object: baseline,
  },
  {
    name: "istiod is opened on the wrong port",
    breaks: (mesh) => mesh.set(baseline, "spec egress 1 ports 0 port", 15010),
    rule: "mesh-baseline-egress",
    object: baseline,
  },
  {
    name: "DNS over TCP is closed",
    breaks: (mesh) => mesh.unset(baseline, "spec egress 0 ports 1"),
    rule: "mesh-baseline-egress",
    object: baseline,
    level: "warning",
  },
  {
    name: "a policy is malformed",
    breaks: (mesh) => mesh.set(baseline, "spec egress 1 ports 0 endPort", 80),
    rule: "well-formed-objects",
    object: baseline,
  },
  {
    name: "a policy is there twice and says different things",
    breaks: (mesh) =>
      mesh
        .copy(baseline, "allow-mesh-egress")
        .set(baseline, "spec podSelector", { matchLabels: { app: "auth-api" } }),
    rule: "well-formed-objects",
    object: baseline,
    level: "warning",
  },
];

const collectors: Fault[] = [
  {
    name: "the collector's Service does not exist",
    breaks: (mesh) => {
      mesh.remove(collector);
      for (const namespace of namespaces)
        mesh.unset(`ConfigMap ${namespace}/otel-environment`, "data OTEL_EXPORTER_OTLP_ENDPOINT");
    },
    rule: "collector-service",
    object: collector,
  },
  {
    name: "the collector's Service is headless",
    breaks: (mesh) => mesh.set(collector, "spec clusterIP", "None"),
    rule: "collector-service",
    object: collector,
  },
  {
    name: "the collector's Service selects nothing",
    breaks: (mesh) => {
      mesh.set(collector, "spec selector", { app: "jaeger" });
      for (const namespace of namespaces)
        mesh.unset(`ConfigMap ${namespace}/otel-environment`, "data OTEL_EXPORTER_OTLP_ENDPOINT");
    },
    rule: "collector-service",
    object: collector,
  },
  {
    name: "the collector's Service has no port for Zipkin",
    breaks: (mesh) => mesh.unset(collector, "spec ports 0"),
    rule: "collector-service",
    object: collector,
  },
  {
    name: "the collector's Service leads to a port nobody listens on",
    breaks: (mesh) => mesh.set(collector, "spec ports 0 targetPort", 9412),
    rule: "collector-service",
    object: collector,
  },
  {
    name: "the Zipkin port says it is gRPC",
    breaks: (mesh) => mesh.set(collector, "spec ports 0 appProtocol", "grpc"),
    rule: "collector-port-protocol",
    object: collector,
  },
  {
    name: "the gRPC port is named http",
    breaks: (mesh) =>
      mesh.unset(collector, "spec ports 1 appProtocol").set(collector, "spec ports 1 name", "http-otlp-grpc"),
    rule: "collector-port-protocol",
    object: collector,
  },
  {
    name: "a ServiceEntry has the collector's host",
    breaks: (mesh) =>
      mesh.copy(google, "shadow").set("ServiceEntry istio-system/shadow", "spec hosts", [collectorHost]),
    rule: "collector-host-unique",
    object: "ServiceEntry istio-system/shadow",
  },
  {
    name: "a Sidecar hides the collector from a namespace",
    breaks: (mesh) => mesh.add(sidecar("auth", ["./*", "kube-system/*"])),
    rule: "collector-visible",
    object: "Sidecar auth/default",
  },
  {
    name: "the mesh's default Sidecar hides the collector",
    breaks: (mesh) => mesh.add(sidecar("istio-system", ["~/*"])),
    rule: "collector-visible",
    object: "Sidecar istio-system/default",
  },
  {
    name: "the collector is exported to its own namespace only",
    breaks: (mesh) => mesh.set(collector, "metadata annotations", { "networking.istio.io/exportTo": "." }),
    rule: "collector-visible",
    object: collector,
  },
  {
    name: "discovery does not select the collector's namespace",
    breaks: (mesh) => mesh.mesh("discoverySelectors", [{ matchLabels: { "istio-injection": "enabled" } }]),
    rule: "collector-visible",
    object: meshConfigMap,
  },
];

const meshes: Fault[] = [
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

const applications: Fault[] = [
  {
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
    rule: "trace-context-joins",
    object: environment,
  },
  {
    name: "an application has no trace propagator",
    breaks: (mesh) => mesh.set(environment, "data OTEL_PROPAGATORS", "baggage"),
    rule: "trace-context-joins",
    object: environment,
  },
  {
    name: "a container's own variable wins over the ConfigMap",
    breaks: (mesh) => mesh.set(app, `${container} env`, [{ name: "OTEL_PROPAGATORS", value: "none" }]),
    rule: "trace-context-joins",
    object: app,
  },
  {
    name: "the SDK's default propagators meet a mesh of B3",
    breaks: (mesh) => {
      mesh.zipkin("traceContextOption", "USE_B3");
      for (const namespace of namespaces) {
        mesh.set(`ConfigMap ${namespace}/otel-environment`, "data OTEL_PROPAGATORS", "tracecontext,b3");
      }
      mesh.unset(environment, "data OTEL_PROPAGATORS");
    },
    rule: "trace-context-joins",
    object: environment,
  },
  {
    name: "a sampler decides by itself",
    breaks: (mesh) => mesh.set(environment, "data OTEL_TRACES_SAMPLER", "traceidratio"),
    rule: "sampler-parent-based",
    object: environment,
  },
  {
    name: "a sampler drops everything",
    breaks: (mesh) => mesh.set(environment, "data OTEL_TRACES_SAMPLER", "always_off"),
    rule: "sampler-parent-based",
    object: environment,
  },
  {
    name: "a sampler takes everything",
    breaks: (mesh) => mesh.set(environment, "data OTEL_TRACES_SAMPLER", "always_on"),
    rule: "sampler-parent-based",
    object: environment,
    level: "warning",
  },
  {
    name: "gRPC goes to the port for HTTP",
    breaks: (mesh) =>
      mesh.set(environment, "data OTEL_EXPORTER_OTLP_ENDPOINT", `http://${collectorHost}:4318`),
    rule: "otlp-endpoint",
    object: environment,
  },
  {
    name: "HTTP goes to the port for gRPC",
    breaks: (mesh) => mesh.set(environment, "data OTEL_EXPORTER_OTLP_PROTOCOL", "http/protobuf"),
    rule: "otlp-endpoint",
    object: environment,
  },
  {
    name: "the OTLP protocol does not exist",
    breaks: (mesh) => mesh.set(environment, "data OTEL_EXPORTER_OTLP_PROTOCOL", "http"),
    rule: "otlp-endpoint",
    object: environment,
  },
  {
    name: "the OTLP endpoint has no scheme",
    breaks: (mesh) => mesh.set(environment, "data OTEL_EXPORTER_OTLP_ENDPOINT", `${collectorHost}:4317`),
    rule: "otlp-endpoint",
    object: environment,
  },
  {
    name: "the OTLP endpoint names a Service that does not exist",
    breaks: (mesh) =>
      mesh.set(
        environment,
        "data OTEL_EXPORTER_OTLP_ENDPOINT",
        "http://jaeger-colector.istio-system.svc.cluster.local:4317",
      ),
    rule: "otlp-endpoint",
    object: environment,
  },
  {
    name: "the OTLP endpoint names a port the Service does not have",
    breaks: (mesh) =>
      mesh.set(environment, "data OTEL_EXPORTER_OTLP_ENDPOINT", `http://${collectorHost}:4371`),
    rule: "otlp-endpoint",
    object: environment,
  },
  {
    name: "the OTLP endpoint has the path SDKs append",
    breaks: (mesh) =>
      mesh
        .set(environment, "data OTEL_EXPORTER_OTLP_PROTOCOL", "http/protobuf")
        .set(environment, "data OTEL_EXPORTER_OTLP_ENDPOINT", `http://${collectorHost}:4318/v1/traces`),
    rule: "otlp-endpoint",
    object: environment,
  },
  {
    name: "the OTLP endpoint speaks TLS to a collector without it",
    breaks: (mesh) =>
      mesh.set(environment, "data OTEL_EXPORTER_OTLP_ENDPOINT", `https://${collectorHost}:4317`),
    rule: "otlp-endpoint",
    object: environment,
  },
  {
    name: "the environment is not in the input",
    breaks: (mesh) =>
      mesh
        .set(app, `${container} env`, [{ name: "OTEL_SERVICE_NAME", value: "auth-api" }])
        .remove(environment),
    rule: "known-inputs",
    object: app,
    level: "warning",
  },
  {
    name: "a port is not known at preview",
    breaks: (mesh) => mesh.set(egress, "spec egress 0 ports 2 port", "unknown!"),
    options: { isUnknown: (value) => value === "unknown!" },
    rule: "known-inputs",
    object: egress,
  },
];

const outside: Fault[] = [
  {
    name: "a wildcard is resolved by DNS",
    breaks: (mesh) => mesh.set("ServiceEntry istio-system/aws-s3-external", "spec resolution", "DNS"),
    rule: "service-entry-resolution",
    object: "ServiceEntry istio-system/aws-s3-external",
  },
  {
    name: "a host is in two ServiceEntries",
    breaks: (mesh) =>
      mesh.set("ServiceEntry istio-system/openai-external", "spec hosts", [
        "api.openai.com",
        "accounts.google.com",
      ]),
    rule: "service-entry-hosts",
    object: "ServiceEntry istio-system/openai-external",
  },
  {
    name: "HTTPS is declared as HTTP",
    breaks: (mesh) => mesh.set(google, "spec ports 0 protocol", "HTTP"),
    rule: "service-entry-ports",
    object: google,
  },
  {
    name: "a port is there twice",
    breaks: (mesh) => mesh.set(google, "spec ports 1", { name: "https-2", number: 443, protocol: "TLS" }),
    rule: "service-entry-ports",
    object: google,
  },
];

const jaegers: Fault[] = [
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

export const faults: readonly Fault[] = [
  ...paths,
  ...collectors,
  ...meshes,
  ...applications,
  ...outside,
  ...jaegers,
];
