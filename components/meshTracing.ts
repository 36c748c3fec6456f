import * as pulumi from "@pulumi/pulumi";
import { CustomResource } from "@pulumi/kubernetes/apiextensions/customResource";
import { DeploymentPatch } from "@pulumi/kubernetes/apps/v1/deploymentPatch";
import { ConfigMap } from "@pulumi/kubernetes/core/v1/configMap";
import { stringify } from "yaml";
import { meshConfigKey, objectNames, sharedMeshConfigEnv } from "../mesh/constants";
import { appliedPatchOptions, type LiveDeployments } from "./appliedPatch";
import { type MeshConfigArgs, telemetrySpec, tracingMeshConfig } from "./meshConfig";
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

/** Name of istiod's Deployment. */
export function istiodName(revision: string | undefined): string {
  return revision === undefined || revision === "default" ? "istiod" : `istiod-${revision}`;
}

/** Manifest of the ConfigMap that istiod reads live, merged over its defaults and under its own `istio` ConfigMap. */
export function sharedMeshConfig(args: MeshTracingArgs) {
  return {
    metadata: objectMeta(args.stack, args.rootNamespace, args.sharedConfigMap),
    data: { [meshConfigKey]: stringify(tracingMeshConfig(args), { lineWidth: 0 }) },
  };
}

/** The only field of istiod that is touched: one environment variable, applied under a field manager of its own. */
export function istiodPatch(args: MeshTracingArgs) {
  const env = [{ name: sharedMeshConfigEnv, value: args.sharedConfigMap }];
  return {
    metadata: patchMeta(args.stack, args.rootNamespace, istiodName(args.revision)),
    spec: { template: { spec: { containers: [{ name: "discovery", env }] } } },
  };
}

/** Manifest of the mesh-wide Telemetry. */
export function meshTelemetry(args: MeshTracingArgs) {
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
 * @example <caption>Beside an Istio of others</caption>
 * new MeshTracing("mesh", { …, delivery: "shared", patchIstiod: true, sampling: 100 }, { dependsOn: services });
 *
 * @example <caption>Where istiod's owner does not want to be patched</caption>
 * new MeshTracing("mesh", { …, delivery: "values" }).meshConfig; // goes into istiod's Helm values
 */
export class MeshTracing extends pulumi.ComponentResource {
  /** The mesh configuration that tracing needs, as a Helm value `meshConfig` of istiod's chart. */
  readonly meshConfig: ReturnType<typeof tracingMeshConfig>;

  constructor(name: string, args: MeshTracingArgs, opts?: pulumi.ComponentResourceOptions) {
    super("mesh-tracing:mesh:MeshTracing", name, {}, opts);
    this.meshConfig = tracingMeshConfig(args);
    const provider: pulumi.Resource[] = [];
    if (args.delivery === "shared") {
      const configMap = new ConfigMap(`${name}-shared-config`, sharedMeshConfig(args), { parent: this });
      provider.push(configMap);
      if (args.patchIstiod) {
        const patch = istiodPatch(args);
        provider.push(
          new DeploymentPatch(`${name}-istiod`, patch, {
            parent: this,
            dependsOn: configMap,
            ...appliedPatchOptions(patch, args.deployments),
          }),
        );
      }
    }
    new CustomResource(`${name}-telemetry`, meshTelemetry(args), { parent: this, dependsOn: provider });
    this.registerOutputs({ meshConfig: this.meshConfig });
  }
}
