/** The graph for Graphviz. */
import { visibleLine } from "../../findings/visible";
import { type EdgeState, type Graph, type GraphNode } from "./graph";

const colors: Readonly<Record<EdgeState, string>> = {
  seen: "black",
  new: "black",
  unknown: "gray50",
  missing: "darkorange3",
  broken: "red3",
};

export function asDot({ nodes, edges }: Graph): string {
  const shapes: Readonly<Record<GraphNode["kind"], string>> = {
    gateway: "oval",
    service: "box",
    collector: "cylinder",
    other: "box",
  };
  return `${[
    "digraph mesh {",
    "  rankdir=LR;",
    ...nodes.map(({ id, label, kind }) => `  ${quoted(id)} [label=${quoted(label)}, shape=${shapes[kind]}];`),
    ...edges.map(({ from, to, kind, state, label }) => {
      const text = state === "missing" ? "not seen" : label;
      const style = kind === "spans" || state === "missing" ? "dashed" : "solid";
      return `  ${quoted(from)} -> ${quoted(to)} [label=${quoted(text)}, color=${colors[state]}, style=${style}];`;
    }),
    "}",
  ].join("\n")}\n`;
}

function quoted(text: string): string {
  return `"${visibleLine(text).replaceAll("\\", "\\\\").replaceAll('"', '\\"')}"`;
}
