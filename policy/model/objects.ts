/** The objects of the input, by kind and by name. */
import { getOrMake } from "../../mesh/maps";
import { groupOf as groupOfVersion, type Kind, kindOf } from "../../mesh/kinds";
import { at, isRecord, record, records, text } from "./reading";

/** A Kubernetes object as it was read; nothing but its identity is certain. */
export interface KubeObject {
  apiVersion: string;
  kind: string;
  metadata: { name: string; namespace?: string } & Readonly<Record<string, unknown>>;
  readonly [field: string]: unknown;
}

/** Finds objects by kind and by name; built once in one pass. */
export class ObjectIndex {
  private readonly byKind = new Map<Kind, KubeObject[]>();
  private readonly byName = new Map<Kind, Map<string, KubeObject>>();
  readonly all: readonly KubeObject[];
  /** What had no kind or no name. */
  readonly nameless: readonly unknown[];

  constructor(input: Iterable<unknown>) {
    const all: KubeObject[] = [];
    const nameless: unknown[] = [];
    for (const value of flattened(input)) {
      if (!isKubeObject(value)) {
        nameless.push(value);
        continue;
      }
      all.push(value);
      const kind = kindIn(value);
      if (kind === undefined) continue;
      const list = this.byKind.get(kind);
      if (list === undefined) this.byKind.set(kind, [value]);
      else list.push(value);
    }
    this.all = all;
    this.nameless = nameless;
  }

  /** Every object of a kind, in all groups and versions it is served in. */
  of(kind: Kind): readonly KubeObject[] {
    return this.byKind.get(kind) ?? [];
  }

  get(kind: Kind, namespace: string, name: string): KubeObject | undefined {
    const idOf = (object: KubeObject): string => `${namespaceOf(object)}/${object.metadata.name}`;
    const names = getOrMake(
      this.byName,
      kind,
      () => new Map(this.of(kind).map((object) => [idOf(object), object])),
    );
    return names.get(`${namespace}/${name}`);
  }
}

/** Namespace of an object; manifests may leave out `default`. */
export function namespaceOf(object: KubeObject): string {
  return text(object.metadata.namespace) ?? "default";
}

/** API group of an object; empty text for the core group. */
export function groupOf(object: KubeObject): string {
  return groupOfVersion(object.apiVersion);
}

/** The kind that an object, or a reference to one, is of; undefined for others, and for what is none. */
export function kindIn(value: unknown): Kind | undefined {
  return kindOf(text(at(value, "apiVersion")) ?? "", text(at(value, "kind")) ?? "");
}

/** What an object is called, whatever its version: `apps/Deployment shop/web`. */
export function identityOf(object: KubeObject): string {
  return `${groupOf(object)}/${object.kind} ${namespaceOf(object)}/${object.metadata.name}`;
}

function isKubeObject(value: unknown): value is KubeObject {
  if (!isRecord(value)) return false;
  return (
    typeof value["kind"] === "string" &&
    typeof value["apiVersion"] === "string" &&
    typeof record(value["metadata"])["name"] === "string"
  );
}

/** The objects themselves, also those inside a `List`. */
function* flattened(input: Iterable<unknown>): Generator {
  for (const value of input) {
    const isList = isRecord(value) && typeof value["kind"] === "string" && /List$/.test(value["kind"]);
    if (isList && Array.isArray(value["items"])) yield* flattened(records(value["items"]));
    else yield value;
  }
}
