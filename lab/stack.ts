/** The stack that the lab deploys: the project's dev, with what is asked for changed. */
import * as fs from "node:fs";
import * as path from "node:path";
import { parse, parseAllDocuments, stringify } from "yaml";
import { type ApiObject } from "./api";
import { inRun } from "./home";
import { jaegerObjects, type JaegerValues } from "./jaegerChart";
import { type Delivery, type MeshValues } from "./platform";
import { render, root, stackFile } from "./project";

export const stackName = "dev";

export interface StackOptions {
  readonly delivery: Delivery;
}

interface StackConfig {
  readonly "mesh-tracing:istio": Record<string, unknown>;
  readonly "mesh-tracing:jaeger": Record<string, unknown>;
  readonly "mesh-tracing:namespaces": Record<string, { deployments?: Record<string, unknown> }>;
}

/** Namespaces of the stack and their Deployments. */
export function namespacesOf(file: string): Record<string, string[]> {
  const { config } = parse(file) as { config: StackConfig };
  return Object.fromEntries(
    Object.entries(config["mesh-tracing:namespaces"]).map(([name, { deployments = {} }]) => [
      name,
      Object.keys(deployments),
    ]),
  );
}

/**
 * Writes the stack's files for a run, and returns their directory.
 * @param chart directory of Jaeger's chart; default: where the stack says it is
 */
export function writeStack({ delivery }: StackOptions, chart?: string): string {
  const directory = inRun("stack");
  fs.mkdirSync(directory, { recursive: true });
  const project = parse(fs.readFileSync(path.join(root, "Pulumi.yaml"), "utf8")) as Record<string, unknown>;
  const main = path.relative(directory, root);
  fs.writeFileSync(path.join(directory, "Pulumi.yaml"), stringify({ ...project, main }));
  const file = parse(stackFile(stackName)) as { config: StackConfig };
  file.config["mesh-tracing:istio"]["delivery"] = delivery;
  if (chart !== undefined) Object.assign(file.config["mesh-tracing:jaeger"], { chart: { path: chart } });
  fs.writeFileSync(path.join(directory, `Pulumi.${stackName}.yaml`), stringify(file));
  return directory;
}

export interface StackObjects {
  readonly objects: readonly ApiObject[];
  /** What the owner of istiod's chart must set. */
  readonly meshValues?: MeshValues;
  /** Whether Jaeger is the chart's own, or the lab's stand-in made of the same values. */
  readonly jaegerIsFromChart: boolean;
}

/** The objects of a stack, as `render` writes them. */
export function renderStack(directory: string): StackObjects {
  const out = inRun("rendered");
  const { resources, outputs } = render(directory, stackName, out);
  const objects = resources
    .filter(({ file }) => !file.endsWith(".values.yaml"))
    .flatMap(({ file }) => documentsOf(path.join(out, file)));
  const values = valuesFiles(out);
  const stand = values.flatMap(({ file, namespace, release }) =>
    release === "jaeger"
      ? jaegerObjects(parse(fs.readFileSync(file, "utf8")) as JaegerValues, namespace, release)
      : [],
  );
  return {
    objects: [...objects, ...stand],
    meshValues: outputs["meshValues"] as MeshValues | undefined,
    jaegerIsFromChart: stand.length === 0,
  };
}

/** Objects of a file. */
export function documentsOf(file: string): ApiObject[] {
  return parseAllDocuments(fs.readFileSync(file, "utf8")).flatMap(
    (document) => (document.toJS() as ApiObject | null) ?? [],
  );
}

function valuesFiles(out: string): { file: string; namespace: string; release: string }[] {
  return fs.readdirSync(out, { recursive: true, encoding: "utf8" }).flatMap((name) => {
    const [, namespace, release] = /^(.+)\/chart-(.+)\.values\.yaml$/.exec(name) ?? [];
    return namespace === undefined || release === undefined
      ? []
      : [{ file: path.join(out, name), namespace, release }];
  });
}
