import * as pulumi from "@pulumi/pulumi";
import { Chart } from "@pulumi/kubernetes/helm/v4/chart";
import { type ChartSource } from "../config/stack";
import { chartArgs, mergeValues } from "./chart";
import { type tracingMeshConfig } from "./meshConfig";

export interface IstioArgs {
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

/** The values of each chart. */
export function istioValues(args: IstioArgs) {
  const revision = args.revision === undefined ? {} : { revision: args.revision };
  return {
    base: mergeValues(
      {
        defaultRevision: args.revision ?? "default",
        global: { istioNamespace: args.rootNamespace },
      },
      args.values.base,
    ),
    istiod: mergeValues(
      { ...revision, global: { istioNamespace: args.rootNamespace }, meshConfig: args.meshConfig },
      args.values.istiod,
    ),
    gateway: mergeValues({ ...revision }, args.values.gateway),
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
  constructor(name: string, args: IstioArgs, opts?: pulumi.ComponentResourceOptions) {
    super("mesh-tracing:istio:Istio", name, {}, opts);
    const values = istioValues(args);
    const release = (
      chart: "base" | "istiod" | "gateway",
      as: string,
      namespace: string,
      after: pulumi.Resource[],
    ) =>
      new Chart(
        `${name}-${chart}`,
        { ...chartArgs(args.chart, chart, "within"), name: as, namespace, values: values[chart] },
        { parent: this, dependsOn: after },
      );
    const base = release("base", "istio-base", args.rootNamespace, []);
    const istiod = release("istiod", "istiod", args.rootNamespace, [base]);
    if (args.gateway !== undefined) {
      // After istiod: the gateway's pods get their proxy from istiod's injection webhook.
      release("gateway", args.gateway.name, args.gateway.namespace, [istiod]);
    }
    this.registerOutputs({});
  }
}
