/** The graph as a picture that needs nothing but a viewer: columns from gateways to collectors. */
import { collapsed } from "./collapse";
import { type EdgeState, type Graph, type GraphEdge, type GraphNode } from "./graph";

const size = { width: 190, height: 34, gapX: 130, gapY: 22, margin: 16 } as const;

const strokes: Readonly<Record<EdgeState, string>> = {
  seen: "#57606a",
  new: "#57606a",
  unknown: "#8c959f",
  missing: "#9a6700",
  broken: "#d1242f",
};

interface Placed extends GraphNode {
  x: number;
  y: number;
}

export function asSvg(whole: Graph): string {
  const graph = collapsed(whole);
  const columns = columnsOf(graph);
  const tallest = Math.max(1, ...columns.map((column) => column.length));
  const height = tallest * (size.height + size.gapY) + 2 * size.margin;
  const width = Math.max(1, columns.length) * (size.width + size.gapX) - size.gapX + 2 * size.margin;
  const placed = new Map<string, Placed>();
  for (const [position, column] of columns.entries()) {
    const top = (height - column.length * (size.height + size.gapY) + size.gapY) / 2;
    for (const [row, node] of column.entries()) {
      const x = size.margin + position * (size.width + size.gapX);
      placed.set(node.id, { ...node, x, y: top + row * (size.height + size.gapY) });
    }
  }
  // Broken ways are drawn last, so that nothing hides them.
  const order: readonly EdgeState[] = ["unknown", "new", "seen", "missing", "broken"];
  const edges = graph.edges.toSorted((a, b) => order.indexOf(a.state) - order.indexOf(b.state));
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-label="who calls whom, and where spans go" font-family="system-ui, sans-serif" font-size="12">`,
    "<defs>",
    ...order.map(
      (state) =>
        `<marker id="to-${state}" viewBox="0 0 8 8" refX="8" refY="4" markerWidth="8" markerHeight="8" orient="auto"><path d="M0 0L8 4L0 8z" fill="${strokes[state]}"/></marker>`,
    ),
    "</defs>",
    ...edges.flatMap((edge) => drawEdge(edge, placed)),
    ...Array.from(placed.values(), drawNode),
    "</svg>",
    "",
  ].join("\n");
}

/** Gateways first, then services by how far they are called from there, collectors last. */
function columnsOf({ nodes, edges }: Graph): GraphNode[][] {
  const depth = new Map<string, number>();
  const calls = edges.filter(({ kind }) => kind === "call");
  const called = new Set(calls.map(({ to }) => to));
  let level = nodes.filter(
    ({ id, kind }) =>
      kind === "gateway" ||
      (kind !== "collector" && !called.has(id) && calls.some(({ from }) => from === id)),
  );
  for (let number = 0; level.length > 0 && number < 8; number++) {
    for (const { id } of level) depth.set(id, number);
    const next = new Set(level.map(({ id }) => id));
    const after = new Set(calls.filter(({ from }) => next.has(from)).map(({ to }) => to));
    level = nodes.filter(({ id, kind }) => kind !== "collector" && after.has(id) && !depth.has(id));
  }
  const columns: GraphNode[][] = [];
  const put = (node: GraphNode, column: number): void => {
    while (columns.length <= column) columns.push([]);
    columns[column]?.push(node);
  };
  for (const node of nodes) if (node.kind !== "collector") put(node, depth.get(node.id) ?? 1);
  const last = columns.length;
  for (const node of nodes) if (node.kind === "collector") put(node, last);
  return columns.filter((column) => column.length > 0);
}

function drawNode({ x, y, label, kind }: Placed): string {
  const round = kind === "gateway" ? size.height / 2 : kind === "collector" ? 10 : 4;
  const fill = kind === "collector" ? "#ddf4ff" : kind === "gateway" ? "#fff8c5" : "#f6f8fa";
  const text = label.length > 28 ? `${label.slice(0, 27)}…` : label;
  return (
    `<g><title>${escaped(label)}</title><rect x="${x}" y="${y}" width="${size.width}" height="${size.height}" rx="${round}" fill="${fill}" stroke="#57606a"/>` +
    `<text x="${x + size.width / 2}" y="${y + size.height / 2 + 4}" text-anchor="middle" fill="#1f2328">${escaped(text)}</text></g>`
  );
}

function drawEdge(
  { from, to, kind, state, label }: GraphEdge,
  placed: ReadonlyMap<string, Placed>,
): string[] {
  const [a, b] = [placed.get(from), placed.get(to)];
  if (a === undefined || b === undefined) return [];
  const isForward = b.x > a.x;
  const [x1, y1] = [
    isForward ? a.x + size.width : a.x + size.width / 2,
    a.y + (isForward ? size.height / 2 : size.height),
  ];
  const [x2, y2] = [
    isForward ? b.x : b.x + size.width / 2,
    b.y + (isForward ? size.height / 2 : size.height),
  ];
  const bend = isForward ? (x2 - x1) / 2 : 0;
  const curve = isForward
    ? `M${x1} ${y1}C${x1 + bend} ${y1} ${x2 - bend} ${y2} ${x2} ${y2}`
    : `M${x1} ${y1}C${x1} ${y1 + 50} ${x2} ${y2 + 50} ${x2} ${y2}`;
  const dash = kind === "spans" || state === "missing" ? ' stroke-dasharray="6 4"' : "";
  const width = state === "broken" ? 2.5 : 1.2;
  const text = state === "missing" ? "not seen" : label;
  const isTold = state === "broken" || state === "missing" || kind === "call";
  const words =
    text === "" || !isTold
      ? []
      : [
          `<text x="${(x1 + x2) / 2}" y="${(y1 + y2) / 2 - 5}" text-anchor="middle" font-size="11" fill="${strokes[state]}">${escaped(text)}</text>`,
        ];
  return [
    `<path class="edge ${state}" d="${curve}" fill="none" stroke="${strokes[state]}" stroke-width="${width}"${dash} marker-end="url(#to-${state})"/>`,
    ...words,
  ];
}

function escaped(text: string): string {
  return text
    .replaceAll(/\p{C}/gu, "�")
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;");
}
