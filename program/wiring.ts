/**
 * From one stack's configuration to each component's arguments. Pure: no resource is made here.
 */
import { type AutoInstrumentationArgs } from "../components/autoInstrumentation";
import { type CertManagerArgs } from "../components/certManager";
import { type IstioArgs } from "../components/istio";
import { type ExternalServicesArgs } from "../components/externalServices";
import { type JaegerArgs } from "../components/jaeger";
import { type JaegerScalingArgs } from "../components/jaegerScaling";
import { type JaegerEndpoints, jaegerEndpoints, type JaegerServicesArgs } from "../components/jaegerServices";
import { type JaegerVolumeArgs } from "../components/jaegerVolume";
import { type KialiArgs } from "../components/kiali";
import { tracingMeshConfig } from "../components/meshConfig";
import { type MeshTracingArgs } from "../components/meshTracing";
import { type NamespacesArgs } from "../components/namespaces";
import { type OtelEnvironmentArgs } from "../components/otelEnvironment";
import { type OtelOperatorArgs } from "../components/otelOperator";
import { type TracingNetworkPoliciesArgs } from "../components/tracingNetworkPolicies";
import { type UiFromOutsideArgs } from "../components/uiFromOutside";
import { aiPaths } from "../components/uiRoutes";
import { type StackConfig } from "../config/stack";
import { kialiPodLabels, objectNames, ports } from "../mesh/constants";
import { uiGatewayOf } from "../config/ui";

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
  /** Only where the stack installs the OpenTelemetry Operator. */
  otelOperator: OtelOperatorArgs | undefined;
  /** Only where SDKs are injected. */
  autoInstrumentation: AutoInstrumentationArgs | undefined;
  /** Only where the stack installs Kiali. */
  kiali: KialiArgs | undefined;
  /** Only where the stack installs cert-manager. */
  certManager: CertManagerArgs | undefined;
  /** Only where the stack leads people to the UIs. */
  ui: UiFromOutsideArgs | undefined;
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
  const autoInstrumentation = autoInstrumentationArgs(config, endpoints);
  const { memoryLimit, maxTraces, cpuRequest, cpuLimit, logSearch, values, namespace, release, chart } =
    jaeger;
  const { storage, autoscaling } = jaeger;
  const replicas = autoscaling === undefined ? jaeger.replicas : "autoscaled";
  return {
    namespaces: { stack, namespaces: createdNamespaces(config) },
    jaeger: {
      ...{
        stack,
        namespace,
        release,
        chart,
        memoryLimit,
        maxTraces,
        cpuRequest,
        cpuLimit,
        logSearch,
        values,
      },
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
      uiGateway: config.ui && uiGatewayOf(config),
      kialiNamespace: config.kiali?.namespace,
      ...(config.kiali?.install === undefined ? {} : { kialiPodLabels }),
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
      instrumentation: autoInstrumentation,
    },
    otelOperator: otelOperatorArgs(config),
    autoInstrumentation,
    kiali: kialiArgs(config, endpoints),
    certManager: config.certManager?.install,
    ui: uiArgs(config),
  };
}

function kialiArgs(config: StackConfig, endpoints: JaegerEndpoints): KialiArgs | undefined {
  const { stack, kiali, prometheus, jaeger, istio, egress } = config;
  // The check between the sections has seen to it that an installed Kiali has its Prometheus.
  if (kiali?.install === undefined || prometheus?.url === undefined) return undefined;
  const { install } = kiali;
  return {
    stack,
    namespace: kiali.namespace,
    chart: install.chart,
    auth: install.auth,
    host: kiali.host,
    tracingUrl: endpoints.queryGrpc,
    tracingUiUrl: jaeger.host === undefined ? undefined : `https://${jaeger.host}`,
    prometheusUrl: prometheus.url,
    policies: {
      rootNamespace: istio.rootNamespace,
      jaegerNamespace: jaeger.namespace,
      dns: egress.dns,
      outsideExcept: egress.outsideExcept,
      prometheus,
      apiServer: install.apiServer,
      issuerUri: install.auth.openid?.issuerUri,
      gatewayNamespaces: kiali.host === undefined ? [] : config.gateways.map(({ namespace }) => namespace),
      uiGateway: config.ui && uiGatewayOf(config),
      extraEgress: install.extraEgress,
    },
    values: install.values,
  };
}

function autoInstrumentationArgs(
  { stack, otel, tracing, propagators, namespaces }: StackConfig,
  { otlpHttp }: JaegerEndpoints,
): AutoInstrumentationArgs | undefined {
  if (otel.instrumentation === undefined) return undefined;
  const { name, images, spec } = otel.instrumentation;
  const { excludedUrls, batch, resourceAttributes, extra } = otel;
  const settings = {
    sampling: tracing.sampling,
    propagators,
    excludedUrls,
    batch,
    resourceAttributes,
    extra,
  };
  return { ...settings, stack, name, images, spec, endpoint: otlpHttp, namespaces: Object.keys(namespaces) };
}

