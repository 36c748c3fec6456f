import * as os from "node:os";
import { expect, test } from "vitest";
import { providerSettings } from "../../../program/preflight/settings";

const plain = { access: {}, rendersOnly: false, force: undefined };

test.each<[string, Record<string, string>, Record<string, string>, object]>([
  ["nothing is set", {}, {}, plain],
  [
    "the cluster that the provider changes is the one that is read",
    { "kubernetes:kubeconfig": "k", "kubernetes:context": "c", "kubernetes:cluster": "d" },
    {},
    { ...plain, access: { kubeconfig: "k", context: "c", cluster: "d" } },
  ],
  [
    "a file in the home directory",
    { "kubernetes:kubeconfig": "~/.kube/dev" },
    {},
    { ...plain, access: { kubeconfig: `${os.homedir()}/.kube/dev` } },
  ],
  [
    "manifests are rendered",
    { "kubernetes:renderYamlToDirectory": "out" },
    {},
    { ...plain, rendersOnly: true },
  ],
  [
    "the same by the environment",
    {},
    { PULUMI_K8S_RENDER_YAML_TO_DIRECTORY: "out" },
    { ...plain, rendersOnly: true },
  ],
  [
    "force",
    { "kubernetes:enablePatchForce": "true" },
    {},
    { ...plain, force: "kubernetes:enablePatchForce" },
  ],
  ["no force", { "kubernetes:enablePatchForce": "false" }, {}, plain],
  [
    "force by the environment",
    {},
    { PULUMI_K8S_ENABLE_PATCH_FORCE: "true" },
    { ...plain, force: "PULUMI_K8S_ENABLE_PATCH_FORCE" },
  ],
])("%s", (_, config, environment, expected) => {
  expect(providerSettings(config, environment)).toEqual(expected);
});
