/** Who calls whom, and where spans go: what there should be against what was seen. */
import { compare } from "../../mesh/stableOrder";
import { type Hop, isBroken } from "../judge/hop";
import { type SenderNames } from "../judge/names";
import { type SeenEdge } from "../parse/spans";

export interface GraphNode {
  /** `Deployment shop/cart`, `Service istio-system/jaeger`, or the name of a service of nobody here. */
  id: string;
  label: string;
  kind: "gateway" | "service" | "collector" | "other";
}

/**
 * Calls: `seen`, `missing` (expected and not seen), `new` (seen and not expected).
 * Spans: `seen`, `broken`, `unknown`.
 */
export type EdgeState = "seen" | "missing" | "new" | "broken" | "unknown";

export interface GraphEdge {
  from: string;
  to: string;
  kind: "call" | "spans";
  state: EdgeState;
  /** How often, or by which protocol and with which verdict. */
  label: string;
}

export interface Graph {
  nodes: GraphNode[];
  edges: GraphEdge[];
}

export interface Sender extends SenderNames {
  isGateway: boolean;
}

/** A call that the objects of the cluster lead to expect, between workloads. */
export interface ExpectedCall {
  from: string;
  to: string;
}

/** @param seen undefined where nobody could be asked, so that nothing is missing */
export function makeGraph(
  senders: readonly Sender[],
  hops: readonly Hop[],
  expected: readonly ExpectedCall[],
  seen: readonly SeenEdge[] | undefined,
): Graph {
  const nodes = new Map<string, GraphNode>();
  for (const { workload, isGateway } of senders) {
    nodes.set(workload, {
      id: workload,
      label: shortName(workload),
      kind: isGateway ? "gateway" : "service",
    });
  }
  const byName = new Map(
    senders.flatMap(({ workload, proxy, sdk }) =>
      [...proxy, ...sdk].map((name) => [name, workload] as const),
    ),
  );
  const idOf = (name: string): string => byName.get(name) ?? name;
  const calls = new Map<string, { from: string; to: string; calls?: number }>();
  for (const { from, to, calls: number } of seen ?? []) {
    const edge = { from: idOf(from), to: idOf(to) };
    // A proxy and the application behind it are one workload.
    if (edge.from === edge.to) continue;
    const key = `${edge.from} > ${edge.to}`;
    const most = Math.max(number ?? 0, calls.get(key)?.calls ?? 0);
    calls.set(key, { ...edge, calls: most === 0 ? undefined : most });
    for (const id of [edge.from, edge.to]) {
      if (!nodes.has(id)) nodes.set(id, { id, label: id, kind: "other" });
    }
  }
  // Routes tell where gateways call; whom services call is their own business.
  const routed = new Set(expected.map(({ from }) => from));
  const wanted = new Set(expected.map(({ from, to }) => `${from} > ${to}`));
  const edges: GraphEdge[] = [...calls].map(([key, { from, to, calls: number }]) => ({
    from,
    to,
    kind: "call",
    state: wanted.has(key) || !routed.has(from) ? "seen" : "new",
    label: number === undefined ? "" : String(number),
  }));
  for (const { from, to } of expected) {
    if (calls.has(`${from} > ${to}`) || !nodes.has(from) || !nodes.has(to)) continue;
    edges.push({ from, to, kind: "call", state: seen === undefined ? "unknown" : "missing", label: "" });
  }
  for (const hop of hops) {
    const { workload, receiver, protocol, port, verdict } = hop;
    if (!nodes.has(receiver))
      nodes.set(receiver, { id: receiver, label: shortName(receiver), kind: "collector" });
    const state: EdgeState = isBroken(hop) ? "broken" : verdict === "delivering" ? "seen" : "unknown";
    const label = `${protocol} ${port ?? ""}`.trim() + (state === "seen" ? "" : ` ${verdict}`);
    edges.push({ from: workload, to: receiver, kind: "spans", state, label });
  }
  return {
    nodes: [...nodes.values()],
    edges: edges.sort((a, b) => compare(a.kind, b.kind) || compare(a.from, b.from) || compare(a.to, b.to)),
  };
}

/** The name without its kind. */
function shortName(id: string): string {
  return id.slice(id.indexOf(" ") + 1);
}

/** A graph of what a backend has counted alone: its answer, saved to a file. */
export function graphOfEdges(seen: readonly SeenEdge[]): Graph {
  return makeGraph([], [], [], seen);
}
