import * as pulumi from "@pulumi/pulumi";
import { CertManager as CertManagerRelease } from "@pulumi/kubernetes-cert-manager";
import { mergeValues } from "./chart";

export interface CertManagerArgs {
  /** Exact version of the chart, `v1.21.0`. A change upgrades in place. */
  version: string;
  /** Address of the Helm repository. */
  repository: string;
  /** Namespace of cert-manager's pods. A change replaces the release. */
  namespace: string;
  /** Chart values merged over the ones made here; the value given here wins. */
  values: Readonly<Record<string, unknown>>;
}

/**
 * What the release is told.
 * @see https://github.com/cert-manager/cert-manager/blob/master/deploy/charts/cert-manager/values.yaml
 */
export function certManagerRelease({ version, repository, namespace, values }: CertManagerArgs) {
  return {
    chart: "cert-manager",
    // Without a name Pulumi would make one up, and every object would be called after it.
    name: "cert-manager",
    namespace,
    repositoryOpts: { repo: repository },
    values: mergeValues(
      {
        // Kept when the release goes: deleting the definitions deletes every certificate of the cluster.
        crds: { enabled: true, keep: true },
      },
      values,
    ),
    version,
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
  constructor(name: string, args: CertManagerArgs, opts?: pulumi.ComponentResourceOptions) {
    super("mesh-tracing:certificates:CertManager", name, {}, opts);
    new CertManagerRelease(`${name}-release`, { helmOptions: certManagerRelease(args) }, { parent: this });
    this.registerOutputs({});
  }
}
