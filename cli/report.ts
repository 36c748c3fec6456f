/**
 * `npm run -s report`: what a change does to tracing, for its pull request.
 *
 * Exit codes: 0 the report is made; 1 it is, and the change breaks traces: a new finding of level error;
 * 2 it could not be made.
 */
import * as path from "node:path";
import { InvalidArgumentError, Option } from "commander";
import { readRuleConfig } from "./ruleConfig";
import { type HelmMode } from "../engine/helm";
import { compareSides } from "../report/comparison";
import { asJson } from "../report/json";
import { asMarkdown, commentLimit } from "../report/markdown";
import { addMeshOptions, assertSampling, type MeshOptions, rulesOptions } from "./auditOptions";
import { assertFree, exitCodes, runCommand, writeOutput } from "./command";
import { assertNothingKept, commandCalled, helmOption } from "./commandLine";
import { progressLine } from "./progress";
import { basePlace, headPlace, type Place } from "./reportPlaces";
import { readSides } from "./reportSides";
import { InputError } from "../input/inputError";
import { withScratch } from "./scratch";

interface Options extends MeshOptions {
  base: string;
  head?: string;
  stack?: string;
  cwd: string;
  helm: HelmMode;
  ruleConfig?: string;
  format: "markdown" | "json";
  maxLength: number;
  output?: string;
  exitZero?: true;
}

const command = commandCalled(
  "npm run -s report --",
  "Say what a change does to tracing: paths, findings and resources before and after.",
)
  .requiredOption(
    "--base <place>",
    "what to compare with: a commit or branch, a checkout of this project, or a directory of manifests",
  )
  .option("--head <directory>", "a checkout or a directory of manifests (default: this checkout)")
  .option("--stack <name>", "stack to render on both sides: the <name> of Pulumi.<name>.yaml")
  .addOption(
    new Option(
      "-C, --cwd <directory>",
      "where Pulumi.yaml and the stack file are, from the top of both checkouts",
    )
      .argParser(withinCheckout)
      .default("."),
  );
addMeshOptions(command)
  .option("--rule-config <file>", "levels and limits of rules, as for audit")
  .addOption(helmOption())
  .addOption(
    new Option("--format <name>", "how it is printed").choices(["markdown", "json"]).default("markdown"),
  )
  .addOption(
    new Option("--max-length <bytes>", "most bytes of Markdown, for several reports in one comment")
      .argParser(size)
      .default(commentLimit),
  )
  .option("--output <file>", "write to a file instead of standard output")
  .option("--exit-zero", "exit 0 even if the change breaks traces")
  .addHelpText(
    "after",
    "\nExit codes: 0 nothing breaks, 1 new findings of level error, 2 no report.\n\n" +
      "Examples:\n" +
      "  npm run -s report -- --base origin/main --stack dev\n" +
      "  npm run -s report -- --base ../before --head ../after\n" +
      "  npm run -s report -- --base origin/main --head ../deploy --format json",
  );

void runCommand(async () => {
  assertNothingKept(command);
  const options = command.parse().opts<Options>();
  assertSampling(options);
  if (options.format === "json" && command.getOptionValueSource("maxLength") === "cli") {
    throw new InputError("--max-length is for Markdown\n  fix: leave it out, or leave --format json out");
  }
  const ruleConfig = options.ruleConfig === undefined ? undefined : readRuleConfig(options.ruleConfig);
  const { text, isWorse } = await withScratch(async (scratch) => {
    const progress = progressLine();
    progress.tell(`looking for ${options.base}`);
    try {
      // The bundle is somewhere else: where the command is, its arguments say.
      const root = path.resolve(process.argv[1] ?? "", "..", "..");
      const head = headPlace(options.head, root);
      const base = await basePlace(options.base, head, scratch);
      if (options.output !== undefined) {
        const inputs = [
          ...[base, head].flatMap((place) => readOf(place, options)),
          ...(options.ruleConfig === undefined ? [] : [options.ruleConfig]),
        ];
        assertFree("--output", options.output, { inputs });
      }
      progress.tell("reading both sides");
      const { stack, cwd, helm } = options;
      const sides = await readSides({
        base,
        head,
        stack,
        cwd,
        helm,
        options: rulesOptions(options),
        scratch,
      });
      progress.tell("comparing");
      const comparison = compareSides(sides.base, sides.head, {
        subject: stack === undefined ? `manifests of ${head.label}` : `stack ${stack}`,
        isStack: stack !== undefined,
        notes: sides.notes,
        ruleConfig,
      });
      const print = options.format === "json" ? asJson : asMarkdown;
      return { text: print(comparison, options.maxLength), isWorse: comparison.isWorse };
    } finally {
      progress.stop();
    }
  });
  process.exitCode = isWorse && options.exitZero !== true ? exitCodes.findings : exitCodes.ok;
  writeOutput(options.output, text);
});

/** The files of a stack, or all manifests. */
function readOf({ type, path: place }: Place, { cwd, stack }: Options): string[] {
  if (type === "manifests") return [place];
  return ["Pulumi.yaml", `Pulumi.${stack ?? ""}.yaml`].map((file) => path.join(place, cwd, file));
}

function withinCheckout(value: string): string {
  const directory = path.normalize(value);
  if (!path.isAbsolute(directory) && !directory.startsWith("..")) return directory;
  throw new InvalidArgumentError("It must be a path below the top of a checkout.");
}

function size(value: string): number {
  const number = Number(value);
  if (/^\d+$/.test(value) && number >= 5000 && number <= 65_535) return number;
  throw new InvalidArgumentError("It must be a number from 5000 to 65535.");
}
