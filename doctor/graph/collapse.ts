/** Few boxes for large meshes: what is well is drawn as one, what is not stays as it is. */
import { groupBy } from "../../mesh/maps";
import { compare, sortedSet } from "../../mesh/stableOrder";
import { type EdgeState, type Graph, type GraphEdge, type GraphNode } from "./graph";

/** More boxes than these are too many to look at. */
const mostNodes = 40;

export function collapsed(graph: Graph): Graph {
  if (graph.nodes.length <= mostNodes) return graph;
  const byNamespace = merged(graph, (node) => namespaceOf(node));
  if (byNamespace.nodes.length <= mostNodes) return byNamespace;
  return merged(graph, () => "services");
}

/** @param groupOf what stands for a box that is well */
function merged({ nodes, edges }: Graph, groupOf: (node: GraphNode) => string): Graph {
  const troubled = new Set(
    edges.filter(({ state }) => state === "broken" || state === "missing").map(({ from }) => from),
  );
  const stays = ({ id, kind }: GraphNode): boolean =>
    kind !== "service" && kind !== "other" ? true : troubled.has(id);
  // Even what is broken has to fit: the rest of it is told in words.
  const shown = new Set(
    nodes
      .filter(stays)
      .slice(0, mostNodes - 10)
      .map(({ id }) => id),
  );
  const groups = groupBy(
    nodes.filter(({ id }) => !shown.has(id)),
    (node) => `${troubled.has(node.id) ? "more of " : ""}${groupOf(node)}`,
  );
  const idOf = new Map<string, string>();
  for (const [group, members] of groups) for (const { id } of members) idOf.set(id, `group ${group}`);
  const boxes: GraphNode[] = [...groups].map(([group, members]) => ({
    id: `group ${group}`,
    label: `${group} (${members.length})`,
    kind: "service",
  }));
  const lines = new Map<string, GraphEdge>();
  for (const edge of edges) {
    const [from, to] = [idOf.get(edge.from) ?? edge.from, idOf.get(edge.to) ?? edge.to];
    if (from === to) continue;
    const key = `${edge.kind} ${from} > ${to}`;
    const known = lines.get(key);
    if (known === undefined) lines.set(key, { ...edge, from, to });
    else
      lines.set(key, {
        ...known,
        state: worse(known.state, edge.state),
        label: joined(known.label, edge.label),
      });
  }
  return {
    nodes: [...nodes.filter(({ id }) => shown.has(id)), ...boxes],
    edges: [...lines.values()].sort((a, b) => compare(a.kind, b.kind) || compare(a.from, b.from)),
  };
}

function worse(a: EdgeState, b: EdgeState): EdgeState {
  const order: readonly EdgeState[] = ["broken", "missing", "unknown", "new", "seen"];
  return order.find((state) => state === a || state === b) ?? a;
}

function joined(a: string, b: string): string {
  if (/^\d+$/.test(a) && /^\d+$/.test(b)) return String(Number(a) + Number(b));
  return sortedSet([...a.split(", "), ...b.split(", ")].filter((word) => word !== ""))
    .slice(0, 3)
    .join(", ");
}

function namespaceOf({ id, label }: GraphNode): string {
  return / ([^/ ]+)\//.exec(id)?.[1] ?? /\.([^.]+)$/.exec(label)?.[1] ?? "others";
}
