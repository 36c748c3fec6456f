/**
 * `npm run -s audit`: checks that spans of traced workloads reach their collector, in any manifests.
 *
 * Exit codes of the check: 0 no finding of level error; 1 such findings; 2 it could not run.
 * Exit codes of `explain`: 0 allowed; 1 denied; 2 unknown, or it could not run.
 */
import * as fs from "node:fs";
import { type Command, Option } from "commander";
import { nearest } from "../config/nearest";
import { ports } from "../mesh/ports";
import { defaultRootNamespace } from "../mesh/names";
import { applied } from "../input/duplicates";
import { explain } from "./explain";
import { type Format, formats, print } from "../findings/formats";
import { type Input, readInput } from "../input/files/read";
import { readLive } from "../input/cluster/live";
import { readRuleConfig } from "./ruleConfig";
import { type Judged, pathsIn } from "../findings/judged";
import { passedByLines } from "../findings/passedBy";
import { type Report } from "../findings/summary";
import { count } from "../findings/words";
import { InputError } from "../input/inputError";
import { checkModel } from "../policy/checkAll";
import { allRules } from "../policy/rules";
import { judgementOf } from "../policy/paths/judgement";
import { TracingModel } from "../policy/model/tracingModel";
import { type Finding } from "../findings/finding";
import {
  addInputOptions,
  addMeshOptions,
  assertSampling,
  type InputOptions,
  type MeshOptions,
  rulesOptions,
} from "./auditOptions";
import { isColored } from "./colors";
import { assertFree, exitCodes, runCommand, tellPassedBy, writeOutput } from "./command";
import { assertNothingKept, commandCalled } from "./commandLine";
import { type ProgressLine, progressLine } from "./progress";

interface CheckOptions extends MeshOptions {
  ruleConfig?: string;
  format: Format;
  output?: string;
  failOn: "error" | "warning";
  requirePaths?: true;
  verbose?: true;
}

/** Options of the check alone, which the answer about one path would pass by in silence. */
const checkOnly = ["ruleConfig", "output", "failOn", "requirePaths", "verbose"] as const;

const command = commandCalled(
  "npm run -s audit --",
  "Find what breaks traces in Istio clusters: policies in the way of spans, Telemetry, providers, collectors " +
    "and environments that do not fit together.",
).argument("[paths...]", "files, directories (*.yaml, *.yml, *.json), or - for standard input");
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
  .option("--require-paths", "also exit 1 where no path of spans could be judged")
  .option("--verbose", "name every object, every fix and every file that was not checked")
  .addHelpText(
    "after",
    "\nExit codes: 0 no finding of that level, 1 findings, 2 it could not run.\n\n" +
      "Examples:\n" +
      "  npm run -s audit -- deploy/\n" +
      "  kubectl kustomize overlays/prod | npm run -s audit -- - --traced shop,auth\n" +
      "  npm run -s audit -- --live --format markdown\n" +
      `  npm run -s audit -- explain shop/web ${defaultRootNamespace}/jaeger:${ports.zipkin} deploy/`,
  )
  .action(check);

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
    explainPath(from, to, paths, self.optsWithGlobals()),
  );

void runCommand(async () => {
  assertNothingKept(command);
  await command.parseAsync();
});

