/**
 * `npm run -s graph`: who calls whom, and where spans get lost, of a live cluster or of a saved answer.
 *
 * Exit codes: 0 drawn; 2 it could not run.
 */
import * as fs from "node:fs";
import { Option } from "commander";
import pc from "picocolors";
import { asDot } from "../doctor/graph/dot";
import { type Graph } from "../doctor/graph/graph";
import { asMermaid } from "../doctor/graph/mermaid";
import { savedGraph } from "../doctor/graph/saved";
import { asSvg } from "../doctor/graph/svg";
import { asTerminal } from "../doctor/graph/terminal";
import { diagnose } from "../doctor/run";
import { InputError } from "../input/inputError";
import { assertFree, runCommand, writeOutput } from "./command";
import { assertNothingKept } from "./commandLine";
import { type DoctorCall, doctorCommand, isBadInput, meshOf } from "./doctorOptions";
import { progressLine } from "./progress";

const formats = ["terminal", "mermaid", "dot", "svg"] as const;

interface Options extends DoctorCall {
  format: (typeof formats)[number];
  output?: string;
}

const command = doctorCommand(
  "npm run -s graph --",
  "Draw who calls whom, as seen against what routes lead to expect, and where spans get lost.",
)
  .argument(
    "[saved]",
    "what doctor --format json printed, or Jaeger's /api/dependencies; - for standard input",
  )
  .addOption(new Option("--format <name>", "how it is drawn").choices(formats).default("terminal"))
  .option("--output <file>", "write it to a file instead of standard output")
  .addHelpText("after", "\nExit codes: 0 drawn, 2 it could not run.");

void runCommand(async () => {
  command.parse();
  assertNothingKept(command);
  const options = command.opts<Options>();
  const [saved] = command.args;
  const { output } = options;
  if (output !== undefined)
    assertFree("--output", output, { inputs: saved === undefined || saved === "-" ? [] : [saved] });
  const graph =
    saved === undefined
      ? await liveGraph(options)
      : savedGraph(saved === "-" ? "standard input" : saved, read(saved));
  writeOutput(output, draw(graph, options.format, output === undefined && pc.isColorSupported));
}, isBadInput);

function draw(graph: Graph, format: Options["format"], color: boolean): string {
  if (format === "mermaid") return asMermaid(graph);
  if (format === "dot") return asDot(graph);
  if (format === "svg") return asSvg(graph);
  return asTerminal(graph, { color, width: process.stdout.columns || undefined });
}

async function liveGraph(options: Options): Promise<Graph> {
  const progress = progressLine();
  const { kubeconfig, context, namespace: namespaces } = options;
  return diagnose({
    kubeconfig,
    context,
    namespaces,
    mesh: meshOf(options),
    progress: (text) => progress.tell(text),
  })
    .then(({ graph }) => graph)
    .finally(() => progress.stop());
}

function read(file: string): string {
  try {
    return fs.readFileSync(file === "-" ? 0 : file, "utf8");
  } catch (error) {
    throw new InputError(`${file} cannot be read: ${(error as Error).message}`);
  }
}
