/** What happened, in a few words. */
import { countsByLevel } from "../findings/summary";
import { count, enumerate, plural } from "../findings/words";
import { groupBy } from "../mesh/maps";
import { type Comparison } from "./comparison";
import { type ObjectChange } from "./objects";
import { countEffects } from "./paths";
import { settingWords } from "./settings";

/** Settings and restarts that are told in the headline; all of them stand below it. */
const most = 4;

/** `7 trace paths close, 7 new errors`. */
export function headline(comparison: Comparison): string {
  const { table, findings, resources, settings, restarts, problem } = comparison;
  const { closes, opens, new: fresh, gone } = countEffects(table);
  const parts = [
    ...some(closes, `${count(closes, "trace path")} ${closes === 1 ? "closes" : "close"}`),
    ...some(opens, `${count(opens, "trace path")} ${opens === 1 ? "opens" : "open"}`),
    ...some(fresh, `${count(fresh, "new trace path")}`),
    ...some(gone, `${count(gone, "trace path")} no longer used`),
    ...countsByLevel(findings.new, problem === undefined ? "new " : ""),
    ...some(findings.changed.length, `${count(findings.changed.length, "finding")} changed`),
    ...some(findings.fixed.length, `${count(findings.fixed.length, "finding")} fixed`),
    ...settings.slice(0, most).map((change) => settingWords(change)),
    ...some(settings.length - most, `${count(settings.length - most, "more setting")}`),
    ...(restarts.length === 0 ? [] : [restartWords(restarts)]),
  ];
  if (problem !== undefined) parts.unshift("the base is not known");
  else if (parts.length === 0) {
    parts.push(`${count(resources?.length ?? 0, "resource")} changed, trace paths and findings as before`);
  }
  return parts.join(", ");
}

/** `2 added, 7 changed, 1 removed`. */
export function resourceWords(changes: readonly ObjectChange[]): string {
  const added = changes.filter(({ before }) => before === undefined).length;
  const removed = changes.filter(({ after }) => after === undefined).length;
  const changed = changes.length - added - removed;
  return [
    ...some(added, `${added} added`),
    ...some(changed, `${changed} changed`),
    ...some(removed, `${removed} removed`),
  ].join(", ");
}

/** What is said of a change that does nothing to tracing; it is one line. */
export function quietWords({ objects, table, findings, others, notes }: Comparison): string {
  const { same } = countEffects(table);
  const unchanged =
    findings.same.length === 0 ? "no findings" : `${count(findings.same.length, "finding")} as before`;
  const rest =
    others.length === 0
      ? ""
      : ` ${count(others.length, "changed object")} ${others.length === 1 ? "decides" : "decide"} nothing about traces.`;
  return `${count(objects, "object")}, ${count(same, "trace path")}, ${unchanged}.${rest}${notes.map((note) => ` ${note}`).join("")}`;
}

/** `Deployment shop/web restarts`, `7 Deployments restart` */
function restartWords(restarts: readonly string[]): string {
  if (restarts.length === 1) return `${restarts[0]} restarts`;
  const byKind = groupBy(restarts, (name) => name.slice(0, name.indexOf(" ")));
  const counts = [...byKind].map(([kind, { length }]) => `${length} ${plural(kind, length)}`);
  return `${enumerate(counts)} restart`;
}

function some(number: number, words: string): string[] {
  return number <= 0 ? [] : [words];
}
