import * as pulumi from "@pulumi/pulumi";
import { Chart } from "@pulumi/kubernetes/helm/v4/chart";
import { type ChartSource, type StackConfig } from "../config/stack";
import { namespaceNameLabel, ownerLabels, withoutSidecar } from "../mesh/labels";
import { chartArgs, chartInputs, chartRelease, mergeValues } from "./chart";

/** The Helm release, and the beginning of the names of everything the chart makes. */
const operatorRelease = "opentelemetry-operator";

export interface OtelOperatorArgs {
  /** The stack's name, for the owner label. */
  stack: string;
  /** Where the chart comes from. */
  chart: ChartSource;
  /** Where the operator runs. A change replaces everything of it. */
  namespace: string;
  /** Namespaces whose pods the webhook is asked about. */
  injectedNamespaces: readonly string[];
  /** Whether Go may be instrumented, which needs privileged containers. */
  go: boolean;
  /** DNS domain of the cluster, for the webhook's certificate. */
  clusterDomain: string;
  /** Chart values merged over the ones made here; the value given here wins. */
  values: Readonly<Record<string, unknown>>;
}

/** Nothing where the stack does not install it. */
export function argsFrom({
  stack,
  otel,
  otelOperator,
  namespaces,
  cluster,
}: StackConfig): OtelOperatorArgs | undefined {
  return (
    otelOperator && {
      ...otelOperator.install,
      stack,
      injectedNamespaces: Object.keys(namespaces),
      go: otel.instrumentation?.allowPrivileged ?? false,
      clusterDomain: cluster.domain,
    }
  );
}

/** Defaults of this component: what the chart leaves open. */
const defaults = {
  // A pod that is made while no operator answers starts without an SDK, and nobody is told.
  replicas: 2,
  resources: { limits: { cpu: "500m", memory: "256Mi" }, requests: { cpu: "50m", memory: "128Mi" } },
} as const;

/**
 * Values of the chart.
 * @see https://github.com/open-telemetry/opentelemetry-helm-charts/blob/main/charts/opentelemetry-operator/values.yaml
 */
export function otelOperatorValues(args: OtelOperatorArgs): Record<string, unknown> {
  return mergeValues(
    {
      // The chart has a part-of label of its own.
      additionalLabels: { [ownerLabels.stack]: args.stack },
      admissionWebhooks: {
        // A certificate that the chart makes itself is another one at each templating, and kept in a hook, which
        // Pulumi drops: only cert-manager gives one that lasts.
        autoGenerateCert: { enabled: false },
        certManager: { enabled: true },
        // Asked about every pod of the cluster, a webhook that does not answer would delay them all.
        namespaceSelector: {
          matchExpressions: [
            { key: namespaceNameLabel, operator: "In", values: [...args.injectedNamespaces].sort() },
          ],
        },
      },
      clusterDomain: args.clusterDomain,
      // Kept when the chart goes: deleting the definitions deletes every Instrumentation of the cluster.
      crds: { annotations: { "helm.sh/resource-policy": "keep" } },
      manager: {
        autoInstrumentation: { go: { enabled: args.go } },
        // The API server calls the webhook from outside the mesh, without a certificate of it.
        podLabels: withoutSidecar,
        resources: defaults.resources,
      },
      pdb: { create: true },
      replicaCount: defaults.replicas,
    },
    args.values,
  );
}

/** The release of the chart; of its objects those that tell of another operator, or of a cert-manager that is missing. */
export function manifests(args: OtelOperatorArgs) {
  const { stack, namespace } = args;
  const release = { name: operatorRelease, namespace };
  const labels = { [ownerLabels.stack]: stack };
  return {
    chart: chartRelease(chartArgs(args.chart, operatorRelease), release, otelOperatorValues(args), [
      {
        apiVersion: "admissionregistration.k8s.io/v1",
        kind: "MutatingWebhookConfiguration",
        metadata: { name: `${operatorRelease}-mutation`, labels },
      },
      { apiVersion: "apps/v1", kind: "Deployment", metadata: { ...release, labels } },
      {
        apiVersion: "cert-manager.io/v1",
        kind: "Certificate",
        metadata: { name: `${operatorRelease}-serving-cert`, namespace, labels },
      },
    ]),
  };
}

/**
 * The OpenTelemetry Operator with its webhook and resource definitions, for a cluster that has none. The
 * webhook's certificate is cert-manager's, which must be in the cluster.
 *
 * @example
 * new OtelOperator("otel-operator", { stack: "dev", namespace: "opentelemetry-operator-system", go: false,
 *   chart: { repository: "https://open-telemetry.github.io/opentelemetry-helm-charts", version: "0.122.0" },
 *   injectedNamespaces: ["shop"], clusterDomain: "cluster.local", values: {} });
 */
export class OtelOperator extends pulumi.ComponentResource {
  static readonly type = "mesh-tracing:otel:OtelOperator";

  constructor(name: string, args: OtelOperatorArgs, opts?: pulumi.ComponentResourceOptions) {
    super(OtelOperator.type, name, {}, opts);
    new Chart(`${name}-chart`, chartInputs(manifests(args).chart), { parent: this });
    this.registerOutputs({});
  }
}
