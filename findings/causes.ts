/** Findings that one cause has: the same words about one object after the other. */
import { groupBy } from "../mesh/maps";
import { type Finding } from "./finding";
import { levels, objectName } from "./summary";

/** Findings of one rule that say the same; the first one speaks for all. */
export type Cause = readonly [Finding, ...Finding[]];

/** Most severe first, of one level what many objects have, else in the order of the findings. */
export function byCause(findings: readonly Finding[]): Cause[] {
  const causes = groupBy(findings, (finding) => {
    const { rule, level, kind } = finding;
    return JSON.stringify([rule, level, kind, withoutNames(finding)]);
  });
  const rank = ([{ level }]: Cause): number => levels.indexOf(level);
  return [...causes.values()].sort((a, b) => rank(a) - rank(b) || b.length - a.length);
}

/** What a finding says, without its object's name, what else is in its namespace, and where in it something is. */
function withoutNames(finding: Finding): string {
  const { namespace, name, message } = finding;
  let text = message.replaceAll(objectName(finding), "‹object›");
  if (namespace !== "") {
    const own = escaped(namespace);
    text = text
      .replaceAll(new RegExp(`(?<![\\w./-])${own}/[\\w.-]+`, "g"), "‹neighbour›")
      .replaceAll(new RegExp(`(?<![\\w./-])${own}(?![\\w/-])`, "g"), "‹namespace›");
  }
  return text
    .replaceAll(new RegExp(`(?<![\\w./-])${escaped(name)}(?![\\w/-])`, "g"), "‹name›")
    .replaceAll(/(?<=\bcontainer )[\w.-]+/g, "‹container›")
    .replaceAll(/(?<=\w\[)\d+(?=\])/g, "‹index›");
}

function escaped(text: string): string {
  return text.replaceAll(/[\\^$.*+?()[\]{}|]/g, "\\$&");
}
