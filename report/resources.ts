/** Changed objects as entries of a comment; what changes alike in many namespaces is told once. */
import { code, fenced } from "../findings/formats/markdownText";
import { enumerate } from "../findings/words";
import { getOrMake } from "../mesh/maps";
import { type FieldChange } from "./fields";
import { describe, type ObjectChange } from "./objects";

/** Lines of one object's diff. */
const mostLines = 20;

/** Objects that are named where many change alike. */
const mostNames = 40;

const order = ["removed", "changed", "added"] as const;

/** @param withFields whether to tell the fields, too */
export function resourceEntries(changes: readonly ObjectChange[], withFields = true): string[] {
  const groups = new Map<string, { effect: (typeof order)[number]; diff: string; members: ObjectChange[] }>();
  for (const change of changes) {
    const { kind, patch } = change.id;
    const effect: (typeof order)[number] =
      change.before === undefined ? "added" : change.after === undefined ? "removed" : "changed";
    const diff = withFields ? diffLines(change.fields).join("\n") : "";
    const key = JSON.stringify([effect, kind, patch, diff]);
    getOrMake(groups, key, () => ({ effect, diff, members: [] })).members.push(change);
  }
  return [...groups.values()]
    .sort((a, b) => order.indexOf(a.effect) - order.indexOf(b.effect))
    .map(({ effect, diff, members }) => {
      const line = `- ${effect} ${who(members)}\n`;
      return diff === "" ? line : `\n${line.slice(2)}\n${fenced("diff", diff)}\n`;
    });
}

/** One object by its name; several by their kind, and by their name if all have the same. */
function who(members: readonly ObjectChange[]): string {
  const [first, ...others] = members.map(({ id }) => id);
  if (first === undefined) return "";
  if (others.length === 0) return code(clipped(describe(first)));
  if (first.namespace !== "" && others.every(({ name }) => name === first.name)) {
    const namespaces = members.map(({ id }) => code(clipped(id.namespace)));
    return `${code(clipped(describe({ ...first, namespace: "" })))} in ${enumerate(namespaces, mostNames)}`;
  }
  const names = members.map(({ id }) => code(clipped(describe({ ...id, kind: "", patch: undefined }))));
  const kind = first.patch === true ? `${first.kind} (patch)` : first.kind;
  return `${code(clipped(kind))} ${enumerate(names, mostNames)}`;
}

function clipped(name: string): string {
  return name.length > 300 ? `${name.slice(0, 300)}…` : name;
}

/** Lines of a diff: the field's path on every line, but for texts, which stand under theirs. */
function diffLines(fields: readonly FieldChange[]): string[] {
  const lines = fields.flatMap(({ path, lines: changed, isText }) =>
    isText === true
      ? [`  ${oneLine(path)}:`, ...changed.map(({ sign, text }) => `${sign}   ${oneLine(text)}`)]
      : changed.map(({ sign, text }) => `${sign} ${oneLine(path)}: ${oneLine(text)}`),
  );
  if (lines.length <= mostLines) return lines;
  return [...lines.slice(0, mostLines - 1), `  … and ${lines.length - mostLines + 1} more lines`];
}

function oneLine(text: string): string {
  const line = text.replaceAll(/[\r\n]+/g, " ");
  return line.length > 400 ? `${line.slice(0, 400)}…` : line;
}
