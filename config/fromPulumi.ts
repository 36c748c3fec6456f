import { parseStack, type StackConfig } from "./stack";

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
