/** The one place that knows where this project's commands and model are. */
import * as fs from "node:fs";
import * as path from "node:path";
import { inRun } from "./home";
import { attempt, LabError } from "./shell";

import { type Diagnosis } from "../doctor/result";

export { checksOf, type Diagnosis } from "../doctor/result";
export { type Hop } from "../doctor/judge/hop";
export { Cluster } from "../policy/reachability";

/** The project's directory. */
export const root = path.resolve(__dirname, "..");

/** A chart that makes of Jaeger's values what traces need. */
export const standInChart = path.join(root, "bench/charts/jaeger");

const program = [process.execPath, path.join(root, "cli/bundled.cjs")];

/** What `render --json` says of a stack. */
export interface Rendered {
  readonly directory: string;
  readonly resources: readonly { readonly file: string; readonly patch: boolean }[];
  readonly outputs: Readonly<Record<string, unknown>>;
}

/** Renders a stack whose files are in a directory. */
export function render(directory: string, stack: string, out: string): Rendered {
  const call = [...program, "render", "-C", directory, "--stack", stack, "--out", out, "--json"];
  const { status, stdout, stderr } = attempt(call);
  if (status !== 0 && status !== 1) throw new LabError(`render of ${stack} failed:\n${stderr.trim()}`);
  return JSON.parse(stdout) as Rendered;
}

/** A finding of `audit`. */
export interface Finding {
  readonly rule: string;
  readonly level: "error" | "warning" | "info";
  readonly message: string;
}

/** What `audit --live` says of the lab's cluster. */
export function audit(kubeconfig: string): Finding[] {
  const call = [...program, "audit", "--live", "--kubeconfig", kubeconfig, "--format", "json"];
  const { status, stdout, stderr } = attempt(call);
  if (status !== 0 && status !== 1) throw new LabError(`audit --live failed:\n${stderr.trim()}`);
  return (JSON.parse(stdout) as { findings: Finding[] }).findings;
}

/**
 * The call of `doctor` that examines the lab's cluster.
 * @param url address of the gateway, to which it sends a request of its own
 */
export function doctorCall(kubeconfig: string, url: string, format: "table" | "json"): string[] {
  return [...program, "doctor", "--kubeconfig", kubeconfig, "--format", format, "--probe", url];
}

/** What `doctor` says of the lab's cluster. */
export function doctor(kubeconfig: string, url: string): Diagnosis {
  const call = doctorCall(kubeconfig, url, "json");
  const { status, stdout, stderr } = attempt(call);
  if (status !== 0 && status !== 1) throw new LabError(`doctor failed:\n${stderr.trim()}`);
  // For whoever wants to know more of it than the lab prints.
  fs.writeFileSync(inRun("doctor.json"), stdout);
  return JSON.parse(stdout) as Diagnosis;
}

/** The project's stack file of a name. */
export function stackFile(name: string): string {
  return fs.readFileSync(path.join(root, `Pulumi.${name}.yaml`), "utf8");
}

/** Whether there is a rule of a name: each has a page. */
export function hasRule(name: string): boolean {
  return fs.existsSync(path.join(root, "docs/rules", `${name}.md`));
}
