/**
 * A Helm chart that is not templated, as an object: `metadata` has the release's name and namespace, `spec` has
 * `chart`, `version` and `values`.
 */
export const helmChartKind = { apiVersion: "mesh-tracing/v1", kind: "HelmChart" } as const;

/** Annotation by which Helm knows the objects of a release. */
export const helmReleaseAnnotation = "meta.helm.sh/release-name";

/** Annotation that says in which namespace that release is. */
export const helmNamespaceAnnotation = "meta.helm.sh/release-namespace";
