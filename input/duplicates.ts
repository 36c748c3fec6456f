/** Objects that the input has more than once: alternatives in one directory, or files and the cluster. */
import { isDeepStrictEqual } from "node:util";
import { kindOf } from "../mesh/kinds";
import { isPartial } from "../policy/model/patches";
import { type KubeObject } from "../policy/model/objects";

/** Objects of one name that differ; the last is the one that counts. */
export interface Conflict {
  name: string;
  objects: unknown[];
}

/**
 * Each object once: of several the last one, as `kubectl apply` leaves it. Parts of workloads, which only patch,
 * are no alternatives and stay.
 */
export function lastOfEach(objects: readonly unknown[]): { objects: unknown[]; conflicts: Conflict[] } {
  const positions = new Map<string, number>();
  const kept: unknown[] = [];
  const conflicts = new Map<string, Conflict>();
  for (const object of objects) {
    const name = nameOf(object);
    const position = name === undefined ? undefined : positions.get(name);
    if (name === undefined || position === undefined) {
      if (name !== undefined) positions.set(name, kept.length);
      kept.push(object);
      continue;
    }
    if (!isDeepStrictEqual(kept[position], object)) {
      const conflict = conflicts.get(name) ?? { name, objects: [kept[position]] };
      conflict.objects.push(object);
      conflicts.set(name, conflict);
      kept[position] = object;
    }
  }
  return { objects: kept, conflicts: [...conflicts.values()] };
}

/** Objects of the cluster as they would be after files are applied. */
export function applied(live: readonly unknown[], files: readonly unknown[]): unknown[] {
  const names = new Set(files.map(nameOf));
  return [...live.filter((object) => !names.has(nameOf(object))), ...files];
}

/** Undefined for what has no name, or is only a part of an object. */
function nameOf(object: unknown): string | undefined {
  const { apiVersion, kind, metadata } = object as Partial<KubeObject>;
  if (typeof metadata?.name !== "string" || typeof apiVersion !== "string" || typeof kind !== "string")
    return undefined;
  if (isPartial(object as KubeObject)) return undefined;
  const slash = apiVersion.lastIndexOf("/");
  const group = slash === -1 ? "" : `.${apiVersion.slice(0, slash)}`;
  const isOfCluster = kindOf(apiVersion, kind)?.isClusterScoped ?? false;
  return `${kind}${group} ${isOfCluster ? "" : `${metadata.namespace ?? "default"}/`}${metadata.name}`;
}
