/** Findings for a comment of a pull request: a table, and fixes to unfold. */
import { type Finding } from "../finding";
import { levels, objectName, type Report, tally } from "../summary";
import { plural } from "../words";
import { code, fenced, html, prose } from "./markdownText";

/** GitHub refuses comments of 65 536 characters; measured in bytes, which are never fewer. */
const limit = 65_000;

/** Errors first, so that what does not fit is what matters least. */
export function asMarkdown({ findings, read }: Report): string {
  const sorted = levels.flatMap((level) => findings.filter((finding) => finding.level === level));
  const head = `### Trace paths: ${tally(findings)}\n\nRead ${read}.\n`;
  if (sorted.length === 0) return head;
  const tableHead = "\n| Level | Object | What is wrong | Rule |\n| --- | --- | --- | --- |\n";
  // Room for the line that says what is left out.
  let room = limit - bytes(head) - bytes(tableHead) - 200;
  const rows: string[] = [];
  for (const finding of sorted) {
    const row = rowOf(finding);
    if (bytes(row) > room) break;
    room -= bytes(row);
    rows.push(row);
  }
  const shown = sorted.slice(0, rows.length).filter(({ fix }) => fix !== "");
  const fixes: string[] = [];
  for (const finding of shown) {
    const fix = fixOf(finding);
    if (bytes(fix) > room) break;
    room -= bytes(fix);
    fixes.push(fix);
  }
  const notes = [
    ...left(sorted.length - rows.length, "finding"),
    ...left(sorted.slice(0, rows.length).filter(({ fix }) => fix !== "").length - fixes.length, "fix"),
  ];
  const note =
    notes.length === 0 ? "" : `\n${notes.join(" and ")} left out: a comment has no room for them.\n`;
  return [head, tableHead, ...rows, note, ...fixes].join("");
}

function left(number: number, noun: string): string[] {
  return number === 0 ? [] : [`${number} more ${plural(noun, number)}`];
}

function rowOf(finding: Finding): string {
  const { level, rule, message, file } = finding;
  const object = code(objectName(finding)) + (file === undefined ? "" : `<br>${code(file)}`);
  return `| ${level} | ${object} | ${prose(message)} | ${rule} |\n`;
}

function fixOf(finding: Finding): string {
  const title = html(`${objectName(finding)}: ${finding.rule}`);
  return `\n<details><summary>Fix ${title}</summary>\n\n${fenced("yaml", finding.fix.trimEnd())}\n</details>\n`;
}

function bytes(text: string): number {
  return Buffer.byteLength(text);
}
