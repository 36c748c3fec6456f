/** Values as a diff shows them: on one line, as YAML would have it. */
import { byKey, compare } from "../mesh/stableOrder";
import { isRecord } from "../policy/model/reading";
import { Guarded, hidden } from "./secrets";

/** Longer values are cut. */
const longest = 160;

/** Text that is equal exactly for equal values; secrets count with what they hide. Not to be printed. */
export function canonical(value: unknown): string {
  if (value instanceof Guarded) return JSON.stringify(value.raw);
  if (Array.isArray(value)) return `[${value.map(canonical).join(",")}]`;
  if (isRecord(value)) {
    const keys = Object.keys(value).sort(compare);
    return `{${keys.map((key) => `${JSON.stringify(key)}:${canonical(value[key])}`).join(",")}}`;
  }
  return JSON.stringify(value) ?? "null";
}

/** A value on one line, cut where it is too long to be read. */
export function shown(value: unknown): string {
  const text = whole(value);
  const characters = Array.from(text.slice(0, 2 * longest));
  return characters.length <= longest ? text : `${characters.slice(0, longest).join("")}…`;
}

/** Whether a value can be read on one line. */
export function isShort(value: unknown): boolean {
  return whole(value).length <= 100;
}

function whole(value: unknown): string {
  if (value instanceof Guarded) return quoted(value.shown);
  if (typeof value === "string") return quoted(value);
  if (Array.isArray(value)) return `[${value.map(whole).join(", ")}]`;
  if (isRecord(value) && Object.keys(value).length > 0) {
    return `{ ${Object.entries(byKey(value))
      .map(([key, inner]) => `${quoted(key)}: ${whole(inner)}`)
      .join(", ")} }`;
  }
  return JSON.stringify(value) ?? "null";
}

/** Quoted where YAML would read it as something else, or as more than one line. */
function quoted(text: string): string {
  const isPlain = /^-{0,2}[\p{L}\p{N}_/.$(][^\p{C}"'{}[\],]*$/u.test(text) || text === hidden;
  const isOther = /^(true|false|null|yes|no|on|off)$|^[-+.]?\d[\d_.:]*(e[-+]?\d+)?$|^0[xo][\da-f]+$/i.test(
    text,
  );
  return isPlain && !isOther && !/: | #|[\s:]$/.test(text) ? text : JSON.stringify(text);
}
