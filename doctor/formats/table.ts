/** For people at a terminal: every check, a table of the workloads, and the lines to add. */
import pc from "picocolors";
import { indented, visibleLine, withoutCommands } from "../../findings/visible";
import { asTerminal, type Screen } from "../graph/terminal";
import { objectName } from "../../findings/summary";
import { described } from "../judge/causes";
import { isBroken } from "../judge/hop";
import { type Check, type Diagnosis, type Result } from "../result";
import { explaining, marks, overall, tableOf, type TableRow, verdictOf } from "./words";

/** Rows of well workloads that are shown; what is broken is shown in any case. */
const mostRows = 40;

/** Causes that are told; a mesh with more has one that is common to them, and the audit lists all. */
const mostCauses = 10;

export function asTable(diagnosis: Diagnosis, { color, width }: Screen): string {
  const paint = pc.createColors(color);
  const painted: Readonly<Record<Result, (text: string) => string>> = {
    success: paint.green,
    warning: paint.yellow,
    error: paint.red,
    "not checked": paint.dim,
  };
  const causes = explaining(diagnosis).slice(0, mostCauses);
  const blocks = diagnosis.categories.map(({ name, checks }) =>
    [
      paint.bold(name),
      ...checks.flatMap((check) =>
        checkLines(withoutCauses(check, causes), painted[check.result], paint, width),
      ),
    ].join("\n"),
  );
  const table = tableLines(tableOf(diagnosis), paint);
  const graph =
    diagnosis.graph.edges.length === 0
      ? []
      : [`${paint.bold("calls")}\n${asTerminal(diagnosis.graph, { color, width }).trimEnd()}`];
  const fixes = causes.map(({ rule, message, fix }, index) =>
    [
      `${paint.red(`cause ${index + 1}`)} ${paint.dim(`[${rule}]`)}`,
      folded(visibleLine(message), 2, width),
      ...(fix === "" ? [] : ["  fix:", indented(fix, 4)]),
    ].join("\n"),
  );
  const left = explaining(diagnosis).length - causes.length;
  const more = left > 0 ? [`and ${left} more: npm run -s audit -- --live`] : [];
  const painter = { success: paint.green, "not checked": paint.bold, error: paint.red }[overall(diagnosis)];
  const verdict = painter(folded(verdictOf(diagnosis), 0, width));
  const cost = paint.dim(`${diagnosis.cost.seconds} s, ${diagnosis.cost.streams} questions to pods`);
  const last = `${verdict}\n${cost}`;
  const rows = table.length === 0 ? [] : [table.join("\n")];
  return `${withoutCommands([...blocks, ...rows, ...graph, ...fixes, ...more, last].join("\n\n"))}\n`;
}

/** Causes are told whole at the end, with the lines to add; evidence names them. */
function withoutCauses(check: Check, causes: Diagnosis["findings"]): Check {
  return {
    ...check,
    evidence: check.evidence.map((line) => {
      const index = causes.findIndex((cause) => line.endsWith(described(cause)));
      const cause = causes[index];
      if (cause === undefined) return line;
      const start = line.slice(0, line.length - described(cause).length);
      return `${start}[${cause.rule}] ${objectName(cause)}: cause ${index + 1} below`;
    }),
  };
}

function checkLines(
  { id, description, result, evidence, hint }: Check,
  color: (text: string) => string,
  paint: ReturnType<typeof pc.createColors>,
  width?: number,
): string[] {
  const head = `${color(marks[result])} ${description}${result === "not checked" ? color(" (not checked)") : ""} ${paint.dim(id)}`;
  const isWell = result === "success";
  const lines = evidence.map((line) => folded(visibleLine(line), 4, width));
  return [
    head,
    ...(isWell ? lines.slice(0, 3).map((line) => paint.dim(line)) : lines),
    ...(isWell ? [] : [paint.dim(folded(`→ ${hint}`, 4, width))]),
  ];
}

function tableLines(rows: readonly TableRow[], paint: ReturnType<typeof pc.createColors>): string[] {
  if (rows.length === 0) return [];
  const broken = rows.filter((row) => row.isBroken);
  const well = rows.filter((row) => !row.isBroken).slice(0, Math.max(0, mostRows - broken.length));
  const shown = rows.filter((row) => row.isBroken || well.includes(row));
  const heads = ["namespace", "workload", "proxy", "OTLP", "in the backend"];
  const cells = shown.map(({ namespace, workload, proxy, otlp, seen }) =>
    [namespace, workload, proxy, otlp, seen].map(visibleLine),
  );
  const widths = heads.map((head, column) =>
    Math.max(head.length, ...cells.map((row) => row[column]?.length ?? 0)),
  );
  const line = (words: readonly string[]): string =>
    words
      .map((word, column) => word.padEnd(widths[column] ?? 0))
      .join("  ")
      .trimEnd();
  const left = rows.length - shown.length;
  return [
    paint.bold(line(heads)),
    ...cells.map((row, index) => (shown[index]?.isBroken === true ? paint.red(line(row)) : line(row))),
    ...(left > 0 ? [paint.dim(`and ${left} more that are not broken; --format json has all`)] : []),
  ];
}

/** The verdict and what is not well, a line each. */
export function asShort(diagnosis: Diagnosis, color: boolean): string {
  const paint = pc.createColors(color);
  const checks = diagnosis.categories
    .flatMap(({ checks: own }) => own)
    .filter(({ result }) => result !== "success");
  const lines = checks.map(({ id, result, evidence }) => {
    const word =
      result === "error" ? paint.red("✗") : result === "warning" ? paint.yellow("!") : paint.dim("?");
    return `${word} ${id}: ${visibleLine(evidence[0] ?? "")}`;
  });
  const broken = diagnosis.hops.filter(isBroken).map(({ workload, receiver, port, verdict, causes }) => {
    const cause = causes[0] === undefined ? "" : ` because ${causes[0]}`;
    return `${paint.red("✗")} ${visibleLine(`${workload} → ${receiver}:${port ?? "?"} ${verdict}${cause}`)}`;
  });
  return `${withoutCommands([...lines, ...broken, verdictOf(diagnosis)].join("\n"))}\n`;
}

/** A line that begins at a column and goes on a little to the right of it, where the terminal is too narrow for it. */
function folded(text: string, indent: number, width = Number.POSITIVE_INFINITY): string {
  const own = indent + (/^ */.exec(text)?.[0].length ?? 0);
  const lines: string[] = [];
  for (const word of text.trim().split(" ")) {
    const line = lines.at(-1);
    if (line !== undefined && line.length + 1 + word.length <= width)
      lines[lines.length - 1] = `${line} ${word}`;
    else lines.push(`${" ".repeat(lines.length === 0 ? own : own + 2)}${word}`);
  }
  return lines.join("\n");
}
