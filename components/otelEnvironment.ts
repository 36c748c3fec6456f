import * as pulumi from "@pulumi/pulumi";
import { DeploymentPatch } from "@pulumi/kubernetes/apps/v1/deploymentPatch";
import { ConfigMap } from "@pulumi/kubernetes/core/v1/configMap";
import { byKey } from "../sorting";
import { configHash, objectMeta } from "./metadata";

/** A Deployment that takes the environment over. */
export interface InstrumentedDeployment {
  /** Container that runs the application. @default the Deployment's name */
  container?: string;
  /** `service.name` of its spans. @default the Deployment's name */
  serviceName?: string;
}

/** What the SDKs of a stack are told. */
export interface OtelSettings {
  /** OTLP over gRPC or over HTTP. */
  protocol: "grpc" | "http/protobuf";
  /** Order matters: the last one that finds a trace wins. */
  propagators: readonly string[];
  /** Percentage of traces that start in an application and are kept, 0 to 100. */
  sampling: number;
  /** URL paths (regular expressions) that are not traced. */
  excludedUrls: readonly string[];
  /** Batch span processor: spans, spans, milliseconds. */
  batch: { maxQueueSize: number; maxExportBatchSize: number; scheduleDelayMillis: number };
  /** Attributes of every span, such as `deployment.environment.name`. */
  resourceAttributes: Readonly<Record<string, string>>;
  /** More variables; the value given here wins. */
  extra: Readonly<Record<string, string>>;
}

export interface OtelEnvironmentArgs extends OtelSettings {
  /** The stack's name, for the owner labels. */
  stack: string;
  /** Name of the ConfigMap in each namespace. A change replaces it and restarts the listed Deployments. */
  configMap: string;
  /** Address of the collector for `protocol`, `http://host:port`. */
  endpoint: string;
  /** Traced namespaces with the Deployments to patch. A Deployment that is not listed is not touched. */
  namespaces: Readonly<Record<string, { deployments: Readonly<Record<string, InstrumentedDeployment>> }>>;
}

/**
 * The variables of an application's OpenTelemetry SDK, all but OTEL_SERVICE_NAME, which differs by Deployment.
 * @see https://opentelemetry.io/docs/specs/otel/configuration/sdk-environment-variables/
 */
export function otelVariables(args: OtelSettings & { endpoint: string }): Record<string, string> {
  const rate = decimal(args.sampling / 100);
  const attributes = Object.entries(byKey(args.resourceAttributes)).map(
    ([key, value]) => `${key}=${encodeURIComponent(value)}`,
  );
  return byKey({
    OTEL_BSP_MAX_EXPORT_BATCH_SIZE: String(args.batch.maxExportBatchSize),
    OTEL_BSP_MAX_QUEUE_SIZE: String(args.batch.maxQueueSize),
    OTEL_BSP_SCHEDULE_DELAY: String(args.batch.scheduleDelayMillis),
    OTEL_EXPORTER_OTLP_ENDPOINT: args.endpoint,
    OTEL_EXPORTER_OTLP_PROTOCOL: args.protocol,
    // Traces only: metrics stay with Prometheus, logs with the cluster's log shipper.
    OTEL_LOGS_EXPORTER: "none",
    OTEL_METRICS_EXPORTER: "none",
    OTEL_PROPAGATORS: args.propagators.join(","),
    OTEL_TRACES_EXPORTER: "otlp",
    // Parent-based: the gateway decides, and an application never drops spans of a trace that is sampled.
    OTEL_TRACES_SAMPLER: "parentbased_traceidratio",
    OTEL_TRACES_SAMPLER_ARG: rate,
    // Read by the applications themselves, not by the SDK.
    OTEL_ENABLED: "true",
    OTEL_SAMPLING_RATE: rate,
    ...(args.excludedUrls.length > 0 ? { OTEL_PYTHON_EXCLUDED_URLS: args.excludedUrls.join(",") } : {}),
    ...(attributes.length > 0 ? { OTEL_RESOURCE_ATTRIBUTES: attributes.join(",") } : {}),
    ...args.extra,
  });
}

/** A rate as SDKs write it: 1.0, 0.01. */
function decimal(rate: number): string {
  const text = String(Number(rate.toPrecision(12)));
  return text.includes(".") || text.includes("e") ? text : `${text}.0`;
}

/** Manifest of a namespace's ConfigMap. */
export function otelConfigMap(args: OtelEnvironmentArgs, namespace: string) {
  return { metadata: objectMeta(args.stack, namespace, args.configMap), data: otelVariables(args) };
}

/**
 * What is applied to a listed Deployment: one entry of `env` a variable. `envFrom` would be shorter, but
 * Kubernetes owns that list as a whole, and applying it would take away the application's own entries.
 */
export function deploymentPatch(
  args: OtelEnvironmentArgs,
  namespace: string,
  name: string,
  { container = name, serviceName = name }: InstrumentedDeployment,
) {
  const variables = otelVariables(args);
  const env = [
    ...Object.keys(variables).map((key) => ({
      name: key,
      valueFrom: { configMapKeyRef: { name: args.configMap, key } },
    })),
    { name: "OTEL_SERVICE_NAME", value: serviceName },
  ];
  return {
    metadata: { name, namespace },
    spec: {
      template: {
        // Pods read a ConfigMap's variables when they start: a changed value must roll them.
        metadata: { annotations: { "mesh-tracing/otel-environment-hash": configHash(variables) } },
        spec: { containers: [{ name: container, env }] },
      },
    },
  };
}

/**
 * The contract between platform and applications: a ConfigMap of OTEL_* variables in every traced namespace,
 * and a patch of the listed Deployments that makes their container read it.
 *
 * @example <caption>Only the ConfigMaps; teams refer to them with envFrom</caption>
 * new OtelEnvironment("otel-environment", { …, namespaces: { shop: { deployments: {} } } });
 *
 * @example <caption>Applied to a Deployment whose container is called app</caption>
 * new OtelEnvironment("otel-environment", { …,
 *   namespaces: { shop: { deployments: { cart: { container: "app" } } } } });
 */
export class OtelEnvironment extends pulumi.ComponentResource {
  constructor(name: string, args: OtelEnvironmentArgs, opts?: pulumi.ComponentResourceOptions) {
    super("mesh-tracing:otel:OtelEnvironment", name, {}, opts);
    for (const [namespace, { deployments }] of Object.entries(byKey(args.namespaces))) {
      const configMap = new ConfigMap(`${name}-${namespace}`, otelConfigMap(args, namespace), {
        parent: this,
      });
      for (const [deployment, settings] of Object.entries(byKey(deployments))) {
        new DeploymentPatch(
          `${name}-${namespace}-${deployment}`,
          deploymentPatch(args, namespace, deployment, settings),
          { parent: this, dependsOn: configMap },
        );
      }
    }
    this.registerOutputs({});
  }
}
