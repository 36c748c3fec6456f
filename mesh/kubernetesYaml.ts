/** YAML as Kubernetes reads it (sigs.k8s.io/yaml): YAML 1.1's words and numbers, but no timestamps. */
import { CORE_SCHEMA, load, Type, YAMLException } from "js-yaml";
import { within } from "./yamlBounds";

const yes = new Set(["y", "Y", "yes", "Yes", "YES", "true", "True", "TRUE", "on", "On", "ON"]);
const no = new Set(["n", "N", "no", "No", "NO", "false", "False", "FALSE", "off", "Off", "OFF"]);

const boolean = new Type("tag:yaml.org,2002:bool", {
  kind: "scalar",
  resolve: (text: unknown) => yes.has(text as string) || no.has(text as string),
  construct: (text: string) => yes.has(text),
});

/** A leading zero means octal, and digits may be grouped by underscores. */
const integer = new Type("tag:yaml.org,2002:int", {
  kind: "scalar",
  resolve: (text: unknown) =>
    typeof text === "string" && /^[-+]?(0b[01_]+|0x[0-9a-fA-F_]+|0o[0-7_]+|[0-9][0-9_]*)$/.test(text),
  construct: (text: string) => {
    const [, sign, prefix = "", digits = ""] = /^([-+]?)(0[box]|0(?=[0-7_]+$))?(.*)$/.exec(text) ?? [];
    const base = { "0b": 2, "0x": 16, "0o": 8, "0": 8 }[prefix] ?? 10;
    const value = Number.parseInt(digits.replaceAll("_", ""), base);
    return sign === "-" ? -value : value;
  },
});

const merge = new Type("tag:yaml.org,2002:merge", {
  kind: "scalar",
  resolve: (text: unknown) => text === "<<",
});

/** Tags of other tools, such as `!Ref`, mean nothing to Kubernetes: the value under them is taken as it is. */
const foreignTags = (["scalar", "sequence", "mapping"] as const).map(
  (kind) => new Type("!", { kind, multi: true, construct: (value: unknown) => value }),
);

export const kubernetesSchema = CORE_SCHEMA.extend({
  implicit: [boolean, integer, merge],
  explicit: foreignTags,
});

/**
 * The one value of a text, also of one that stands in a manifest; undefined for none.
 * @throws YAMLException, or TooMuch for what stands for more than is read
 */
export function parseKubernetesYaml(text: string): unknown {
  return within(text, load(text, { schema: kubernetesSchema }));
}

/** The line of a text that a parser's error is about; what is open at the end is found after the last one. */
export function lineOfError(error: unknown, text: string): number | undefined {
  const mark = error instanceof YAMLException ? (error.mark as { line: number } | undefined) : undefined;
  return mark === undefined ? undefined : Math.min(mark.line + 1, text.trimEnd().split("\n").length);
}
