import * as fs from "node:fs";
import * as path from "node:path";
import { Ajv } from "ajv";
import { parse } from "yaml";
import { type z } from "zod";
import { describe, expect, it } from "vitest";
import { sections, stackSchema } from "../../../config/sections";
import { rowsOf } from "../../../docs/generate/configurationPage";
import { sectionsSchema, stackFileSchema } from "../../../docs/generate/stackFileSchema";
import { managedIstio, root, stackOf } from "../../fixtures/stack";
import { examples, read } from "../markdown";

const ajv = new Ajv({ strict: false, validateFormats: false });
const validate = ajv.compile(stackFileSchema());

/** Where a stack file is wrong, as editors mark it. */
function marks(file: unknown): string[] {
  validate(file);
  return (validate.errors ?? []).map(({ instancePath, message }) => `${instancePath}: ${message}`);
}

const stackFile = (changes: Record<string, unknown> = {}): object => ({
  config: Object.fromEntries(
    Object.entries(stackOf(changes)).map(([key, value]) => [`mesh-tracing:${key}`, value]),
  ),
});

describe("every key of a stack file", () => {
  interface Key {
    path: string;
    schema: z.ZodType;
  }

  /** Every key with its schema, in all options of a choice; rules of egress are Kubernetes' own words. */
  function keysIn(schema: z.core.$ZodType, at: string): Key[] {
    const def = schema._zod.def as unknown as Record<string, never> & { type: string };
    if (["optional", "default", "prefault"].includes(def.type)) return keysIn(def["innerType"]!, at);
    if (def.type === "object") {
      return Object.entries(def["shape"]! as Record<string, z.ZodType>).flatMap(([key, value]) => [
        { path: `${at}.${key}`, schema: value },
        ...(key === "extraEgress" ? [] : keysIn(value, `${at}.${key}`)),
      ]);
    }
    if (def.type === "record") return keysIn(def["valueType"]!, `${at}.<name>`);
    if (def.type === "array") return keysIn(def["element"]!, `${at}[]`);
    // A chart's source is told in one row.
    if (def.type === "union" && !at.endsWith(".chart")) {
      return (def["options"]! as z.core.$ZodType[]).flatMap((option) => keysIn(option, at));
    }
    return [];
  }

  const keys = keysIn(stackSchema, "");

  it("has examples that are right by its own rules", () => {
    const wrong = keys.flatMap(({ path: at, schema }) =>
      (schema.meta()?.examples ?? []).filter((value) => !schema.safeParse(value).success).map(() => at),
    );
    expect(wrong).toEqual([]);
  });

  it("says what it means, and has an example unless it has choices or keys of its own", () => {
    const { properties = {}, required = [] } = sectionsSchema();
    const rows = Object.entries(properties).flatMap(([name, schema]) =>
      rowsOf(name, schema, required.includes(name)),
    );
    const isOutside = (key: string): boolean =>
      !rows.some((other) => other.key.startsWith(`${key}.`) || other.key.startsWith(`${key}[]`));
    expect(rows.length).toBeGreaterThan(100);
    expect(rows.filter(({ meaning }) => meaning === "").map(({ key }) => key)).toEqual([]);
    expect(rows.filter(({ key, example }) => example === "" && isOutside(key)).map(({ key }) => key)).toEqual(
      [],
    );
  });

  it("is in the reference, and no other is", () => {
    const told = [...read("docs/configuration.md").matchAll(/^\| `([^`]+)` +\|/gm)].map(([, key]) => key!);
    const paths = new Set(keys.map(({ path: at }) => at.slice(1)));
    const sectionNames = Object.keys(sections);
    expect([...paths].filter((at) => !told.includes(at) && !sectionNames.includes(at))).toEqual([]);
    expect(told.filter((at) => !paths.has(at) && !at.endsWith(".<name>"))).toEqual([]);
  });
});

describe("config/stack.schema.json", () => {
  const shipped = ["", ...examples].flatMap((directory) =>
    fs
      .readdirSync(path.join(root, directory))
      .filter((name) => /^Pulumi\..+\.yaml$/.test(name))
      .map((name) => path.join(directory, name)),
  );

  it("finds nothing wrong in the stack files that are shipped, whose first line names it", () => {
    expect(shipped.length).toBeGreaterThan(4);
    for (const file of shipped) {
      const [, schema = ""] = /^# yaml-language-server: \$schema=(\S+)\n/.exec(read(file)) ?? [];
      expect(path.join(path.dirname(file), schema)).toBe("config/stack.schema.json");
      expect(marks(parse(read(file)))).toEqual([]);
    }
  });

  it.each<[what: string, file: unknown, mark: string]>([
    ["no config", {}, ": must have required property 'config'"],
    ["a misspelt key of Pulumi", { ...stackFile(), confg: {} }, ": must NOT have additional properties"],
    ["a misspelt section", stackFile({ kaili: {} }), "/config/mesh-tracing:kaili: boolean schema is false"],
    [
      "no sampling",
      stackFile({ tracing: {} }),
      "/config/mesh-tracing:tracing: must have required property 'sampling'",
    ],
    [
      "too much sampling",
      stackFile({ tracing: { sampling: 101 } }),
      "/config/mesh-tracing:tracing/sampling: must be <= 100",
    ],
    [
      "a version that is a number",
      stackFile({ istio: { version: 1.3, delivery: "shared" } }),
      "/config/mesh-tracing:istio/version: must be string",
    ],
    [
      "an unknown delivery",
      stackFile({ istio: { version: "1.31", delivery: "push" } }),
      "/config/mesh-tracing:istio/delivery: must be equal to one of the allowed values",
    ],
    [
      "a misspelt key",
      stackFile({ jaeger: { memorylimit: "1Gi" } }),
      "/config/mesh-tracing:jaeger: must NOT have additional properties",
    ],
    [
      "a namespace without isolation",
      stackFile({ namespaces: { shop: {} } }),
      "/config/mesh-tracing:namespaces/shop: must have required property 'isolation'",
    ],
    [
      "a namespace that cannot be one",
      stackFile({ namespaces: { Shop: { isolation: "none" } } }),
      '/config/mesh-tracing:namespaces: must match pattern "^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$"',
    ],
    [
      "a section missing",
      { config: { "mesh-tracing:istio": managedIstio } },
      "/config: must have required property 'mesh-tracing:tracing'",
    ],
    [
      "a key without a project",
      { config: { ...(stackFile() as { config: object }).config, jaeger: {} } },
      '/config: must match pattern "^[^:]+:.+"',
    ],
    [
      "a setting of another store",
      stackFile({ jaeger: { storage: { type: "badger", keyspace: "a" } } }),
      "/config/mesh-tracing:jaeger/storage: must NOT have additional properties",
    ],
  ])("marks %s", (_, file, mark) => {
    expect(marks(file)).toContain(mark);
  });

  it("leaves what is not this project's alone", () => {
    const { config } = stackFile() as { config: object };
    const file = {
      config: { ...config, "kubernetes:context": "kind", "kubernetes:kubeconfig": { secure: "v1:a" } },
      encryptionsalt: "v1:b",
    };
    expect(marks(file)).toEqual([]);
  });
});
