/** What was changed between two sets of objects, for people: YAML with the lines around a change and above it. */
import { diffArrays } from "diff";
import { yaml } from "../../findings/snippet";

/** An object that can be told from others. */
export interface Named {
  kind: string;
  metadata: { name: string; namespace?: string };
}

/** Lines kept before and after a change. */
const context = 2;

/** A line of a diff: `+`, `-`, or a space for one that both have. */
interface Line {
  sign: "+" | "-" | " ";
  text: string;
}

/**
 * A diff of all objects that differ, each under a comment that names it; empty where all are equal. What is
 * changed alike in several objects is shown once.
 */
export function diffOf(before: readonly Named[], after: readonly Named[]): string {
  const byDiff = new Map<string, string[]>();
  for (const name of new Set([...before, ...after].map(nameOf))) {
    const lines = lineDiff(linesOf(before, name), linesOf(after, name));
    if (lines.every(({ sign }) => sign === " ")) continue;
    const diff = excerpt(lines).join("\n");
    byDiff.set(diff, [...(byDiff.get(diff) ?? []), name]);
  }
  return [...byDiff].map(([diff, names]) => `# ${titleOf(names)}\n${diff}`).join("\n");
}

function titleOf([first = "", ...others]: readonly string[]): string {
  return others.length === 0 ? first : `${first}, and the same in ${others.length} more`;
}

function nameOf({ kind, metadata: { name, namespace } }: Named): string {
  return namespace === undefined ? `${kind} ${name}` : `${kind} ${namespace}/${name}`;
}

/** The lines of an object; of several with one name those of all. */
function linesOf(objects: readonly Named[], name: string): string[] {
  return objects.filter((object) => nameOf(object) === name).flatMap((object) => yaml(object).split("\n"));
}

function lineDiff(before: readonly string[], after: readonly string[]): Line[] {
  return diffArrays([...before], [...after]).flatMap(({ removed, added, value }) =>
    value.map((text): Line => ({ sign: removed ? "-" : added ? "+" : " ", text })),
  );
}

/** Changed lines, those next to them and those they are nested in; what lies between is left out. */
function excerpt(lines: readonly Line[]): string[] {
  const kept = new Set<number>();
  lines.forEach(({ sign }, changed) => {
    if (sign === " ") return;
    for (let near = changed - context; near <= changed + context; near++) kept.add(near);
    let indent = indentOf(lines[changed]!.text);
    for (let above = changed; above >= 0 && indent > 0; above--) {
      const own = indentOf(lines[above]!.text);
      if (own >= indent) continue;
      kept.add(above);
      indent = own;
    }
  });
  const shown: string[] = [];
  let isGap = false;
  lines.forEach(({ sign, text }, index) => {
    if (kept.has(index)) shown.push(`${sign} ${text}`);
    else if (!isGap) shown.push(`  ${" ".repeat(indentOf(text))}…`);
    isGap = !kept.has(index);
  });
  return shown;
}

/** How deep a line is nested; the dash of a list's item is above what follows it. */
function indentOf(text: string): number {
  return text.length - text.trimStart().length;
}
