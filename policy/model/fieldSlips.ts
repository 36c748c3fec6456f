/** Fields of objects that are none, and near to one: slips of the pen. */
import { kindOf } from "../../mesh/kinds";
import { type Fields, objectFields } from "../../mesh/objectFields";
import { type KubeObject } from "./objects";
import { isRecord } from "./reading";
import { meantField } from "./slips";

export interface Slip {
  /** Where the field is: `spec.tracing[0]`. */
  path: string;
  name: string;
  meant: string;
  /** The field beside it that it belongs into. */
  inside?: string;
  value: unknown;
}

/** Those of an object's `spec`. */
export function slipsOf({ apiVersion, kind, spec }: KubeObject): Slip[] {
  const known = kindOf(apiVersion, kind);
  const fields = known && objectFields.get(known);
  return fields === undefined ? [] : slipsIn(spec, fields, "spec");
}

export function slipsIn(value: unknown, fields: Fields | true, path: string): Slip[] {
  if (fields === true) return [];
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

function ofField(fields: Fields, name: string): Fields {
  const inner = fields[name];
  return inner === undefined || inner === true ? {} : inner;
}
