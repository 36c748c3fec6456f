/** Lines of YAML to paste, as findings print them. */
import { toYaml } from "../mesh/yaml";

/** A value as YAML without line folding and without a newline at its end. */
export function yaml(value: unknown): string {
  return toYaml(value).trimEnd();
}

/** YAML under a comment that says where it goes. */
export function snippet(where: string, value: unknown): string {
  return `# ${where}\n${yaml(value)}`;
}

/** `a`, `a and b`, `a, b and c`; of more than `most` only the first ones and how many more there are. */
export function enumerate(words: readonly string[], most = 5): string {
  if (words.length > most) {
    return `${words.slice(0, most - 1).join(", ")} and ${words.length - most + 1} more`;
  }
  return words.length < 2 ? words.join("") : `${words.slice(0, -1).join(", ")} and ${words.at(-1)}`;
}
