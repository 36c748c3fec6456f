/**
 * The embedded engine: runs the stack's program in process on Pulumi's own mock monitor. No CLI, no cluster,
 * no credentials; what the program registers is recorded and never deployed.
 */
import * as pulumi from "@pulumi/pulumi";
import { byKey } from "../mesh/stableOrder";

/** A resource as the program registered it. */
export interface RegisteredResource {
  urn: string;
  /** Pulumi's type token, `kubernetes:core/v1:Service`. */
  type: string;
  /** The logical name. */
  name: string;
  /** URN of the component it belongs to; empty at the top. */
  parent: string;
  /** False for components. */
  custom: boolean;
  /** Inputs as plain values; secrets are replaced by {@link secretPlaceholder}. */
  inputs: Record<string, unknown>;
  /** URNs of the resources that are made before this one. */
  dependencies: string[];
}

/** What a run of the program gives. */
export interface ProgramRun {
  resources: RegisteredResource[];
  outputs: Record<string, unknown>;
}

/** Stands where a secret was: secrets are never written or printed. */
export const secretPlaceholder = "[secret]";

/** Keys by which Pulumi marks a secret value on the wire. */
const signatureKey = "4dabf18193072939515e22adb298388d";
const secretSignature = "1b47061264138c4ac30d75fd1eb44270";

type Request = {
  getType(): string;
  getName(): string;
  getParent(): string;
  getCustom(): boolean;
  getObject(): unknown;
  getDependenciesList(): string[];
};
type Reply = { getUrn(): string } | undefined;
type Register = (request: Request, reply: (error: unknown, response: Reply) => void) => void;

/**
 * Runs the program once. Runs must not overlap: Pulumi's runtime is one per process.
 * @param project the project's name, under which the stack's keys are
 * @param stack the stack's name
 * @param config the stack file's values as Pulumi hands them to programs: text, structures as JSON
 * @param program what `index.ts` exports
 * @param progress is told the number of resources from time to time
 * @throws pulumi.RunError if the configuration has mistakes
 */
export async function runProgram(
  project: string,
  stack: string,
  config: Readonly<Record<string, string>>,
  program: () => Promise<Record<string, unknown>>,
  progress: (count: number) => void = () => {},
): Promise<ProgramRun> {
  const once = (): Promise<ProgramRun> => runOnce(project, stack, config, program, progress);
  try {
    return await withoutStackTraces(once);
  } catch (error) {
    // What is a bug is shown with its stack trace.
    if (pulumi.RunError.isInstance(error) || !(error instanceof Error)) throw error;
    return await once();
  }
}

/**
 * Pulumi's runtime notes a stack trace for every promise of every resource: half of the time and most of the memory
 * of a large stack.
 */
async function withoutStackTraces<T>(work: () => Promise<T>): Promise<T> {
  const limit = Error.stackTraceLimit;
  Error.stackTraceLimit = 0;
  try {
    return await work();
  } finally {
    Error.stackTraceLimit = limit;
  }
}

async function runOnce(
  project: string,
  stack: string,
  config: Readonly<Record<string, string>>,
  program: () => Promise<Record<string, unknown>>,
  progress: (count: number) => void,
): Promise<ProgramRun> {
  await pulumi.runtime.setMocks(
    {
      // The runtime takes for outputs what the inputs say; a copy of each on the way back would be only work.
      newResource: ({ name, id }) => ({ id: id ?? name, state: {} }),
      // A program that asks the engine a question would get an invented answer here and a real one there.
      call: ({ token }) => {
        const text = `the program calls ${token}, which the embedded engine cannot answer`;
        // Pulumi's runtime tells `details` of a failed request and nothing else.
        throw Object.assign(new Error(text), { details: text });
      },
    },
    project,
    stack,
    false,
  );
  pulumi.runtime.setAllConfig({ ...config });
  const resources = record(progress);
  const outputs = await program();
  await pulumi.runtime.disconnect();
  return { resources, outputs };
}

/** Notes every registration together with what only the request knows: its parent and its dependencies. */
function record(progress: (count: number) => void): RegisteredResource[] {
  const resources: RegisteredResource[] = [];
  const monitor = pulumi.runtime.getMonitor() as unknown as { registerResource: Register };
  const register = monitor.registerResource.bind(monitor);
  monitor.registerResource = (request, reply) =>
    register(request, (error, response) => {
      if (response !== undefined) {
        const inputs = pulumi.runtime.deserializeProperties(request.getObject() as never) as Record<
          string,
          unknown
        >;
        resources.push({
          urn: response.getUrn(),
          type: request.getType(),
          name: request.getName(),
          parent: request.getParent(),
          custom: request.getCustom(),
          inputs: byKey(withoutSecrets(inputs) as Record<string, unknown>),
          dependencies: request.getDependenciesList(),
        });
        if (resources.length % 100 === 0) progress(resources.length);
      }
      reply(error, response);
    });
  return resources;
}

/** A copy without secrets, also where a secret is part of a longer structure. */
export function withoutSecrets(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutSecrets);
  if (typeof value !== "object" || value === null) return value;
  if ((value as Record<string, unknown>)[signatureKey] === secretSignature) return secretPlaceholder;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, withoutSecrets(inner)]));
}
