import { meshProviders } from "../mesh/names";
import { ports } from "../mesh/ports";
import { type TraceContextOption } from "../mesh/traceContext";

/** What the mesh configuration of tracing depends on. */
export interface MeshConfigArgs {
  /** Namespace of the collector's Service. */
  collectorNamespace: string;
  /** Fully qualified host of the collector's Service. */
  collectorHost: string;
  /** How Envoy passes traces on; `undefined` where Istio has no such option (before 1.28). */
  traceContextOption: TraceContextOption | undefined;
  /** Whether proxies write access logs. */
  accessLog: boolean;
}

/**
 * One line of the access log: flat keys, so that log stores index them without nesting. Names follow the
 * OpenTelemetry semantic conventions where those have one. TCP connections have no request: they log `null`.
 * @see https://www.envoyproxy.io/docs/envoy/latest/configuration/observability/access_log/usage
 */
const accessLogLabels = {
  start_time: "%START_TIME%",
  // Leads from a log line to the trace: https://<jaeger>/trace/<trace.id>. Istio 1.23 and later.
  "trace.id": "%TRACE_ID%",
  request_id: "%REQ(X-REQUEST-ID)%",
  // The workload whose proxy writes the line, as Jaeger names it: cart.shop.
  "service.name": "%ENVIRONMENT(ISTIO_META_WORKLOAD_NAME)%.%ENVIRONMENT(POD_NAMESPACE)%",
  "http.request.method": "%REQ(:METHOD)%",
  "url.path": "%REQ(X-ENVOY-ORIGINAL-PATH?:PATH)%",
  "server.address": "%REQ(:AUTHORITY)%",
  "network.protocol.name": "%PROTOCOL%",
  "http.response.status_code": "%RESPONSE_CODE%",
  // Why Envoy answered what it answered: UH, UF, NR, UAEX and others.
  response_flags: "%RESPONSE_FLAGS%",
  response_code_details: "%RESPONSE_CODE_DETAILS%",
  duration_ms: "%DURATION%",
  bytes_received: "%BYTES_RECEIVED%",
  bytes_sent: "%BYTES_SENT%",
  upstream_cluster: "%UPSTREAM_CLUSTER%",
  upstream_host: "%UPSTREAM_HOST%",
  upstream_transport_failure_reason: "%UPSTREAM_TRANSPORT_FAILURE_REASON%",
  "user_agent.original": "%REQ(USER-AGENT)%",
} as const;

/**
 * The part of MeshConfig that tracing needs. `extensionProviders` merge by name when a shared mesh config is
 * used; in Helm values the list is replaced as a whole.
 * @see https://istio.io/latest/docs/reference/config/istio.mesh.v1alpha1/#MeshConfig-ExtensionProvider
 */
export function tracingMeshConfig(args: MeshConfigArgs) {
  const tracing = {
    name: meshProviders.tracing,
    zipkin: {
      // With its namespace: a bare host that is found in two namespaces disables the provider.
      service: `${args.collectorNamespace}/${args.collectorHost}`,
      port: ports.zipkin,
      ...(args.traceContextOption === undefined ? {} : { traceContextOption: args.traceContextOption }),
    },
  };
  const accessLog = {
    name: meshProviders.accessLog,
    envoyFileAccessLog: { path: "/dev/stdout", logFormat: { labels: { ...accessLogLabels } } },
  };
  return { extensionProviders: args.accessLog ? [tracing, accessLog] : [tracing] };
}

/**
 * The one mesh-wide Telemetry. Istio uses the oldest selector-less Telemetry of the root namespace and
 * ignores every other one whole, so sampling and access logging are in the same object.
 * @param sampling percentage of requests to trace, 0 to 100
 * @see https://istio.io/latest/docs/reference/config/telemetry/
 */
export function telemetrySpec(sampling: number, accessLog: boolean) {
  return {
    ...(accessLog ? { accessLogging: [{ providers: [{ name: meshProviders.accessLog }] }] } : {}),
    tracing: [{ providers: [{ name: meshProviders.tracing }], randomSamplingPercentage: sampling }],
  };
}
