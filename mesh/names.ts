/** Names that this project gives, where several parts of it must agree on them. */

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
