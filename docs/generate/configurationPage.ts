/** `docs/configuration.md`: every key of a stack file with its default, an example and its meaning. */
import { stringify } from "yaml";
import { parseStack } from "../../config/stack";
import { type JsonSchema, sectionsSchema } from "./stackFileSchema";

interface Row {
  key: string;
  absent: string;
  example: string;
  meaning: string;
}

/** In Markdown that is not formatted yet. */
export function configurationPage(): string {
  const { properties = {}, required = [] } = sectionsSchema();
  return `<!-- Made by \`npm run docs\` from config/sections.ts and the files it names. Change it there. -->

# Configuration

Everything is in \`Pulumi.<stack>.yaml\` under \`mesh-tracing:\`. \`Pulumi.dev.yaml\`,
\`Pulumi.prod.yaml\` and the stacks of [the examples](../examples/) are whole ones. Set single values with
\`pulumi config set --path 'mesh-tracing:jaeger.memoryLimit' 1Gi\`.

The first line of the stack files, \`# yaml-language-server: $schema=config/stack.schema.json\`, lets editors complete
keys, show what they mean and mark mistakes: VS Code with the extension YAML, IntelliJ, Neovim and others. Keep it in
files of your own.

A mistake stops \`pulumi\` and \`npm start\` alike before anything happens, with all mistakes at once:

\`\`\`text
${mistakesExample()}
\`\`\`

${Object.entries(properties)
  .map(([name, schema]) => sectionText(name, schema, required.includes(name)))
  .join("\n")}`;
}

function sectionText(name: string, schema: JsonSchema, isRequired: boolean): string {
  const [, ...rows] = rowsOf(name, schema, isRequired);
  return `## ${name}

${sentence(schema.description)}${isRequired ? " Required." : schema.default === undefined ? " Optional." : ""}

| Key | Default | Example | Meaning |
| --- | --- | --- | --- |
${rows.map(({ key, absent, example, meaning }) => `| \`${key}\` | ${absent} | ${example} | ${cell(meaning)} |`).join("\n")}
`;
}

function sentence(text = ""): string {
  return text.endsWith(".") ? text : `${text}.`;
}

function cell(text: string): string {
  return text.replaceAll("|", "\\|");
}

/** The row of a key and those of the keys in it. */
export function rowsOf(key: string, schema: JsonSchema, isRequired: boolean): Row[] {
  return [ownRow(key, schema, isRequired), ...innerRows(key, schema)];
}

function ownRow(key: string, schema: JsonSchema, isRequired: boolean): Row {
  return {
    key,
    absent: absent(schema, isRequired),
    example: example(schema).map(code).join(", "),
    meaning: schema.description ?? "",
  };
}

function innerRows(key: string, schema: JsonSchema): Row[] {
  // Kubernetes' own words.
  if (key.endsWith(".extraEgress")) return [];
  const { properties, required = [], additionalProperties, items } = schema;
  if (properties !== undefined) {
    return Object.entries(properties).flatMap(([name, inner]) =>
      rowsOf(`${key}.${name}`, inner, required.includes(name)),
    );
  }
  const inner = typeof additionalProperties === "object" ? additionalProperties : undefined;
  if (inner?.properties !== undefined)
    return [mapRow(`${key}.<name>`, inner), ...innerRows(`${key}.<name>`, inner)];
  if (items?.properties !== undefined) return innerRows(`${key}[]`, items);
  const kinds = schema.anyOf?.flatMap(({ oneOf = [] }) => oneOf) ?? [];
  return kinds.length === 0 ? [] : kindRows(key, kinds);
}

/** What a name of a map stands for; there is no default of it. */
function mapRow(key: string, schema: JsonSchema): Row {
  return { ...ownRow(key, schema, false), absent: "" };
}

/** Of maps that are told apart by `type`: each key once, with the types that have it. */
function kindRows(key: string, kinds: readonly JsonSchema[]): Row[] {
  const types = new Map<string, unknown[]>();
  const rows = new Map<string, Row>();
  for (const { properties = {}, required = [] } of kinds) {
    for (const [name, inner] of Object.entries(properties)) {
      for (const row of rowsOf(`${key}.${name}`, inner, required.includes(name))) {
        if (!rows.has(row.key)) rows.set(row.key, row);
        types.set(row.key, [...(types.get(row.key) ?? []), properties["type"]?.const]);
      }
    }
  }
  return [...rows.values()].map((row) => {
    const of = types.get(row.key) ?? [];
    if (row.key === `${key}.type`) return { ...row, example: of.map(code).join(", ") };
    return { ...row, meaning: `${row.meaning} (${of.map(code).join(", ")})` };
  });
}

function absent(schema: JsonSchema, isRequired: boolean): string {
  if (schema.whenAbsent !== undefined) return schema.whenAbsent;
  if (isRequired) return "required";
  if (schema.default === undefined) return "none";
  // The default of a section is what its keys say.
  return schema.properties === undefined ? code(schema.default) : "";
}

/** Examples; of a choice the choices. */
export function example(schema: JsonSchema): unknown[] {
  if (schema.examples !== undefined) return schema.examples;
  if (schema.enum !== undefined) return schema.enum;
  if (schema.const !== undefined) return [schema.const];
  if (schema.type === "boolean") return [schema.default !== true];
  return schema.anyOf?.flatMap(({ enum: words = [] }) => words) ?? [];
}

/** A value as YAML in one line. */
function code(value: unknown): string {
  const text = stringify(value, { collectionStyle: "flow", flowCollectionPadding: false, lineWidth: 0 })
    .trim()
    .replaceAll(/\s*\n\s*/g, " ");
  return `\`${cell(text)}\``;
}

function mistakesExample(): string {
  try {
    parseStack(
      {
        istio: { version: "1.31", delivery: "shared" },
        tracing: { sampling: 120 },
        gateways: [],
        namespaces: { shop: { isolation: "existing" } },
        kaili: { namespace: "kiali" },
      },
      "dev",
    );
  } catch (error) {
    return `error: ${(error as Error).message}`;
  }
  throw new Error("the example has no mistake");
}
