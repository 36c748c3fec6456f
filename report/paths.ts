/** The trace paths of a mesh as a table, and what a change does to it. */
import { ports } from "../mesh/ports";
import { type SpanProtocol } from "../policy/paths/spanTargets";
import { type SpanPath } from "../policy/paths/spanPaths";
import { getOrMake } from "../mesh/maps";
import { compare, sortedSet } from "../mesh/stableOrder";

/** The ways of one protocol from the workloads of one namespace. */
export interface Cell {
  /** Closed if any workload's way is, unknown if any is not known, unused if nothing is sent this way. */
  state: "open" | "closed" | "unknown" | "unused";
  /** How many workloads' ways are closed, not known, and there at all. */
  closed: number;
  unknown: number;
  total: number;
}

/** One cell before and after. */
export interface CellChange {
  before: Cell;
  after: Cell;
  effect: "same" | "closes" | "opens" | "new" | "gone" | "other";
}

/** The workloads, or the gateways, of one namespace. */
export interface PathRow {
  sender: "gateway" | "namespace";
  namespace: string;
  cells: ReadonlyMap<SpanProtocol, CellChange>;
  isChanged: boolean;
}

export interface PathTable {
  /** Protocols in use on either side, with those of the trace path first, in the order of the columns. */
  columns: readonly { protocol: SpanProtocol; title: string }[];
  rows: readonly PathRow[];
}

/** Columns that are always there, with the port that is usual. */
const usual: readonly (readonly [SpanProtocol, number])[] = [
  ["zipkin", ports.zipkin],
  ["otlp-grpc", ports.otlpGrpc],
  ["otlp-http", ports.otlpHttp],
];

export const protocolNames: Readonly<Record<SpanProtocol, string>> = {
  zipkin: "Zipkin",
  "otlp-grpc": "OTLP gRPC",
  "otlp-http": "OTLP HTTP",
  datadog: "Datadog",
  skywalking: "SkyWalking",
};

export const unused: Cell = { state: "unused", closed: 0, unknown: 0, total: 0 };

/** @param before undefined if nobody knows how it was: then nothing counts as changed */
export function comparePaths(before: readonly SpanPath[] | undefined, after: readonly SpanPath[]): PathTable {
  const [old, now] = [tabulate(before ?? []), tabulate(after)];
  const protocols = new Set([...(before ?? []), ...after].map(({ protocol }) => protocol));
  const shown = [
    ...new Set([...usual.map(([protocol]) => protocol), ...sortedSet(protocols)]),
  ] as SpanProtocol[];
  const rows = sortedSet([...old.keys(), ...now.keys()]).map((key): PathRow => {
    const [sender, namespace] = JSON.parse(key) as [PathRow["sender"], string];
    const cells = new Map(
      shown.map((protocol): [SpanProtocol, CellChange] => {
        const cell = now.get(key)?.get(protocol) ?? unused;
        const was = before === undefined ? cell : (old.get(key)?.get(protocol) ?? unused);
        return [protocol, { before: was, after: cell, effect: effectOf(was, cell) }];
      }),
    );
    return {
      sender,
      namespace,
      cells,
      isChanged: [...cells.values()].some(({ effect }) => effect !== "same"),
    };
  });
  const all = [...(before ?? []), ...after];
  return { columns: shown.map((protocol) => ({ protocol, title: titleOf(protocol, all) })), rows };
}

/** Ways that have an effect, counted by namespace and protocol. */
export function countEffects({ rows }: PathTable): Readonly<Record<CellChange["effect"], number>> {
  const counts = { same: 0, closes: 0, opens: 0, new: 0, gone: 0, other: 0 };
  for (const { cells } of rows) {
    for (const { before, after, effect } of cells.values()) {
      if (before.total + after.total > 0) counts[effect] += 1;
    }
  }
  return counts;
}

/** Worse counts first: a way that closes for one more workload closes, whatever else got better. */
function effectOf(before: Cell, after: Cell): CellChange["effect"] {
  if (after.closed > before.closed) return "closes";
  if (after.total === 0) return before.total === 0 ? "same" : "gone";
  if (before.total === 0) return "new";
  if (after.closed < before.closed) return "opens";
  if (after.unknown === before.unknown) return "same";
  return after.state === "open" ? "opens" : "other";
}

function tabulate(paths: readonly SpanPath[]): Map<string, Map<SpanProtocol, Cell>> {
  const verdicts = new Map<string, Map<SpanProtocol, Map<string, SpanPath["verdict"]>>>();
  for (const { traced, protocol, verdict } of paths) {
    const { workload, membership } = traced;
    const key = JSON.stringify([membership === "gateway" ? "gateway" : "namespace", workload.namespace]);
    const row = getOrMake(verdicts, key, () => new Map<SpanProtocol, Map<string, SpanPath["verdict"]>>());
    const cell = getOrMake(row, protocol, () => new Map<string, SpanPath["verdict"]>());
    // A workload that sends to several receivers needs them all.
    const name = `${workload.object.kind} ${workload.name}`;
    cell.set(name, worse(cell.get(name), verdict));
  }
  return new Map(
    [...verdicts].map(([key, row]) => [key, new Map([...row].map(([one, cell]) => [one, cellOf(cell)]))]),
  );
}

function worse(a: SpanPath["verdict"] | undefined, b: SpanPath["verdict"]): SpanPath["verdict"] {
  const order = ["allowed", "unknown", "denied"] as const;
  return a !== undefined && order.indexOf(a) > order.indexOf(b) ? a : b;
}

function cellOf(verdicts: ReadonlyMap<string, SpanPath["verdict"]>): Cell {
  const all = [...verdicts.values()];
  const closed = all.filter((verdict) => verdict === "denied").length;
  const unknown = all.filter((verdict) => verdict === "unknown").length;
  const state = closed > 0 ? "closed" : unknown > 0 ? "unknown" : "open";
  return { state, closed, unknown, total: all.length };
}

/** `Zipkin 9411`, with the ports that are really used. */
function titleOf(protocol: SpanProtocol, paths: readonly SpanPath[]): string {
  const used = paths.flatMap((path) =>
    path.protocol === protocol && path.port !== undefined ? [path.port] : [],
  );
  const standard = usual.find(([one]) => one === protocol)?.[1];
  const numbers = [...new Set(used.length > 0 ? used : standard === undefined ? [] : [standard])];
  return [protocolNames[protocol], numbers.sort((a, b) => a - b).join(", ")].join(" ").trim();
}

/** `✓`, `✗ 1/3`, `?`, `–`: with how many of how many where it is not all of one. */
export function mark({ state, closed, unknown, total }: Cell): string {
  if (state === "open") return "✓";
  if (state === "unused") return "–";
  const [sign, count] = state === "closed" ? ["✗", closed] : ["?", unknown];
  return total === 1 ? sign : `${sign} ${count}/${total}`;
}

/** By name, gateways first: that is where a trace starts. */
export function byPlace(a: PathRow, b: PathRow): number {
  return compare(a.sender, b.sender) || compare(a.namespace, b.namespace);
}
