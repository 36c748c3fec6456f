/** Labels and annotations that tell objects apart. */

/**
 * Label that Kubernetes puts on every namespace; the only namespace label that is always there.
 * @see https://kubernetes.io/docs/reference/labels-annotations-taints/#kubernetes-io-metadata-name
 */
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

/** Marks every object of this project; with the stack's name it tells one's own objects from another owner's. */
export const ownerLabels = { partOf: "app.kubernetes.io/part-of", stack: "mesh-tracing/stack" } as const;

/** Says of a route that its UI is open to everybody on purpose: the rules then warn and do not refuse. */
export const publicAnnotation = "mesh-tracing/public";

/** Annotation that tells Pulumi's Kubernetes provider under which name to apply an object's fields. */
export const fieldManagerAnnotation = "pulumi.com/patchFieldManager";

/**
 * Label of a Service, a ServiceEntry or a namespace that names the waypoint its traffic goes through; `none` for none.
 * @see https://istio.io/latest/docs/reference/config/labels/#IoIstioUseWaypoint
 */
export const useWaypointLabel = "istio.io/use-waypoint";
