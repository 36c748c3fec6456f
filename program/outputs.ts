import { argsFrom as servicesArgsFrom, jaegerEndpoints } from "../components/jaegerServices";
import { tracingMeshConfig } from "../components/meshConfig";
import { argsFrom as meshArgsFrom } from "../components/meshTracing";
import { type StackConfig } from "../config/stack";
import { objectNames } from "../mesh/names";
import { ports } from "../mesh/ports";

/** What a stack hands out. */
export function outputsOf(config: StackConfig) {
  const { jaeger, kiali, namespaces } = config;
  const { zipkin, otlpGrpc, otlpHttp, query } = jaegerEndpoints(servicesArgsFrom(config));
  // Of a Kiali without a host that others install, nobody here knows where it is.
  const kialiAddress =
    kiali?.host === undefined && kiali?.install === undefined
      ? undefined
      : addressOf(
          kiali.host,
          config.ui !== undefined,
          portForward(kiali.namespace, objectNames.kiali, ports.kiali),
        );
  return {
    /** Addresses inside the cluster. */
    endpoints: { zipkin, otlpGrpc, otlpHttp, query },
    /** Where people open the UI. */
    uiAddress: addressOf(
      jaeger.host,
      config.ui !== undefined,
      portForward(jaeger.namespace, objectNames.queryService, ports.queryHttp),
    ),
    ...(kialiAddress === undefined ? {} : { kialiAddress }),
    tracedNamespaces: Object.keys(namespaces).sort(),
    /** For whoever owns istiod: Helm values of the istiod chart. */
    meshValues: { meshConfig: tracingMeshConfig(meshArgsFrom(config)) },
  };
}

/** @param isRouted whether this stack makes the route; the host alone makes none */
function addressOf(host: string | undefined, isRouted: boolean, otherwise: string): string {
  if (host === undefined) return otherwise;
  return isRouted ? `https://${host}` : `https://${host} (routed by others; if it is not: ${otherwise})`;
}

function portForward(namespace: string, service: string, port: number): string {
  return `kubectl -n ${namespace} port-forward service/${service} ${port}`;
}
