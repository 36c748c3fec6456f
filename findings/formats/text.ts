/** Findings for people, grouped by the object to change. */
import pc from "picocolors";
import { type Finding, type Level } from "../finding";
import { byObject, count, objectName, type Report, tally } from "../summary";

/** @param color whether to color; without, the text says the same */
export function asText({ findings, read }: Report, color: boolean): string {
  const paint = pc.createColors(color);
  const groups = byObject(findings);
  const blocks = groups.map((group) => objectBlock(group, paint));
  const where = groups.length === 0 ? "" : ` in ${count(groups.length, "object")}`;
  const verdict = findings.some(({ level }) => level === "error") ? paint.red : paint.green;
  return `${[...blocks, `${verdict(tally(findings) + where)}; read ${read}`].join("\n\n")}\n`;
}

function objectBlock(findings: readonly Finding[], paint: ReturnType<typeof pc.createColors>): string {
  const [first] = findings;
  if (first === undefined) return "";
  const place = first.file === undefined ? "" : paint.dim(`  ${first.file}`);
  const colors: Record<Level, (text: string) => string> = {
    error: paint.red,
    warning: paint.yellow,
    info: paint.cyan,
  };
  const lines = findings.flatMap(({ level, rule, message, fix }) => [
    `  ${colors[level](level)} ${paint.dim(`[${rule}]`)} ${indented(message, 4).trimStart()}`,
    ...(fix === "" ? [] : ["    fix:", indented(fix, 6)]),
  ]);
  return [`${paint.bold(objectName(first))}${place}`, ...lines].join("\n");
}

function indented(text: string, by: number): string {
  return text.trimEnd().replaceAll(/^(?=.)/gm, " ".repeat(by));
}
