import * as fs from "node:fs";
import * as path from "node:path";
import { expect, test } from "vitest";
import { type z } from "zod";
import { stackSchema } from "../../config/stack";
import { allRules } from "../../policy/check";

const root = path.resolve(__dirname, "../..");
const readme = fs.readFileSync(path.join(root, "README.md"), "utf8");
const reference = fs.readFileSync(path.join(root, "docs/configuration.md"), "utf8");

/** Every key of a stack file, maps as `<name>` and lists as `[]`; rules of egress are Kubernetes' own words. */
function keysOf(schema: z.core.$ZodType, at: string): string[] {
  const def = schema._zod.def as unknown as Record<string, z.core.$ZodType> & { type: string };
  const inner = (key: string): z.core.$ZodType => def[key]!;
  if (["optional", "default", "prefault"].includes(def.type)) return keysOf(inner("innerType"), at);
  if (at.endsWith(".extraEgress")) return [`${at}[]`];
  if (def.type === "object") {
    return Object.entries(inner("shape") as unknown as Record<string, z.core.$ZodType>).flatMap(
      ([key, value]) => keysOf(value, at === "" ? key : `${at}.${key}`),
    );
  }
  // One word, or a map: the map's keys are told. Of several maps the table has one row.
  if (def.type === "union") {
    const maps = (def as unknown as { options: z.core.$ZodType[] }).options.filter(isObject);
    if (maps.length === 1) return [at, ...keysOf(maps[0]!, at)];
  }
  if (def.type === "record" && isObject(inner("valueType")))
    return keysOf(inner("valueType"), `${at}.<name>`);
  if (def.type === "array" && isObject(inner("element"))) return keysOf(inner("element"), `${at}[]`);
  return [at];
}

function isObject(schema: z.core.$ZodType): boolean {
  return schema._zod.def.type === "object";
}

/** The keys of the reference's table. Fields of a port are told in one row. */
const told = new Set(
  [...reference.matchAll(/^\| ((?:`[^`|]+`(?:, )?)+) +\|/gm)].flatMap(([, cell]) =>
    [...cell!.matchAll(/`([^`]+)`/g)].map(([, key]) => key!),
  ),
);

test("the reference tells of every key of a stack file", () => {
  const keys = keysOf(stackSchema, "").map((key) => key.replace(/\.ports\[\]\..+$/, ".ports[]"));
  expect(keys.length).toBeGreaterThan(40);
  expect(keys.filter((key) => !told.has(key) && !reference.includes(`\`${key}\``))).toEqual([]);
});

test("the reference tells of no key that a stack file does not have", () => {
  const keys = new Set(keysOf(stackSchema, "").map((key) => key.replace(/\.ports\[\]\..+$/, ".ports[]")));
  const sections = [...told].filter((word) => /^[a-z]+(\[\])?\.[a-zA-Z<]/.test(word));
  expect(sections.length).toBeGreaterThan(40);
  expect(
    sections.filter((word) => !keys.has(word) && ![...keys].some((key) => key.startsWith(`${word}.`))),
  ).toEqual([]);
});

test("every npm script and every file the README names exists", () => {
  const { scripts } = JSON.parse(fs.readFileSync(path.join(root, "package.json"), "utf8")) as {
    scripts: Record<string, string>;
  };
  const named = [...readme.matchAll(/npm (?:run (?:-s )?)?([a-z:]+)/g)]
    .map(([, script]) => script!)
    .filter((script) => !["ci", "run", "may"].includes(script));
  expect(named).toContain("render");
  expect(named.filter((script) => !(script in scripts))).toEqual([]);
  const files = [...readme.matchAll(/`([A-Za-z./]+\.(?:ts|md)|[a-z]+\/)`/g)].map(([, file]) => file!);
  expect(files).toContain("mesh/traceContext.ts");
  const made = ["rendered/dev/"];
  expect(files.filter((file) => !made.includes(file) && !fs.existsSync(path.join(root, file)))).toEqual([]);
});

test("the README's output of the first command counts the rules there are", () => {
  expect(readme).toContain(`rules:  ${allRules.length} checked, nothing found`);
});
