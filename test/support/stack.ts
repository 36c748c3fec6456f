/** Known-good stacks for the tests, and the program run on them. */
import * as path from "node:path";
import { parseStack, type RawConfig, type StackConfig } from "../../config";
import { ConfigMistakes, type Mistake } from "../../config/mistakes";
import { projectName } from "../../constants";
import { type ProgramRun, type RegisteredResource, runProgram } from "../../engine/run";
import { readStackFile } from "../../engine/stackFile";
import { deployTracing } from "../../program";
import { stackFrom } from "../../stackFrom";

/** The checkout, where the stack files are. */
export const root = path.resolve(__dirname, "../..");

/** A small stack without a mistake. Sections given here replace its sections; `undefined` removes one. */
export function stackOf(sections: Record<string, unknown> = {}): RawConfig {
  const stack: Record<string, unknown> = {
    istio: { version: "1.31", delivery: "shared" },
    tracing: { sampling: 50 },
    gateways: [{ namespace: "edge" }],
    namespaces: { shop: { isolation: "existing" } },
    ...sections,
  };
  return Object.fromEntries(Object.entries(stack).filter(([, value]) => value !== undefined));
}

/** The section `istio` of a stack that installs Istio itself, with a gateway in the namespace `edge`. */
export const managedIstio = {
  version: "1.31",
  delivery: "managed",
  createNamespace: true,
  install: {
    chart: { repository: "https://charts.example.com/istio", version: "1.31.2" },
    gateway: { name: "front-door", namespace: "edge", createNamespace: true },
  },
};

/** The mistakes of a stack; none if it has none. */
export function mistakesIn(raw: RawConfig): readonly Mistake[] {
  try {
    parseStack(raw, "test");
    return [];
  } catch (error) {
    if (error instanceof ConfigMistakes) return error.mistakes;
    throw error;
  }
}

/** Runs the program on a stack's values in the embedded engine. */
export function run(raw: RawConfig, stack = "test"): Promise<ProgramRun> {
  const config = Object.fromEntries(
    Object.entries(raw).map(([key, value]) => [`${projectName}:${key}`, JSON.stringify(value)]),
  );
  return runProgram(projectName, stack, config, deployTracing);
}

/** Runs the program on a `Pulumi.<stack>.yaml` of the checkout. */
export function runStackFile(stack: string): Promise<ProgramRun> {
  const { project, config } = readStackFile(root, stack);
  return runProgram(project, stack, config, deployTracing);
}

/** A `Pulumi.<stack>.yaml` of the checkout, validated. */
export function parsedStackFile(stack: string): StackConfig {
  const { project, config } = readStackFile(root, stack);
  return stackFrom(config, project, stack);
}

/** The one resource of a logical name. */
export function resource({ resources }: ProgramRun, name: string): RegisteredResource {
  const found = resources.filter((candidate) => candidate.name === name);
  if (found.length !== 1 || found[0] === undefined) {
    throw new Error(`${found.length} resources are called ${name}`);
  }
  return found[0];
}

/** Type and name of every resource but the stack itself, sorted. */
export function typesAndNames({ resources }: ProgramRun): string[] {
  return resources
    .filter(({ type }) => type !== "pulumi:pulumi:Stack")
    .map(({ type, name }) => `${type} ${name}`)
    .sort();
}

/** Names of everything that is made before a resource: what it and its parents depend on, and so on. */
export function madeBefore(run: ProgramRun, name: string): Set<string> {
  const byUrn = new Map(run.resources.map((candidate) => [candidate.urn, candidate]));
  const names = new Set<string>();
  const follow = (current: RegisteredResource): void => {
    for (const urn of [...current.dependencies, current.parent]) {
      const next = byUrn.get(urn);
      if (next !== undefined && !names.has(next.name)) {
        names.add(next.name);
        follow(next);
      }
    }
  };
  follow(resource(run, name));
  return names;
}
