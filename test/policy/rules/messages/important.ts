/** What the most important faults are told, word for word. */
import { type Messages } from "./message";

export const important: Messages = {
  "Kiali reads HTTP where gRPC is spoken": {
    message:
      "ConfigMap observability/kiali has use_grpc: false, and Service istio-system/jaeger-query-clusterip speaks gRPC " +
      "on port 16685; use_grpc: true is required",
    fix: `# in data["config.yaml"]
external_services:
  tracing:
    use_grpc: true`,
  },
  "a Kiali of the operator reads a port that Jaeger's Service does not have": {
    message:
      "Kiali istio-system/kiali tells Kiali to read traces at " +
      "http://jaeger-query-clusterip.istio-system.svc.cluster.local:80/jaeger, and Service " +
      "istio-system/jaeger-query-clusterip has no port 80 (it has 16686, 16685); a port of the Service is required",
    fix: `# in spec
external_services:
  tracing:
    enabled: true
    internal_url: http://jaeger-query-clusterip.istio-system:16685
    use_grpc: true`,
  },
  "Kiali reads a Service that does not exist": {
    message:
      "ConfigMap observability/kiali tells Kiali to read traces at http://tracing.istio-system:16685/jaeger, and " +
      "Service istio-system/tracing does not exist; a Service of Jaeger is required",
    fix: `# in data["config.yaml"]
external_services:
  tracing:
    enabled: true
    internal_url: http://jaeger-query-clusterip.istio-system:16685
    use_grpc: true`,
  },
  "Kiali's tracing is off": {
    message:
      "ConfigMap observability/kiali does not turn Kiali's tracing on, so that Kiali shows no traces; " +
      "external_services.tracing.enabled: true is required",
    fix: `# in data["config.yaml"]
external_services:
  tracing:
    enabled: true
    internal_url: http://jaeger-query-clusterip.istio-system:16685
    use_grpc: true`,
  },
  "Jaeger's ingress forgets a Kiali that is known by its chart's values alone": {
    message:
      "NetworkPolicy istio-system/allow-tracing-ingress isolates the ingress of Service " +
      "istio-system/jaeger-query-clusterip and does not let Deployment elsewhere/kiali reach it on TCP 16685 (traces " +
      "for Kiali), so that Kiali shows no traces; spec.ingress[2] must name the other end",
    fix: `# add to spec.ingress[2].from of NetworkPolicy istio-system/allow-tracing-ingress
- namespaceSelector:
    matchLabels:
      kubernetes.io/metadata.name: elsewhere`,
  },
  "Kiali's egress opens the other port of Jaeger": {
    message:
      "NetworkPolicy observability/allow-kiali-egress isolates the egress of Deployment observability/kiali and does " +
      "not let it reach Service istio-system/jaeger-query-clusterip on TCP 16685 (traces for Kiali), so that Kiali " +
      "shows no traces; spec.egress[0] must list TCP 16685",
    fix: `# add to spec.egress[0].ports of NetworkPolicy observability/allow-kiali-egress
- protocol: TCP
  port: 16685`,
  },
  "Kiali asks nobody who comes, inside the cluster": {
    message:
      "ConfigMap observability/kiali lets everybody who can open Kiali's port in the cluster see all of the mesh " +
      "without asking who it is; auth.strategy token, openid, openshift or header is required",
    fix: `# in data["config.yaml"]
auth:
  strategy: token`,
  },
  "Kiali asks nobody who comes by the mesh's gateway": {
    message:
      "ConfigMap observability/kiali lets everybody from outside see all of the mesh without asking who it is: " +
      "VirtualService observability/kiali leads to it; auth.strategy token, openid, openshift or header is required",
    fix: `# in data["config.yaml"]
auth:
  strategy: token`,
  },
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
  "an annotation names an Instrumentation that does not exist": {
    message:
      'Deployment auth/auth-api has instrumentation.opentelemetry.io/inject-python: "skd", and there is no ' +
      "Instrumentation auth/skd, so that its pods start without an SDK; one that exists is required",
    fix: "",
  },
  "no Instrumentation is in the input": {
    message:
      'Deployment auth/auth-api has instrumentation.opentelemetry.io/inject-python: "true", and namespace auth has no ' +
      "Instrumentation, so that its pods start without an SDK; one is required, unless it is not in the input",
    fix: "",
  },
  "the only Instrumentation of the namespace is meant, and there are two": {
    message:
      'Deployment auth/auth-api has instrumentation.opentelemetry.io/inject-python: "true", and namespace auth has 2 ' +
      "Instrumentations (other and sdk), of which the operator chooses none, so that its pods start without an SDK; the " +
      "name of one is required",
    fix: "# in metadata.annotations of the pods\ninstrumentation.opentelemetry.io/inject-python: other",
  },
  "an SDK is asked for in a container that is not there": {
    message:
      "Deployment auth/auth-api asks for python in container api, which its pods do not have, so that it gets no SDK; one " +
      "of app is required",
    fix: "",
  },
  "names of containers have a space between them": {
    message:
      'Deployment auth/auth-api has instrumentation.opentelemetry.io/container-names: "app, worker", which the operator ' +
      "refuses, so that its pods start without an SDK; names with commas and nothing else between them are required",
    fix: "# in metadata.annotations of the pods\ninstrumentation.opentelemetry.io/container-names: app,worker",
  },
  "a container is named for all languages and once more for its own": {
    message:
      "Deployment auth/auth-api names container app twice for one language, so that its pods start without an SDK; once " +
      "is required",
    fix: "",
  },
  "two languages, and nobody says which container is for which": {
    message:
      "Deployment auth/auth-api asks for java and python and does not say which container is for which, so that its pods " +
      "start without an SDK; an annotation with container names for each is required",
    fix:
      "# in metadata.annotations of the pods\n" +
      "instrumentation.opentelemetry.io/java-container-names: name-of-a-container\n" +
      "instrumentation.opentelemetry.io/python-container-names: name-of-a-container",
  },
  "resource attributes come from a reference, to which the operator adds a value": {
    message:
      "Deployment auth/auth-api container app takes OTEL_RESOURCE_ATTRIBUTES from a reference, to which the operator adds " +
      "a value; Kubernetes refuses the pod, because a variable must not have both",
    fix:
      "# instead, in metadata.annotations of the pods\n" +
      "resource.opentelemetry.io/name-of-attribute: value",
  },
  "the path of Python comes from a reference, to which the operator can add nothing": {
    message:
      "Deployment auth/auth-api container app takes PYTHONPATH from a reference, to which the operator cannot add the SDK " +
      "for python, so that it gets none; a plain value is required",
    fix: "",
  },
  "Go without the executable": {
    message:
      "Deployment auth/auth-api asks for go and does not say which executable, so that its pods start without an SDK; the " +
      "path of one is required",
    fix:
      "# in metadata.annotations of the pods\n" +
      "instrumentation.opentelemetry.io/otel-go-auto-target-exe: /path/of/the/program",
  },
  "Go where containers do not see one another's processes": {
    message:
      "Deployment auth/auth-api asks for go and keeps its containers' processes apart, so that its pods start without an " +
      "SDK; shareProcessNamespace true is required",
    fix: "# in spec of the pods\nshareProcessNamespace: true",
  },
  "Go in a mesh of B3": {
    message:
      "Instrumentation auth/sdk (read by container opentelemetry-auto-instrumentation of Deployment auth/auth-api) " +
      "instruments Go, which knows no header but traceparent, while the mesh uses USE_B3: one request becomes several " +
      'traces, because Envoy with USE_B3 writes only B3 headers and the SDK lets "tracecontext" win; ' +
      "USE_B3_WITH_W3C_PROPAGATION (Istio 1.28) or an SDK in the application's code is required",
    fix: "",
  },
  "an injected SDK is told of no endpoint": {
    message:
      "Instrumentation auth/sdk (read by container app of Deployment auth/auth-api) has no exporter.endpoint, so that " +
      "spans go to localhost; the collector's address is required",
    fix:
      "# in spec of the Instrumentation\nexporter:\n" +
      "  endpoint: http://jaeger-collector-clusterip.istio-system.svc.cluster.local:4318",
  },
  "the SDK that is injected for Python is to speak gRPC": {
    message:
      "Instrumentation auth/sdk (read by container app of Deployment auth/auth-api) has OTEL_EXPORTER_OTLP_PROTOCOL=grpc, " +
      "which the SDK that the operator injects for python does not have; http/protobuf is allowed",
    fix: "# in spec of the Instrumentation\nenv:\n  - name: OTEL_EXPORTER_OTLP_PROTOCOL\n    value: http/protobuf",
  },
  "a port is not known at preview": {
    message:
      "NetworkPolicy auth/allow-jaeger-egress has values that are not known yet (spec.egress[0].ports[2].port), so that " +
      "nothing can be said about them; plain values are required",
    fix: "",
  },
  "nobody asks who comes to the UI": {
    message:
      "VirtualService istio-system/jaeger-ui routes jaeger.example.com from outside to Jaeger's UI and API without " +
      "authentication; an AuthorizationPolicy on the gateway, or the ingress controller's own, is required",
    fix: `# add, with a RequestAuthentication that says who is trusted
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata:
  name: jaeger-ui-authenticated
  namespace: istio-system
spec:
  action: DENY
  rules:
    - from:
        - source:
            notRequestPrincipals:
              - "*"
      to:
        - operation:
            hosts:
              - jaeger.example.com
              - jaeger.example.com:*`,
  },
  "the UI is open to everybody on purpose": {
    message:
      "VirtualService istio-system/jaeger-ui shows Jaeger's UI and API at jaeger.example.com to anybody, as its " +
      "annotation mesh-tracing/public says; authentication is required elsewhere",
    fix: "",
  },
  "Jaeger's MCP endpoint is routed": {
    message:
      "VirtualService istio-system/jaeger-ui routes /api/ai/ from outside to Jaeger, where from 2.20 on it serves an MCP " +
      "endpoint without authentication; that path must lead nowhere",
    fix: `# before the other entries of spec.http
- match:
    - uri:
        prefix: /api/ai
  directResponse:
    status: 404`,
  },
  "the UI's Gateway does not exist": {
    message:
      "VirtualService istio-system/jaeger-ui is bound to Gateway istio-system/jaeger, which does not exist; one that has " +
      "its host is required",
    fix: "# in spec\ngateways:\n  - istio-system/jaeger-ui",
  },
  "the UI's Gateway has another host": {
    message:
      "VirtualService istio-system/jaeger-ui is bound to Gateway istio-system/jaeger-ui, no server of which has the host " +
      "jaeger.example.com; a server with it is required",
    fix: "# in a server of spec.servers of Gateway istio-system/jaeger-ui\nhosts:\n  - jaeger.example.com",
  },
  "the UI's Gateway selects no pods": {
    message:
      "Gateway istio-system/jaeger-ui-http selects no gateway pods (istio=ingress); it must select those of a gateway, " +
      "such as Deployment istio-system/istio-ingressgateway",
    fix: "# in spec\nselector:\n  istio: ingressgateway",
  },
  "the UI is served in plain HTTP": {
    message:
      "Gateway istio-system/jaeger-ui-http serves a UI of tracing in plain HTTP on port 80, where tokens and traces can be " +
      "read on the way; a redirect to HTTPS is required",
    fix: "# in the server of port 80\ntls:\n  httpsRedirect: true",
  },
  "the UI's certificate is for another host": {
    message:
      "Certificate istio-system/jaeger-ui is not for jaeger.example.com, which Gateway istio-system/jaeger-ui serves with " +
      "it; spec.dnsNames must list it",
    fix: "# in spec.dnsNames\n- jaeger.example.com",
  },
  "the UI's route leads to a Service that does not exist": {
    message:
      "VirtualService istio-system/jaeger-ui routes to Service istio-system/jaeger-query, which does not exist; a ClusterIP " +
      "Service of the UI's pods is required",
    fix: "# in the route's destination\nhost: jaeger-query-clusterip.istio-system.svc.cluster.local",
  },
  "the UI's route leads to a port that the Service does not have": {
    message:
      "VirtualService istio-system/jaeger-ui routes to port 80 of Service istio-system/jaeger-query-clusterip; one of its " +
      "ports is required: 16686 and 16685",
    fix: "# in the route's destination\nport:\n  number: 16686",
  },
  "the UI's route leads to a headless Service": {
    message:
      "VirtualService istio-system/jaeger-ui routes to Service istio-system/jaeger-query-clusterip, which is headless " +
      "(clusterIP: None), so that the gateway answers 503; a ClusterIP Service is required",
    fix: `# make Service istio-system/jaeger-query-clusterip anew (clusterIP cannot be changed) without clusterIP: None
spec:
  type: ClusterIP`,
  },
  "a port written with the host gets past the policy": {
    message:
      "VirtualService istio-system/jaeger-ui routes jaeger.example.com from outside to Jaeger's UI and API, and the " +
      "AuthorizationPolicy on the gateway does not hold for requests that write a port with the host; each host with :* is " +
      "required too",
    fix: `# add, with a RequestAuthentication that says who is trusted
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata:
  name: jaeger-ui-authenticated
  namespace: istio-system
spec:
  action: DENY
  rules:
    - from:
        - source:
            notRequestPrincipals:
              - "*"
      to:
        - operation:
            hosts:
              - jaeger.example.com
              - jaeger.example.com:*`,
  },
};
