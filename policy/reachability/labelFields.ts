/** Reading the labels of an object. */
import { type Field, show } from "./fields";
import { type LabelValue } from "./labels";
import { isLabelKey, isLabelValue } from "./selectorFields";
import { Doubt } from "./truth";

/** Reads a map of labels; a value that is unknown or malformed is a label that is there and in doubt. */
export function readLabels(field: Field): Map<string, LabelValue> | Doubt {
  const entries = field.entries() ?? [];
  if (entries instanceof Doubt) return entries;
  return new Map(entries.map(([key, value]) => [key, readLabel(key, value)]));
}

function readLabel(key: string, field: Field): LabelValue {
  if (!isLabelKey(key)) return { doubt: field.malformed(`${show(key)} is not a label key`), present: true };
  const value = field.string() ?? field.malformed("must be a string, not null");
  if (value instanceof Doubt) return { doubt: value, present: true };
  if (isLabelValue(value)) return value;
  return { doubt: field.malformed(`${show(value)} is not a label value`), present: true };
}
