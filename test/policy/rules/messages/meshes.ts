/** What faults of the mesh are told, word for word. */
import { type Messages } from "./message";

export const meshes: Messages = {
  "no Telemetry: a mesh without tracing": {
    message:
      "Telemetry istio-system/mesh-default turns no tracing on: there is no mesh-wide Telemetry, and nothing names " +
      "a tracing provider; one mesh-wide Telemetry with a tracing provider is required",
    fix: `# add
apiVersion: telemetry.istio.io/v1
kind: Telemetry
metadata:
  name: mesh-default
  namespace: istio-system
spec:
  tracing:
    - providers:
        - name: jaeger
      randomSamplingPercentage: 100`,
  },
  "the mesh-wide Telemetry switches spans off": {
    message:
      "Telemetry istio-system/mesh-default switches the spans of the whole mesh off: " +
      "spec.tracing[0].disableSpanReporting is true; only false is allowed",
    fix: "# in spec.tracing[0] of Telemetry istio-system/mesh-default\ndisableSpanReporting: false",
  },
  "the Telemetry traces with an access-log provider": {
    message:
      "Telemetry istio-system/mesh-default traces with provider json-access-log, which is of type " +
      "envoyFileAccessLog and cannot trace; allowed are zipkin, opentelemetry, datadog and skywalking",
    fix: `# in spec.tracing of Telemetry istio-system/mesh-default
providers:
  - name: jaeger`,
  },
  "sampling is not set": {
    message:
      "Telemetry istio-system/mesh-default traces 1 % of requests (Istio's default, nothing sets another); at " +
      "least 100 % is required",
    fix: "# in spec.tracing of the mesh-wide Telemetry\nrandomSamplingPercentage: 100",
  },
  "sampling above what is allowed": {
    message: "Telemetry istio-system/mesh-default traces 100 % of requests; at most 5 % is allowed",
    fix: "# in spec.tracing of the mesh-wide Telemetry\nrandomSamplingPercentage: 5",
  },
  "a namespace switches its spans off": {
    message:
      "Telemetry auth/quiet switches the spans of namespace auth off: spec.tracing[0] has disableSpanReporting: " +
      "true; only false is allowed",
    fix: "# in spec.tracing[0] of Telemetry auth/quiet\ndisableSpanReporting: false",
  },
  "a workload's Telemetry samples nothing": {
    message:
      "Telemetry auth/quiet switches the spans of its workloads off: spec.tracing[0] traces 0 % of requests; at " +
      "least 100 % is required",
    fix: "# in spec.tracing[0] of Telemetry auth/quiet\nrandomSamplingPercentage: 100",
  },
  "a namespace names a provider that is not defined": {
    message:
      "Telemetry auth/own switches the spans of namespace auth off: spec.tracing[0] names the provider tempo, " +
      "which the mesh config does not define; jaeger is allowed",
    fix: `# in spec.tracing[0] of Telemetry auth/own
providers:
  - name: jaeger`,
  },
  "the provider's port is missing": {
    message:
      "ConfigMap istio-system/istio has provider jaeger with no port; a port between 1 and 65535 is required",
    fix: "# in the mesh config of ConfigMap istio-system/istio, under extensionProviders, jaeger, zipkin\nport: 9411",
  },
  "the provider's path is that of version 1": {
    message:
      "ConfigMap istio-system/istio has provider jaeger with path /api/v1/spans; /api/v2/spans, where the " +
      "collector receives Zipkin v2 spans, is allowed",
    fix: "# in the mesh config of ConfigMap istio-system/istio, under extensionProviders, jaeger, zipkin\npath: /api/v2/spans",
  },
  "the provider's host is not qualified": {
    message:
      "ConfigMap istio-system/istio has provider jaeger with service " +
      "istio-system/jaeger-collector-clusterip.istio-system, by which Istio finds no Service; only the fully " +
      "qualified host is allowed",
    fix: "# in the mesh config of ConfigMap istio-system/istio, under extensionProviders, jaeger, zipkin\nservice: istio-system/jaeger-collector-clusterip.istio-system.svc.cluster.local",
  },
  "the provider's host is the Service's name": {
    message:
      "ConfigMap istio-system/istio has provider jaeger with service istio-system/jaeger-collector-clusterip, by " +
      "which Istio finds no Service; only the fully qualified host is allowed",
    fix: "# in the mesh config of ConfigMap istio-system/istio, under extensionProviders, jaeger, zipkin\nservice: istio-system/jaeger-collector-clusterip.istio-system.svc.cluster.local",
  },
  "the provider's namespace is not the host's": {
    message:
      "ConfigMap istio-system/istio has provider jaeger with service " +
      "observability/jaeger-collector-clusterip.istio-system.svc.cluster.local, whose namespace observability is " +
      "not that of the host; istio-system is required",
    fix: "# in the mesh config of ConfigMap istio-system/istio, under extensionProviders, jaeger, zipkin\nservice: istio-system/jaeger-collector-clusterip.istio-system.svc.cluster.local",
  },
  "the provider's host has no namespace in front": {
    message:
      "ConfigMap istio-system/istio has provider jaeger with service " +
      "jaeger-collector-clusterip.istio-system.svc.cluster.local without its namespace, which switches tracing off " +
      "as soon as a second namespace has the host; namespace/host is required",
    fix: "# in the mesh config of ConfigMap istio-system/istio, under extensionProviders, jaeger, zipkin\nservice: istio-system/jaeger-collector-clusterip.istio-system.svc.cluster.local",
  },
  "the provider's trace context option does not exist": {
    message:
      "ConfigMap istio-system/istio has provider jaeger with traceContextOption USE_W3C; USE_B3 or " +
      "USE_B3_WITH_W3C_PROPAGATION is allowed",
    fix: "# in the mesh config of ConfigMap istio-system/istio, under extensionProviders, jaeger, zipkin\ntraceContextOption: USE_B3_WITH_W3C_PROPAGATION",
  },
  "the access log has no trace id": {
    message:
      "ConfigMap istio-system/istio writes the access log of provider json-access-log without the trace's id (in " +
      "its own format); %TRACE_ID% is required",
    fix: `# in the mesh config of ConfigMap istio-system/istio, under extensionProviders
name: json-access-log
envoyFileAccessLog:
  path: /dev/stdout
  logFormat:
    labels:
      trace.id: "%TRACE_ID%"
      url.path: "%REQ(X-ENVOY-ORIGINAL-PATH?:PATH)%"`,
  },
  "the access log has Envoy's format": {
    message:
      "Telemetry istio-system/mesh-default writes the access log of provider envoy without the trace's id (in " +
      "Envoy's default format); %TRACE_ID% is required",
    fix: `# in the mesh config, under extensionProviders, and name it in spec.accessLogging of Telemetry istio-system/mesh-default
name: json-access-log
envoyFileAccessLog:
  path: /dev/stdout
  logFormat:
    labels:
      trace.id: "%TRACE_ID%"
      url.path: "%REQ(X-ENVOY-ORIGINAL-PATH?:PATH)%"`,
  },
};
