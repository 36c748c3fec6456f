/** The trace paths as a Mermaid flowchart: gateways → namespaces → collectors, broken ways red. */
import { type SpanPath } from "../policy/paths/spanPaths";
import { getOrMake } from "../mesh/maps";
import { compare, sortedSet } from "../mesh/stableOrder";
import { protocolNames } from "./paths";

/** More namespaces than these are drawn as one, but for those whose ways are broken or not known. */
const mostNamespaces = 20;

/** Ways from one sender to one receiver. */
interface Way {
  open: Set<string>;
  closed: Set<string>;
  unknown: Set<string>;
}

/** A gateway, a namespace, or all namespaces that are not drawn one by one. */
interface Sender {
  label: string;
  ways: Map<string, Way>;
}

/** Colors that can be told apart on light and dark ground. */
const styles = {
  closed: "stroke:#d1242f,stroke-width:3px,color:#d1242f",
  unknown: "stroke:#9a6700,stroke-width:2px",
};

/** Lines of a Mermaid flowchart; undefined if there is nothing to draw. */
export function picture(paths: readonly SpanPath[]): string[] | undefined {
  if (paths.length === 0) return undefined;
  const gateways = sendersOf(paths.filter(({ traced }) => traced.membership === "gateway"));
  const services = sendersOf(paths.filter(({ traced }) => traced.membership !== "gateway"));
  return new Drawing(
    collapsed(gateways, "gateways"),
    collapsed(services, "namespaces"),
    sortedSet(paths.map(({ receiver }) => receiver)),
  ).lines();
}

class Drawing {
  private readonly edges: string[] = [];
  private readonly styled: Record<keyof typeof styles, number[]> = { closed: [], unknown: [] };

  constructor(
    private readonly gateways: readonly Sender[],
    private readonly services: readonly Sender[],
    private readonly receivers: readonly string[],
  ) {}

  lines(): string[] {
    const { gateways, services, receivers } = this;
    for (const [index] of gateways.entries()) if (services.length > 0) this.edge(`g${index} --> services`);
    for (const [index, { ways }] of gateways.entries()) this.drawWays(`g${index}`, ways);
    for (const [index, { ways }] of services.entries()) this.drawWays(`n${index}`, ways);
    return [
      "flowchart LR",
      ...gateways.map(({ label: name }, index) => `  g${index}([${label(name)}])`),
      ...(services.length === 0
        ? []
        : [
            "  subgraph services",
            "    direction TB",
            ...services.map(({ label: name }, index) => `    n${index}[${label(name)}]`),
            "  end",
          ]),
      ...receivers.map((name, index) => `  c${index}[(${label(name)})]`),
      ...this.edges,
      ...(["closed", "unknown"] as const)
        .filter((style) => this.styled[style].length > 0)
        .map((style) => `  linkStyle ${this.styled[style].join(",")} ${styles[style]}`),
    ];
  }

  private drawWays(from: string, ways: ReadonlyMap<string, Way>): void {
    for (const [receiver, { open, closed, unknown }] of [...ways].sort(([a], [b]) => compare(a, b))) {
      const to = `c${this.receivers.indexOf(receiver)}`;
      if (open.size > 0) this.edge(`${from} -- ${label(sortedSet(open).join(", "))} --> ${to}`);
      if (closed.size > 0) {
        this.edge(`${from} -. ${label(`✗ ${sortedSet(closed).join(", ")}`)} .-> ${to}`, "closed");
      }
      if (unknown.size > 0) {
        this.edge(`${from} -. ${label(`? ${sortedSet(unknown).join(", ")}`)} .-> ${to}`, "unknown");
      }
    }
  }

  private edge(text: string, style?: keyof typeof styles): void {
    if (style !== undefined) this.styled[style].push(this.edges.length);
    this.edges.push(`  ${text}`);
  }
}

function sendersOf(paths: readonly SpanPath[]): Sender[] {
  const senders = new Map<string, Sender>();
  for (const path of paths) {
    const { namespace } = path.traced.workload;
    const name = path.traced.membership === "gateway" ? `gateway ${namespace}` : namespace;
    const sender = getOrMake(senders, name, () => ({ label: name, ways: new Map<string, Way>() }));
    add(sender.ways, path.receiver, path.verdict, wayName(path));
  }
  return [...senders.values()]
    .map((sender) => ({
      ...sender,
      ways: new Map([...sender.ways].map(([to, way]) => [to, exclusive(way)])),
    }))
    .sort((a, b) => compare(a.label, b.label));
}

function wayName({ protocol, port }: SpanPath): string {
  return `${protocolNames[protocol]}${port === undefined ? "" : ` ${port}`}`;
}

function add(ways: Map<string, Way>, to: string, verdict: SpanPath["verdict"], name: string): void {
  const way = getOrMake(ways, to, () => ({ open: new Set(), closed: new Set(), unknown: new Set() }));
  way[verdict === "allowed" ? "open" : verdict === "denied" ? "closed" : "unknown"].add(name);
}

/** A way that is closed to one workload of a namespace is drawn closed, once. */
function exclusive({ open, closed, unknown }: Way): Way {
  const doubtful = [...unknown].filter((name) => !closed.has(name));
  const sound = [...open].filter((name) => !closed.has(name) && !unknown.has(name));
  return { open: new Set(sound), closed, unknown: new Set(doubtful) };
}

/** Few senders as they are; of many the broken ones first, and the rest as one. */
function collapsed(senders: readonly Sender[], noun: string): Sender[] {
  if (senders.length <= mostNamespaces) return [...senders];
  const troubled = senders.filter(({ ways }) =>
    [...ways.values()].some(({ closed, unknown }) => closed.size + unknown.size > 0),
  );
  const shown = troubled.slice(0, mostNamespaces);
  const sound = senders.filter((sender) => !troubled.includes(sender));
  const rest = [
    { members: troubled.slice(mostNamespaces), text: "more like these" },
    { members: sound, text: `${noun}, all open` },
  ];
  return [
    ...shown,
    ...rest
      .filter(({ members }) => members.length > 0)
      .map(({ members, text }) => ({ label: `${members.length} ${text}`, ways: union(members) })),
  ];
}

function union(senders: readonly Sender[]): Map<string, Way> {
  const result = new Map<string, Way>();
  for (const { ways } of senders) {
    for (const [to, { open, closed, unknown }] of ways) {
      for (const name of open) add(result, to, "allowed", name);
      for (const name of closed) add(result, to, "denied", name);
      for (const name of unknown) add(result, to, "unknown", name);
    }
  }
  return new Map([...result].map(([to, way]) => [to, exclusive(way)]));
}

/** Text in quotes, in which nothing is Mermaid's or HTML's: all but the plainest characters as entities. */
function label(text: string): string {
  const characters = Array.from(text.replaceAll(/\p{C}/gu, "�"));
  const short = characters.length > 80 ? [...characters.slice(0, 79), "…"] : characters;
  const safe = short.map((character) =>
    /[\p{L}\p{N} ./:,\u2717\u2713?\u2026\ufffd-]/u.test(character)
      ? character
      : `#${character.codePointAt(0)};`,
  );
  return `"${safe.join("")}"`;
}
