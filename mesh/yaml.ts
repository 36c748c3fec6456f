/** YAML as this project writes it. */
import { randomUUID } from "node:crypto";
import { stringify } from "yaml";
import { isObject, isRecord } from "./plainObjects";

const options = { lineWidth: 0, aliasDuplicateObjects: false, compat: "yaml-1.1" } as const;

/** Words that are kept as they were written, for manifests repeat theirs. */
const mostWords = 20_000;
const words = new Map<unknown, string>();

/**
 * What readers of YAML 1.1 take for line breaks or refuse, what changes the order in which people see a text, and a
 * word that is a key of their own. The library writes them as they are.
 */
const special = /[\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]/g;
const isSpecial = (text: string): boolean => text === "=" || text.search(special) !== -1;

/** Stands for a text that the library must not write. */
const placeholder = `text-${randomUUID()}-`;

/**
 * A value as YAML that reads the same for everybody: Kubernetes and Helm read YAML 1.1, in which a plain `no`, `y`,
 * `1_000` or `0b1` is no text. What is one line there is one line here.
 *
 * The library takes milliseconds a manifest. It writes the words, and what is rare; of maps and lists of words only
 * the layout is left, which is written here.
 */
export function toYaml(value: unknown): string {
  const lines: string[] = [];
  const isWritten = isObject(value) && !isEmpty(value) && write(value, "", "", lines);
  return isWritten ? lines.join("") : byLibrary(value);
}

function byLibrary(value: unknown): string {
  const texts: string[] = [];
  const text = stringify(withPlaceholders(value, texts), options);
  return texts.length === 0
    ? text
    : text.replaceAll(new RegExp(`${placeholder}(\\d+)-`, "g"), (_, index) =>
        escaped(texts[Number(index)] ?? ""),
      );
}

function withPlaceholders(value: unknown, texts: string[]): unknown {
  if (typeof value === "string") {
    return isSpecial(value) ? `${placeholder}${texts.push(value) - 1}-` : value;
  }
  if (Array.isArray(value)) return value.map((item) => withPlaceholders(item, texts));
  if (!isRecord(value) || Object.getPrototypeOf(value) !== Object.prototype) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [
      withPlaceholders(key, texts) as string,
      withPlaceholders(inner, texts),
    ]),
  );
}

/** On one line, between quotes. */
function escaped(text: string): string {
  return JSON.stringify(text).replaceAll(
    special,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}

/**
 * Adds the lines of a map or a list.
 * @param first what stands before the first line, such as the dash of the list it is in
 * @param rest what stands before the others
 * @returns false if there is something in it whose layout is the library's business
 */
function write(value: object, first: string, rest: string, lines: string[]): boolean {
  let before = first;
  if (Array.isArray(value)) {
    for (const item of value as unknown[]) {
      if (!writeAfter(`${before}- `, "", item, `${rest}  `, lines)) return false;
      before = rest;
    }
    return true;
  }
  if (Object.getPrototypeOf(value) !== Object.prototype) return false;
  for (const [key, inner] of Object.entries(value)) {
    if (inner === undefined) continue;
    const name = key.length > 1000 ? undefined : wordOf(key);
    if (name === undefined || !writeAfter(`${before}${name}:`, " ", inner, `${rest}  `, lines)) return false;
    before = rest;
  }
  return true;
}

/** @param space between what stands before and a word: a map or a list after a key begins on a line of its own */
function writeAfter(before: string, space: string, value: unknown, rest: string, lines: string[]): boolean {
  if (!isObject(value)) {
    const word = wordOf(value);
    if (word !== undefined) lines.push(`${before}${space}${word}\n`);
    return word !== undefined;
  }
  if (isEmpty(value)) {
    lines.push(`${before}${space}${Array.isArray(value) ? "[]" : "{}"}\n`);
    return true;
  }
  if (space === "") return write(value, before, rest, lines);
  lines.push(`${before}\n`);
  return write(value, rest, rest, lines);
}

/** A word as the library writes it; undefined for text whose place decides how it is written. */
function wordOf(value: unknown): string | undefined {
  // Which as a key is the same as 0.
  if (Object.is(value, -0)) return undefined;
  const known = words.get(value);
  if (known !== undefined) return known;
  if (typeof value === "string" && isSpecial(value)) return escaped(value);
  if (typeof value === "string" ? /[^\P{C}\t]|[\u2028\u2029]/u.test(value) : !isWord(value)) return undefined;
  const word = stringify(value, options).slice(0, -1);
  if (words.size >= mostWords) words.clear();
  words.set(value, word);
  return word;
}

function isWord(value: unknown): boolean {
  return typeof value === "number" || typeof value === "boolean" || value === null;
}

function isEmpty(value: object): boolean {
  return Array.isArray(value)
    ? value.length === 0
    : Object.values(value).every((inner) => inner === undefined);
}
