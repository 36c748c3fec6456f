/** Plain objects, as YAML and JSON have them. */

/** Whether a value is an object with string keys. */
export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** One map over another: objects deeply, everything else replaced, as Helm merges values. */
export function mergeDeep(base: unknown, over: unknown): Record<string, unknown> {
  const merged: Record<string, unknown> = isRecord(base) ? { ...base } : {};
  for (const [key, value] of Object.entries(isRecord(over) ? over : {})) {
    merged[key] = isRecord(value) ? mergeDeep(merged[key], value) : value;
  }
  return merged;
}
