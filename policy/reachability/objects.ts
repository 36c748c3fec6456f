/** What each object of the input is: lists taken apart, kinds told by group, names and namespaces read. */
import { isRecord } from "../../mesh/plainObjects";
import { type Malformed, type ObjectRef } from "./answers";
import { type Kind, kindOf, kinds, type Role } from "../../mesh/kinds";
import { Field, show } from "./fields";
import { Doubt } from "./truth";

/** An object, ready to be read. */
export interface InputObject {
  readonly root: Field;
  readonly kind: Kind;
  /** What it is to the model. */
  readonly role: Role;
  /** `(unknown)` if it is not known; `default` if absent. Without meaning for cluster-scoped kinds. */
  readonly namespace: string;
  /** `(unknown)` if it is not known; `prefix*` if the API server makes it up. */
  readonly name: string;
  /** Whether name and namespace are known: objects that share them are one. */
  readonly isNamed: boolean;
}

/** The name of objects whose own is not known. No object can be called like this. */
const unknownName = "(unknown)";

/** The namespace of objects whose own is unknown: every label of it is unknown. */
export const unknownPlace = "(unknown)";

/** Takes lists apart, also typed ones, whose items may leave out what they are. Nulls are empty documents. */
export function* flatten(objects: Iterable<unknown>): Generator<unknown> {
  for (const object of objects) {
    if (object === undefined || object === null) continue;
    if (!isRecord(object) || typeof object.kind !== "string" || !object.kind.endsWith("List")) yield object;
    else if (!Array.isArray(object.items)) yield object;
    else yield* flatten(object.items.map((item: unknown) => typed(item, object)));
  }
}

function typed(item: unknown, list: Record<string, unknown>): unknown {
  const kind = String(list.kind).slice(0, -"List".length);
  return isRecord(item) && kind !== "" ? { apiVersion: list.apiVersion, kind, ...item } : item;
}

/**
 * Names one object; `undefined` if it is of no interest. A doubt: nobody can say what it is, so it may be a policy.
 * @param index its position in the input, for messages about an object without a kind
 */
export function identify(
  value: unknown,
  index: number,
  isUnknown: (value: unknown) => boolean,
  malformed: Malformed[],
): InputObject | Doubt | undefined {
  const type = readType(value, index, isUnknown, malformed);
  if (type === undefined || type instanceof Doubt) return type;
  const { record, apiVersion } = type;
  const kind = kindOf(apiVersion, type.kind);
  if (kind?.role === undefined) return undefined;
  const metadata = isRecord(record.metadata) && !isUnknown(record.metadata) ? record.metadata : {};
  const plain = (field: unknown) => (typeof field === "string" && !isUnknown(field) ? field : undefined);
  const name = plain(metadata.name);
  const place = metadata.namespace ?? "default";
  const isPlaceless =
    kind.isClusterScoped ||
    (kind.hasUnknownScope === true && (metadata.namespace ?? undefined) === undefined);
  const namespace = isPlaceless ? undefined : (plain(place) ?? unknownPlace);
  const object: ObjectRef = {
    apiVersion,
    kind: kind.name,
    ...(namespace !== undefined && { namespace }),
    name: name ?? generatedName(metadata.name ?? undefined, plain(metadata.generateName)),
  };
  const root = new Field(value, { object, isUnknown, malformed });
  const isNamed = name !== undefined && namespace !== unknownPlace;
  return { root, kind, role: kind.role, namespace: namespace ?? "", name: object.name, isNamed };
}

function generatedName(name: unknown, prefix: string | undefined): string {
  return name === undefined && prefix !== undefined ? `${prefix}*` : unknownName;
}

/** What an object says it is. */
interface ObjectType {
  readonly record: Record<string, unknown>;
  /** Empty if absent. */
  readonly apiVersion: string;
  readonly kind: string;
}

function readType(
  value: unknown,
  index: number,
  isUnknown: (value: unknown) => boolean,
  malformed: Malformed[],
): ObjectType | Doubt | undefined {
  const anonymous = { apiVersion: "", kind: "object", name: `#${index}` };
  const root = new Field(value, { object: anonymous, isUnknown, malformed });
  const record = root.record();
  if (record === undefined || record instanceof Doubt) return root.unknown;
  const apiVersion = root.at("apiVersion").string() ?? "";
  const kind = root.at("kind").string() ?? root.at("kind").malformed("is missing");
  if (kind instanceof Doubt) return root.at("kind").unknown;
  if (apiVersion instanceof Doubt) return root.at("apiVersion").unknown;
  return { record, apiVersion, kind };
}

/** Notes what is wrong with what names an object. */
export function checkMetadata({ root, kind, isNamed }: InputObject): void {
  const { apiVersion, namespace } = root.source.object;
  if (apiVersion === "") root.at("apiVersion").malformed("is missing");
  else if (kind === kinds.networkPolicy && apiVersion !== kind.apiVersions[0]) {
    root.at("apiVersion").malformed(`must be ${kind.apiVersions[0]}, not ${show(apiVersion)}`);
  }
  const metadata = root.at("metadata");
  if (isNamed || metadata.record() instanceof Doubt) return;
  const name = metadata.at("name");
  if (name.isAbsent && metadata.at("generateName").isAbsent) name.malformed("is missing");
  name.string();
  if (namespace !== undefined) metadata.at("namespace").string();
}
