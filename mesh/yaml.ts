/** YAML as this project writes it. */
import { stringify } from "yaml";

/**
 * A value as YAML that reads the same for everybody: Kubernetes and Helm read YAML 1.1, in which a plain `no`, `y`,
 * `1_000` or `0b1` is no text. What is one line there is one line here.
 */
export function toYaml(value: unknown): string {
  return stringify(value, { lineWidth: 0, aliasDuplicateObjects: false, compat: "yaml-1.1" });
}
