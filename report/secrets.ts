/** Takes secrets out of what is printed, without losing that they changed. */
import { groupOf, type KubeObject } from "../policy/model/objects";
import { secretName, secretWords as words } from "../mesh/secretNames";
import { isRecord } from "../policy/model/reading";

/** Stands where a secret was. */
export const hidden = "[secret]";

/** Text of which a part, or all, must not be printed. Two of them are equal if what they hide is. */
export class Guarded {
  constructor(
    /** What may be printed. */
    readonly shown: string,
    /** Only to compare. */
    readonly raw: string,
  ) {}
}

/**
 * A secret's name and its value, where text is configuration or a command line itself. Whatever the text, none of
 * these looks far back or starts over: nobody can write one that takes long.
 */
const value = `(?:(?:bearer|basic)[ \\t]+)?(?:"(?:[^"\\\\\\n]|\\\\.)*"|'[^'\\n]*'|[^\\s,;}\\])]+)`;
const assignment = new RegExp(`((?:${words})s?["']?[ \\t]*[:=][ \\t]*)${value}`, "gi");
const flag = new RegExp(`((?:${words})s?(?<=(?:^|\\s)--?[\\w.-]{1,80})[ \\t]+)(?!-)${value}`, "gi");
/** What is indented under a secret's name in YAML. */
const block = new RegExp(
  `^([ \\t]*)((?:- )?["']?[\\w.-]{0,80}?(?:${words})s?["']?[ \\t]*:[ \\t]*)(?:[|>][^\\n]*)?\\n` +
    `(?:\\1(?:[ \\t]+|- )[^\\n]*(?:\\n|$)|[ \\t]*\\n)+`,
  "gim",
);

const credentials = /([a-z][a-z0-9+.-]{0,20}:\/\/)[^\s/@]+@/gi;
const bearer = /\b(bearer|basic)[ \t]+[\w.~+/=-]{8,}/gi;
const privateKey = /-----BEGIN [A-Z ]{0,40}PRIVATE KEY-----[^]*?(?:-----END [A-Z ]{0,40}PRIVATE KEY-----|$)/g;

/** Fields under a secret's name that only name it. */
const naming =
  /^(name|namespace|key|kind|apiGroup|apiVersion|optional|path|mode|defaultMode|type|.*(Name|Ref))$/;

/** Fields that a cluster writes: they say nothing of a change. */
const written = new Set([
  "managedFields",
  "resourceVersion",
  "uid",
  "generation",
  "creationTimestamp",
  "selfLink",
]);

/** An annotation that repeats the whole object, secrets included. */
const lastApplied = "kubectl.kubernetes.io/last-applied-configuration";

/**
 * A copy of an object to compare and to print: secrets are {@link Guarded}, and what only a cluster writes is
 * left out. Secret are a Secret's data, values under a name that says so (fields, variables, flags, lines of
 * configuration), credentials in addresses, and private keys.
 */
export function guard(object: KubeObject): Record<string, unknown> {
  const { status: _, metadata, ...rest } = object;
  const isSecret = object.kind === "Secret" && groupOf(object) === "";
  const kept = Object.entries(metadata).filter(([key]) => !written.has(key));
  const annotations = metadata["annotations"];
  if (isRecord(annotations)) {
    const own = Object.entries(annotations).filter(([key]) => key !== lastApplied);
    kept.push(["annotations", Object.fromEntries(own)]);
  }
  const copy = walk({ metadata: Object.fromEntries(kept), ...rest }, false) as Record<string, unknown>;
  for (const field of isSecret ? ["data", "stringData"] : []) {
    if (isRecord(rest[field])) copy[field] = walk(rest[field], true, false);
  }
  return copy;
}

/** Text of others without what is a secret by its form; for messages, which name things in prose. */
export function withoutCredentials(text: string): string {
  return text
    .replaceAll(privateKey, hidden)
    .replaceAll(credentials, `$1${hidden}@`)
    .replaceAll(bearer, `$1 ${hidden}`);
}

/** @param mayName whether fields that only name a secret are known by their names */
function walk(value: unknown, isSecret: boolean, mayName = true): unknown {
  if (typeof value === "string") return isSecret ? whole(value) : text(value);
  if (Array.isArray(value)) return items(value, isSecret, mayName);
  if (!isRecord(value)) {
    // Numbers may be secrets, too; whether something is on is none.
    return isSecret && typeof value === "number" ? whole(String(value)) : value;
  }
  const named = typeof value["name"] === "string" && secretName.test(value["name"]);
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]): [string, unknown] => {
      if (isSecret) return [key, walk(inner, !(mayName && naming.test(key)), mayName)];
      return [key, walk(inner, secretName.test(key) || (named && key === "value"))];
    }),
  );
}

/** A flag may have its value as the next item: `["--password", "…"]`. */
function items(list: readonly unknown[], isSecret: boolean, mayName: boolean): unknown[] {
  return list.map((item, index) => {
    const before: unknown = list[index - 1];
    const follows = typeof before === "string" && /^--?[\w.-]+$/.test(before) && secretName.test(before);
    return walk(item, isSecret || (follows && typeof item === "string"), mayName);
  });
}

function whole(raw: string): Guarded {
  return new Guarded(raw === "" ? "" : hidden, raw);
}

function text(raw: string): string | Guarded {
  const shown = withoutCredentials(raw)
    .replaceAll(block, `$1$2${hidden}\n`)
    .replaceAll(assignment, `$1${hidden}`)
    .replaceAll(flag, `$1${hidden}`);
  return shown === raw ? raw : new Guarded(shown, raw);
}
