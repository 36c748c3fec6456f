/** What faults of the applications are told, word for word. */
import { type Messages } from "./message";

export const applications: Messages = {
  "an application has no trace propagator": {
    message:
      "ConfigMap auth/otel-environment (read by container app of Deployment auth/auth-api) has " +
      "OTEL_PROPAGATORS=baggage, while the mesh uses USE_B3_WITH_W3C_PROPAGATION: one request becomes several " +
      "traces, because no propagator carries a trace, so every service starts its own; b3,tracecontext,baggage is " +
      "allowed",
    fix: "# in data of the ConfigMap\nOTEL_PROPAGATORS: b3,tracecontext,baggage",
  },
  "the SDK's default propagators meet a mesh of B3": {
    message:
      "ConfigMap auth/otel-environment (read by container app of Deployment auth/auth-api) sets no " +
      "OTEL_PROPAGATORS (SDKs use tracecontext,baggage), while the mesh uses USE_B3: one request becomes several " +
      'traces, because Envoy with USE_B3 writes only B3 headers and the SDK lets "tracecontext" win; ' +
      "tracecontext,baggage,b3multi is allowed",
    fix: "# in data of the ConfigMap\nOTEL_PROPAGATORS: tracecontext,baggage,b3multi",
  },
  "a sampler decides by itself": {
    message:
      "ConfigMap auth/otel-environment (read by container app of Deployment auth/auth-api) has " +
      "OTEL_TRACES_SAMPLER=traceidratio, which decides apart from the mesh and drops spans of sampled traces; " +
      "parentbased_* is allowed",
    fix: "# in data of the ConfigMap\nOTEL_TRACES_SAMPLER: parentbased_traceidratio",
  },
  "a sampler drops everything": {
    message:
      "ConfigMap auth/otel-environment (read by container app of Deployment auth/auth-api) has " +
      "OTEL_TRACES_SAMPLER=always_off, which decides apart from the mesh and drops spans of sampled traces; " +
      "parentbased_* is allowed",
    fix: "# in data of the ConfigMap\nOTEL_TRACES_SAMPLER: parentbased_always_on",
  },
  "a sampler takes everything": {
    message:
      "ConfigMap auth/otel-environment (read by container app of Deployment auth/auth-api) has " +
      "OTEL_TRACES_SAMPLER=always_on, which decides apart from the mesh and starts traces the mesh does not " +
      "sample; parentbased_* is allowed",
    fix: "# in data of the ConfigMap\nOTEL_TRACES_SAMPLER: parentbased_always_on",
  },
  "gRPC goes to the port for HTTP": {
    message:
      "ConfigMap auth/otel-environment (read by container app of Deployment auth/auth-api) has " +
      "OTEL_EXPORTER_OTLP_ENDPOINT=http://jaeger-collector-clusterip.istio-system.svc.cluster.local:4318 with " +
      "protocol grpc: port 4318 takes OTLP over HTTP; port 4317 is allowed with grpc",
    fix: "# in data of the ConfigMap\nOTEL_EXPORTER_OTLP_ENDPOINT: http://jaeger-collector-clusterip.istio-system.svc.cluster.local:4317",
  },
  "the OTLP protocol does not exist": {
    message:
      "ConfigMap auth/otel-environment (read by container app of Deployment auth/auth-api) has " +
      "OTEL_EXPORTER_OTLP_PROTOCOL=http; allowed are grpc, http/protobuf and http/json",
    fix: "# in data of the ConfigMap\nOTEL_EXPORTER_OTLP_PROTOCOL: grpc",
  },
  "the OTLP endpoint has no scheme": {
    message:
      "ConfigMap auth/otel-environment (read by container app of Deployment auth/auth-api) has " +
      "OTEL_EXPORTER_OTLP_ENDPOINT=jaeger-collector-clusterip.istio-system.svc.cluster.local:4317 without a " +
      "scheme; http:// is required",
    fix: "# in data of the ConfigMap\nOTEL_EXPORTER_OTLP_ENDPOINT: http://jaeger-collector-clusterip.istio-system.svc.cluster.local:4317",
  },
  "the OTLP endpoint names a Service that does not exist": {
    message:
      "ConfigMap auth/otel-environment (read by container app of Deployment auth/auth-api) has " +
      "OTEL_EXPORTER_OTLP_ENDPOINT=http://jaeger-colector.istio-system.svc.cluster.local:4317, and there is no " +
      "Service istio-system/jaeger-colector; the collector's is required",
    fix: "# in data of the ConfigMap\nOTEL_EXPORTER_OTLP_ENDPOINT: http://jaeger-collector-clusterip.istio-system.svc.cluster.local:4317",
  },
  "the OTLP endpoint names a port the Service does not have": {
    message:
      "ConfigMap auth/otel-environment (read by container app of Deployment auth/auth-api) has " +
      "OTEL_EXPORTER_OTLP_ENDPOINT=http://jaeger-collector-clusterip.istio-system.svc.cluster.local:4371, and " +
      "Service istio-system/jaeger-collector-clusterip has no port 4371; one that it has is required: 9411, 4317 " +
      "and 4318",
    fix: "# in data of the ConfigMap\nOTEL_EXPORTER_OTLP_ENDPOINT: http://jaeger-collector-clusterip.istio-system.svc.cluster.local:4317",
  },
  "the OTLP endpoint has the path SDKs append": {
    message:
      "ConfigMap auth/otel-environment (read by container app of Deployment auth/auth-api) has " +
      "OTEL_EXPORTER_OTLP_ENDPOINT=http://jaeger-collector-clusterip.istio-system.svc.cluster.local:4318/v1/traces, " +
      "to which SDKs append /v1/traces once more; the address without it is allowed",
    fix: "# in data of the ConfigMap\nOTEL_EXPORTER_OTLP_ENDPOINT: http://jaeger-collector-clusterip.istio-system.svc.cluster.local:4318",
  },
  "the OTLP endpoint speaks TLS to a collector without it": {
    message:
      "ConfigMap auth/otel-environment (read by container app of Deployment auth/auth-api) has " +
      "OTEL_EXPORTER_OTLP_ENDPOINT=https://jaeger-collector-clusterip.istio-system.svc.cluster.local:4317, and the " +
      "collector behind it takes OTLP without TLS; http:// is allowed",
    fix: "# in data of the ConfigMap\nOTEL_EXPORTER_OTLP_ENDPOINT: http://jaeger-collector-clusterip.istio-system.svc.cluster.local:4317",
  },
  "the environment is not in the input": {
    message:
      "Deployment auth/auth-api container app takes OTEL_EXPORTER_OTLP_ENDPOINT from where it cannot be read: " +
      "ConfigMap auth/otel-environment is not in the input; a value that is in the input is required to judge " +
      "Deployment auth/auth-api",
    fix: "",
  },
};
