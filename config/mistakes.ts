/**
 * How mistakes of a stack file are told: all at once, each with its path, the value found, the rule and the fix.
 */
import { z } from "zod";
import { isRecord } from "../mesh/plainObjects";
import { secretName } from "../mesh/secretNames";
import { nearest } from "./nearest";

declare module "zod" {
  /** What a key says of itself, in `docs/configuration.md` and in editors. */
  interface GlobalMeta {
    description?: string;
    examples?: unknown[];
    /** What holds where the key is not there, if that is no value of its own. */
    whenAbsent?: string;
  }
}

/** One mistake of a stack's configuration. */
export interface Mistake {
  /** Where, as `pulumi config set --path` takes it: `mesh-tracing:jaeger.memoryLimit`. */
  readonly path: string;
  /** What is there, as JSON, shortened; `(not set)` where a required key is missing. */
  readonly value: string;
  /** What must hold. */
  readonly rule: string;
  /** What to write instead. */
  readonly fix: string;
  /** File and line, where the stack was read from a file. */
  readonly place?: string;
}

/** Thrown when a stack's configuration cannot be used; carries every mistake. */
export class ConfigMistakes extends Error {
  readonly mistakes: readonly Mistake[];

  constructor(mistakes: readonly Mistake[]) {
    super(formatMistakes(mistakes));
    this.name = "ConfigMistakes";
    this.mistakes = mistakes;
  }
}

/** The text people read, the same under `pulumi` and under `npm start`. */
export function formatMistakes(mistakes: readonly Mistake[]): string {
  const count = mistakes.length === 1 ? "1 mistake" : `${mistakes.length} mistakes`;
  const lines = mistakes.map(({ path, value, rule, fix, place }) => {
    const where = place === undefined ? "" : `  (${place})`;
    return `  ${path} = ${value}${where}\n    rule: ${rule}\n    fix:  ${fix}`;
  });
  return `the stack's configuration has ${count}; nothing was changed\n${lines.join("\n")}`;
}

/**
 * The message of a rule. Zod carries one string a message; rule and fix travel in it on two lines and are
 * taken apart by {@link mistakesOf}.
 */
export function says(rule: string, fix: string): string {
  return `${rule}\n${fix}`;
}

/** How the rule about a key begins that nobody knows. */
const knownKeys = "known keys here are";

/**
 * A closed object: a key it does not know is a mistake, with the nearest known key as the fix.
 * @param explain what to say of an unknown key that somebody may have a reason to write
 */
export function section<Shape extends z.ZodRawShape>(
  shape: Shape,
  explain: (key: string) => string | undefined = () => undefined,
) {
  const known = Object.keys(shape);
  return z.strictObject(shape, {
    error: (issue) => {
      if (issue.code !== "unrecognized_keys") return undefined;
      const keys = (issue as { keys?: string[] }).keys ?? [];
      // One issue for all keys: `flatten` takes them apart.
      return keys
        .map((key) => explain(key) ?? says(`${knownKeys} ${known.join(", ")}`, unknownKeyFix(key, known)))
        .join("\n");
    },
  });
}

/** What to do about an unknown key: the nearest known one if there is one, else remove it. */
export function unknownKeyFix(key: string, known: readonly string[]): string {
  const guess = nearest(key, known);
  return guess === undefined ? `remove ${key}` : `write ${guess} instead of ${key}`;
}

/** A schema with what its key means; {@link optional}: where the key need not be there. */
export function described<Schema extends z.ZodType>(
  schema: Schema,
  description: string,
  more: Pick<z.core.GlobalMeta, "examples" | "whenAbsent"> = {},
): Schema {
  return schema.meta({ description, ...more });
}

export function optional<Schema extends z.ZodType>(
  schema: Schema,
  description: string,
  more?: Parameters<typeof described>[2],
): z.ZodOptional<Schema> {
  return described(schema.optional(), description, more);
}

/** A text of a form. */
export function text(form: RegExp, rule: string, fix: string): z.ZodString {
  return z.string().regex(form, says(rule, fix));
}

/** A text that is not empty. */
export function filled(rule: string, fix: string): z.ZodString {
  return z.string().min(1, says(rule, fix));
}

/** An http(s) address; of `http://http://name` the host would be `http`. */
export function webUrl(rule: string, fix: string): z.ZodURL {
  return z.url({ protocol: /^https?$/, hostname: /^(?!https?$)./, error: says(rule, fix) });
}

/** Adds a mistake found by a check of several keys. */
export type AddMistake = (path: PropertyKey[], rule: string, fix: string) => void;

/** For `superRefine`: what adds a mistake of a schema's value. */
export function adding(context: z.core.$RefinementCtx): AddMistake {
  return (path, rule, fix) => context.addIssue({ code: "custom", path, message: says(rule, fix) });
}

/** Turns Zod's issues into mistakes. `input` is what was validated; `root` prefixes every path. */
export function mistakesOf(issues: readonly Issue[], input: unknown, root: string): Mistake[] {
  return issues
    .flatMap((issue) => flatten(issue))
    .map(({ issue, path }) => {
      const found = valueAt(input, path);
      // Of a key that nobody knows nobody knows what is in it.
      const isSecret = issue.message.startsWith(knownKeys) || path.some(isSecretKey);
      const value = found !== undefined && isSecret ? notShown : shown(found);
      return { path: root + pathText(path), value, ...ruleOf(issue, found) };
    });
}

/**
 * For `superRefine`: look for what does not hold between fields also when a field is wrong in itself, so that
 * all mistakes come at once. The refinement must expect any value in any field.
 */
export const evenIfWrong = {
  when: ({ value }: { value: unknown }): boolean => isRecord(value),
};

type Issue = z.core.$ZodIssue;

