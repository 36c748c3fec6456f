/** The options of `audit` that say what to read and what the objects do not say by themselves. */
import { type Command, InvalidArgumentError, Option } from "commander";
import { defaultRootNamespace } from "../mesh/names";
import { InputError } from "../input/inputError";
import { type Options } from "../policy/model/options";

/** Where objects come from. */
export interface InputOptions {
  live?: true;
  kubeconfig?: string;
  context?: string;
  rootNamespace?: string;
}

/** What is known besides the objects. */
export interface MeshOptions extends InputOptions {
  collector?: string;
  traced?: string[];
  istioVersion?: string;
  minSampling?: number;
  maxSampling?: number;
}

export function addInputOptions(command: Command): Command {
  return command
    .option(
      "--live",
      "read the cluster of the kubeconfig; given files count as applied to it, though nothing is written",
    )
    .option("--kubeconfig <file>", "with --live: kubeconfig (default: KUBECONFIG, then ~/.kube/config)")
    .option("--context <name>", "with --live: context of the kubeconfig (default: the current one)")
    .option(
      "--root-namespace <name>",
      `Istio's root namespace (default: the mesh config's, or ${defaultRootNamespace})`,
      name,
    );
}

export function addMeshOptions(command: Command): Command {
  return command
    .option(
      "--collector <address>",
      "where spans go: namespace/service:port or host:port (default: the mesh config's tracing provider)",
      collector,
    )
    .option(
      "--traced <namespaces>",
      "namespaces that are traced whatever their labels say, separated by commas; may be repeated",
      (value: string, earlier: string[] = []) => [
        ...earlier,
        ...value
          .split(",")
          .filter((one) => one !== "")
          .map(name),
      ],
    )
    .option("--istio-version <version>", "such as 1.31 (default: read from images and labels)", version)
    .addOption(
      new Option(
        "--min-sampling <percent>",
        "least share of requests that must be traced (default: any but 0)",
      ).argParser(percent),
    )
    .addOption(
      new Option(
        "--max-sampling <percent>",
        "highest share of requests that may be traced (default: 100)",
      ).argParser(percent),
    );
}

/** @throws InputError if no share of requests could be right */
export function assertSampling({ minSampling, maxSampling }: MeshOptions): void {
  if (minSampling === undefined || maxSampling === undefined || minSampling <= maxSampling) return;
  throw new InputError(
    `--min-sampling ${minSampling} is above --max-sampling ${maxSampling}\n  fix: lower the one, or raise the other`,
  );
}

/** Options for the rules; what was not given is left to them. */
export function rulesOptions(options: MeshOptions): Options {
  const { collector, traced, istioVersion, minSampling, maxSampling, rootNamespace } = options;
  return { collector, traced, istioVersion, minSampling, maxSampling, rootNamespace };
}

function name(value: string): string {
  if (/^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/.test(value)) return value;
  throw new InvalidArgumentError("It must be the name of a namespace.");
}

function collector(value: string): string {
  const [, port] = /^(?:[a-z0-9][-a-z0-9]*\/)?[A-Za-z0-9][-A-Za-z0-9.]*:(\d+)$/.exec(value) ?? [];
  if (port !== undefined && Number(port) >= 1 && Number(port) <= 65_535) return value;
  throw new InvalidArgumentError("It must be namespace/service:port or host:port.");
}

function version(value: string): string {
  if (/^\d+\.\d+(\.\d+)?([-+].*)?$/.test(value)) return value;
  throw new InvalidArgumentError("It must be a version such as 1.31.");
}

function percent(value: string): number {
  const number = Number(value);
  if (/^\d+(\.\d+)?$/.test(value) && number <= 100) return number;
  throw new InvalidArgumentError("It must be a percentage from 0 to 100.");
}
