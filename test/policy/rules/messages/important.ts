/** What the most important faults are told, word for word. */
import { type Messages } from "./message";

export const important: Messages = {
  "the policy for the collector is gone": {
    message:
      "NetworkPolicy auth/allow-mesh-egress isolates the egress of Deployment auth/auth-api and does not let it reach " +
      "Service istio-system/jaeger-collector-clusterip on TCP 9411 (spans of proxies, Zipkin) and TCP 4317 (spans of " +
      "applications, OTLP), so that these spans are lost; a rule for TCP 9411 and TCP 4317 is required",
    fix: `# add to spec.egress of NetworkPolicy auth/allow-mesh-egress
- to:
    - namespaceSelector:
        matchLabels:
          kubernetes.io/metadata.name: istio-system
      podSelector:
        matchLabels:
          app.kubernetes.io/name: jaeger
          app.kubernetes.io/instance: jaeger
          app.kubernetes.io/component: all-in-one
  ports:
    - protocol: TCP
      port: 9411
    - protocol: TCP
      port: 4317`,
  },
  "egress names the wrong namespace": {
    message:
      "NetworkPolicy auth/allow-jaeger-egress isolates the egress of Deployment auth/auth-api and does not let it reach " +
      "Service istio-system/jaeger-collector-clusterip on TCP 9411 (spans of proxies, Zipkin) and TCP 4317 (spans of " +
      "applications, OTLP), so that these spans are lost; spec.egress[0] must name the other end",
    fix: `# add to spec.egress[0].to of NetworkPolicy auth/allow-jaeger-egress
- namespaceSelector:
    matchLabels:
      kubernetes.io/metadata.name: istio-system
  podSelector:
    matchLabels:
      app.kubernetes.io/name: jaeger
      app.kubernetes.io/instance: jaeger
      app.kubernetes.io/component: all-in-one`,
  },
  "ingress of the collector forgets a namespace": {
    message:
      "NetworkPolicy istio-system/allow-tracing-ingress isolates the ingress of Service " +
      "istio-system/jaeger-collector-clusterip and does not let Deployment my/my-api reach it on TCP 9411 (spans of " +
      "proxies, Zipkin) and TCP 4317 (spans of applications, OTLP), so that these spans are lost; spec.ingress[0] must " +
      "name the other end and spec.ingress[1] must name the other end",
    fix: `# add to spec.ingress[0].from of NetworkPolicy istio-system/allow-tracing-ingress
- namespaceSelector:
    matchLabels:
      kubernetes.io/metadata.name: my
# add to spec.ingress[1].from of NetworkPolicy istio-system/allow-tracing-ingress
- namespaceSelector:
    matchLabels:
      kubernetes.io/metadata.name: my`,
  },
  "the baseline is gone: DNS and istiod are cut off": {
    message:
      "NetworkPolicy auth/allow-jaeger-egress isolates the egress of Deployment auth/auth-api and does not let it reach " +
      "DNS on UDP 53 and TCP 53 and istiod on TCP 15012 (configuration and certificates), which a pod of the mesh cannot " +
      "do without; a rule for UDP 53 and TCP 53 is required and a rule for TCP 15012 is required",
    fix: `# add to spec.egress of NetworkPolicy auth/allow-jaeger-egress
- to:
    - namespaceSelector:
        matchLabels:
          kubernetes.io/metadata.name: kube-system
      podSelector:
        matchLabels:
          k8s-app: kube-dns
  ports:
    - protocol: UDP
      port: 53
    - protocol: TCP
      port: 53
# add to spec.egress of NetworkPolicy auth/allow-jaeger-egress
- to:
    - namespaceSelector:
        matchLabels:
          kubernetes.io/metadata.name: istio-system
      podSelector:
        matchLabels:
          app: istiod
  ports:
    - protocol: TCP
      port: 15012`,
  },
  "two mesh-wide Telemetries": {
    message:
      "Telemetry istio-system/global-sampling is one of 2 mesh-wide Telemetries in istio-system (global-sampling and " +
      "mesh-default); Istio uses the oldest and ignores all others whole; exactly one is allowed",
    fix: `# one Telemetry instead: delete Telemetry istio-system/mesh-default, and make global-sampling say
spec:
  accessLogging:
    - providers:
        - name: json-access-log
  tracing:
    - providers:
        - name: jaeger
      randomSamplingPercentage: 100`,
  },
  "the Telemetry names a provider that is not defined": {
    message:
      "Telemetry istio-system/mesh-default names the tracing provider zipkin, which the mesh config does not define; one " +
      "that it defines is required: prometheus, stackdriver, envoy, jaeger and json-access-log",
    fix: "# in spec.tracing of Telemetry istio-system/mesh-default\nproviders:\n  - name: jaeger",
  },
  "istiod is not told of the shared mesh config": {
    message:
      "Telemetry istio-system/mesh-default names the tracing provider jaeger, which the mesh config does not define: " +
      "istiod does not read ConfigMap istio-system/mesh-tracing; the variable SHARED_MESH_CONFIG that names it is required",
    fix: "# add to the container discovery of Deployment istiod\nenv:\n  - name: SHARED_MESH_CONFIG\n    value: mesh-tracing",
  },
  "sampling below what is demanded": {
    message: "Telemetry istio-system/mesh-default traces 10 % of requests; at least 100 % is required",
    fix: "# in spec.tracing of the mesh-wide Telemetry\nrandomSamplingPercentage: 100",
  },
  "the provider's port is wrong": {
    message:
      "ConfigMap istio-system/istio has provider jaeger with port 9412, which Service " +
      "istio-system/jaeger-collector-clusterip does not have; its port for spans, 9411, is required",
    fix: "# in the mesh config of ConfigMap istio-system/istio, under extensionProviders, jaeger, zipkin\nport: 9411",
  },
  "the collector's Service is headless": {
    message:
      "Service istio-system/jaeger-collector-clusterip is headless (clusterIP: None), so that proxies find no host for " +
      "their spans; a ClusterIP Service is required",
    fix: "# make it anew (clusterIP cannot be changed) without clusterIP: None\nspec:\n  type: ClusterIP",
  },
  "a Sidecar hides the collector from a namespace": {
    message:
      "Sidecar auth/default hides the collector jaeger-collector-clusterip.istio-system.svc.cluster.local from the " +
      "proxies it configures: no entry of spec.egress has its host; its host is required",
    fix:
      "# add to spec.egress of Sidecar auth/default\n- hosts:\n" +
      "    - istio-system/jaeger-collector-clusterip.istio-system.svc.cluster.local",
  },
  "an application reads and writes only W3C headers, the mesh only B3": {
    message:
      "ConfigMap auth/otel-environment (read by container app of Deployment auth/auth-api) has " +
      "OTEL_PROPAGATORS=tracecontext,baggage, while the mesh uses USE_B3: one request becomes several traces, because " +
      'Envoy with USE_B3 writes only B3 headers and the SDK lets "tracecontext" win; tracecontext,baggage,b3multi is allowed',
    fix: "# in data of the ConfigMap\nOTEL_PROPAGATORS: tracecontext,baggage,b3multi",
  },
  "a container's own variable wins over the ConfigMap": {
    message:
      "Deployment auth/auth-api container app has OTEL_PROPAGATORS=none, while the mesh uses " +
      "USE_B3_WITH_W3C_PROPAGATION: one request becomes several traces, because no propagator carries a trace, so every " +
      "service starts its own; b3,tracecontext,baggage is allowed",
    fix: "# in env of the container\n- name: OTEL_PROPAGATORS\n  value: b3,tracecontext,baggage",
  },
  "HTTP goes to the port for gRPC": {
    message:
      "ConfigMap auth/otel-environment (read by container app of Deployment auth/auth-api) has " +
      "OTEL_EXPORTER_OTLP_ENDPOINT=http://jaeger-collector-clusterip.istio-system.svc.cluster.local:4317 with protocol " +
      "http/protobuf: port 4317 takes OTLP over gRPC; port 4318 is allowed with http/protobuf",
    fix:
      "# in data of the ConfigMap\n" +
      "OTEL_EXPORTER_OTLP_ENDPOINT: http://jaeger-collector-clusterip.istio-system.svc.cluster.local:4318",
  },
  "a wildcard is resolved by DNS": {
    message:
      "ServiceEntry istio-system/aws-s3-external has resolution DNS and the wildcard host *.s3.amazonaws.com and " +
      "*.s3.ap-northeast-2.amazonaws.com; DNS cannot resolve a wildcard, NONE is allowed",
    fix: "# in spec of ServiceEntry istio-system/aws-s3-external\nresolution: NONE",
  },
  "Jaeger keeps more traces than its memory holds": {
    message:
      "Deployment istio-system/jaeger container jaeger keeps up to 50000 traces in memory, and its memory limit 512Mi " +
      "holds 10000; at most 10000 are allowed",
    fix:
      "# in container jaeger, or as jaeger.args in the values of chart 4.x\nargs:\n" +
      "  - --set=extensions.jaeger_storage.backends.some_storage.memory.max_traces=10000",
  },
  "a port is not known at preview": {
    message:
      "NetworkPolicy auth/allow-jaeger-egress has values that are not known yet (spec.egress[0].ports[2].port), so that " +
      "nothing can be said about them; plain values are required",
    fix: "",
  },
};
