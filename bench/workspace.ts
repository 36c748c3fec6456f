/** The real engine of this machine, and a copy of the project to run it on: for measurements and the end-to-end tests. */
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import * as automation from "@pulumi/pulumi/automation";
import { parse, stringify } from "yaml";

export const root = path.resolve(__dirname, "..");

/** The path of a command, if it is on PATH. */
export function onPath(command: string): string | undefined {
  return (process.env["PATH"] ?? "")
    .split(path.delimiter)
    .map((directory) => path.join(directory, command))
    .find((file) => fs.existsSync(file));
}

/** Commands that are missing on this machine, of those given. */
export function missing(commands: readonly string[]): string[] {
  return commands.filter((command) => onPath(command) === undefined);
}

/** The Pulumi CLI and its plugins, as commands on PATH. */
export const pulumiCommands = ["pulumi", "pulumi-language-nodejs", "pulumi-resource-kubernetes"];

/** The chart that is deployed: the real one where MESH_TRACING_JAEGER_CHART names its directory. */
const jaegerChart = process.env["MESH_TRACING_JAEGER_CHART"] ?? path.join(__dirname, "charts/jaeger");

/** A copy of the project that its user may change, with a backend of its own. */
export interface Workspace {
  /** The copy's root. */
  directory: string;
  /** Changes the stack file before the next run. */
  editStack(edit: (config: Record<string, Record<string, unknown>>) => void): void;
  stack: automation.Stack;
  remove(): void;
}

/**
 * Copies the project, points the stack to a chart on this machine and opens it on a local file backend.
 * @param name the stack's name
 * @param kubeconfig path of a kubeconfig; none for rendering
 * @param at where `Pulumi.yaml` and the stack file are in the project
 */
export async function workspace(name: string, kubeconfig?: string, at = "."): Promise<Workspace> {
  const scratch = fs.mkdtempSync(path.join(os.tmpdir(), "mesh-tracing-workspace-"));
  const directory = path.join(scratch, "project");
  const skipped = new Set(["node_modules", ".git", "rendered", "coverage"]);
  fs.cpSync(root, directory, { recursive: true, filter: (file) => !skipped.has(path.basename(file)) });
  fs.symlinkSync(path.join(root, "node_modules"), path.join(directory, "node_modules"));
  const chart = path.join(scratch, "chart");
  copyChart(chart);
  const stackFile = path.join(directory, at, `Pulumi.${name}.yaml`);
  const editStack: Workspace["editStack"] = (edit) => {
    const file = parse(fs.readFileSync(stackFile, "utf8")) as {
      config: Record<string, Record<string, unknown>>;
    };
    edit(file.config);
    fs.writeFileSync(stackFile, stringify(file));
  };
  editStack((config) => Object.assign(config["mesh-tracing:jaeger"]!, { chart: { path: chart } }));
  if (kubeconfig === undefined) dropRefresh(path.join(directory, at, "Pulumi.yaml"));
  const backend = path.join(scratch, "state");
  fs.mkdirSync(backend);
  const stack = await automation.LocalWorkspace.createStack(
    { stackName: name, workDir: path.join(directory, at) },
    {
      envVars: {
        PULUMI_BACKEND_URL: `file://${backend}`,
        PULUMI_CONFIG_PASSPHRASE: "only for this copy",
        PULUMI_HOME: path.join(scratch, "home"),
        PULUMI_SKIP_UPDATE_CHECK: "true",
        PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: "true",
        KUBECONFIG: kubeconfig ?? path.join(scratch, "no-kubeconfig"),
      },
    },
  );
  return { directory, editStack, stack, remove: () => fs.rmSync(scratch, { recursive: true, force: true }) };
}

/** Where manifests are only rendered there is nothing to refresh from: what `--refresh=false` is for. */
function dropRefresh(file: string): void {
  const project = parse(fs.readFileSync(file, "utf8")) as { options?: { refresh?: string } };
  delete project.options;
  fs.writeFileSync(file, stringify(project));
}

/**
 * Without a cluster Chart v4 assumes Kubernetes 1.20, for which the Jaeger chart refuses to render: the copy
 * does not ask.
 */
function copyChart(target: string): void {
  fs.cpSync(jaegerChart, target, { recursive: true });
  const file = path.join(target, "Chart.yaml");
  fs.writeFileSync(file, fs.readFileSync(file, "utf8").replace(/^kubeVersion:.*$/m, ""));
  // Neither may it choose versions of APIs for 1.20.
  const values = path.join(target, "values.yaml");
  if (!fs.existsSync(values)) return;
  const text = fs.readFileSync(values, "utf8").replace(/^global:$/m, "global:\n  kubeVersion: 1.34.0");
  fs.writeFileSync(values, text);
}
