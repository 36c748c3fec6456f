/** From a stack's file to its manifests, in memory. */
import { type StackConfig } from "../config/stack";
import { stackFrom } from "../config/fromPulumi";
import { helmCharts, type HelmMode } from "./helm";
import { validateIstio } from "./istioSchemas";
import { manifestsOf, type Rendered } from "./manifests";
import { type ProgramRun, runProgram } from "./run";
import { readStackFile } from "./stackFile";

export interface RenderOptions {
  /** Directory of `Pulumi.yaml` and the stack files. */
  directory: string;
  stack: string;
  helm: HelmMode;
  /** What `index.ts` exports. */
  program: () => Promise<Record<string, unknown>>;
  /** Is told what is going on. */
  progress?: (text: string) => void;
}

/** A rendered stack. */
export interface RenderedStack extends ProgramRun {
  rendered: Rendered[];
  config: StackConfig;
}

/**
 * Renders a stack; writes nothing.
 * @throws InputError or ConfigMistakes if the stack's description has mistakes
 */
export async function renderStack({
  directory,
  stack,
  helm,
  program,
  progress = () => {},
}: RenderOptions): Promise<RenderedStack> {
  const file = readStackFile(directory, stack);
  const { project, config } = file;
  const description = stackFrom(config, project, stack);
  progress(`running the program of stack ${stack}`);
  const run = await runProgram(project, stack, config, program);
  const charts = helmCharts(helm, description.cluster.kubernetesVersion, file.program, (release) =>
    progress(`templating the chart of ${release}`),
  );
  const rendered = await manifestsOf(run.resources, charts);
  progress("validating against Istio's schemas");
  await validateIstio(rendered.flatMap((item) => (item.type === "manifest" ? [item.manifest] : [])));
  return { ...run, rendered, config: description };
}
