/** Which objects a change adds, changes and removes. */
import { groupBy } from "../mesh/maps";
import { groupOf, type KubeObject, namespaceOf, ObjectIndex } from "../policy/model/objects";
import { isPartial } from "../policy/model/patches";
import { text } from "../policy/model/reading";
import { compare, sortedSet } from "../mesh/stableOrder";
import { type FieldChange, fieldChanges } from "./fields";
import { guard } from "./secrets";
import { canonical } from "./values";

/** An object as the report names it. */
export interface ObjectId {
  apiVersion: string;
  kind: string;
  /** Empty for objects without one. */
  namespace: string;
  name: string;
  /** Whether it is only a part of an object of others. */
  patch?: true;
}

export interface ObjectChange {
  id: ObjectId;
  before?: KubeObject;
  after?: KubeObject;
  /** Empty for objects that are there on one side only. */
  fields: FieldChange[];
}

/** Every object that differs, by namespace, kind and name. Where it was written is no difference. */
export function compareObjects(before: Iterable<unknown>, after: Iterable<unknown>): ObjectChange[] {
  const [old, now] = [byIdentity(before), byIdentity(after)];
  return sortedSet([...old.keys(), ...now.keys()])
    .map((key): ObjectChange => {
      const [a, b] = [old.get(key), now.get(key)];
      const id = idOf((b ?? a)!);
      if (a === undefined || b === undefined) return { id, before: a, after: b, fields: [] };
      return { id, before: a, after: b, fields: fieldChanges(content(a), content(b)) };
    })
    .filter(({ before: a, after: b, fields }) => a === undefined || b === undefined || fields.length > 0)
    .sort((a, b) => compare(sortKey(a.id), sortKey(b.id)));
}

/** `NetworkPolicy auth/allow-jaeger-egress`. */
export function describe({ kind, namespace, name, patch }: ObjectId): string {
  return `${kind} ${namespace === "" ? "" : `${namespace}/`}${name}${patch === true ? " (patch)" : ""}`.trimStart();
}

/** The fields that are not the object's identity. */
function content(object: KubeObject): unknown {
  const { kind: _, ...fields } = guard(object);
  const { name: _name, namespace: _namespace, ...metadata } = fields["metadata"] as Record<string, unknown>;
  return { ...fields, metadata };
}

function idOf(object: KubeObject): ObjectId {
  return {
    apiVersion: object.apiVersion,
    kind: object.kind,
    namespace: text(object.metadata.namespace) ?? "",
    name: object.metadata.name,
    ...(isPartial(object) ? { patch: true as const } : {}),
  };
}

/** Group without version: an object that moves to another version of its API is still the same. */
function byIdentity(objects: Iterable<unknown>): Map<string, KubeObject> {
  const same = groupBy(new ObjectIndex(objects).all, (object) => {
    const part = isPartial(object) ? "patch" : "";
    return JSON.stringify([groupOf(object), object.kind, namespaceOf(object), object.metadata.name, part]);
  });
  const result = new Map<string, KubeObject>();
  for (const [key, group] of same) {
    // Several parts of one object, by several owners, are told apart by what they say.
    const sorted = group.length === 1 ? group : sortedBy(group, (object) => canonical(content(object)));
    for (const [index, object] of sorted.entries()) result.set(`${key} ${index}`, object);
  }
  return result;
}

function sortedBy<Item>(items: readonly Item[], keyOf: (item: Item) => string): Item[] {
  const keyed = items.map((item): [string, Item] => [keyOf(item), item]);
  return keyed.sort(([a], [b]) => compare(a, b)).map(([, item]) => item);
}

function sortKey({ namespace, kind, name, apiVersion, patch }: ObjectId): string {
  return [namespace, kind, name, apiVersion, patch === true ? "1" : ""].join("\n");
}