function otelOperatorArgs({
  stack,
  otel,
  otelOperator,
  namespaces,
  cluster,
}: StackConfig): OtelOperatorArgs | undefined {
  return (
    otelOperator && {
      stack,
      chart: otelOperator.install.chart,
      namespace: otelOperator.install.namespace,
      injectedNamespaces: Object.keys(namespaces),
      go: otel.instrumentation?.allowPrivileged ?? false,
      clusterDomain: cluster.domain,
      values: otelOperator.install.values,
    }
  );
}

/** The UIs that have a host, if the stack leads people to them. */
function uiArgs(config: StackConfig): UiFromOutsideArgs | undefined {
  const { stack, ui, jaeger, kiali, cluster } = config;
  const gateway = uiGatewayOf(config);
  if (ui === undefined || gateway === undefined) return undefined;
  const hostOf = (service: string, namespace: string) => `${service}.${namespace}.svc.${cluster.domain}`;
  const uis: UiFromOutsideArgs["uis"] = {
    ...(jaeger.host === undefined
      ? {}
      : {
          jaeger: {
            host: jaeger.host,
            service: hostOf(objectNames.queryService, jaeger.namespace),
            port: ports.queryHttp,
            notRouted: aiPaths,
          },
        }),
    ...(kiali?.host === undefined
      ? {}
      : {
          kiali: {
            host: kiali.host,
            service: hostOf(objectNames.kiali, kiali.namespace),
            port: ports.kiali,
          },
        }),
  };
  return { stack, gateway, certificate: ui.certificate, access: ui.access, uis };
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
function createdNamespaces({
  istio,
  jaeger,
  kiali,
  otelOperator,
  namespaces,
  certManager,
}: StackConfig): NamespacesArgs["namespaces"] {
  const injection: Record<string, string> =
    istio.revision === undefined ? { "istio-injection": "enabled" } : { "istio.io/rev": istio.revision };
  const gateway = istio.install?.gateway;
  const restricted = { "pod-security.kubernetes.io/enforce": "restricted" };
  const operator = otelOperator?.install;
  const created: NamespacesArgs["namespaces"] = {
    ...(operator?.createNamespace ? { [operator.namespace]: restricted } : {}),
    ...(jaeger.createNamespace ? { [jaeger.namespace]: restricted } : {}),
    ...(kiali?.install?.createNamespace ? { [kiali.namespace]: restricted } : {}),
    ...(certManager?.install.createNamespace ? { [certManager.install.namespace]: {} } : {}),
    ...(gateway?.createNamespace ? { [gateway.namespace]: injection } : {}),
    // After Jaeger's: it may share the root namespace, whose other pods need more than `restricted` allows.
    ...(istio.createNamespace ? { [istio.rootNamespace]: {} } : {}),
  };
  const traced = Object.entries(namespaces).filter(([, { create }]) => create);
  return { ...created, ...Object.fromEntries(traced.map(([name]) => [name, injection])) };
}

/** Where people open Kiali: at its host, or by port-forward where this stack installs it; else nobody knows. */
function addressOfKiali({ kiali }: StackConfig): string | undefined {
  if (kiali?.host !== undefined) return `https://${kiali.host}`;
  if (kiali?.install === undefined) return undefined;
  return `kubectl -n ${kiali.namespace} port-forward service/${objectNames.kiali} ${ports.kiali}`;
}

/** What a stack hands out. */
export function outputsOf(config: StackConfig) {
  const { jaegerServices, mesh } = wire(config);
  const { zipkin, otlpGrpc, otlpHttp, query } = jaegerEndpoints(jaegerServices);
  const kialiAddress = addressOfKiali(config);
  return {
    /** Addresses inside the cluster. */
    endpoints: { zipkin, otlpGrpc, otlpHttp, query },
    /** Where people open the UI; without a configured host, by port-forward. */
    uiAddress:
      config.jaeger.host === undefined
        ? `kubectl -n ${config.jaeger.namespace} port-forward service/jaeger-query-clusterip 16686`
        : `https://${config.jaeger.host}`,
    ...(kialiAddress === undefined ? {} : { kialiAddress }),
    tracedNamespaces: Object.keys(config.namespaces).sort(),
    /** For whoever owns istiod: Helm values of the istiod chart. */
    meshValues: { meshConfig: tracingMeshConfig(mesh) },
  };
}
