/** Stable order: equal input gives equal manifests, and a diff shows only what changed. */
import { isObject } from "./plainObjects";

/** A copy of a map with its keys in ascending order. */
export function byKey<Value>(map: Readonly<Record<string, Value>>): Record<string, Value> {
  return Object.fromEntries(Object.entries(map).sort(([a], [b]) => compare(a, b)));
}

/** A copy with the keys of every map in ascending order, as Pulumi passes it on; what is undefined is left out. */
export function sortedDeep(value: unknown): unknown {
  // One list of thousands of names may stand in thousands of objects.
  if (Array.isArray(value)) return value.some(isObject) ? value.map(sortedDeep) : value;
  if (!isObject(value)) return value;
  const entries = Object.entries(value).filter(([, inner]) => inner !== undefined);
  return Object.fromEntries(
    entries.sort(([a], [b]) => compare(a, b)).map(([key, inner]) => [key, sortedDeep(inner)]),
  );
}

/** A map with every value made anew, in the same order. */
export function mapValues<Value, Result>(
  map: Readonly<Record<string, Value>>,
  make: (key: string, value: Value) => Result,
): Record<string, Result> {
  return Object.fromEntries(Object.entries(map).map(([key, value]) => [key, make(key, value)]));
}

/** The distinct words in ascending order. */
export function sortedSet(words: Iterable<string>): string[] {
  return [...new Set(words)].sort(compare);
}

/** Order by code unit: the same on every machine, whatever its locale. */
export function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
