import * as pulumi from "@pulumi/pulumi";
import { Service } from "@pulumi/kubernetes/core/v1/service";
import { serviceHost } from "../mesh/dns";
import { jaegerPodLabels } from "../mesh/jaegerChart";
import { type StackConfig } from "../config/stack";
import { objectNames } from "../mesh/names";
import { ports } from "../mesh/ports";
import { zipkinPath } from "../mesh/urls";
import { objectMeta } from "./metadata";

export interface JaegerServicesArgs {
  /** The stack's name, for the owner labels. */
  stack: string;
  /** Namespace of Jaeger's pods. A change replaces the Services. */
  namespace: string;
  /** Helm release of Jaeger, which its pods carry as a label. */
  release: string;
  /** DNS domain of the cluster, `cluster.local`. */
  clusterDomain: string;
}

/** Addresses of Jaeger inside the cluster. */
export interface JaegerEndpoints {
  /** Fully qualified host of the collector's Service. */
  collectorHost: string;
  /** Where Envoy posts Zipkin v2 spans, `http://…:9411/api/v2/spans`. */
  zipkin: string;
  /** OTLP over gRPC, `http://…:4317`: the value of OTEL_EXPORTER_OTLP_ENDPOINT. */
  otlpGrpc: string;
  /** OTLP over HTTP, `http://…:4318`: SDKs append `/v1/traces`. */
  otlpHttp: string;
  /** UI and API, `http://…:16686`. */
  query: string;
  /** The same by gRPC, `http://…:16685`, as Kiali spells it. */
  queryGrpc: string;
}

export function argsFrom({ stack, jaeger, cluster }: StackConfig): JaegerServicesArgs {
  return { ...jaeger, stack, clusterDomain: cluster.domain };
}

/** The addresses that follow from namespace and cluster domain. */
export function jaegerEndpoints({
  namespace,
  clusterDomain,
}: Pick<JaegerServicesArgs, "namespace" | "clusterDomain">): JaegerEndpoints {
  const host = (service: string): string => serviceHost(service, namespace, clusterDomain);
  const collectorHost = host(objectNames.collectorService);
  return {
    collectorHost,
    zipkin: `http://${collectorHost}:${ports.zipkin}${zipkinPath}`,
    otlpGrpc: `http://${collectorHost}:${ports.otlpGrpc}`,
    otlpHttp: `http://${collectorHost}:${ports.otlpHttp}`,
    query: `http://${host(objectNames.queryService)}:${ports.queryHttp}`,
    queryGrpc: `http://${host(objectNames.queryService)}:${ports.queryGrpc}`,
  };
}

/** `appProtocol` wins over the port's name when Istio chooses how to speak to it; both say the same here. */
const tcp = (name: string, port: number, appProtocol: "http" | "grpc") => ({
  name,
  port,
  targetPort: port,
  protocol: "TCP",
  appProtocol,
});

function clusterIp(args: JaegerServicesArgs, name: string, servicePorts: ReturnType<typeof tcp>[]) {
  return {
    apiVersion: "v1" as const,
    kind: "Service" as const,
    metadata: objectMeta(args.stack, args.namespace, name),
    // ClusterIP and never headless: Istio answers 503 for a VirtualService that routes to a headless Service,
    // and sidecars find no host for their spans there.
    spec: { type: "ClusterIP", selector: jaegerPodLabels(args.release), ports: servicePorts },
  };
}

/** Both Services: the one that spans are sent to, and the one that people and Kiali read from. */
export function manifests(args: JaegerServicesArgs) {
  return {
    collector: clusterIp(args, objectNames.collectorService, [
      tcp("http-zipkin", ports.zipkin, "http"),
      tcp("grpc-otlp", ports.otlpGrpc, "grpc"),
      tcp("http-otlp", ports.otlpHttp, "http"),
    ]),
    query: clusterIp(args, objectNames.queryService, [
      tcp("http-query", ports.queryHttp, "http"),
      tcp("grpc-query", ports.queryGrpc, "grpc"),
    ]),
  };
}

/**
 * The two stable ClusterIP Services in front of Jaeger's pods, apart from the chart's own: their names and
 * ports stay when the chart changes its mind, and the query Service can be routed without opening the collector.
 *
 * @example
 * const services = new JaegerServices("jaeger-services", {
 *   stack: "dev", namespace: "istio-system", release: "jaeger", clusterDomain: "cluster.local" });
 * services.endpoints.zipkin; // http://jaeger-collector-clusterip.istio-system.svc.cluster.local:9411/api/v2/spans
 */
export class JaegerServices extends pulumi.ComponentResource {
  static readonly type = "mesh-tracing:jaeger:JaegerServices";

  /** Where to send spans and where to read them. */
  readonly endpoints: JaegerEndpoints;

  constructor(name: string, args: JaegerServicesArgs, opts?: pulumi.ComponentResourceOptions) {
    super(JaegerServices.type, name, {}, opts);
    for (const [end, service] of Object.entries(manifests(args))) {
      new Service(`${name}-${end}`, service, { parent: this });
    }
    this.endpoints = jaegerEndpoints(args);
    this.registerOutputs({ endpoints: this.endpoints });
  }
}
