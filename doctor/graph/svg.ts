/** The graph as a picture that needs nothing but a viewer: columns from gateways to collectors. */
import { collapsed } from "./collapse";
import { type EdgeState, type Graph, type GraphEdge, type GraphNode } from "./graph";

const size = { height: 34, gapX: 130, gapY: 22, margin: 16 } as const;

/** Pixels of a letter, as system fonts have it in this size, and letters of the longest name that is not cut. */
const letter = { width: 6.8, most: 44 } as const;

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
  column: number;
}

/** Where boxes are, and how large they and the whole drawing are. */
interface Layout {
  placed: ReadonlyMap<string, Placed>;
  width: number;
  height: number;
  boxWidth: number;
}

export function asSvg(whole: Graph): string {
  const graph = collapsed(whole);
  const layout = layoutOf(graph);
  const { placed, width, height } = layout;
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
    ...edges.flatMap((edge) => drawEdge(edge, layout, besideOf(edge, graph.edges))),
    ...Array.from(placed.values(), (node) => drawNode(node, layout.boxWidth)),
    "</svg>",
    "",
  ].join("\n");
}

function layoutOf(graph: Graph): Layout {
  const columns = columnsOf(graph);
  const longest = Math.max(16, ...graph.nodes.map(({ label }) => Math.min(label.length, letter.most)));
  const boxWidth = Math.round(longest * letter.width) + 16;
  const tallest = Math.max(1, ...columns.map((column) => column.length));
  // Below the boxes is where ways go that pass by a column.
  const height = tallest * (size.height + size.gapY) + 3 * size.margin;
  const width = Math.max(1, columns.length) * (boxWidth + size.gapX) - size.gapX + 2 * size.margin;
  const placed = new Map<string, Placed>();
  for (const [column, nodes] of columns.entries()) {
    const top = (height - nodes.length * (size.height + size.gapY)) / 2;
    for (const [row, node] of nodes.entries()) {
      const x = size.margin + column * (boxWidth + size.gapX);
      placed.set(node.id, { ...node, column, x, y: top + row * (size.height + size.gapY) });
    }
  }
  return { placed, width, height, boxWidth };
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

function drawNode({ x, y, label, kind }: Placed, width: number): string {
  const round = kind === "gateway" ? size.height / 2 : kind === "collector" ? 10 : 4;
  const fill = kind === "collector" ? "#ddf4ff" : kind === "gateway" ? "#fff8c5" : "#f6f8fa";
  const text = label.length > letter.most ? `${label.slice(0, letter.most - 1)}…` : label;
  return (
    `<g><title>${escaped(label)}</title><rect x="${x}" y="${y}" width="${width}" height="${size.height}" rx="${round}" fill="${fill}" stroke="#57606a"/>` +
    `<text x="${x + width / 2}" y="${y + size.height / 2 + 4}" text-anchor="middle" fill="#1f2328">${escaped(text)}</text></g>`
  );
}

/** How far below the middle an edge begins and ends, so that several between the same boxes are seen. */
function besideOf(edge: GraphEdge, edges: readonly GraphEdge[]): number {
  const alike = edges.filter(({ from, to }) => from === edge.from && to === edge.to);
  return (alike.indexOf(edge) - (alike.length - 1) / 2) * Math.min(8, size.height / alike.length);
}

function drawEdge({ from, to, kind, state, label }: GraphEdge, layout: Layout, beside: number): string[] {
  const [a, b] = [layout.placed.get(from), layout.placed.get(to)];
  if (a === undefined || b === undefined) return [];
  const { curve, x, y } = wayOf(a, b, layout, beside);
  const dash = kind === "spans" || state === "missing" ? ' stroke-dasharray="6 4"' : "";
  const width = state === "broken" ? 2.5 : 1.2;
  const text = state === "missing" ? "not seen" : label;
  const isTold = state === "broken" || state === "missing" || kind === "call";
  const words =
    text === "" || !isTold
      ? []
      : [
          `<text x="${x}" y="${y - 5}" text-anchor="middle" font-size="11" fill="${strokes[state]}" stroke="#fff" stroke-width="3" paint-order="stroke">${escaped(text)}</text>`,
        ];
  return [
    `<path class="edge ${state}" d="${curve}" fill="none" stroke="${strokes[state]}" stroke-width="${width}"${dash} marker-end="url(#to-${state})"/>`,
    ...words,
  ];
}

/** How a line goes from box to box, and where its words stand. */
function wayOf(
  a: Placed,
  b: Placed,
  { boxWidth, height }: Layout,
  beside: number,
): { curve: string; x: number; y: number } {
  const [middleA, middleB] = [a.x + boxWidth / 2 + beside, b.x + boxWidth / 2 + beside];
  const [bottomA, bottomB] = [a.y + size.height, b.y + size.height];
  if (b.column > a.column + 1) {
    // Straight on, it would go through boxes in between: it goes down and up where there are none.
    const ground = height - size.margin / 2 + beside / 2;
    const aside = size.gapX / 4 + beside;
    const [down, up] = [a.x + boxWidth + aside, b.x - aside];
    const [y1, y2] = [a.y + size.height / 2 + beside, b.y + size.height / 2 + beside];
    const curve = `M${a.x + boxWidth} ${y1}H${down}V${ground}H${up}V${y2}H${b.x}`;
    return { curve, x: (down + up) / 2, y: ground };
  }
  if (b.column <= a.column) {
    const curve = `M${middleA} ${bottomA}C${middleA} ${bottomA + 50} ${middleB} ${bottomB + 50} ${middleB} ${bottomB}`;
    return { curve, x: (middleA + middleB) / 2, y: (bottomA + bottomB) / 2 + 40 };
  }
  const [x1, y1] = [a.x + boxWidth, a.y + size.height / 2 + beside];
  const [x2, y2] = [b.x, b.y + size.height / 2 + beside];
  const bend = (x2 - x1) / 2;
  const curve = `M${x1} ${y1}C${x1 + bend} ${y1} ${x2 - bend} ${y2} ${x2} ${y2}`;
  return { curve, x: (x1 + x2) / 2, y: (y1 + y2) / 2 };
}

/** Text of XML and HTML. @param unseen what is not passed on as it is */
export function escaped(text: string, unseen = /\p{C}/gu): string {
  return text
    .replaceAll(unseen, "�")
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;");
}
