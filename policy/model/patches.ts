/**
 * Partial Deployments: manifests that name only the fields somebody applies to an object of somebody else.
 * Where the whole object is in the input too, the two are merged as server-side apply would.
 */
import { groupBy } from "../../mesh/maps";
import { mergeDeep } from "../../mesh/plainObjects";
import { kindOf, workloadKinds } from "../../mesh/kinds";
import { identityOf, type KubeObject, type ObjectIndex } from "./objects";
import { at, isRecord, type Json, records, text } from "./reading";

/** The objects with partial workloads folded into whole ones, and the partial ones left over. */
export interface Patched {
  /** Whole objects, patches applied. */
  objects: readonly KubeObject[];
  /** Partial workloads whose whole is not in the input. */
  partial: KubeObject[];
}

/** Kubernetes refuses a Deployment without a selector, so one without is a part of one. */
export function isPartial(object: KubeObject): boolean {
  const kind = kindOf(object.apiVersion, object.kind);
  return kind?.needsSelector === true && !isRecord(at(object["spec"], "selector"));
}

export function applyPatches(index: ObjectIndex): Patched {
  const parts = workloadKinds.flatMap((kind) => index.of(kind).filter(isPartial));
  if (parts.length === 0) return { objects: index.all, partial: [] };
  const partsByKey = groupBy(parts, identityOf);
  const objects: KubeObject[] = [];
  for (const object of index.all) {
    if (isPartial(object)) continue;
    const own = partsByKey.get(identityOf(object));
    objects.push(own === undefined ? object : own.reduce(merged, object));
    if (own !== undefined) partsByKey.delete(identityOf(object));
  }
  // Two patches of one absent Deployment are one partial Deployment.
  const partial = [...partsByKey.values()].map((own) => own.reduce(merged));
  return { objects, partial };
}

/** One object over another: lists of named things by name, other lists and values replaced. */
function merged(base: KubeObject, over: KubeObject): KubeObject {
  return mergeNamed(base, over) as unknown as KubeObject;
}

function mergeNamed(base: unknown, over: unknown): Json {
  return mergeDeep(base, over, (before, value) =>
    isNamedList(value) ? mergeList(records(before), value) : value,
  );
}

function mergeList(base: readonly Json[], over: readonly Json[]): Json[] {
  const byName = new Map(base.map((item) => [text(item["name"]), item]));
  for (const item of over) {
    const name = text(item["name"]);
    // A variable's `value` and `valueFrom` exclude each other: what is applied replaces the entry.
    const before = byName.get(name);
    byName.set(name, before === undefined || isVariable(item) ? item : mergeNamed(before, item));
  }
  return [...byName.values()];
}

function isVariable(item: Json): boolean {
  return "value" in item || "valueFrom" in item;
}

function isNamedList(value: unknown): value is readonly Json[] {
  return Array.isArray(value) && value.length > 0 && value.every((item) => isRecord(item) && "name" in item);
}
