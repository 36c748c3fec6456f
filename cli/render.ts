/**
 * `npm run render`: runs the program in process and writes what it makes.
 *
 * Exit codes: 0 rendered; 1 rendered, but traces would break: findings of level error; 2 the stack's
 * description or the call has a mistake, and nothing was written.
 */
import * as fs from "node:fs";
import * as path from "node:path";
import { Command, Option } from "commander";
import ora from "ora";
import pc from "picocolors";
import program = require("../index");
import * as pulumi from "@pulumi/pulumi";
import { asText } from "../findings/formats/text";
import { count } from "../findings/words";
import { jsonFindings } from "../findings/formats/json";
import { asSarif } from "../findings/formats/sarif";
import { ConfigMistakes } from "../config/mistakes";
import { type HelmMode } from "../engine/helm";
import { filesOf, type RenderedFile, writeFiles, type WriteReport } from "../engine/output";
import { toYaml } from "../mesh/yaml";
import { renderStack, type RenderedStack } from "../engine/render";
import { readStackFile, type StackFile } from "../engine/stackFile";
import { InputError } from "../input/inputError";
import { allRules } from "../policy/rules";
import { type Finding } from "../findings/finding";
import { assertFree, exitCodes, runCommand } from "./command";
import { findingsOf } from "./stackFindings";
import { resourceTree } from "./tree";

interface Options {
  stack: string;
  cwd?: string;
  out?: string;
  stdout?: true;
  json?: true;
  sarif?: string;
  helm: HelmMode;
}

const command = new Command("npm run render --")
  .description("Render every manifest of a stack, without cluster, credentials or the Pulumi CLI.")
  .requiredOption("--stack <name>", "stack to render: the <name> of Pulumi.<name>.yaml")
  .option(
    "-C, --cwd <directory>",
    "where Pulumi.yaml and the stack file are (default: this project's directory)",
  )
  .option("--out <directory>", "where to write, one YAML file a resource (default: rendered/<stack>)")
  .option("--stdout", "print the manifests instead of writing files")
  .option("--json", "print a JSON report instead of the tree (with --stdout: the manifests as a JSON List)")
  .addOption(
    new Option(
      "--sarif <file>",
      "also write the findings as SARIF, for code scanning; the files they name are those that are written",
    ).conflicts("stdout"),
  )
  .addOption(
    new Option("--helm <when>", "template charts with the helm on PATH: if possible, or fail, or not at all")
      .choices(["auto", "always", "never"])
      .default("auto"),
  )
  .addHelpText(
    "after",
    "\nExit codes: 0 rendered, 1 rendered with findings of level error, 2 nothing was rendered.",
  )
  .showHelpAfterError("(--help shows what there is)")
  .exitOverride((error) => process.exit(error.exitCode === 0 ? exitCodes.ok : exitCodes.badInput));

/** Mistakes of whoever describes the stack; their message says all there is to say. */
const isBadInput = (error: unknown): boolean =>
  error instanceof InputError || error instanceof ConfigMistakes || pulumi.RunError.isInstance(error);

void runCommand(async () => {
  const options = command.parse().opts<Options>();
  if (options.out === "") throw new InputError("--out must be a directory, and it is empty");
  const root = path.resolve(__dirname, "..");
  const spinner = ora({ stream: process.stderr, isSilent: !process.stderr.isTTY });
  spinner.start();
  let stack: RenderedStack;
  try {
    const directory = path.resolve(options.cwd ?? root);
    const file = readStackFile(directory, options.stack);
    assertOwnProgram(file, directory, root);
    stack = await renderStack({
      directory,
      stack: options.stack,
      helm: options.helm,
      program,
      file,
      // Most of the work leaves no time for the spinner's own clock.
      progress: (text) => {
        spinner.text = text;
        spinner.render();
      },
    });
  } finally {
    spinner.stop();
  }
  const files = filesOf(stack.rendered);
  const findings = findingsOf(stack);
  if (findings.some(isError)) process.exitCode = exitCodes.findings;
  if (options.stdout) {
    printManifests(files, options.json === true);
    if (findings.length > 0) process.stderr.write(findingsText(findings, stack, false));
  } else {
    const directory = path.resolve(options.out ?? path.join(root, "rendered", options.stack));
    const stackFile = path.resolve(options.cwd ?? root, `Pulumi.${options.stack}.yaml`);
    if (options.sarif !== undefined) {
      const inputs = [stackFile, path.resolve(options.cwd ?? root, "Pulumi.yaml")];
      assertFree("--sarif", options.sarif, { inputs, outputs: { "--out": directory } });
    }
    const report = writeFiles(directory, files);
    if (options.sarif !== undefined) {
      writeSarif(options.sarif, findings, directory, stackFile);
    }
    if (options.json) printReport(options.stack, stack, files, directory, findings);
    else printSummary(options, stack, files, report, directory, findings);
  }
}, isBadInput);

