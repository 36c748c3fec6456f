/**
 * The JSON Schema of a `Pulumi.<stack>.yaml`, by which editors complete and check it. Made from the sections'
 * own schemas: what holds between several keys is told by the program alone.
 */
import { z } from "zod";
import { sections, stackSchema } from "../../config/sections";
import { projectName } from "../../mesh/names";

/** A JSON Schema, as far as it is read here. */
export interface JsonSchema {
  description?: string;
  default?: unknown;
  examples?: unknown[];
  whenAbsent?: string;
  type?: string;
  const?: unknown;
  enum?: unknown[];
  properties?: Record<string, JsonSchema>;
  required?: string[];
  additionalProperties?: JsonSchema | boolean;
  items?: JsonSchema;
  anyOf?: JsonSchema[];
  oneOf?: JsonSchema[];
}

/** The sections as JSON Schema, with all that the keys say of themselves. */
export function sectionsSchema(): JsonSchema {
  return z.toJSONSchema(stackSchema, { io: "input", target: "draft-7", reused: "inline" }) as JsonSchema;
}

export function stackFileSchema(): object {
  const { properties = {}, required = [] } = forEditors(sectionsSchema());
  const names = Object.keys(sections);
  const own = (key: string): string => `${projectName}:${key}`;
  return {
    $schema: "http://json-schema.org/draft-07/schema#",
    $comment: "Made by `npm run docs` from config/sections.ts. Change it there.",
    title: `A stack of ${projectName}`,
    type: "object",
    properties: {
      config: {
        description: "The stack's values by key; those of providers and other projects are theirs",
        type: "object",
        properties: Object.fromEntries(names.map((name) => [own(name), properties[name]])),
        required: required.map(own),
        propertyNames: { pattern: "^[^:]+:.+" },
        // A key of this project that is none of the above is a mistake.
        patternProperties: { [`^${projectName}:(?!(${names.join("|")})$)`]: false },
      },
      environment: { description: "Pulumi ESC" },
      secretsprovider: { type: "string" },
      encryptedkey: { type: "string" },
      encryptionsalt: { type: "string" },
    },
    required: ["config"],
    additionalProperties: false,
  };
}

/** Editors show descriptions, and know nothing of `whenAbsent`. */
function forEditors(schema: JsonSchema): JsonSchema {
  return JSON.parse(
    JSON.stringify(schema, (_, value: unknown) => {
      if (typeof value !== "object" || value === null || !("whenAbsent" in value)) return value;
      const { whenAbsent, description, ...rest } = value as JsonSchema;
      return { ...rest, description: `${description}. Default: ${whenAbsent}` };
    }),
  ) as JsonSchema;
}
