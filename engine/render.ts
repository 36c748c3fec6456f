/** From a stack's file to its manifests, in memory. */
import { type StackConfig } from "../config/stack";
import { stackFrom } from "../config/fromPulumi";
import { ConfigMistakes, keysOf } from "../config/mistakes";
import { outputsOf } from "../program/outputs";
import { helmCharts, type HelmMode } from "./helm";
import { validateIstio } from "./istioSchemas";
import { manifestsOf, type RegisteredResource, type Rendered } from "./manifests";
import { plannedResources } from "./planned";
import { placesIn, readStackFile, type StackFile } from "./stackFile";

export interface RenderOptions {
  /** Directory of `Pulumi.yaml` and the stack files. */
  directory: string;
  stack: string;
  helm: HelmMode;
  /** The stack's file, if it has been read. */
  file?: StackFile;
  /** Is told what is going on. */
  progress?: (text: string) => void;
}

export interface RenderedStack {
  /** What the program registers: components, each followed by what is in it. */
  resources: RegisteredResource[];
  rendered: Rendered[];
  outputs: ReturnType<typeof outputsOf>;
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
  file = readStackFile(directory, stack),
  progress = () => {},
}: RenderOptions): Promise<RenderedStack> {
  const { project, config } = file;
  const description = withPlaces(() => stackFrom(config, project, stack), directory, stack);
  progress(`making the manifests of stack ${stack}`);
  const resources = plannedResources(description, project);
  const charts = helmCharts(helm, description.cluster.kubernetesVersion, file.program, (release) =>
    progress(`templating the chart of ${release}`),
  );
  const rendered = await manifestsOf(resources, charts);
  progress("validating against Istio's schemas");
  await validateIstio(rendered.flatMap((item) => (item.type === "manifest" ? [item.manifest] : [])));
  return { resources, rendered, outputs: outputsOf(description), config: description };
}

/** Mistakes with the lines that they are on. */
function withPlaces<T>(read: () => T, directory: string, stack: string): T {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof ConfigMistakes)) throw error;
    const placeOf = placesIn(directory, stack);
    throw new ConfigMistakes(
      error.mistakes.map((mistake) => ({ ...mistake, place: placeOf(keysOf(mistake.path)) })),
    );
  }
}
