/** Plain objects, as YAML and JSON have them. */

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

export function isObject(value: unknown): value is object {
  return typeof value === "object" && value !== null;
}

export type Json = Readonly<Record<string, unknown>>;

const nothing: Json = Object.freeze({});

/** The value as an object; an empty one if it is something else. */
export function record(value: unknown): Json {
  return isRecord(value) ? value : nothing;
}

/** What is at a place; undefined if there is no such place. */
export function at(value: unknown, ...path: readonly string[]): unknown {
  let current = value;
  for (const key of path) current = record(current)[key];
  return current;
}

/** Without the keys that nothing is said of, so that they hide no default. */
export function defined<T extends object>(value: T): T {
  return Object.fromEntries(Object.entries(value).filter(([, inner]) => inner !== undefined)) as T;
}

/**
 * One map over another: objects deeply, everything else replaced, as Helm merges values.
 * @param replaced what becomes of a value that is no object, if it does not just replace the one before
 */
export function mergeDeep(
  base: unknown,
  over: unknown,
  replaced: (before: unknown, value: unknown, key: string) => unknown = (_, value) => value,
): Record<string, unknown> {
  const merged: Record<string, unknown> = isRecord(base) ? { ...base } : {};
  for (const [key, value] of Object.entries(isRecord(over) ? over : {})) {
    const before = merged[key];
    merged[key] = isRecord(value) ? mergeDeep(before, value, replaced) : replaced(before, value, key);
  }
  return merged;
}
