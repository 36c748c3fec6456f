/** A graph from an answer that was saved: of the doctor, or of Jaeger's `/api/dependencies`. */
import { InputError } from "../../input/inputError";
import { at, isRecord, records, text } from "../../policy/model/reading";
import { parseDependencies } from "../parse/spans";
import { type Graph, type GraphEdge, type GraphNode, graphOfEdges } from "./graph";

const kinds: readonly GraphNode["kind"][] = ["gateway", "service", "collector", "other"];
const states: readonly GraphEdge["state"][] = ["seen", "missing", "new", "broken", "unknown"];

/**
 * @param name of the file, for messages
 * @throws InputError if it is neither
 */
export function savedGraph(name: string, content: string): Graph {
  let value: unknown;
  try {
    value = JSON.parse(content);
  } catch {
    throw new InputError(
      `${name} is not JSON\n  fix: save what doctor --format json prints, or Jaeger's /api/dependencies`,
    );
  }
  const graph = at(value, "graph");
  if (isRecord(graph)) return checked(records(graph["nodes"]), records(graph["edges"]));
  if (isRecord(value) && ("data" in value || "dependencies" in value)) {
    return graphOfEdges(parseDependencies(content) ?? []);
  }
  throw new InputError(
    `${name} has no graph\n  fix: save what doctor --format json prints, or Jaeger's /api/dependencies`,
  );
}

/** Files may have been edited: what is not of the form is left out. */
function checked(
  nodes: readonly Record<string, unknown>[],
  edges: readonly Record<string, unknown>[],
): Graph {
  return {
    nodes: nodes.flatMap(({ id, label, kind }) => {
      const name = text(id);
      const known = kinds.find((one) => one === kind) ?? "other";
      return name === undefined ? [] : [{ id: name, label: text(label) ?? name, kind: known }];
    }),
    edges: edges.flatMap((edge) => {
      const [from, to] = [text(edge["from"]), text(edge["to"])];
      if (from === undefined || to === undefined) return [];
      return [
        {
          from,
          to,
          kind: edge["kind"] === "spans" ? "spans" : "call",
          state: states.find((one) => one === edge["state"]) ?? "unknown",
          label: text(edge["label"]) ?? "",
        },
      ];
    }),
  };
}