/** Pulumi would run what `main` says there, and it must be what is rendered here. */
function assertOwnProgram({ program: found }: StackFile, directory: string, root: string): void {
  const real = (file: string): string => (fs.existsSync(file) ? fs.realpathSync(file) : file);
  if (real(found) === real(root)) return;
  throw new InputError(
    `Pulumi.yaml of ${directory} runs the program in ${found}, not the one in ${root}\n` +
      `  fix: write main: ${path.relative(directory, root)}`,
  );
}

/** @throws InputError if the file cannot be written */
function writeSarif(file: string, findings: readonly Finding[], directory: string, elsewhere: string): void {
  const placed = findings.map((finding) =>
    finding.file === undefined ? finding : { ...finding, file: path.join(directory, finding.file) },
  );
  try {
    fs.mkdirSync(path.dirname(file), { recursive: true });
    fs.writeFileSync(file, asSarif({ findings: placed, read: "", elsewhere }, allRules));
  } catch (error) {
    throw new InputError(`${file} cannot be written: ${(error as Error).message}`);
  }
}

/** Manifests alone, so that the output can be piped; charts that were not templated go to stderr. */
function printManifests(files: readonly RenderedFile[], json: boolean): void {
  const manifests = files.flatMap(({ rendered }) =>
    rendered.type === "manifest" ? [rendered.manifest] : [],
  );
  process.stdout.write(
    json
      ? `${JSON.stringify({ apiVersion: "v1", kind: "List", items: manifests }, undefined, 2)}\n`
      : manifests.map((manifest) => `---\n${toYaml(manifest)}`).join(""),
  );
  for (const { rendered } of files) {
    if (rendered.type === "chart") {
      const { namespace, release, reason } = rendered.chart;
      process.stderr.write(`the chart of ${namespace}/${release} is not in this output: ${reason}\n`);
    }
  }
}

function printReport(
  name: string,
  stack: RenderedStack,
  files: readonly RenderedFile[],
  directory: string,
  findings: readonly Finding[],
): void {
  const resources = files.map(({ path: file, rendered }) =>
    rendered.type === "chart"
      ? { file, urn: rendered.urn, chart: rendered.chart }
      : {
          file,
          urn: rendered.urn,
          apiVersion: rendered.manifest.apiVersion,
          kind: rendered.manifest.kind,
          namespace: rendered.manifest.metadata.namespace ?? null,
          name: rendered.manifest.metadata.name,
          patch: rendered.patch,
        },
  );
  process.stdout.write(
    `${JSON.stringify({ stack: name, directory, resources, outputs: stack.outputs, findings: jsonFindings(findings) }, undefined, 2)}\n`,
  );
}

function printSummary(
  { stack: name, cwd }: Options,
  stack: RenderedStack,
  files: readonly RenderedFile[],
  report: WriteReport,
  directory: string,
  findings: readonly Finding[],
): void {
  const relative = path.relative(process.cwd(), directory) || ".";
  const shown = relative.startsWith("..") ? directory : relative;
  const charts = files.filter(({ rendered }) => rendered.type === "chart").length;
  const { config } = stack;
  const lines = [
    resourceTree(stack.resources, stack.rendered),
    "",
    ...(findings.length === 0 ? [] : [findingsText(findings, stack, pc.isColorSupported)]),
    `${pc.green(`stack ${name}`)}: ${count(files.length - charts, "manifest")}` +
      (charts > 0 ? ` and ${count(charts, "chart")} as values` : "") +
      ` in ${shown}${path.sep}` +
      ` (${report.written} written, ${report.unchanged} unchanged, ${report.removed.length} removed)`,
    `  traced: ${count(Object.keys(config.namespaces).length, "namespace")}, ${config.tracing.sampling} % of requests`,
    `  UI:     ${String(stack.outputs["uiAddress"])}`,
    `  rules:  ${allRules.length} checked, ${findings.length === 0 ? "nothing found" : `${count(findings.length, "finding")} above`}`,
    "",
    "next:",
    `  read   ${shown}${path.sep} and compare it with what the cluster has`,
    findings.some(isError)
      ? "  repair what the findings above say, before anything is deployed"
      : `  deploy pulumi ${cwd === undefined ? "" : `-C ${cwd} `}up --stack ${name}      (docs/deploy.md)`,
    `  other  npm run render -- --help`,
    "",
    pc.dim(`rendered in ${(performance.now() / 1000).toFixed(1)} s, nothing was deployed`),
  ];
  process.stdout.write(`${lines.join("\n")}\n`);
}

function isError({ level }: Finding): boolean {
  return level === "error";
}

function findingsText(findings: readonly Finding[], stack: RenderedStack, color: boolean): string {
  return asText({ findings, read: count(stack.rendered.length, "object") }, color);
}
