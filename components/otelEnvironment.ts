import * as pulumi from "@pulumi/pulumi";
import { DeploymentPatch } from "@pulumi/kubernetes/apps/v1/deploymentPatch";
import { ConfigMap } from "@pulumi/kubernetes/core/v1/configMap";
import { type StackConfig } from "../config/stack";
import { environmentHashAnnotation } from "../mesh/instrumentation";
import { byKey } from "../mesh/stableOrder";
import { appliedPatchOptions, type LiveDeployments } from "./appliedPatch";
import {
  argsFrom as instrumentationFrom,
  type AutoInstrumentationArgs,
  injectionPatch,
  type TracedDeployment,
} from "./autoInstrumentation";
import { argsFrom as servicesArgsFrom, jaegerEndpoints } from "./jaegerServices";
import { configHash, objectMeta, patchMeta } from "./metadata";
import { type OtelSettings, type OtlpTarget, otelVariables } from "./otelVariables";

export interface OtelEnvironmentArgs extends OtelSettings, OtlpTarget {
  /** The stack's name, for the owner labels. */
  stack: string;
  /** Name of the ConfigMap in each namespace. A change replaces it and restarts the listed Deployments. */
  configMap: string;
  /** Traced namespaces with the Deployments to patch. A Deployment that is not listed is not touched. */
  namespaces: Readonly<Record<string, { deployments: Readonly<Record<string, TracedDeployment>> }>>;
  /** What the operator injects; needed where a Deployment has a language to instrument. */
  instrumentation?: AutoInstrumentationArgs;
  /** The cluster's Deployments, by which a patch that is applied already is known. @default none is known */
  deployments?: LiveDeployments;
}

export function argsFrom(config: StackConfig): OtelEnvironmentArgs {
  const { stack, otel, tracing, propagators, namespaces } = config;
  const { otlpGrpc, otlpHttp } = jaegerEndpoints(servicesArgsFrom(config));
  return {
    ...otel,
    stack,
    sampling: tracing.sampling,
    propagators,
    endpoint: otel.protocol === "grpc" ? otlpGrpc : otlpHttp,
    namespaces,
    instrumentation: instrumentationFrom(config),
  };
}

/** For each namespace its ConfigMap, and under `namespace/deployment` what is applied to each listed Deployment. */
export function manifests(args: OtelEnvironmentArgs) {
  const data = otelVariables(args);
  const made: Record<string, ReturnType<typeof otelConfigMap> | ReturnType<typeof deploymentPatch>> = {};
  for (const [namespace, { deployments }] of Object.entries(byKey(args.namespaces))) {
    made[namespace] = otelConfigMap(args, namespace, data);
    for (const [name, settings] of Object.entries(byKey(deployments))) {
      // A dash would not tell Deployment b-c of namespace a from Deployment c of namespace a-b.
      made[`${namespace}/${name}`] = deploymentPatch(args, namespace, name, settings, data);
    }
  }
  return made;
}

function otelConfigMap(args: OtelEnvironmentArgs, namespace: string, data: Record<string, string>) {
  return {
    apiVersion: "v1" as const,
    kind: "ConfigMap" as const,
    metadata: objectMeta(args.stack, namespace, args.configMap),
    data,
  };
}

/**
 * What is applied to a listed Deployment: one entry of `env` a variable. `envFrom` would be shorter, but
 * Kubernetes owns that list as a whole, and applying it would take away the application's own entries.
 *
 * A Deployment to instrument gets annotations instead, and its variables from the Instrumentation alone: what a
 * container sets itself wins over what the operator adds.
 */
function deploymentPatch(
  args: OtelEnvironmentArgs,
  namespace: string,
  name: string,
  settings: TracedDeployment,
  variables: Record<string, string>,
) {
  const { instrument, container = name, serviceName = name } = settings;
  if (instrument !== undefined && args.instrumentation !== undefined) {
    return injectionPatch(args.instrumentation, namespace, name, { ...settings, instrument });
  }
  const env: { name: string; value?: string; valueFrom?: object }[] = [
    ...Object.keys(variables).map((key) => ({
      name: key,
      valueFrom: { configMapKeyRef: { name: args.configMap, key } },
    })),
    { name: "OTEL_SERVICE_NAME", value: serviceName },
  ];
  return {
    apiVersion: "apps/v1" as const,
    kind: "Deployment" as const,
    metadata: patchMeta(args.stack, namespace, name),
    spec: {
      template: {
        // Pods read a ConfigMap's variables when they start: a changed value must roll them.
        metadata: { annotations: { [environmentHashAnnotation]: configHash(variables) } },
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
 *
 * @example <caption>A Deployment without an SDK, after the operator and an {@link AutoInstrumentation}</caption>
 * new OtelEnvironment("otel-environment", { …, instrumentation,
 *   namespaces: { shop: { deployments: { cart: { instrument: "python" } } } } }, { dependsOn: injected });
 */
export class OtelEnvironment extends pulumi.ComponentResource {
  static readonly type = "mesh-tracing:otel:OtelEnvironment";

  constructor(name: string, args: OtelEnvironmentArgs, opts?: pulumi.ComponentResourceOptions) {
    super(OtelEnvironment.type, name, {}, opts);
    const configMaps: Record<string, pulumi.Resource> = {};
    for (const [suffix, manifest] of Object.entries(manifests(args))) {
      const { namespace } = manifest.metadata;
      if (manifest.kind === "ConfigMap") {
        configMaps[namespace] = new ConfigMap(`${name}-${suffix}`, manifest, { parent: this });
      } else {
        new DeploymentPatch(`${name}-${suffix}`, manifest, {
          parent: this,
          dependsOn: configMaps[namespace],
          aliases: [{ name: `${name}-${suffix.replace("/", "-")}` }],
          ...appliedPatchOptions(manifest, args.deployments),
        });
      }
    }
    this.registerOutputs({});
  }
}
