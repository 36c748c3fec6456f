/**
 * How a pod asks the OpenTelemetry Operator for an SDK.
 * @see https://opentelemetry.io/docs/platforms/kubernetes/operator/automatic/
 */

/** Languages whose SDK the OpenTelemetry Operator can add to a pod, as its annotations spell them. */
export const injectedLanguages = ["python", "nodejs", "java", "go", "dotnet"] as const;

export type InjectedLanguage = (typeof injectedLanguages)[number];

/** Prefix of the annotations by which a pod asks the OpenTelemetry Operator for an SDK. */
export const instrumentationPrefix = "instrumentation.opentelemetry.io/";

/** Prefix of the annotations that add resource attributes to the spans of an injected SDK. */
export const resourcePrefix = "resource.opentelemetry.io/";

/** Annotation of pods that changes with what their SDK is told, so that a changed value rolls them. */
export const environmentHashAnnotation = "mesh-tracing/otel-environment-hash";

/** Annotation of a pod or a namespace by which the operator puts a collector beside the application. */
export const collectorInjection = "sidecar.opentelemetry.io/inject";
