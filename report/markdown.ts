/** The report as a comment of a pull request: what breaks first, details to unfold, within GitHub's limit. */
import { code, fenced, html, prose } from "../findings/formats/markdownText";
import { objectName } from "../findings/summary";
import { count } from "../findings/words";
import { type Finding } from "../findings/finding";
import { type Comparison } from "./comparison";
import { fit, type Section } from "./fitting";
import { byPlace, type CellChange, mark, type PathRow } from "./paths";
import { picture } from "./picture";
import { resourceEntries } from "./resources";
import { withoutCredentials } from "./secrets";
import { settingWords } from "./settings";
import { headline, quietWords, resourceWords } from "./words";

/** GitHub refuses comments of 65 536 characters; measured in bytes, which are never fewer. */
export const commentLimit = 65_000;

/** Fixes of so many findings are shown without unfolding. */
const mostOpen = 3;

/** Places of one setting that are named. */
const mostPlaces = 40;

/** Longer messages and fixes are cut: one of them must not take the room of all. */
const longest = { message: 2000, fixLines: 80, fix: 6000 };

/** @param limit in bytes */
export function asMarkdown(comparison: Comparison, limit = commentLimit): string {
  const { subject, base } = comparison;
  if (comparison.isQuiet) {
    return `Nothing of tracing changes in ${prose(subject)} compared with ${code(base)}: ${prose(quietWords(comparison))}\n`;
  }
  const sign = comparison.isWorse ? "✗" : "✓";
  const head = [
    `### ${sign} Tracing in ${prose(subject)}: ${prose(headline(comparison))}\n`,
    `\nCompared with ${code(base)}.${comparison.notes.map((note) => ` ${prose(note)}`).join("")}\n`,
    ...(comparison.problem === undefined ? [] : [problemText(comparison.problem, limit / 3)]),
  ];
  return fit(head.join(""), sectionsOf(comparison), limit);
}

function problemText(problem: string, room: number): string {
  const lines = clipLines(withoutCredentials(problem.trimEnd()), room);
  return `\nThe base could not be read, so what changes is unknown, and every finding counts as new:\n\n${fenced("text", lines)}`;
}

function sectionsOf(comparison: Comparison): Section[] {
  const { table, findings, resources = [], others, settings, restarts, problem } = comparison;
  const rows = [...table.rows].sort(byPlace);
  // What closes first: what does not fit is what matters least.
  const changed = [...rows.filter(closes), ...rows.filter((row) => row.isChanged && !closes(row))];
  const same = rows.filter(({ isChanged }) => !isChanged);
  const isKnown = problem === undefined;
  return [
    pathSection(comparison, changed, "\nTrace paths that change:\n"),
    ...findingSections(comparison),
    {
      before: "\nSettings that change:\n\n",
      entries: settings.map((change) => `- ${prose(settingWords(change, mostPlaces))}\n`),
      after: "",
      noun: ["setting", "settings"],
      share: 0.05,
    },
    {
      ...folded(`Pods are replaced: ${count(restarts.length, "workload")}`, restarts.length <= mostOpen),
      entries: restarts.map((name) => `- ${code(name)}\n`),
      noun: ["workload that restarts", "workloads that restart"],
      share: 0.03,
    },
    pictureSection(comparison),
    {
      ...folded(`Resources: ${resourceWords(resources)}`),
      entries: resourceEntries(resources),
      noun: ["group of resources", "groups of resources"],
      share: 0.2,
    },
    {
      ...folded(`${count(findings.fixed.length, "finding")} fixed`),
      entries: findings.fixed.map((finding) => `- ${title(finding)}: ${message(finding)}\n`),
      noun: ["fixed finding", "fixed findings"],
      share: 0.05,
    },
    {
      ...folded(`${count(findings.same.length, "finding")} as before`),
      entries: findings.same.map((finding) => `- ${title(finding)}: ${message(finding)}\n`),
      noun: ["earlier finding", "earlier findings"],
      share: 0.05,
    },
    isKnown
      ? pathSection(comparison, same, undefined, `Trace paths as before: ${count(same.length, "sender")}`)
      : pathSection(comparison, same, "\nTrace paths now:\n"),
    {
      ...folded(`${count(others.length, "changed object")} that decide nothing about traces`),
      entries: resourceEntries(others, false),
      noun: ["group of other objects", "groups of other objects"],
      share: 0.02,
    },
  ];
}

