/**
 * `npm run -s audit`: checks that spans of traced workloads reach their collector, in any manifests.
 *
 * Exit codes of the check: 0 no finding of level error; 1 such findings; 2 it could not run.
 * Exit codes of `explain`: 0 allowed; 1 denied; 2 unknown, or it could not run.
 */
import { Command, Option } from "commander";
import pc from "picocolors";
import { ports } from "../mesh/ports";
import { defaultRootNamespace } from "../mesh/names";
import { applied } from "../input/duplicates";
import { explain } from "./explain";
import { type Format, formats, print } from "../findings/formats";
import { type Input, readInput } from "../input/files/read";
import { readLive } from "../input/cluster/live";
import { readRuleConfig } from "./ruleConfig";
import { count, type Report } from "../findings/summary";
import { InputError } from "../input/inputError";
import { allRules, checkAll } from "../policy/check";
import { type Finding } from "../findings/finding";
import {
  addInputOptions,
  addMeshOptions,
  type InputOptions,
  type MeshOptions,
  rulesOptions,
} from "./auditOptions";
import { exitCodes, runCommand, writeOutput } from "./command";
import { tellPassedBy } from "./passedBy";

interface CheckOptions extends MeshOptions {
  ruleConfig?: string;
  format: Format;
  output?: string;
  failOn: "error" | "warning";
}

const command = new Command("npm run -s audit --")
  .description(
    "Find what breaks traces in Istio clusters: policies in the way of spans, Telemetry, providers, collectors " +
      "and environments that do not fit together.",
  )
  .argument("[paths...]", "files, directories (*.yaml, *.yml, *.json), or - for standard input");
addMeshOptions(addInputOptions(command))
  .option(
    "--rule-config <file>",
    "levels and limits of rules, as YAML or JSON: {rule: level} or {rule: {level, …}}",
  )
  .addOption(new Option("--format <name>", "how findings are printed").choices(formats).default("text"))
  .option("--output <file>", "write findings to a file instead of standard output")
  .addOption(
    new Option("--fail-on <level>", "level of findings that makes the exit code 1")
      .choices(["error", "warning"])
      .default("error"),
  )
  .addHelpText(
    "after",
    "\nExit codes: 0 no finding of that level, 1 findings, 2 it could not run.\n\n" +
      "Examples:\n" +
      "  npm run -s audit -- deploy/\n" +
      "  kubectl kustomize overlays/prod | npm run -s audit -- - --traced shop,auth\n" +
      "  npm run -s audit -- --live --format markdown\n" +
      `  npm run -s audit -- explain shop/web ${defaultRootNamespace}/jaeger:${ports.zipkin} deploy/`,
  )
  .action((paths: string[], options: CheckOptions) => runCommand(() => check(paths, options)));

addInputOptions(
  command
    .command("explain")
    .description(
      "Say whether pods may open a port, and why: policies that isolate, rules that allow, what is missing.",
    )
    .argument("<from>", "namespace/workload, or namespace/workload[Kind]")
    .argument("<to>", "namespace/service:port or namespace/workload:port, by number or name; /UDP for UDP")
    .argument("[paths...]", "files, directories, or - for standard input"),
)
  .addOption(
    new Option("--format <name>", "how the answer is printed").choices(["text", "json"]).default("text"),
  )
  .addHelpText("after", "\nExit codes: 0 allowed, 1 denied, 2 unknown or it could not run.")
  .action((from: string, to: string, paths: string[], _: unknown, self: Command) =>
    runCommand(() => explainPath(from, to, paths, self.optsWithGlobals())),
  );

for (const each of [command, ...command.commands]) {
  each
    .showHelpAfterError("(--help shows what there is)")
    .exitOverride((error) => process.exit(error.exitCode === 0 ? exitCodes.ok : exitCodes.badInput));
}
command.parse();

async function check(paths: readonly string[], options: CheckOptions): Promise<void> {
  const ruleConfig = options.ruleConfig === undefined ? undefined : readRuleConfig(options.ruleConfig);
  const input = await read(paths, options);
  const findings = checkAll(input.objects, { ...rulesOptions(options), fileOf: input.placeOf }, ruleConfig);
  const report: Report = { findings, read: whatWasRead(input, options), elsewhere: firstFileOf(input) };
  if (options.output === undefined) {
    process.stdout.write(print(report, options.format, pc.isColorSupported, allRules));
  } else {
    writeOutput(options.output, print(report, options.format, false, allRules));
  }
  process.exitCode = fails(findings, options.failOn) ? exitCodes.findings : exitCodes.ok;
}

/** Without the line, which is that of another object. */
function firstFileOf({ objects, placeOf }: Input): string | undefined {
  for (const object of objects) {
    const place = placeOf(object);
    if (place !== undefined) return place.replace(/:\d+$/, "");
  }
  return undefined;
}

async function explainPath(
  from: string,
  to: string,
  paths: readonly string[],
  options: InputOptions & { format: "text" | "json" },
): Promise<void> {
  const input = await read(paths, options);
  const { verdict, text } = explain(from, to, input.objects, options);
  process.stdout.write(text);
  process.exitCode = { allowed: exitCodes.ok, denied: exitCodes.findings, unknown: exitCodes.badInput }[
    verdict
  ];
}

/** Objects of all sources; what was passed by is told on standard error. */
async function read(paths: readonly string[], options: InputOptions): Promise<Input> {
  if (paths.length === 0 && options.live !== true) {
    throw new InputError(
      "nothing to read\n  fix: name files or directories, or - for standard input, or give --live",
    );
  }
  if (options.live !== true && (options.kubeconfig ?? options.context) !== undefined) {
    throw new InputError("--kubeconfig and --context are for --live\n  fix: add --live");
  }
  const input = await readInput(paths, process.stdin);
  if (options.live === true) {
    const live = await readLive(options);
    input.objects = applied(live.objects, input.objects);
    input.warnings.push(...live.warnings);
  }
  tellPassedBy(input);
  if (input.objects.length === 0)
    throw new InputError(`there are no Kubernetes objects in ${paths.join(" ")}`);
  return input;
}

function whatWasRead({ objects, files, skipped }: Input, { live }: InputOptions): string {
  const sources = [...(files > 0 ? [count(files, "file")] : []), ...(live === true ? ["the cluster"] : [])];
  const passedBy = new Set(skipped.map(({ file }) => file)).size;
  return (
    `${count(objects.length, "object")} from ${sources.join(" and ")}` +
    (passedBy > 0 ? `, ${passedBy} of them in part or whole no manifests` : "")
  );
}

function fails(findings: readonly Finding[], failOn: "error" | "warning"): boolean {
  return findings.some(({ level }) => level === "error" || level === failOn);
}
