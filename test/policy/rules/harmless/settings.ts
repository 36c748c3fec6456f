/** Other settings of mesh, applications and Jaeger that are as good. */
import { httpRoute, ingressRoute } from "../faults/jaegers";
import { collectorHost, Mesh, namespaces } from "../fixture";
import { type Variation } from "./variation";

const telemetry = "Telemetry istio-system/mesh-default";
const environment = "ConfigMap auth/otel-environment";
const app = "Deployment auth/auth-api";
const jaeger = "Deployment istio-system/jaeger";
const container = "spec template spec containers 0";

export const settings: readonly Variation[] = [
  {
    name: "a Telemetry of a namespace with tags only",
    varies: (mesh) =>
      mesh.add({
        ...mesh.get(telemetry),
        metadata: { name: "tags", namespace: "auth" },
        spec: { tracing: [{ customTags: { team: { literal: { value: "auth" } } } }] },
      }),
  },
  {
    name: "a namespace that may switch its spans off",
    varies: (mesh) =>
      mesh.add({
        ...mesh.get(telemetry),
        metadata: { name: "quiet", namespace: "auth" },
        spec: { tracing: [{ disableSpanReporting: true }] },
      }),
    options: { allowTelemetryOverrides: ["auth"] },
  },
  {
    name: "no access log",
    varies: (mesh) => mesh.unset(telemetry, "spec accessLogging"),
  },
  {
    name: "a text format with the trace's id",
    varies: (mesh) =>
      mesh.mesh("extensionProviders 1 envoyFileAccessLog logFormat", {
        text: "[%START_TIME%] %TRACE_ID% %REQ(:PATH)%\n",
      }),
  },
  {
    name: "production samples one request in a hundred",
    varies: (mesh) => mesh.set(telemetry, "spec tracing 0 randomSamplingPercentage", 1),
    options: { minSampling: 0.1, maxSampling: 5 },
  },
  {
    name: "Istio before W3C propagation with propagators that fit",
    varies: (mesh) => {
      mesh.zipkin("traceContextOption", undefined);
      for (const namespace of namespaces) {
        mesh.set(
          `ConfigMap ${namespace}/otel-environment`,
          "data OTEL_PROPAGATORS",
          "tracecontext,baggage,b3multi",
        );
      }
    },
    options: { istioVersion: "1.27" },
  },
  {
    name: "OTLP over HTTP",
    varies: (mesh) =>
      mesh
        .set(environment, "data OTEL_EXPORTER_OTLP_ENDPOINT", `http://${collectorHost}:4318`)
        .set(environment, "data OTEL_EXPORTER_OTLP_PROTOCOL", "http/protobuf"),
  },
  {
    name: "an endpoint for traces alone, with its path",
    varies: (mesh) =>
      mesh
        .set(environment, "data OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", `http://${collectorHost}:4318/v1/traces`)
        .set(environment, "data OTEL_EXPORTER_OTLP_PROTOCOL", "http/protobuf"),
  },
  {
    name: "an application without an SDK",
    varies: (mesh) => mesh.unset(app, `${container} envFrom`),
  },
  {
    name: "variables one by one, one made of another",
    varies: (mesh) =>
      mesh.unset(app, `${container} envFrom`).set(app, `${container} env`, [
        { name: "COLLECTOR", value: collectorHost },
        { name: "OTEL_EXPORTER_OTLP_ENDPOINT", value: "http://$(COLLECTOR):4317" },
        {
          name: "OTEL_PROPAGATORS",
          valueFrom: { configMapKeyRef: { name: "otel-environment", key: "OTEL_PROPAGATORS" } },
        },
      ]),
  },
  {
    name: "the environment from an Instrumentation",
    varies: (mesh) =>
      mesh
        .unset(app, `${container} envFrom`)
        .set(app, "spec template metadata annotations", {
          "instrumentation.opentelemetry.io/inject-python": "true",
        })
        .add({
          apiVersion: "opentelemetry.io/v1alpha1",
          kind: "Instrumentation",
          metadata: { name: "default", namespace: "auth" },
          spec: {
            exporter: { endpoint: `http://${collectorHost}:4318` },
            propagators: ["b3", "tracecontext", "baggage"],
            sampler: { type: "parentbased_traceidratio", argument: "1" },
          },
        }),
  },
  {
    name: "the environment as a patch of the Deployment",
    varies: (mesh) =>
      mesh.unset(app, `${container} envFrom`).add({
        apiVersion: "apps/v1",
        kind: "Deployment",
        metadata: { name: "auth-api", namespace: "auth" },
        spec: {
          template: {
            spec: {
              containers: [
                {
                  name: "app",
                  env: [
                    {
                      name: "OTEL_EXPORTER_OTLP_ENDPOINT",
                      valueFrom: {
                        configMapKeyRef: { name: "otel-environment", key: "OTEL_EXPORTER_OTLP_ENDPOINT" },
                      },
                    },
                  ],
                },
              ],
            },
          },
        },
      }),
  },
  {
    name: "a wildcard with dynamic DNS",
    varies: (mesh) =>
      mesh
        .set("ServiceEntry istio-system/aws-s3-external", "spec resolution", "DYNAMIC_DNS")
        .set("ServiceEntry istio-system/aws-s3-external", "spec ports 0 protocol", "TLS"),
  },
  {
    name: "HTTP on 443 where a DestinationRule starts TLS",
    varies: (mesh) =>
      mesh.set("ServiceEntry istio-system/openai-external", "spec ports 0 protocol", "HTTP").add({
        apiVersion: "networking.istio.io/v1",
        kind: "DestinationRule",
        metadata: { name: "openai", namespace: "istio-system" },
        spec: { host: "api.openai.com", trafficPolicy: { tls: { mode: "SIMPLE" } } },
      }),
  },
  {
    name: "more memory and more traces",
    varies: (mesh) =>
      mesh
        .set(jaeger, `${container} resources limits memory`, "2Gi")
        .set(jaeger, `${container} args`, [
          "--set=extensions.jaeger_storage.backends.some_storage.memory.max_traces=50000",
        ]),
  },
  {
    name: "Jaeger's UI behind the gateway with an AuthorizationPolicy",
    varies: (mesh) =>
      mesh.add(httpRoute, {
        apiVersion: "security.istio.io/v1",
        kind: "AuthorizationPolicy",
        metadata: { name: "jaeger", namespace: "istio-system" },
        spec: {
          action: "CUSTOM",
          provider: { name: "oauth2-proxy" },
          rules: [{ to: [{ operation: { hosts: ["jaeger.example.com", "jaeger.example.com:*"] } }] }],
        },
      }),
  },
  {
    name: "Jaeger's UI behind an Ingress that asks",
    varies: (mesh) =>
      mesh.add({
        ...ingressRoute,
        metadata: {
          ...ingressRoute.metadata,
          annotations: { "nginx.ingress.kubernetes.io/auth-url": "https://auth.example.com/oauth2/auth" },
        },
      }),
  },
  {
    name: "a namespace that is not in the mesh with everything wrong",
    varies: (mesh) => {
      for (const object of new Mesh().objects.filter(({ metadata }) => metadata.namespace === "auth")) {
        object.metadata.namespace = "legacy";
        mesh.add(object);
      }
      mesh.set("ConfigMap legacy/otel-environment", "data OTEL_PROPAGATORS", "jaeger");
      mesh.unset("NetworkPolicy legacy/allow-jaeger-egress", "spec egress 0 ports 2");
      mesh.add({ apiVersion: "v1", kind: "Namespace", metadata: { name: "legacy" } });
    },
  },
];
