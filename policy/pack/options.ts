/**
 * What the objects of a stack do not say, from the stack's configuration: of a stack of this project, its own
 * sections; of any stack, keys of the namespace `mesh-tracing-policy`, which win.
 *
 *     pulumi config set mesh-tracing-policy:collector observability/jaeger-collector:9411
 *     pulumi config set mesh-tracing-policy:traced '["shop", "checkout"]'
 */
import { defaultDns } from "../../mesh/dns";
import { projectName } from "../../mesh/names";
import { isRecord, list, record, text } from "../model/reading";
import { type Options } from "../model/options";
import { ownStackOptions } from "./ownStack";

/** The namespace of this pack's own keys. */
const policyConfigNamespace = "mesh-tracing-policy";

/** Keys of the namespace, and whether each is a text, a list of texts or a structure. */
const keys = {
  collector: "text",
  traced: "texts",
  gateways: "texts",
  istioVersion: "text",
  otherPolicies: "texts",
  rootNamespace: "text",
  dns: "structure",
} as const satisfies Partial<Record<keyof Options, "text" | "texts" | "structure">>;

/**
 * Options from what Pulumi gives a policy pack.
 * @param configuration a stack's configuration as JSON: texts by full key, structures as JSON again
 * @throws Error naming each key that is not of this pack or not of its type
 */
export function optionsFrom(configuration: string | undefined): Options {
  const config = record(parsed(configuration));
  return { ...ownStackOptions(sectionsIn(config)), ...given(config) };
}

/** The sections of a stack of this project; none of another project's. */
function sectionsIn(config: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const prefix = `${projectName}:`;
  return Object.fromEntries(
    Object.entries(config).flatMap(([key, value]) =>
      key.startsWith(prefix) ? [[key.slice(prefix.length), parsed(text(value))]] : [],
    ),
  );
}

function given(config: Readonly<Record<string, unknown>>): Options {
  const prefix = `${policyConfigNamespace}:`;
  const options: Record<string, unknown> = {};
  const mistakes: string[] = [];
  for (const [key, value] of Object.entries(config)) {
    if (!key.startsWith(prefix)) continue;
    const type = Object.entries(keys).find(([name]) => name === key.slice(prefix.length))?.[1];
    const read = type === "text" ? value : parsed(text(value));
    if (type === undefined)
      mistakes.push(`${key}: there is no such key; known keys are ${Object.keys(keys).join(", ")}`);
    else if (!isOf(type, read)) mistakes.push(`${key}: must be ${wanted[type]}`);
    else options[key.slice(prefix.length)] = read;
  }
  if (mistakes.length > 0) throw new Error(`the stack's configuration has mistakes\n${mistakes.join("\n")}`);
  return options;
}

const wanted = {
  text: "a text",
  texts: 'a list of texts, ["a", "b"]',
  structure: `a structure, {"namespace": "${defaultDns.namespace}"}`,
} as const;

function isOf(type: keyof typeof wanted, value: unknown): boolean {
  if (type === "text") return typeof value === "string";
  if (type === "texts") return Array.isArray(value) && list(value).every((item) => typeof item === "string");
  return isRecord(value);
}

function parsed(value: string | undefined): unknown {
  try {
    return JSON.parse(value ?? "null") as unknown;
  } catch {
    return undefined;
  }
}
