/** Values that are not known yet, in a preview: found once, and read as absent from then on. */
import { type KubeObject } from "./objects";
import { isRecord } from "./reading";

/** Stands for a value that is not known yet. */
export const unknownValue: unique symbol = Symbol("unknown");

/** A place whose value is not known yet. */
export interface Unknown {
  object: KubeObject;
  /** `spec.egress[0].ports[1].port` */
  path: string;
}

/**
 * The objects with every unknown value replaced by {@link unknownValue}; objects without one are the same as
 * before, so that whoever knows them by identity still does.
 */
export function markUnknowns(
  input: readonly unknown[],
  isUnknown: ((value: unknown) => boolean) | undefined,
): { objects: unknown[]; unknowns: Unknown[]; originals: Map<unknown, unknown> } {
  const unknowns: Unknown[] = [];
  const originals = new Map<unknown, unknown>();
  if (isUnknown === undefined) return { objects: [...input], unknowns, originals };
  const objects = input.map((original) => {
    const paths: string[] = [];
    const marked = mark(original, "", isUnknown, paths);
    if (paths.length > 0) {
      originals.set(marked, original);
      unknowns.push(...paths.map((path) => ({ object: marked as KubeObject, path })));
    }
    return marked;
  });
  return { objects, unknowns, originals };
}

function mark(
  value: unknown,
  path: string,
  isUnknown: (value: unknown) => boolean,
  paths: string[],
): unknown {
  if (isUnknown(value)) {
    paths.push(path);
    return unknownValue;
  }
  const before = paths.length;
  if (Array.isArray(value)) {
    const items = value.map((item, index) => mark(item, `${path}[${index}]`, isUnknown, paths));
    return paths.length === before ? value : items;
  }
  if (!isRecord(value)) return value;
  const entries = Object.entries(value).map(([key, inner]): [string, unknown] => [
    key,
    mark(inner, joined(path, key), isUnknown, paths),
  ]);
  return paths.length === before ? value : Object.fromEntries(entries);
}

function joined(path: string, key: string): string {
  if (!/^[A-Za-z_]\w*$/.test(key)) return `${path}["${key}"]`;
  return path === "" ? key : `${path}.${key}`;
}
