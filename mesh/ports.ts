/** TCP ports, as pods listen on them; the Services of the trace path use the same numbers. */
export const ports = {
  /**
   * Spans of every Envoy (gateways and sidecars): Zipkin v2 JSON.
   * @see https://www.jaegertracing.io/docs/latest/architecture/apis/
   */
  zipkin: 9411,
  /** Spans of application SDKs: OTLP over gRPC. @see https://opentelemetry.io/docs/specs/otlp/ */
  otlpGrpc: 4317,
  /** Spans of application SDKs: OTLP over HTTP. */
  otlpHttp: 4318,
  /** Jaeger UI and HTTP API. */
  queryHttp: 16686,
  /** Jaeger gRPC API, which Kiali uses. */
  queryGrpc: 16685,
  /** Jaeger 1: spans of its old clients, Thrift over HTTP. @see https://www.jaegertracing.io/docs/1.62/deployment/ */
  jaegerThrift: 14268,
  /** Jaeger 1: spans of its agents, a gRPC of its own. */
  jaegerModel: 14250,
  /** Jaeger's own metrics in Prometheus format. */
  metrics: 8888,
  /** What the kubelet asks whether Jaeger is well. */
  jaegerHealth: 13133,
  /** Metrics of Jaeger 1, and of its collector alone. */
  jaeger1Admin: 14269,
  /** Tempo's API and metrics. */
  tempo: 3200,
  /** Elasticsearch and OpenSearch. */
  searchStore: 9200,
  cassandra: 9042,
  /**
   * istiod's version and metrics over HTTP, which Kiali asks for.
   * @see https://istio.io/latest/docs/ops/deployment/application-requirements/#ports-used-by-istio
   */
  istiodMonitoring: 15014,
  /** istiod: discovery (xDS) and certificates over TLS. A sidecar that cannot reach it never becomes ready. */
  istiod: 15012,
  /**
   * The tunnel between pods in ambient mode (HBONE): all that policies see of what goes through it.
   * @see https://istio.io/latest/docs/ambient/usage/networkpolicy/
   */
  hbone: 15008,
  /** Kiali's UI and API. @see https://github.com/kiali/helm-charts/blob/master/kiali-server/values.yaml */
  kiali: 20001,
  /** Kiali's own metrics in Prometheus format. */
  kialiMetrics: 9090,
  prometheus: 9090,
  /** By UDP, and by TCP for answers that do not fit into a datagram. */
  dns: 53,
  /** DNS pods of OpenShift. */
  openShiftDns: 5353,
  /** The API server's, where pods do not reach it by the port of HTTPS. */
  apiServer: 6443,
  /** HTTPS targets outside the cluster. */
  https: 443,
} as const;

/** The ports a traced pod needs open towards the collector, in ascending order. */
export const collectorPorts: readonly number[] = [ports.otlpGrpc, ports.otlpHttp, ports.zipkin];

/** Ports of collectors and stores that answer to other things than OTLP. */
export const takenByOthers: Readonly<Record<number, string>> = {
  [ports.zipkin]: "Zipkin",
  [ports.jaegerThrift]: "Jaeger's Thrift over HTTP",
  [ports.jaegerModel]: "spans of Jaeger's agents",
  [ports.queryHttp]: "questions to Jaeger's UI and API",
  [ports.queryGrpc]: "questions to Jaeger's gRPC API",
};
