/**
 * `npm run render`: runs the program in process and writes what it makes.
 *
 * Exit codes: 0 rendered; 1 rendered, but traces would break: findings of level error; 2 the stack's
 * description or the call has a mistake, and nothing was written.
 */
import * as fs from "node:fs";
import * as path from "node:path";
import { Option } from "commander";
import { type HelmMode } from "../engine/helm";
import { filesOf, handedOver, writeFiles } from "../engine/output";
import { renderStack } from "../engine/render";
import { readStackFile, type StackFile } from "../engine/stackFile";
import { count } from "../findings/words";
import { InputError } from "../input/inputError";
import { assertFree, exitCodes, runCommand } from "./command";
import { assertNothingKept, commandCalled, helmOption } from "./commandLine";
import { isBadInput } from "./doctorOptions";
import { type ProgressLine, progressLine } from "./progress";
import { findingsText, isError, printManifests, printReport, printSummary, writeSarif } from "./renderOutput";
import { findingsOf } from "./stackFindings";

interface Options {
  stack: string;
  cwd?: string;
  out?: string;
  stdout?: true;
  json?: true;
  sarif?: string;
  helm: HelmMode;
}

const command = commandCalled(
  "npm run render --",
  "Render every manifest of a stack, without cluster, credentials or the Pulumi CLI.",
)
  .option("--stack <name>", "stack to render: the <name> of Pulumi.<name>.yaml")
  .option(
    "-C, --cwd <directory>",
    "where Pulumi.yaml and the stack file are (default: this project's directory)",
  )
  .option(
    "--out <directory>",
    "where to write, one YAML file a resource (default: rendered/<stack> beside the stack file)",
  )
  .addOption(new Option("--stdout", "print the manifests instead of writing files").conflicts("out"))
  .option("--json", "print a JSON report instead of the tree (with --stdout: the manifests as a JSON List)")
  .addOption(
    new Option(
      "--sarif <file>",
      "also write the findings as SARIF, for code scanning; the files they name are those that are written",
    ).conflicts("stdout"),
  )
  .addOption(helmOption())
  .addHelpText("after", "\nExit codes: 0 rendered, 1 rendered with findings of level error, 2 not rendered.");

void runCommand(async () => {
  assertNothingKept(command);
  const options = command.parse().opts<Options>();
  // Not left to the parser, which would look for it before it looks at options that are misspelt.
  if ((options.stack as string | undefined) === undefined) {
    command.error("error: required option '--stack <name>' not specified");
  }
  if (options.out === "") throw new InputError("--out must be a directory, and it is empty");
  const progress = progressLine();
  try {
    await render(options, progress);
  } finally {
    progress.stop();
  }
}, isBadInput);

async function render(options: Options, progress: ProgressLine): Promise<void> {
  const root = path.resolve(__dirname, "..");
  const directory = path.resolve(options.cwd ?? root);
  const file = readStackFile(directory, options.stack);
  assertOwnProgram(file, directory, root);
  const { stack: name, helm } = options;
  const tell = (text: string): void => progress.tell(text);
  const stack = await renderStack({ directory, stack: name, helm, file, progress: tell });
  const files = filesOf(stack.rendered);
  tell(`checking ${count(files.length, "manifest")}`);
  const findings = findingsOf(stack, files);
  if (findings.some(isError)) process.exitCode = exitCodes.findings;
  if (options.stdout) {
    progress.stop();
    printManifests(files, options.json === true);
    if (stack.config.istio.delivery === "values") {
      process.stderr.write(
        "the mesh config for istiod's owner is not in this output: it is the output meshValues of --json\n",
      );
    }
    if (findings.length > 0) process.stderr.write(findingsText(findings, stack, false));
    return;
  }
  // Beside the stack file, so that stacks of one name in two directories have two places.
  const out = path.resolve(options.out ?? path.join(directory, "rendered", name));
  const stackFile = path.join(directory, `Pulumi.${name}.yaml`);
  if (options.sarif !== undefined) {
    const inputs = [stackFile, path.join(directory, "Pulumi.yaml")];
    assertFree("--sarif", options.sarif, { inputs, outputs: { "--out": out } });
  }
  const { istio } = stack.config;
  const ofOthers =
    istio.delivery === "values" ? [handedOver(stack.outputs.meshValues, istio.rootNamespace)] : [];
  const report = writeFiles(out, [...files, ...ofOthers], ownerOf(directory, name, root), tell);
  if (options.sarif !== undefined) writeSarif(options.sarif, findings, out, stackFile);
  progress.stop();
  if (options.json) printReport(name, stack, files, out, findings);
  else printSummary(options, stack, files, report, out, findings);
}

/**
 * A stack's name among those of all directories, the same on every machine: `dev`, `examples/bookinfo/bookinfo`; of
 * a directory elsewhere its last part.
 */
function ownerOf(directory: string, stack: string, root: string): string {
  const within = path.relative(root, directory);
  const isElsewhere = within.startsWith("..") || path.isAbsolute(within);
  return [...(isElsewhere ? [path.basename(directory)] : within.split(path.sep)), stack]
    .filter((part) => part !== "")
    .join("/");
}

/** Pulumi would run what `main` says there, and it must be what is rendered here. */
function assertOwnProgram({ program: found }: StackFile, directory: string, root: string): void {
  const real = (file: string): string => (fs.existsSync(file) ? fs.realpathSync(file) : file);
  if (real(found) === real(root)) return;
  throw new InputError(
    `Pulumi.yaml of ${directory} runs the program in ${found}, not the one in ${root}\n` +
      `  fix: write main: ${path.relative(directory, root)}`,
  );
}
