/** Fields of objects that are none, and near to one, and values that their fields do not have: slips of the pen. */
import { kindOf } from "../../mesh/kinds";
import { type Fields, objectFields } from "../../mesh/objectFields";
import { type KubeObject } from "./objects";
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
export function slipsOf({ apiVersion, kind, spec }: KubeObject): Slip[] {
  const known = kindOf(apiVersion, kind);
  const fields = known && objectFields.get(known);
  return fields === undefined ? [] : slipsIn(spec, fields, "spec");
}

export function slipsIn(value: unknown, fields: Fields[string], path: string): Slip[] {
  if (!isFields(fields)) return [];
  if (Array.isArray(value)) return value.flatMap((item, index) => slipsIn(item, fields, `${path}[${index}]`));
  if (!isRecord(value)) return [];
  return Object.entries(value).flatMap(([name, inner]): Slip[] => {
    const known = fields[name];
    if (known !== undefined) return slipsIn(inner, known, path === "" ? name : `${path}.${name}`);
    const meant = meantField(
      name,
      Object.keys(fields).filter((field) => !(field in value)),
    );
    if (meant !== undefined) return [{ path, name, meant, value: inner }];
    const [inside, second] = Object.keys(fields).filter((field) => name in ofField(fields, field));
    return inside === undefined || second !== undefined
      ? []
      : [{ path, name, meant: `${inside}.${name}`, inside, value: inner }];
  });
}

/** Those of an object's `spec`. */
export function wrongValuesOf({ apiVersion, kind, spec }: KubeObject): WrongValue[] {
  const known = kindOf(apiVersion, kind);
  const fields = known && objectFields.get(known);
  return fields === undefined ? [] : wrongValuesIn(spec, fields, "spec");
}

export function wrongValuesIn(value: unknown, fields: Fields[string], path: string): WrongValue[] {
  if (!isFields(fields)) return [];
  if (Array.isArray(value))
    return value.flatMap((item, index) => wrongValuesIn(item, fields, `${path}[${index}]`));
  if (!isRecord(value)) return [];
  return Object.entries(value).flatMap(([field, inner]): WrongValue[] => {
    const known = fields[field];
    if (known === undefined) return [];
    if (isFields(known) || known === true)
      return wrongValuesIn(inner, known, path === "" ? field : `${path}.${field}`);
    // Of a number, or of what a template fills in, nobody knows what it becomes.
    if (typeof inner !== "string" || !/^[\w-]+$/.test(inner) || known.includes(inner)) return [];
    return [{ path, field, value: inner, known, meant: meantWord(inner, known) }];
  });
}

function isFields(fields: Fields[string]): fields is Fields {
  return fields !== true && !Array.isArray(fields);
}

function ofField(fields: Fields, name: string): Fields {
  const inner = fields[name];
  return inner !== undefined && isFields(inner) ? inner : {};
}
