import * as pulumi from "@pulumi/pulumi";
import { CertManager as CertManagerRelease } from "@pulumi/kubernetes-cert-manager";
import { type StackConfig } from "../config/stack";
import { helmReleaseAnnotation } from "../mesh/helmChart";
import { ownerLabels } from "../mesh/labels";
import { chartArgs, chartInputs, chartRelease, mergeValues } from "./chart";

export interface CertManagerArgs {
  /** The stack's name, for the owner label. */
  stack: string;
  /** Exact version of the chart, `v1.21.0`. A change upgrades in place. */
  version: string;
  /** Address of the Helm repository. */
  repository: string;
  /** Namespace of cert-manager's pods. A change replaces the release. */
  namespace: string;
  /** Chart values merged over the ones made here; the value given here wins. */
  values: Readonly<Record<string, unknown>>;
}

/** Nothing where the stack does not install it. */
export function argsFrom({ stack, certManager }: StackConfig): CertManagerArgs | undefined {
  return certManager && { ...certManager.install, stack };
}

/**
 * The release.
 * @see https://github.com/cert-manager/cert-manager/blob/master/deploy/charts/cert-manager/values.yaml
 */
export function manifests({ stack, version, repository, namespace, values }: CertManagerArgs) {
  const labels = { [ownerLabels.stack]: stack };
  return {
    release: chartRelease(
      chartArgs({ repository, version }, "cert-manager"),
      // Without a name Pulumi would make one up, and every object would be called after it.
      { name: "cert-manager", namespace },
      mergeValues(
        {
          // Kept when the release goes: deleting the definitions deletes every certificate of the cluster.
          crds: { enabled: true, keep: true },
          global: { commonLabels: labels },
        },
        values,
      ),
      ["cert-manager", "cert-manager-webhook", "cert-manager-cainjector"].map((name) => ({
        apiVersion: "apps/v1",
        kind: "Deployment",
        // As Helm marks what it installs.
        metadata: { name, namespace, labels, annotations: { [helmReleaseAnnotation]: "cert-manager" } },
      })),
    ),
  };
}

/**
 * cert-manager, for a cluster that has none: its chart as a Helm release, custom resource definitions included.
 *
 * The release is real in every mode of the Kubernetes provider: with `renderYamlToDirectory` Helm would install it
 * into the cluster of the kubeconfig; the check before the first change refuses that.
 *
 * @example
 * new CertManager("cert-manager", { version: "v1.21.0", repository: "https://charts.jetstack.io",
 *   namespace: "cert-manager", values: {} });
 */
export class CertManager extends pulumi.ComponentResource {
  static readonly type = "mesh-tracing:certificates:CertManager";

  constructor(name: string, args: CertManagerArgs, opts?: pulumi.ComponentResourceOptions) {
    super(CertManager.type, name, {}, opts);
    const { release } = manifests(args);
    new CertManagerRelease(`${name}-release`, { helmOptions: chartInputs(release) }, { parent: this });
    this.registerOutputs({});
  }
}
