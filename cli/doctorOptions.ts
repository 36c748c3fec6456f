/** What `doctor` and `graph` are told about a cluster and its mesh. */
import * as path from "node:path";
import { type Command } from "commander";
import { stackFrom } from "../config/fromPulumi";
import { readStackFile } from "../engine/stackFile";
import { stackOptions } from "../program/stackOptions";
import { defined } from "../mesh/plainObjects";
import { type Options } from "../policy/model/options";
import { addMeshOptions, type MeshOptions, rulesOptions } from "./auditOptions";
import { ConfigMistakes } from "../config/mistakes";
import { InputError } from "../input/inputError";
import { commandCalled } from "./commandLine";

export interface DoctorCall extends MeshOptions {
  stack?: string;
  cwd?: string;
  namespace?: string[];
}

export function doctorCommand(name: string, description: string): Command {
  const command = commandCalled(name, description)
    .option("--kubeconfig <file>", "kubeconfig (default: KUBECONFIG, then ~/.kube/config)")
    .option("--context <name>", "context of the kubeconfig (default: the current one)")
    .option("--stack <name>", "also know what this stack of the project knows: traced namespaces, sampling")
    .option("-C, --cwd <directory>", "where the stack file is (default: this project's directory)")
    .option("--namespace <names...>", "look at senders of these namespaces only (default: all)")
    .option("--root-namespace <name>", "Istio's root namespace (default: the mesh config's)");
  return addMeshOptions(command);
}

/** What was given over what the stack says, for the rules. */
export function meshOf(options: DoctorCall): Options {
  const given = defined(rulesOptions(options));
  if (options.stack === undefined) return given;
  const directory = path.resolve(options.cwd ?? path.join(__dirname, ".."));
  const file = readStackFile(directory, options.stack);
  const known = stackOptions(stackFrom(file.config, file.project, options.stack));
  // Whose pods and policies are elsewhere is seen in the cluster itself.
  const { otherPolicies: _, gateways: __, ...rest } = known;
  return { ...rest, ...given };
}

/** Mistakes of whoever calls; their message says all there is to say. */
export function isBadInput(error: unknown): boolean {
  return error instanceof InputError || error instanceof ConfigMistakes;
}
