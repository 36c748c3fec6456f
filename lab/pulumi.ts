/** Deploys the stack as its users do, where the Pulumi CLI and its plugins are on PATH. */
import * as path from "node:path";
import * as fs from "node:fs";
import { kubeconfig } from "./controlPlane";
import { inRun } from "./home";
import { standInChart } from "./project";
import { environment, findCommand, run } from "./shell";

const commands = ["pulumi", "pulumi-language-nodejs", "pulumi-resource-kubernetes"];

export function hasPulumi(): boolean {
  return process.env["LAB_DEPLOY"] !== "apply" && commands.every((name) => findCommand(name) !== undefined);
}

/**
 * The chart to deploy: MESH_TRACING_JAEGER_CHART names the real one's directory; without it a deployment takes the
 * tests' stand-in, and server-side apply what the lab makes of the values.
 */
export function jaegerChart(): string | undefined {
  return process.env["MESH_TRACING_JAEGER_CHART"] ?? (hasPulumi() ? standInChart : undefined);
}

/** `pulumi up` of the stack in a directory, with a backend that is gone with the run. */
export function deployByPulumi(directory: string): void {
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
}
