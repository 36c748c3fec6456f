/** What each object of the input is: lists taken apart, kinds told by group, names and namespaces read. */
import { type Malformed, type ObjectRef } from "./answers";
import { Field, isRecord, show } from "./fields";
import { isClusterScoped, type Role, roleOf } from "./kinds";
import { unknownPlace } from "./namespaces";
import { Doubt } from "./truth";

/** An object, ready to be read. */
export interface InputObject {
  readonly root: Field;
  readonly kind: string;
  /** What it is to the model. */
  readonly role: Role;
  /** `(unknown)` if it is not known; `default` if absent. Without meaning for cluster-scoped kinds. */
  readonly namespace: string;
  readonly name: string;
}

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
  return isRecord(item) && item.kind === undefined && kind !== ""
    ? { apiVersion: list.apiVersion, kind, ...item }
    : item;
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
  const anonymous = { apiVersion: "", kind: "object", name: `#${index}` };
  const bare = new Field(value, { object: anonymous, isUnknown, malformed });
  if (bare.record() instanceof Doubt) return bare.unknown;
  const apiVersion = bare.at("apiVersion").string() ?? "";
  const kind = bare.at("kind").string() ?? bare.at("kind").malformed("is missing");
  if (kind instanceof Doubt) return bare.at("kind").unknown;
  if (apiVersion instanceof Doubt) return bare.at("apiVersion").unknown;
  const role = roleOf(apiVersion, kind);
  if (role === undefined) return undefined;
  const metadata = bare.at("metadata").quiet();
  const name = nameOf(metadata);
  const namespace = isClusterScoped(apiVersion, kind) ? undefined : namespaceOf(metadata);
  const object: ObjectRef = { apiVersion, kind, ...(namespace !== undefined && { namespace }), name };
  const root = new Field(value, { object, isUnknown, malformed });
  return { root, kind, role, namespace: namespace ?? "", name };
}

function nameOf(metadata: Field): string {
  const name = metadata.at("name").string();
  if (typeof name === "string") return name;
  const prefix = metadata.at("generateName").string();
  return name === undefined && typeof prefix === "string" ? `${prefix}*` : "(unknown)";
}

function namespaceOf(metadata: Field): string {
  const namespace = metadata.at("namespace").string() ?? "default";
  return namespace instanceof Doubt ? unknownPlace : namespace;
}

/** Notes what is wrong with what names an object. */
export function checkMetadata({ root }: InputObject): void {
  const { apiVersion, kind, namespace } = root.source.object;
  if (apiVersion === "") root.at("apiVersion").malformed("is missing");
  if (kind === "NetworkPolicy" && apiVersion !== "" && apiVersion !== "networking.k8s.io/v1") {
    root.at("apiVersion").malformed(`must be networking.k8s.io/v1, not ${show(apiVersion)}`);
  }
  const metadata = root.at("metadata");
  if (metadata.record() instanceof Doubt) return;
  const name = metadata.at("name");
  if (name.isAbsent && metadata.at("generateName").isAbsent) name.malformed("is missing");
  name.string();
  if (namespace !== undefined) metadata.at("namespace").string();
}
