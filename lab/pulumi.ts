/** Deploys the stack as its users do, where the Pulumi CLI and its plugins are on PATH. */
import * as path from "node:path";
import * as fs from "node:fs";
import { parse, stringify } from "yaml";
import { kubeconfig } from "./controlPlane";
import { inRun } from "./home";
import { root } from "./project";
import { environment, findCommand, run } from "./shell";

const commands = ["pulumi", "pulumi-language-nodejs", "pulumi-resource-kubernetes"];

export function hasPulumi(): boolean {
  return process.env["LAB_DEPLOY"] !== "apply" && commands.every((name) => findCommand(name) !== undefined);
}

/** The chart to deploy: MESH_TRACING_JAEGER_CHART names the real one's directory, else the tests' stand-in. */
function chart(): string {
  return process.env["MESH_TRACING_JAEGER_CHART"] ?? path.join(root, "test/e2e/charts/jaeger");
}

/** `pulumi up` of the stack in a directory, with a backend that is gone with the run. */
export async function deployByPulumi(directory: string): Promise<void> {
  const file = path.join(directory, "Pulumi.dev.yaml");
  const stack = parse(fs.readFileSync(file, "utf8")) as { config: Record<string, Record<string, unknown>> };
  const at = inRun("chart");
  fs.cpSync(chart(), at, { recursive: true });
  Object.assign(stack.config["mesh-tracing:jaeger"] ?? {}, { chart: { path: at } });
  fs.writeFileSync(file, stringify(stack));
  const state = inRun("pulumi");
  fs.mkdirSync(state, { recursive: true });
  const env = {
    ...environment(),
    PULUMI_BACKEND_URL: `file://${state}`,
    PULUMI_CONFIG_PASSPHRASE: "of a lab that is gone soon",
    PULUMI_HOME: path.join(state, "home"),
    PULUMI_SKIP_UPDATE_CHECK: "true",
    PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: "true",
    KUBECONFIG: kubeconfig(),
  };
  run(["pulumi", "stack", "init", "dev", "--non-interactive"], { cwd: directory, env });
  run(["pulumi", "up", "--yes", "--skip-preview", "--non-interactive", "--stack", "dev"], {
    cwd: directory,
    env,
  });
  await Promise.resolve();
}
