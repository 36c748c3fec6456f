import * as pulumi from "@pulumi/pulumi";
import { toYaml } from "../mesh/yaml";
import { CustomResource } from "@pulumi/kubernetes/apiextensions/customResource";
import { DeploymentPatch } from "@pulumi/kubernetes/apps/v1/deploymentPatch";
import { ConfigMap } from "@pulumi/kubernetes/core/v1/configMap";
import { type StackConfig } from "../config/stack";
import { meshConfigKey, sharedMeshConfigEnv } from "../mesh/meshConfig";
import { istiodName, objectNames } from "../mesh/names";
import { appliedPatchOptions, type LiveDeployments } from "./appliedPatch";
import { type MeshConfigArgs, telemetrySpec, tracingMeshConfig } from "./meshConfig";
import { argsFrom as servicesArgsFrom, jaegerEndpoints } from "./jaegerServices";
import { objectMeta, patchMeta } from "./metadata";

export interface MeshTracingArgs extends MeshConfigArgs {
  /** The stack's name, for the owner labels. */
  stack: string;
  /** Istio's root namespace, where istiod and mesh-wide configuration live. */
  rootNamespace: string;
  /** Percentage of requests to trace, 0 to 100. A change takes effect within seconds and restarts nothing. */
  sampling: number;
  /**
   * How the providers get into the mesh config.
   * - `shared`: a ConfigMap of this stack that istiod reads beside its own
   * - `managed`: this stack installs istiod and has put them into its values
   * - `values`: whoever owns istiod takes {@link MeshTracing.meshConfig} over by hand
   */
  delivery: "shared" | "managed" | "values";
  /** Name of the shared ConfigMap. A change replaces it. */
  sharedConfigMap: string;
  /** Whether istiod's Deployment is patched to read the shared ConfigMap. */
  patchIstiod: boolean;
  /** Revision of istiod, which is part of its Deployment's name; none for the default revision. */
  revision?: string;
  /** The cluster's Deployments, by which a patch that is applied already is known. @default none is known */
  deployments?: LiveDeployments;
}

export function argsFrom(config: StackConfig): MeshTracingArgs {
  const { stack, istio, tracing, jaeger, traceContextOption } = config;
  const { collectorHost } = jaegerEndpoints(servicesArgsFrom(config));
  return {
    ...istio,
    ...tracing,
    stack,
    collectorNamespace: jaeger.namespace,
    collectorHost,
    traceContextOption,
  };
}

/**
 * The mesh-wide Telemetry and, where istiod reads a shared configuration, that and the one field of istiod that says
 * so.
 */
export function manifests(args: MeshTracingArgs) {
  const isShared = args.delivery === "shared";
  return {
    ...(isShared ? { "shared-config": sharedMeshConfig(args) } : {}),
    ...(isShared && args.patchIstiod ? { istiod: istiodPatch(args) } : {}),
    telemetry: meshTelemetry(args),
  };
}

/** The ConfigMap that istiod reads live, merged over its defaults and under its own `istio` ConfigMap. */
function sharedMeshConfig(args: MeshTracingArgs) {
  return {
    apiVersion: "v1" as const,
    kind: "ConfigMap" as const,
    metadata: objectMeta(args.stack, args.rootNamespace, args.sharedConfigMap),
    data: { [meshConfigKey]: toYaml(tracingMeshConfig(args)) },
  };
}

/** The only field of istiod that is touched: one environment variable, applied under a field manager of its own. */
function istiodPatch(args: MeshTracingArgs) {
  const env = [{ name: sharedMeshConfigEnv, value: args.sharedConfigMap }];
  return {
    apiVersion: "apps/v1" as const,
    kind: "Deployment" as const,
    metadata: patchMeta(args.stack, args.rootNamespace, istiodName(args.revision)),
    spec: { template: { spec: { containers: [{ name: "discovery", env }] } } },
  };
}

function meshTelemetry(args: MeshTracingArgs) {
  return {
    apiVersion: "telemetry.istio.io/v1",
    kind: "Telemetry",
    metadata: objectMeta(args.stack, args.rootNamespace, objectNames.telemetry),
    spec: telemetrySpec(args.sampling, args.accessLog),
  };
}

/**
 * Tells the mesh to trace: the Zipkin provider and the JSON access log in the mesh config, and one mesh-wide
 * Telemetry that uses both.
 *
 * Give it `dependsOn` of the collector's Services: a provider whose Service is missing makes Envoy reject
 * configuration. Created in the order provider, istiod's variable, Telemetry; destroyed the other way round,
 * so that no proxy ever points at a collector that is gone.
 *
 * @example <caption>Beside an existing Istio</caption>
 * new MeshTracing("mesh", { …, delivery: "shared", patchIstiod: true, sampling: 100 }, { dependsOn: services });
 *
 * @example <caption>Where istiod's owner does not want to be patched</caption>
 * new MeshTracing("mesh", { …, delivery: "values" }).meshConfig; // goes into istiod's Helm values
 */
export class MeshTracing extends pulumi.ComponentResource {
  static readonly type = "mesh-tracing:mesh:MeshTracing";

  /** The mesh configuration that tracing needs, as a Helm value `meshConfig` of istiod's chart. */
  readonly meshConfig: ReturnType<typeof tracingMeshConfig>;

  constructor(name: string, args: MeshTracingArgs, opts?: pulumi.ComponentResourceOptions) {
    super(MeshTracing.type, name, {}, opts);
    this.meshConfig = tracingMeshConfig(args);
    const { "shared-config": sharedConfig, istiod, telemetry } = manifests(args);
    const provider: pulumi.Resource[] = [];
    if (sharedConfig !== undefined) {
      provider.push(new ConfigMap(`${name}-shared-config`, sharedConfig, { parent: this }));
    }
    if (istiod !== undefined) {
      provider.push(
        new DeploymentPatch(`${name}-istiod`, istiod, {
          parent: this,
          dependsOn: [...provider],
          ...appliedPatchOptions(istiod, args.deployments),
        }),
      );
    }
    new CustomResource(`${name}-telemetry`, telemetry, { parent: this, dependsOn: provider });
    this.registerOutputs({ meshConfig: this.meshConfig });
  }
}
