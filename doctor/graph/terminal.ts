/** The graph in a terminal: who calls whom as a tree, then where spans get lost. */
import pc from "picocolors";
import { visibleLine, withoutCommands } from "../../findings/visible";
import { groupBy } from "../../mesh/maps";
import { type Graph, type GraphEdge } from "./graph";

/** How deep calls are followed, and how many lines are printed. */
const most = { depth: 12, lines: 120 };

/** What it is drawn on: with colour, and so many columns. */
export interface Screen {
  color: boolean;
  width?: number;
}

export function asTerminal(
  { nodes, edges }: Graph,
  { color, width = Number.POSITIVE_INFINITY }: Screen,
): string {
  const paint = pc.createColors(color);
  const labels = new Map(nodes.map(({ id, label }) => [id, visibleLine(label)]));
  const calls = edges.filter(({ kind }) => kind === "call");
  const lines = callLines(calls, labels, paint);
  const spans = edges.filter(({ kind, state }) => kind === "spans" && state === "broken");
  const lost = Array.from(
    groupBy(spans, ({ to }) => to),
    ([to, own]) => [
      "",
      `spans that do not arrive at ${labels.get(to) ?? to}:`,
      ...lostLines(own, labels, paint, width),
    ],
  ).flat();
  const all = [
    ...(lines.length === 0 ? ["no calls were seen"] : upTo(lines)),
    // What is lost is told however much is called.
    ...upTo(lost),
  ];
  return `${withoutCommands(all.join("\n"))}\n`;
}

function upTo(lines: readonly string[]): string[] {
  const left = lines.length - most.lines;
  return [...lines.slice(0, most.lines), ...(left > 0 ? [`… ${left} more lines; --format dot has all`] : [])];
}

/** A sender a line, with what becomes of its spans behind it, or below it where there is no room. */
function lostLines(
  edges: readonly GraphEdge[],
  labels: ReadonlyMap<string, string>,
  paint: ReturnType<typeof pc.createColors>,
  width: number,
): string[] {
  const rows = edges.map(({ from, label }) => ({
    name: labels.get(from) ?? from,
    what: `─✗ ${visibleLine(label)}`,
  }));
  const widest = Math.max(...rows.map(({ name }) => name.length));
  const isNarrow = rows.some(({ what }) => 3 + widest + what.length > width);
  return rows.flatMap(({ name, what }) =>
    isNarrow ? [`  ${name}`, `    ${paint.red(what)}`] : [`  ${name.padEnd(widest)} ${paint.red(what)}`],
  );
}

function callLines(
  calls: readonly GraphEdge[],
  labels: ReadonlyMap<string, string>,
  paint: ReturnType<typeof pc.createColors>,
): string[] {
  const from = groupBy(calls, (edge) => edge.from);
  const called = new Set(calls.map(({ to }) => to));
  const roots = [...from.keys()].filter((id) => !called.has(id));
  const lines: string[] = [];
  const told = new Set<string>();
  const visit = (id: string, indent: string, depth: number): void => {
    told.add(id);
    const own = from.get(id) ?? [];
    for (const [index, { to, state, label }] of own.entries()) {
      const isLast = index === own.length - 1;
      const note =
        state === "missing" ? paint.yellow(" not seen") : state === "new" ? paint.dim(" not expected") : "";
      const number = label === "" ? "" : paint.dim(` ${label}`);
      const again = told.has(to) && from.has(to) ? paint.dim(" …") : "";
      lines.push(`${indent}${isLast ? "└" : "├"}─▶ ${labels.get(to) ?? to}${number}${note}${again}`);
      if (!told.has(to) && depth < most.depth) visit(to, `${indent}${isLast ? "   " : "│  "}`, depth + 1);
    }
  };
  // In a circle nobody is the first.
  for (const id of [...roots, ...from.keys()]) {
    if (told.has(id)) continue;
    lines.push(labels.get(id) ?? id);
    visit(id, "", 0);
  }
  return lines;
}
