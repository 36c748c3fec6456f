/**
 * The names, ports and labels that components, rules and commands share. Anything that appears in two
 * places belongs here; anything that a stack may choose belongs in `config.ts`.
 */

/**
 * TCP ports of the trace path, as pods listen on them. The Services use the same numbers.
 * @see https://www.jaegertracing.io/docs/2.19/deployment/
 */
export const ports = {
  /** Spans of every Envoy (gateways and sidecars): Zipkin v2 JSON, `POST /api/v2/spans`. */
  zipkin: 9411,
  /** Spans of application SDKs: OTLP over gRPC. */
  otlpGrpc: 4317,
  /** Spans of application SDKs: OTLP over HTTP, `POST /v1/traces`. */
  otlpHttp: 4318,
  /** Jaeger UI and HTTP API. */
  queryHttp: 16686,
  /** Jaeger gRPC API, which Kiali uses. */
  queryGrpc: 16685,
  /** Jaeger's own metrics in Prometheus format. */
  metrics: 8888,
  /** istiod's version and metrics over HTTP, which Kiali asks for. */
  istiodMonitoring: 15014,
  /** istiod: discovery (xDS) and certificates over TLS. A sidecar that cannot reach it never becomes ready. */
  istiod: 15012,
  /** Kiali's UI and API. */
  kiali: 20001,
  /** Kiali's own metrics in Prometheus format. */
  kialiMetrics: 9090,
  /** HTTPS targets outside the cluster. */
  https: 443,
} as const;

/** The ports a traced pod needs open towards the collector, in ascending order. */
export const collectorPorts: readonly number[] = [ports.otlpGrpc, ports.otlpHttp, ports.zipkin];

/** The path on which Jaeger receives Zipkin v2 spans. */
export const zipkinPath = "/api/v2/spans";

/** Label that Kubernetes puts on every namespace; the only namespace label that is always there. */
export const namespaceNameLabel = "kubernetes.io/metadata.name";

/** Label that the chart puts on Jaeger's pods whatever the release is called. */
export const jaegerAppLabel = { "app.kubernetes.io/name": "jaeger" } as const;

/** Labels of Kiali's pods, by which its chart's Service selects them. */
export const kialiPodLabels = {
  "app.kubernetes.io/instance": "kiali",
  "app.kubernetes.io/name": "kiali",
} as const;

/** Labels by which Istio's charts mark istiod's pods, of every revision. */
export const istiodLabels = { app: "istiod" } as const;

/** Names of the providers in the mesh config, as the Telemetry refers to them. */
export const meshProviders = { tracing: "jaeger", accessLog: "json-access-log" } as const;

/** Names of the objects this project makes. */
export const objectNames = {
  collectorService: "jaeger-collector-clusterip",
  queryService: "jaeger-query-clusterip",
  telemetry: "mesh-default",
  jaegerEgress: "allow-jaeger-egress",
  meshEgress: "allow-mesh-egress",
  tracingIngress: "allow-tracing-ingress",
  /** Helm release, Deployment, Service, ServiceAccount and ConfigMap. */
  kiali: "kiali",
  kialiSigningKey: "kiali-signing-key",
  kialiEgress: "allow-kiali-egress",
  kialiIngress: "allow-kiali-ingress",
  /** Everything that leads people to the UIs. */
  ui: "mesh-tracing-ui",
  jaegerStorage: "allow-jaeger-storage",
} as const;

/** Where the id of a trace goes in the address of a log search. */
export const traceIdPlace = "{traceId}";

/** Says of a route that its UI is open to everybody on purpose: the rules then warn and do not refuse. */
export const publicAnnotation = "mesh-tracing/public";

/** The paths on which an ACME authority asks for proof that a host is ours. */
export const acmeChallengePath = "/.well-known/acme-challenge/";

/** Key under which istiod reads its configuration from a ConfigMap. */
export const meshConfigKey = "mesh";

/** Environment variable of istiod that names a second ConfigMap of mesh configuration. */
export const sharedMeshConfigEnv = "SHARED_MESH_CONFIG";

/** Marks every object of this project; with the stack's name it tells one's own objects from another owner's. */
export const ownerLabels = { partOf: "app.kubernetes.io/part-of", stack: "mesh-tracing/stack" } as const;

/** The value of the part-of label, and the Pulumi project's name. */
export const projectName = "mesh-tracing";

/** Languages whose SDK the OpenTelemetry Operator can add to a pod, as its annotations spell them. */
export const injectedLanguages = ["python", "nodejs", "java", "go", "dotnet"] as const;

export type InjectedLanguage = (typeof injectedLanguages)[number];

/** Annotation that tells Pulumi's Kubernetes provider under which name to apply an object's fields. */
export const fieldManagerAnnotation = "pulumi.com/patchFieldManager";

/** Prefix of the annotations by which a pod asks the OpenTelemetry Operator for an SDK. */
export const instrumentationPrefix = "instrumentation.opentelemetry.io/";

/** Prefix of the annotations that add resource attributes to the spans of an injected SDK. */
export const resourcePrefix = "resource.opentelemetry.io/";

/** Annotation of pods that changes with what their SDK is told, so that a changed value rolls them. */
export const environmentHashAnnotation = "mesh-tracing/otel-environment-hash";
