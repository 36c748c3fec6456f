/** How the Kubernetes provider is set, as far as the check must know. */
import * as os from "node:os";
import * as path from "node:path";
import { defined } from "../../mesh/plainObjects";
import { type ClusterAccess } from "../../input/cluster/kubeconfig";

export interface ProviderSettings {
  /** The cluster that the provider changes. */
  access: ClusterAccess;
  /** Whether nothing is changed: manifests are written to files. */
  rendersOnly: boolean;
  /** The setting that forces fields of others, if it is on. */
  force: string | undefined;
}

type Texts = Readonly<Record<string, string | undefined>>;

/**
 * @param config the stack's configuration by whole keys, `kubernetes:context`
 * @see https://www.pulumi.com/registry/packages/kubernetes/installation-configuration/
 */
export function providerSettings(config: Texts, environment: Texts): ProviderSettings {
  const setting = (key: string): string | undefined => config[`kubernetes:${key}`];
  const kubeconfig = setting("kubeconfig");
  return {
    access: defined({
      kubeconfig: kubeconfig && withHome(kubeconfig),
      context: setting("context"),
      cluster: setting("cluster"),
    }),
    rendersOnly:
      setting("renderYamlToDirectory") !== undefined ||
      environment["PULUMI_K8S_RENDER_YAML_TO_DIRECTORY"] !== undefined,
    force:
      setting("enablePatchForce") === "true"
        ? "kubernetes:enablePatchForce"
        : environment["PULUMI_K8S_ENABLE_PATCH_FORCE"] === "true"
          ? "PULUMI_K8S_ENABLE_PATCH_FORCE"
          : undefined,
  };
}

/** The provider knows the home directory by its short name, as shells do. */
function withHome(file: string): string {
  return file === "~" || file.startsWith("~/") ? path.join(os.homedir(), file.slice(1)) : file;
}