async function check(paths: readonly string[], options: CheckOptions): Promise<void> {
  const { format, output, failOn, verbose = false } = options;
  assertSampling(options);
  assertMeant(paths);
  const ruleConfig = options.ruleConfig === undefined ? undefined : readRuleConfig(options.ruleConfig);
  const progress = progressLine();
  let report: Report;
  let input: Input;
  let judged: Judged;
  try {
    input = await read(paths, options, progress);
    if (output !== undefined) assertFree("--output", output, { inputs: readBy(input, paths, options) });
    progress.tell(`checking ${count(input.objects.length, "object")}`);
    const model = TracingModel.from(input.objects, {
      ...rulesOptions(options),
      // A cluster that was read whole has no object that the input lacks.
      isComplete: options.live === true && input.warnings.length === 0,
      fileOf: input.placeOf,
    });
    const findings = checkModel(model, ruleConfig);
    judged = judgementOf(model);
    report = {
      findings,
      read: whatWasRead(input, options),
      elsewhere: firstFileOf(input),
      judged,
      passedBy: input,
      isVerbose: verbose,
    };
  } finally {
    progress.stop();
  }
  const isUnjudged = options.requirePaths === true && pathsIn(judged) === 0;
  process.exitCode = fails(report.findings, failOn) || isUnjudged ? exitCodes.findings : exitCodes.ok;
  if (format !== "text") tellPassedBy(input, verbose);
  const color = output === undefined && isColored(process.stdout);
  writeOutput(output, print(report, format, color, allRules));
}

function readBy(
  { files }: Input,
  paths: readonly string[],
  { ruleConfig, kubeconfig }: CheckOptions,
): string[] {
  return [...files, ...paths, ...[ruleConfig, kubeconfig].filter((file) => file !== undefined)];
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
  const foreign = command.options.find(
    (option) =>
      checkOnly.some((key) => key === option.attributeName()) &&
      command.getOptionValueSource(option.attributeName()) === "cli",
  );
  if (foreign !== undefined) {
    throw new InputError(`${foreign.long} is not for explain\n  fix: leave it out`);
  }
  const progress = progressLine();
  const input = await read(paths, options, progress).finally(() => progress.stop());
  tellPassedBy(input);
  const { verdict, text } = explain(from, to, input.objects, options);
  process.exitCode = { allowed: exitCodes.ok, denied: exitCodes.findings, unknown: exitCodes.badInput }[
    verdict
  ];
  process.stdout.write(text);
}

/**
 * A first path that is not there may be another word: the subcommand, or what followed an option that npm has kept.
 * @throws InputError
 */
function assertMeant([first = "-"]: readonly string[]): void {
  if (first === "-" || fs.existsSync(first)) return;
  const fix = formats.some((format) => format === first)
    ? `put -- before the options: npm run -s audit -- … --format ${first}`
    : nearest(first, ["explain"]) === undefined
      ? undefined
      : "write explain";
  if (fix !== undefined) throw new InputError(`${first} does not exist\n  fix: ${fix}`);
}

/** Objects of all sources. */
async function read(paths: readonly string[], options: InputOptions, progress: ProgressLine): Promise<Input> {
  if (paths.length === 0 && options.live !== true) {
    throw new InputError(
      "nothing to read\n  fix: name files or directories, or - for standard input, or give --live",
    );
  }
  if (options.live !== true && (options.kubeconfig ?? options.context) !== undefined) {
    throw new InputError("--kubeconfig and --context are for --live\n  fix: add --live");
  }
  const input = await readInput(paths, process.stdin, (text) => progress.tell(text));
  if (options.live === true) {
    progress.tell("reading the cluster");
    const live = await readLive(options);
    input.objects = applied(live.objects, input.objects);
    input.warnings.push(...live.warnings);
  }
  if (input.objects.length === 0) {
    const nothing = `there are no Kubernetes objects in ${paths.join(" ")}`;
    throw new InputError([nothing, ...passedByLines(input)].join("\n  "));
  }
  return input;
}

function whatWasRead({ objects, files, skipped }: Input, { live }: InputOptions): string {
  const sources = [
    ...(files.length > 0 ? [count(files.length, "file")] : []),
    ...(live === true ? ["the cluster"] : []),
  ];
  const read = new Set(files);
  const passedBy = new Set(skipped.map(({ file }) => file).filter((file) => read.has(file))).size;
  return (
    `${count(objects.length, "object")} from ${sources.join(" and ")}` +
    (passedBy > 0 ? `, ${passedBy} of them in part or entirely no manifests` : "")
  );
}

function fails(findings: readonly Finding[], failOn: "error" | "warning"): boolean {
  return findings.some(({ level }) => level === "error" || level === failOn);
}
