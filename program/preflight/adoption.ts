/**
 * Taking over what others manage: said for one command, by the names of the objects, so that it cannot stay on. What
 * is not named is never taken.
 */
import { textOf } from "./liveObject";
import { type Foreign } from "./ownership";
import { type Plan } from "./plan";

/** The environment variable that names the objects, as the refusal spells them, with commas between them. */
export const adoptVariable = "MESH_TRACING_ADOPT";

/** The objects that are named. */
export function adoptedNames(environment: Readonly<Record<string, string | undefined>>): string[] {
  return (environment[adoptVariable] ?? "")
    .split(",")
    .map((name) => name.trim())
    .filter((name) => name !== "");
}

/** What is wrong with the names; nothing where each is planned, and at least one is somebody else's. */
export function adoptionMistakes(
  names: readonly string[],
  plan: Plan,
  foreign: readonly Foreign[],
): string[] {
  if (names.length === 0) return [];
  const planned = new Set(plan.creates.map(textOf));
  const unknown = names.filter((name) => !planned.has(name));
  if (unknown.length > 0) {
    return unknown.map((name) => `${adoptVariable} names ${name}, which this stack does not make: remove it`);
  }
  const taken = new Set(foreign.map((one) => textOf(one.planned)));
  return names.some((name) => taken.has(name))
    ? []
    : [`${adoptVariable} is set, and nothing it names is managed by others any more: unset it`];
}

/** The command that takes over some objects. */
export function adoptionCommand(foreign: readonly Foreign[]): string {
  return `${adoptVariable}='${foreign.map(({ planned }) => textOf(planned)).join(",")}' pulumi up`;
}
