/** Findings for people, on one screen: what one cause has is told once, and the verdict is the last line. */
import pc from "picocolors";
import { byCause, type Cause } from "../causes";
import { type Finding, type Level } from "../finding";
import { judgedLines } from "../judged";
import { passedByLines } from "../passedBy";
import { byObject, objectName, type Report, tally } from "../summary";
import { count, plural } from "../words";
import { indented, visibleLine, visibleLines } from "../visible";

/** Objects that are named where many have one cause. */
const mostNames = 4;

/** Lines to paste that are shown of one finding: what merges several objects can fill screens. */
const mostLines = 40;

/** @param color whether to color; without, the text says the same */
export function asText(report: Report, color: boolean): string {
  const { findings, read, judged, passedBy, isVerbose = false } = report;
  const paint = pc.createColors(color);
  const blocks = byCause(findings).map((cause) => causeBlock(cause, paint, isVerbose));
  const objects = byObject(findings).length;
  const where = objects === 0 ? "" : ` in ${count(objects, "object")}`;
  const verdict = findings.some(({ level }) => level === "error") ? paint.red : paint.green;
  const last = [
    ...(judged === undefined ? [] : judgedLines(judged).map(visibleLines)),
    `${verdict(tally(findings) + where)}; read ${read}`,
  ];
  const lines = passedBy === undefined ? [] : passedByLines(passedBy, isVerbose);
  const between = lines.length === 0 ? [] : [lines.map(visibleLines).join("\n")];
  return `${[...blocks, ...between, last.join("\n")].join("\n\n")}\n`;
}

function causeBlock(cause: Cause, paint: ReturnType<typeof pc.createColors>, isVerbose: boolean): string {
  const [first] = cause;
  const colors: Record<Level, (text: string) => string> = {
    error: paint.red,
    warning: paint.yellow,
    info: paint.cyan,
  };
  const head = `${colors[first.level](first.level)} ${paint.dim(`[${first.rule}]`)} `;
  const message = indented(first.message, 2).trimStart();
  if (cause.length === 1) {
    const places = first.file === undefined ? [] : [paint.dim(`  at ${visibleLine(first.file)}`)];
    return [head + message, ...places, ...fixLines(first, "fix", isVerbose)].join("\n");
  }
  const title = `${cause.length} ${plural(first.kind, cause.length)}`;
  const names = enumerated(cause, ({ namespace, name }) =>
    namespace === "" ? name : `${namespace}/${name}`,
  );
  const places = enumerated(
    cause.filter(({ file }) => file !== undefined),
    ({ file = "" }) => file,
  );
  const objects = isVerbose
    ? [
        `${head}${paint.bold(title)}:`,
        ...cause.map(
          (finding) =>
            `  ${visibleLine(objectName(finding))}${finding.file === undefined ? "" : paint.dim(`  ${visibleLine(finding.file)}`)}`,
        ),
      ]
    : [`${head}${paint.bold(title)}: ${names}`, ...(places === "" ? [] : [paint.dim(`  at ${places}`)])];
  return [
    ...objects,
    `  ${isVerbose ? "the first" : "such as"}: ${message}`,
    ...(isVerbose
      ? cause.flatMap((finding) => fixLines(finding, `fix of ${visibleLine(objectName(finding))}`, true))
      : fixLines(first, `fix of ${visibleLine(objectName(first))}; --verbose shows the others`, false)),
  ].join("\n");
}

function fixLines({ fix }: Finding, title: string, isWhole: boolean): string[] {
  if (fix === "") return [];
  const lines = fix.split("\n");
  const left = isWhole ? 0 : lines.length - mostLines;
  const shown = left > 1 ? lines.slice(0, mostLines).join("\n") : fix;
  return [
    `  ${title}:`,
    indented(shown, 4),
    ...(left > 1 ? [`    ${left} more lines; --verbose shows them`] : []),
  ];
}

function enumerated(findings: readonly Finding[], nameOf: (finding: Finding) => string): string {
  const names = [...new Set(findings.map((finding) => visibleLine(nameOf(finding))))];
  const shown = names.length > mostNames + 1 ? names.slice(0, mostNames) : names;
  const left = names.length - shown.length;
  return shown.join(", ") + (left === 0 ? "" : ` and ${left} more`);
}
