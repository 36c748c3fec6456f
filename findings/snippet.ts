/** Lines of YAML to paste, as findings print them. */
import { stringify } from "yaml";

/** A value as YAML without line folding and without a newline at its end. */
export function yaml(value: unknown): string {
  return stringify(value, { lineWidth: 0, aliasDuplicateObjects: false }).trimEnd();
}

/** YAML under a comment that says where it goes. */
export function snippet(where: string, value: unknown): string {
  return `# ${where}\n${yaml(value)}`;
}
