/** The graph as a Mermaid flowchart. */
import { collapsed } from "./collapse";
import { type EdgeState, type Graph, type GraphNode } from "./graph";

/** Colors that can be told apart on light and dark ground. */
const styles: Partial<Record<EdgeState, string>> = {
  broken: "stroke:#d1242f,stroke-width:3px,color:#d1242f",
  missing: "stroke:#9a6700,stroke-width:2px,color:#9a6700",
};

export function asMermaid(whole: Graph): string {
  const graph = collapsed(whole);
  const index = new Map(graph.nodes.map(({ id }, position) => [id, `n${position}`]));
  const lines = graph.edges.map(({ from, to, kind, state, label }) => {
    const text = state === "missing" ? "not seen" : label;
    const dashed = kind === "spans" || state === "missing";
    const [open, close] = dashed ? ["-.", ".->"] : ["--", "-->"];
    const arrow =
      text === "" ? (dashed ? "-.->" : "-->") : `${open} ${quoted(`${markOf(state)}${text}`)} ${close}`;
    return `  ${index.get(from) ?? "?"} ${arrow} ${index.get(to) ?? "?"}`;
  });
  const styled = Object.entries(styles).flatMap(([state, style]) => {
    const positions = graph.edges.flatMap((edge, position) => (edge.state === state ? [position] : []));
    return positions.length === 0 ? [] : [`  linkStyle ${positions.join(",")} ${style}`];
  });
  return `${["flowchart LR", ...graph.nodes.map((node) => `  ${index.get(node.id)}${box(node)}`), ...lines, ...styled].join("\n")}\n`;
}

function markOf(state: EdgeState): string {
  return state === "broken" ? "✗ " : "";
}

function box({ kind, label }: GraphNode): string {
  const text = quoted(label);
  if (kind === "gateway") return `([${text}])`;
  return kind === "collector" ? `[(${text})]` : `[${text}]`;
}

/** Text in quotes, in which nothing is Mermaid's or HTML's: all but the plainest characters as entities. */
function quoted(text: string): string {
  const characters = Array.from(text.replaceAll(/\p{C}/gu, "�"));
  const short = characters.length > 80 ? [...characters.slice(0, 79), "…"] : characters;
  const safe = short.map((character) =>
    /[\p{L}\p{N} ./:,\u2717?\u2026()-]/u.test(character) ? character : `#${character.codePointAt(0)};`,
  );
  return `"${safe.join("")}"`;
}
