/**
 * Reads a document key by key, and equal text once: the `spec` of a policy that every namespace has is one
 * object. In a mesh of a thousand namespaces most text is such, which saves half of the time and memory.
 */
import { load, YAMLException } from "js-yaml";
import { within } from "../../mesh/yamlBounds";
import { kubernetesSchema } from "../../mesh/kubernetesYaml";

/** A plain key of the document itself. */
const keyLine = /^[A-Za-z][A-Za-z0-9_-]*:(?=[ \t\r\n]|$)/gm;

/** A line that neither starts with such a key nor belongs to what is under it: left to the whole parser. */
const otherLine = /^(?![A-Za-z][A-Za-z0-9_-]*:(?:[ \t\r\n]|$)|[ \t\r\n#]|- |-$|$)/m;

const marker = /^---[ \t]*\r?\n/;

/** Values by the text they were read from. */
export type Known = Map<string, unknown>;

/**
 * The one document of a text; undefined if it is not of the simple form that can be read so, or not valid.
 * A key's text that is valid by itself leaves nothing open, so what the keys say is what the whole says.
 */
export function readByKeys(document: string, known: Known): Record<string, unknown> | undefined {
  const text = document.replace(marker, "");
  if (otherLine.test(text)) return undefined;
  const starts = Array.from(text.matchAll(keyLine), ({ index }) => index);
  if (starts[0] === undefined || /^[ \t]*[^\s#]/m.test(text.slice(0, starts[0]))) return undefined;
  const value: Record<string, unknown> = {};
  for (const [position, start] of starts.entries()) {
    const section = text.slice(start, starts[position + 1]);
    const key = section.slice(0, section.indexOf(":"));
    if (Object.hasOwn(value, key)) return undefined;
    if (known.has(section)) {
      value[key] = known.get(section);
      continue;
    }
    try {
      const parsed = load(section, { schema: kubernetesSchema }) as Record<string, unknown>;
      value[key] = within(section, parsed[key]);
    } catch (error) {
      if (error instanceof YAMLException) return undefined;
      throw error;
    }
    // Names are in there: no other document has the same.
    if (key !== "metadata") known.set(section, value[key]);
  }
  return value;
}
