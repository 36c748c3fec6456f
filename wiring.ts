/**
 * From one stack's configuration to each component's arguments. Pure: no resource is made here.
 */
import { type IstioArgs } from "./components/istio";
import { type ExternalServicesArgs } from "./components/externalServices";
import { type JaegerArgs } from "./components/jaeger";
import { type JaegerScalingArgs } from "./components/jaegerScaling";
import { type JaegerEndpoints, jaegerEndpoints, type JaegerServicesArgs } from "./components/jaegerServices";
import { type JaegerVolumeArgs } from "./components/jaegerVolume";
import { tracingMeshConfig } from "./components/meshConfig";
import { type MeshTracingArgs } from "./components/meshTracing";
import { type NamespacesArgs } from "./components/namespaces";
import { type OtelEnvironmentArgs } from "./components/otelEnvironment";
import { type TracingNetworkPoliciesArgs } from "./components/tracingNetworkPolicies";
import { type StackConfig } from "./config";

/** The arguments of every component of a stack. */
export interface Wiring {
  namespaces: NamespacesArgs;
  jaeger: JaegerArgs;
  /** Only for a store on a volume. */
  jaegerVolume: JaegerVolumeArgs | undefined;
  /** Only where Jaeger has several pods. */
  jaegerScaling: JaegerScalingArgs | undefined;
  jaegerServices: JaegerServicesArgs;
  networkPolicies: TracingNetworkPoliciesArgs;
  /** Only where the stack installs Istio. */
  istio: IstioArgs | undefined;
  mesh: MeshTracingArgs;
  externalServices: ExternalServicesArgs;
  otelEnvironment: OtelEnvironmentArgs;
}

/** The arguments that follow from a stack's configuration. */
export function wire(config: StackConfig): Wiring {
  const { stack, istio, jaeger } = config;
  const services = {
    stack,
    namespace: jaeger.namespace,
    release: jaeger.release,
    clusterDomain: config.cluster.domain,
  };
  const endpoints = jaegerEndpoints(services);
  const mesh = meshArgs(config, endpoints);
  const { memoryLimit, maxTraces, cpuRequest, cpuLimit, values, namespace, release, chart } = jaeger;
  const { storage, autoscaling } = jaeger;
  const replicas = autoscaling === undefined ? jaeger.replicas : "autoscaled";
  return {
    namespaces: { stack, namespaces: createdNamespaces(config) },
    jaeger: {
      ...{ stack, namespace, release, chart, memoryLimit, maxTraces, cpuRequest, cpuLimit, values },
      ...{ storage, replicas },
    },
    jaegerVolume:
      storage.type === "badger"
        ? { stack, namespace, release, size: storage.size, storageClass: storage.storageClass }
        : undefined,
    jaegerScaling: jaeger.replicas > 1 ? { stack, namespace, release, autoscaling } : undefined,
    jaegerServices: services,
    networkPolicies: {
      stack,
      jaegerNamespace: jaeger.namespace,
      jaegerRelease: jaeger.release,
      storage: "place" in storage ? storage.place : undefined,
      rootNamespace: istio.rootNamespace,
      namespaces: config.namespaces,
      gatewayNamespaces: config.gateways.map((gateway) => gateway.namespace),
      kialiNamespace: config.kiali?.namespace,
      prometheusNamespace: config.prometheus?.namespace,
      dns: config.egress.dns,
      outsideExcept: config.egress.outsideExcept,
    },
    istio: istio.install && {
      chart: istio.install.chart,
      rootNamespace: istio.rootNamespace,
      revision: istio.revision,
      gateway: istio.install.gateway,
      meshConfig: tracingMeshConfig(mesh),
      values: istio.install.values,
    },
    mesh,
    externalServices: { stack, namespace: istio.rootNamespace, services: config.externalServices },
    otelEnvironment: {
      ...config.otel,
      stack,
      sampling: config.tracing.sampling,
      propagators: config.propagators,
      endpoint: config.otel.protocol === "grpc" ? endpoints.otlpGrpc : endpoints.otlpHttp,
      namespaces: config.namespaces,
    },
  };
}

function meshArgs(config: StackConfig, endpoints: JaegerEndpoints): MeshTracingArgs {
  const { stack, istio, tracing, jaeger, traceContextOption } = config;
  return {
    stack,
    rootNamespace: istio.rootNamespace,
    revision: istio.revision,
    delivery: istio.delivery,
    sharedConfigMap: istio.sharedConfigMap,
    patchIstiod: istio.patchIstiod,
    collectorNamespace: jaeger.namespace,
    collectorHost: endpoints.collectorHost,
    traceContextOption,
    sampling: tracing.sampling,
    accessLog: tracing.accessLog,
  };
}

/** Namespaces the stack says to create, with the labels each needs. */
function createdNamespaces({ istio, jaeger, namespaces }: StackConfig): NamespacesArgs["namespaces"] {
  const injection: Record<string, string> =
    istio.revision === undefined ? { "istio-injection": "enabled" } : { "istio.io/rev": istio.revision };
  const gateway = istio.install?.gateway;
  const created: NamespacesArgs["namespaces"] = {
    ...(jaeger.createNamespace
      ? { [jaeger.namespace]: { "pod-security.kubernetes.io/enforce": "restricted" } }
      : {}),
    ...(gateway?.createNamespace ? { [gateway.namespace]: injection } : {}),
    // After Jaeger's: it may share the root namespace, whose other pods need more than `restricted` allows.
    ...(istio.createNamespace ? { [istio.rootNamespace]: {} } : {}),
  };
  const traced = Object.entries(namespaces).filter(([, { create }]) => create);
  return { ...created, ...Object.fromEntries(traced.map(([name]) => [name, injection])) };
}

/** What a stack hands out. */
export function outputsOf(config: StackConfig) {
  const { jaegerServices, mesh } = wire(config);
  const { zipkin, otlpGrpc, otlpHttp, query } = jaegerEndpoints(jaegerServices);
  return {
    /** Addresses inside the cluster. */
    endpoints: { zipkin, otlpGrpc, otlpHttp, query },
    /** Where people open the UI; without a configured host, by port-forward. */
    uiAddress:
      config.jaeger.host === undefined
        ? `kubectl -n ${config.jaeger.namespace} port-forward service/jaeger-query-clusterip 16686`
        : `https://${config.jaeger.host}`,
    tracedNamespaces: Object.keys(config.namespaces).sort(),
    /** For whoever owns istiod: Helm values of the istiod chart. */
    meshValues: { meshConfig: tracingMeshConfig(mesh) },
  };
}