/** An issue of a union hides what went wrong inside its options: tell of the option that came closest. */
function flatten(issue: Issue, prefix: PropertyKey[] = []): { issue: Issue; path: PropertyKey[] }[] {
  const path = [...prefix, ...issue.path];
  if (issue.code === "unrecognized_keys") {
    const lines = issue.message.split("\n");
    return issue.keys.map((key, index) => ({
      issue: { ...issue, message: lines.slice(2 * index, 2 * index + 2).join("\n") },
      path: [...path, key],
    }));
  }
  if (issue.code === "invalid_key") return [{ issue, path }];
  if (issue.code === "invalid_union" && !issue.message.includes("\n") && issue.errors.length > 0) {
    const closest =
      [...issue.errors].sort(
        (a, b) => otherShape(a) - otherShape(b) || missing(a) - missing(b) || a.length - b.length,
      )[0] ?? [];
    return closest.flatMap((inner) => flatten(inner, path));
  }
  return [{ issue, path }];
}

/** 1 for an option that takes values of another shape, such as a word where a map is written. */
function otherShape(issues: readonly Issue[]): number {
  const isShape = ({ code, path }: Issue): boolean =>
    path.length === 0 && (code === "invalid_type" || code === "invalid_value");
  return issues.some(isShape) ? 1 : 0;
}

/** How many required keys an option of a union misses: the option that was meant has the fewest. */
function missing(issues: readonly Issue[]): number {
  return issues.filter((issue) => issue.code === "invalid_type" || issue.code === "unrecognized_keys").length;
}

function ruleOf(issue: Issue, found: unknown): { rule: string; fix: string } {
  if (issue.code === "invalid_key") {
    const [rule, fix] = (issue.issues[0]?.message ?? "").split("\n");
    return { rule: rule ?? "", fix: fix ?? "rename the key" };
  }
  const [rule, fix] = issue.message.split("\n");
  if (fix !== undefined) return { rule: rule ?? "", fix };
  switch (issue.code) {
    case "invalid_type":
      return found === undefined
        ? { rule: `required, ${typeName(issue.expected)}`, fix: "set it" }
        : { rule: `must be ${typeName(issue.expected)}`, fix: typeFix(issue.expected, found) };
    case "invalid_value":
      return choice(issue.values, found);
    case "invalid_union":
      // Of a union whose options are told apart by a key, the values of that key.
      return choice((issue as { options?: unknown[] }).options ?? [], found);
    default:
      return { rule: issue.message, fix: "change it so that the rule holds" };
  }
}

function choice(allowed: readonly unknown[], found: unknown): { rule: string; fix: string } {
  const values = allowed.map(String);
  const guess = typeof found === "string" ? nearest(found, values) : undefined;
  return {
    rule: `${found === undefined ? "required," : "must be"} one of ${values.join(", ")}`,
    fix: guess === undefined ? `choose one of ${values.join(", ")}` : `write ${guess}`,
  };
}

/** Zod's names of types in the words of people who write YAML. */
function typeName(expected: string): string {
  const names: Readonly<Record<string, string>> = {
    array: "a list",
    boolean: "true or false",
    int: "a whole number",
    number: "a number",
    object: "a map of keys to values",
    record: "a map of keys to values",
    string: "text",
  };
  return names[expected] ?? expected;
}

function typeFix(expected: string, found: unknown): string {
  if (expected === "string" && (typeof found === "number" || typeof found === "boolean")) {
    return `put it in quotes: "${String(found)}"`;
  }
  if (
    expected === "number" &&
    typeof found === "string" &&
    found.trim() !== "" &&
    !Number.isNaN(Number(found))
  ) {
    return `remove the quotes: ${found}`;
  }
  if (expected === "boolean" && (found === "true" || found === "false")) return `remove the quotes: ${found}`;
  return `write ${typeName(expected)}`;
}

function valueAt(input: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>(
    (value, key) =>
      typeof value === "object" && value !== null ? (value as Record<PropertyKey, unknown>)[key] : undefined,
    input,
  );
}

/** Stands for a value that may be a secret. */
const notShown = "(not shown)";

/** Names of Secrets and of their keys are keys of this project: `passwordKey`, `credentialsSecret`. */
function isSecretKey(key: PropertyKey): boolean {
  return (
    typeof key === "string" &&
    secretName.test(key) &&
    !/^(credentialsSecret|caSecret|clientSecret|cookie)$/.test(key)
  );
}

function shown(value: unknown): string {
  if (value === undefined) return "(not set)";
  const kept = JSON.stringify(value, (key, inner: unknown) => (isSecretKey(key) ? notShown : inner));
  if (kept.includes("PRIVATE KEY-----")) return notShown;
  // An address may carry a password, which no message repeats.
  const text = kept.replaceAll(/\/\/[^/"\s]*@/g, "//…@");
  return text.length > 80 ? `${text.slice(0, 77)}...` : text;
}

/** The keys of a path: of `a:b.c[1]["d.e"]` `a:b`, `c`, 1 and `d.e`. */
export function keysOf(path: string): (string | number)[] {
  return [...path.matchAll(/\["(.*?)"\]|\[(\d+)\]|[^.[\]]+/g)].map(
    ([key, quoted, index]) => quoted ?? (index === undefined ? key : Number(index)),
  );
}

/** The path as `pulumi config set --path` takes it: dots, brackets for indexes and for keys with dots. */
function pathText(path: readonly PropertyKey[]): string {
  return path
    .map((key, index) => {
      if (typeof key === "number") return `[${key}]`;
      const text = String(key);
      if (/[.["\]]/.test(text)) return `["${text}"]`;
      return index === 0 ? text : `.${text}`;
    })
    .join("");
}
