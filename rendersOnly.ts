import * as pulumi from "@pulumi/pulumi";

/** Whether the Kubernetes provider is told to write YAML files instead of talking to a cluster. */
export function rendersOnly(): boolean {
  return (
    new pulumi.Config("kubernetes").get("renderYamlToDirectory") !== undefined ||
    process.env["PULUMI_K8S_RENDER_YAML_TO_DIRECTORY"] !== undefined
  );
}
