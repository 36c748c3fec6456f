/** Labels and annotations that tell objects apart. */

/**
 * Labels that Kubernetes recommends to everybody.
 * @see https://kubernetes.io/docs/concepts/overview/working-with-objects/common-labels/
 */
export const appLabels = {
  name: "app.kubernetes.io/name",
  instance: "app.kubernetes.io/instance",
  component: "app.kubernetes.io/component",
  version: "app.kubernetes.io/version",
  partOf: "app.kubernetes.io/part-of",
} as const;

/**
 * Label that Kubernetes puts on every namespace; the only namespace label that is always there.
 * @see https://kubernetes.io/docs/reference/labels-annotations-taints/#kubernetes-io-metadata-name
 */
export const namespaceNameLabel = "kubernetes.io/metadata.name";

/** Label that tells whose endpoints an EndpointSlice has. */
export const serviceNameLabel = "kubernetes.io/service-name";

/** Label that the chart puts on Jaeger's pods whatever the release is called. */
export const jaegerAppLabel = { [appLabels.name]: "jaeger" } as const;

/** Label of Kiali's pods, whoever installs it: Kiali's chart, its operator, Istio's samples. */
export const kialiAppLabel = { [appLabels.name]: "kiali" } as const;

/** Labels of Kiali's pods, by which its chart's Service selects them. */
export const kialiPodLabels = { [appLabels.instance]: "kiali", [appLabels.name]: "kiali" } as const;

/** Labels by which Istio's charts mark istiod's pods, of every revision. */
export const istiodLabels = { app: "istiod" } as const;

/**
 * Who gets a proxy: labels of a pod (`inject`) and of a namespace (`injection`), and both (`revision`, `dataplane`).
 * @see https://istio.io/latest/docs/reference/config/labels/
 */
export const meshLabels = {
  inject: "sidecar.istio.io/inject",
  injection: "istio-injection",
  revision: "istio.io/rev",
  /** Of a webhook, for which other name of a revision it is. */
  tag: "istio.io/tag",
  dataplane: "istio.io/dataplane-mode",
  /** Names the waypoint that the traffic of a Service, a ServiceEntry or a namespace goes through; `none` for none. */
  useWaypoint: "istio.io/use-waypoint",
} as const;

/** Labels of a pod that keeps a proxy away from it, whatever the namespace says. */
export const withoutSidecar = { [meshLabels.inject]: "false" } as const;

/** Marks every object of this project; with the stack's name it tells one's own objects from another owner's. */
export const ownerLabels = { partOf: appLabels.partOf, stack: "mesh-tracing/stack" } as const;

/** Label of pods that changes with a configuration they read only once, so that a changed one rolls them. */
export const configHashLabel = "mesh-tracing/config-hash";

/** Says of a route that its UI is open to everybody on purpose: the rules then warn and do not refuse. */
export const publicAnnotation = "mesh-tracing/public";

/** Annotation that tells Pulumi's Kubernetes provider under which name to apply an object's fields. */
export const fieldManagerAnnotation = "pulumi.com/patchFieldManager";
