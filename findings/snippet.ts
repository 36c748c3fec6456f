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
