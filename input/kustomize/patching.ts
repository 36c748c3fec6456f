/** Applies patches as kustomize does: strategic merges, and JSON patches (RFC 6902). */
import { isDeepStrictEqual } from "node:util";
import { isRecord, type Json, record, text } from "../../policy/model/reading";

/** A patch that does not fit the object. */
export class Misfit extends Error {}

/** Lists of built-in kinds whose items have an identity, by the field that is it. */
const mergeKeys: Readonly<Record<string, readonly string[]>> = {
  containers: ["name"],
  initContainers: ["name"],
  env: ["name"],
  volumes: ["name"],
  volumeMounts: ["mountPath"],
  imagePullSecrets: ["name"],
  ports: ["containerPort", "port"],
};

/** @returns the object with the patch merged in; undefined if the patch deletes it */
export function mergeStrategically(object: Json, patch: Json): Json | undefined {
  if (patch["$patch"] === "delete") return undefined;
  return mergeMaps(object, patch, isBuiltIn(object));
}

/** Of other kinds kustomize does not know which lists have identities, and replaces them. */
function isBuiltIn({ apiVersion }: Json): boolean {
  const [group = ""] = (text(apiVersion) ?? "").split("/");
  return !group.includes(".") || group === "networking.k8s.io";
}

function mergeMaps(base: unknown, over: Json, isKnown: boolean): Json {
  const { $patch: directive, ...fields } = over;
  if (directive === "replace") return fields;
  const result: Record<string, unknown> = { ...record(base) };
  for (const [key, value] of Object.entries(fields)) {
    if (value === null || record(value)["$patch"] === "delete") delete result[key];
    else if (isRecord(value)) result[key] = mergeMaps(result[key], value, isKnown);
    else if (Array.isArray(value) && isKnown) result[key] = mergeLists(key, result[key], value);
    else result[key] = value;
  }
  return result;
}

function mergeLists(name: string, base: unknown, over: readonly unknown[]): unknown[] {
  const items = Array.isArray(base) ? (base as unknown[]) : [];
  const key = mergeKeys[name]?.find((field) => over.some((item) => record(item)[field] !== undefined));
  if (key === undefined || over.some((item) => record(item)["$patch"] === "replace")) {
    return over.filter((item) => record(item)["$patch"] !== "replace");
  }
  const result = [...items];
  for (const item of over) {
    const patch = record(item);
    const index = result.findIndex((one) => record(one)[key] === patch[key]);
    if (patch["$patch"] === "delete") {
      if (index !== -1) result.splice(index, 1);
    } else if (index === -1) result.push(item);
    else result[index] = mergeMaps(result[index], patch, true);
  }
  return result;
}

/**
 * @returns a copy of the object with all operations applied
 * @throws Misfit if one of them cannot be
 */
export function patchJson(object: unknown, operations: readonly Json[]): unknown {
  return operations.reduce<unknown>((value, operation) => {
    const { op, path, from, value: given } = operation;
    switch (op) {
      case "add":
      case "replace":
      case "remove":
        return changed(value, keysOf(path), op, given);
      case "copy":
        return changed(value, keysOf(path), "add", valueAt(value, keysOf(from)));
      case "move": {
        const moved = valueAt(value, keysOf(from));
        return changed(changed(value, keysOf(from), "remove", undefined), keysOf(path), "add", moved);
      }
      case "test":
        if (isDeepStrictEqual(valueAt(value, keysOf(path)), given)) return value;
        throw new Misfit(`${String(path)} is not what the patch tests for`);
      default:
        throw new Misfit("it has an operation that JSON patches do not");
    }
  }, object);
}

function keysOf(pointer: unknown): string[] {
  if (typeof pointer !== "string" || (pointer !== "" && !pointer.startsWith("/"))) {
    throw new Misfit("it has a path that is not a JSON pointer");
  }
  return pointer
    .split("/")
    .slice(1)
    .map((key) => key.replaceAll("~1", "/").replaceAll("~0", "~"));
}

function valueAt(value: unknown, keys: readonly string[]): unknown {
  return keys.reduce<unknown>((inner, key) => {
    const next = Array.isArray(inner) ? (inner as unknown[])[Number(key)] : own(inner, key);
    if (next === undefined) throw new Misfit(`the object has no ${keys.join("/")}`);
    return next;
  }, value);
}

function own(value: unknown, key: string): unknown {
  return isRecord(value) && Object.hasOwn(value, key) ? value[key] : undefined;
}

function changed(
  value: unknown,
  keys: readonly string[],
  op: "add" | "replace" | "remove",
  given: unknown,
): unknown {
  const [key, ...rest] = keys;
  if (key === undefined) return given;
  if (rest.length > 0) {
    const inner = changed(valueAt(value, [key]), rest, op, given);
    return Array.isArray(value) ? value.with(Number(key), inner) : { ...record(value), [key]: inner };
  }
  if (Array.isArray(value)) {
    const items = [...(value as unknown[])];
    const index = key === "-" && op === "add" ? items.length : Number(key);
    if (!Number.isInteger(index) || index < 0 || index > items.length - (op === "add" ? 0 : 1)) {
      throw new Misfit(`a list has no item ${key}`);
    }
    if (op === "remove") items.splice(index, 1);
    else items.splice(index, op === "add" ? 0 : 1, given);
    return items;
  }
  if (!isRecord(value)) throw new Misfit(`nothing can have a field ${key} there`);
  if (op !== "add" && !Object.hasOwn(value, key)) throw new Misfit(`the object has no ${key}`);
  const { [key]: _, ...others } = value;
  return op === "remove" ? others : { ...value, [key]: given };
}
