import * as pulumi from "@pulumi/pulumi";
import { parseStack, type StackConfig } from "./config";
import { ConfigMistakes } from "./config/mistakes";
import { runError } from "./runError";

/**
 * The stack that Pulumi is running, validated.
 * @throws pulumi.RunError with every mistake of the stack file: Pulumi prints it without a stack trace
 */
export function readStack(): StackConfig {
  try {
    return stackFrom(pulumi.runtime.allConfig(), pulumi.getProject(), pulumi.getStack());
  } catch (error) {
    if (error instanceof ConfigMistakes) throw runError(error.message);
    throw error;
  }
}

/**
 * A stack from its values as Pulumi hands them to programs: text by full key, structures as JSON. Keys of
 * other projects and of providers are not this program's business.
 * @throws ConfigMistakes with every mistake
 */
export function stackFrom(
  all: Readonly<Record<string, string>>,
  project: string,
  stack: string,
): StackConfig {
  const prefix = `${project}:`;
  const own = Object.entries(all).filter(([key]) => key.startsWith(prefix));
  return parseStack(
    Object.fromEntries(own.map(([key, text]) => [key.slice(prefix.length), parsed(text)])),
    stack,
  );
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text;
  }
}
