/**
 * Reads untyped manifests without trusting them: a value of the wrong type reads as absent, so that a
 * malformed object never stops the check of all others.
 */
import { isRecord, type Json, record } from "../../mesh/plainObjects";

export { at, isRecord, type Json, record } from "../../mesh/plainObjects";

const none: readonly unknown[] = Object.freeze([]);

/** The value as a list; an empty one if it is something else. */
export function list(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? (value as unknown[]) : none;
}

/** The objects of a list. */
export function records(value: unknown): readonly Json[] {
  return list(value).filter(isRecord);
}

export function text(value: unknown): string | undefined {
  return typeof value === "string" ? value : undefined;
}

export function texts(value: unknown): readonly string[] {
  return list(value).filter((item): item is string => typeof item === "string");
}

/** A number, also one that is written as text, as protobuf's JSON and YAML allow. */
export function number(value: unknown): number | undefined {
  if (typeof value === "number") return value;
  return typeof value === "string" && /^-?\d+(\.\d+)?$/.test(value) ? Number(value) : undefined;
}

/** Any value as messages show it. */
export function shown(value: unknown): string {
  return typeof value === "string" ? value : (JSON.stringify(value) ?? String(value));
}

/** A map of texts, such as labels; other values are left out. */
export function textMap(value: unknown): Readonly<Record<string, string>> {
  const map = record(value);
  for (const key in map) {
    if (typeof map[key] !== "string") {
      return Object.fromEntries(
        Object.entries(map).filter((entry): entry is [string, string] => typeof entry[1] === "string"),
      );
    }
  }
  return map as Readonly<Record<string, string>>;
}
