/** Faults of the applications: what their SDKs are told. */
import { collectorHost, namespaces } from "../fixture";
import { type Fault } from "./fault";

const egress = "NetworkPolicy auth/allow-jaeger-egress";
const environment = "ConfigMap auth/otel-environment";
const app = "Deployment auth/auth-api";
const container = "spec template spec containers 0";

export const applications: readonly Fault[] = [
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
    example: true,
  },
];
