/** Fields of objects that are none, and near to one, and values that their fields do not have: slips of the pen. */
import { type Fields, objectFields } from "../../mesh/objectFields";
import { kindIn, type KubeObject } from "./objects";
import { isRecord } from "./reading";
import { meantField, meantWord } from "./slips";

export interface Slip {
  /** Where the field is: `spec.tracing[0]`. */
  path: string;
  name: string;
  meant: string;
  /** The field beside it that it belongs into. */
  inside?: string;
  value: unknown;
}

/** A value that is none of its field's. */
export interface WrongValue {
  /** Where its field is: `spec.mtls`. */
  path: string;
  field: string;
  value: string;
  known: readonly string[];
  /** The one of them that was meant, as far as it can be told. */
  meant?: string;
}

/** Those of an object's `spec`. */
export function slipsOf(object: KubeObject): Slip[] {
  return slipsIn(object.spec, fieldsOf(object), "spec");
}

export function slipsIn(value: unknown, fields: Fields, path: string): Slip[] {
  return [...entriesIn(value, fields, path)].flatMap(({ path, name, value, known, map, fields }): Slip[] => {
    if (known !== undefined) return [];
    const meant = meantField(
      name,
      Object.keys(fields).filter((field) => !(field in map)),
    );
    if (meant !== undefined) return [{ path, name, meant, value }];
    const [inside, second] = Object.keys(fields).filter((field) => name in ofField(fields, field));
    return inside === undefined || second !== undefined
      ? []
      : [{ path, name, meant: `${inside}.${name}`, inside, value }];
  });
}

/** Those of an object's `spec`. */
export function wrongValuesOf(object: KubeObject): WrongValue[] {
  return wrongValuesIn(object.spec, fieldsOf(object), "spec");
}

export function wrongValuesIn(value: unknown, fields: Fields, path: string): WrongValue[] {
  return [...entriesIn(value, fields, path)].flatMap(({ path, name, value, known }): WrongValue[] => {
    // A name may be one that every object of JavaScript has, such as `constructor`.
    if (!Array.isArray(known)) return [];
    // Of a number, or of what a template fills in, nobody knows what it becomes.
    if (typeof value !== "string" || !/^[\w-]+$/.test(value) || known.includes(value)) return [];
    return [{ path, field: name, value, known, meant: meantWord(value, known) }];
  });
}

/** None of an object whose fields nobody wrote down. */
function fieldsOf(object: KubeObject): Fields {
  const kind = kindIn(object);
  return (kind && objectFields.get(kind)) ?? {};
}

/** A field of a map that is written: what may stand there, and what else the map has and may have. */
interface Entry {
  path: string;
  name: string;
  value: unknown;
  /** Undefined for fields that do not exist. */
  known: readonly string[] | true | undefined;
  map: Readonly<Record<string, unknown>>;
  fields: Fields;
}

/** The fields that are written, from top to bottom, but those that have fields of their own: these in their place. */
function* entriesIn(value: unknown, fields: Fields, path: string): Iterable<Entry> {
  if (Array.isArray(value)) {
    for (const [index, item] of value.entries()) yield* entriesIn(item, fields, `${path}[${index}]`);
  } else if (isRecord(value)) {
    for (const [name, inner] of Object.entries(value)) {
      const known = fields[name];
      if (isFields(known)) yield* entriesIn(inner, known, path === "" ? name : `${path}.${name}`);
      else yield { path, name, value: inner, known, map: value, fields };
    }
  }
}

function isFields(known: Fields[string] | undefined): known is Fields {
  return typeof known === "object" && !Array.isArray(known);
}

function ofField(fields: Fields, name: string): Fields {
  const inner = fields[name];
  return isFields(inner) ? inner : {};
}