/** A table of rows, under a line of text or folded under a title. */
function pathSection(
  { table }: Comparison,
  rows: readonly PathRow[],
  text: string | undefined,
  summary = "",
): Section {
  const titles = table.columns.map(({ title: column }) => prose(column));
  const head = `| From | ${titles.join(" | ")} |\n` + `| --- |${titles.map(() => " :---: |").join("")}\n`;
  const wrap = text === undefined ? folded(summary) : { before: `${text}\n`, after: "" };
  return {
    before: wrap.before + head,
    entries: rows.map((row) => {
      const from = `${row.sender === "gateway" ? "gateway " : ""}${code(row.namespace)}`;
      return `| ${from} | ${[...row.cells.values()].map(cellText).join(" | ")} |\n`;
    }),
    after: wrap.after,
    noun: ["row of trace paths", "rows of trace paths"],
    share: text === undefined ? 0.05 : 0.15,
  };
}

function cellText({ before, after, effect }: CellChange): string {
  if (effect === "same") return mark(after);
  const text = `${mark(before)} → ${mark(after)}`;
  return effect === "closes" ? `**${text}**` : text;
}

function closes({ cells }: PathRow): boolean {
  return [...cells.values()].some(({ effect }) => effect === "closes");
}

function findingSections({ findings, problem }: Comparison): Section[] {
  const name = problem === undefined ? "New findings" : "Findings";
  return [
    {
      before: `\n${name}:\n`,
      entries: findings.new.map((finding, index) => findingEntry(finding, index < mostOpen)),
      after: "",
      noun: ["finding", "findings"],
      share: 0.3,
    },
    {
      before: "\nFindings that say something different now:\n",
      entries: findings.changed.map(
        ({ before, after }) => findingEntry(after, false) + `\nBefore: ${message(before)}\n`,
      ),
      after: "",
      noun: ["changed finding", "changed findings"],
      share: 0.1,
    },
  ];
}

function findingEntry(finding: Finding, isOpen: boolean): string {
  const text = `\n${title(finding)}: ${message(finding)}\n`;
  if (finding.fix.trim() === "") return text;
  const fix = clipLines(withoutCredentials(finding.fix.trimEnd()));
  const summary = `Fix ${html(objectName(finding).slice(0, 300))}`;
  return `${text}\n<details${isOpen ? " open" : ""}><summary>${summary}</summary>\n\n${fenced("yaml", fix)}\n</details>\n`;
}

function title({ level, rule, file }: Finding): string {
  return `**${level}** ${code(rule)}${file === undefined ? "" : ` ${code(file)}`}`;
}

function message({ message: text }: Finding): string {
  const clean = withoutCredentials(text);
  return prose(clean.length > longest.message ? `${clean.slice(0, longest.message)}…` : clean);
}

function pictureSection({ paths, table, isWorse }: Comparison): Section {
  const lines = picture(paths);
  const isOpen = isWorse || table.rows.some(({ isChanged }) => isChanged);
  return {
    ...folded("Picture: gateways, services, collectors; broken paths are red", isOpen),
    entries: lines === undefined ? [] : [fenced("mermaid", lines.join("\n"))],
    noun: ["picture", "pictures"],
    share: 0.2,
  };
}

/** @param summary text, not Markdown */
function folded(summary: string, isOpen = false): { before: string; after: string } {
  return {
    before: `\n<details${isOpen ? " open" : ""}><summary>${html(summary)}</summary>\n\n`,
    after: "\n</details>\n",
  };
}

/** Whole lines, as many as may be. */
function clipLines(text: string, most = longest.fix): string {
  const lines = text.split("\n").map((line) => (line.length > 500 ? `${line.slice(0, 500)}…` : line));
  let room = Math.min(most, longest.fix);
  const kept = lines.slice(0, longest.fixLines).filter((line) => (room -= line.length + 1) > 0);
  const left = lines.length - kept.length;
  return left === 0 ? kept.join("\n") : [...kept, `# … and ${count(left, "more line")}`].join("\n");
}
