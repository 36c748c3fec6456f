/** Names that several parts of this project must agree on: those it gives, and those that Istio's charts give. */

/** The value of the part-of label, and the Pulumi project's name. */
export const projectName = "mesh-tracing";

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

/** Istio's root namespace where nothing says otherwise. */
export const defaultRootNamespace = "istio-system";

/** The Service in istiod's namespace that old versions of Istio trace to by default. */
export const defaultTracerService = "zipkin";

/** Name of istiod's Deployment. */
export function istiodName(revision: string | undefined): string {
  return revision === undefined || revision === "default" ? "istiod" : `istiod-${revision}`;
}

/** Names of the containers of istiod, and of what it adds to pods. */
export const istioContainers = { istiod: "discovery", proxy: "istio-proxy" } as const;

/** Where Kiali reads traces from if nobody tells it. @see https://github.com/kiali/kiali/blob/master/config/config.go */
export const kialiDefaultTracing = { service: "tracing", path: "/jaeger" } as const;

/**
 * Namespaces that the injector never touches.
 * @see https://github.com/istio/istio/blob/master/pkg/kube/inject/inject.go
 */
export const neverInjected: readonly string[] = [
  "kube-system",
  "kube-public",
  "kube-node-lease",
  "local-path-storage",
];

/** Charts that a mesh of Istio's is installed by. */
export const istioCharts: readonly string[] = ["istiod", "gateway", "ztunnel"];
