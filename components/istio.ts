import * as pulumi from "@pulumi/pulumi";
import { Chart } from "@pulumi/kubernetes/helm/v4/chart";
import { type ChartSource, type StackConfig } from "../config/stack";
import { chartArgs, chartInputs, chartRelease, mergeValues } from "./chart";
import { ownerLabels } from "../mesh/labels";
import { istiodName } from "../mesh/names";
import { argsFrom as meshArgsFrom } from "./meshTracing";
import { tracingMeshConfig } from "./meshConfig";

export interface IstioArgs {
  /** The stack's name, for the owner label. */
  stack: string;
  /** Where the charts `base`, `istiod` and `gateway` come from. */
  chart: ChartSource;
  /** Istio's root namespace. A change replaces everything. */
  rootNamespace: string;
  /** Revision of istiod; none for the default revision. A change replaces istiod. */
  revision?: string;
  /** The ingress gateway to install, if any. */
  gateway?: { name: string; namespace: string };
  /** What tracing needs of the mesh config. */
  meshConfig: ReturnType<typeof tracingMeshConfig>;
  /** Chart values merged over the ones made here, by chart; the value given here wins. */
  values: Readonly<Record<"base" | "istiod" | "gateway", Readonly<Record<string, unknown>>>>;
}

/** Nothing where the stack does not install it. */
export function argsFrom(config: StackConfig): IstioArgs | undefined {
  const { install, ...istio } = config.istio;
  return (
    install && {
      ...istio,
      ...install,
      stack: config.stack,
      meshConfig: tracingMeshConfig(meshArgsFrom(config)),
    }
  );
}

export function istioValues(args: IstioArgs) {
  const revision = args.revision === undefined ? {} : { revision: args.revision };
  const labels = { [ownerLabels.stack]: args.stack };
  return {
    base: mergeValues(
      {
        defaultRevision: args.revision ?? "default",
        global: { istioNamespace: args.rootNamespace },
      },
      args.values.base,
    ),
    istiod: mergeValues(
      {
        ...revision,
        // Of istiod's objects only this one can be labelled.
        deploymentLabels: labels,
        global: { istioNamespace: args.rootNamespace },
        meshConfig: args.meshConfig,
      },
      args.values.istiod,
    ),
    gateway: mergeValues({ ...revision, labels }, args.values.gateway),
  };
}

/** A release of each chart, in the order in which they need one another. */
export function manifests(args: IstioArgs) {
  const values = istioValues(args);
  const { gateway, rootNamespace } = args;
  const release = (
    chart: keyof typeof values,
    name: string,
    namespace: string,
    kinds: readonly (readonly [apiVersion: string, kind: string])[],
    object = name,
  ) =>
    chartRelease(
      chartArgs(args.chart, chart, "within"),
      { name, namespace },
      values[chart],
      kinds.map(([apiVersion, kind]) => ({
        apiVersion,
        kind,
        metadata: { name: object, namespace, labels: { [ownerLabels.stack]: args.stack } },
      })),
    );
  return {
    base: release("base", "istio-base", rootNamespace, []),
    istiod: release(
      "istiod",
      "istiod",
      rootNamespace,
      [["apps/v1", "Deployment"]],
      istiodName(args.revision),
    ),
    ...(gateway === undefined
      ? {}
      : {
          gateway: release("gateway", gateway.name, gateway.namespace, [
            ["apps/v1", "Deployment"],
            ["v1", "Service"],
          ]),
        }),
  };
}

/**
 * Istio itself, for a cluster that has none: the charts base (CRDs), istiod with the tracing providers in its
 * mesh config, and an ingress gateway where one is described.
 *
 * @example
 * new Istio("istio", {
 *   chart: { repository: "https://istio-release.storage.googleapis.com/charts", version: "1.31.0" },
 *   rootNamespace: "istio-system", meshConfig, values: { base: {}, istiod: {}, gateway: {} },
 *   gateway: { name: "istio-ingressgateway", namespace: "istio-ingress" } }, { dependsOn: services });
 */
export class Istio extends pulumi.ComponentResource {
  static readonly type = "mesh-tracing:istio:Istio";

  constructor(name: string, args: IstioArgs, opts?: pulumi.ComponentResourceOptions) {
    super(Istio.type, name, {}, opts);
    // Each after the one before: istiod needs the definitions, and the gateway's pods get their proxy from istiod's
    // injection webhook.
    let before: pulumi.Resource[] = [];
    for (const [chart, release] of Object.entries(manifests(args))) {
      before = [new Chart(`${name}-${chart}`, chartInputs(release), { parent: this, dependsOn: before })];
    }
    this.registerOutputs({});
  }
}
