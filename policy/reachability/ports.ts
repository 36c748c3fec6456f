/** Ports: those that containers declare, and those that rules list. */
import { type Protocol } from "./answers";
import { type Field, show } from "./fields";
import { and, Doubt, or, type Truth } from "./truth";

export interface ContainerPort {
  /** Absent if the port has no name. */
  readonly name?: string;
  /** 1 to 65535. */
  readonly port: number;
  /** Default TCP. */
  readonly protocol: Protocol;
}

/** The named ports of a pod's containers, as far as they are known. */
export class NamedPorts {
  private readonly id: string;

  constructor(
    readonly ports: readonly ContainerPort[],
    /** There may be more ports than these. */
    readonly more?: Doubt,
  ) {
    this.id = ports.map(({ name, port, protocol }) => `${name} ${port} ${protocol}`).join("\n");
  }

  /** Whether they are surely the same. */
  equals(other: NamedPorts): boolean {
    return this.id === other.id && this.more === other.more;
  }

  /** Whether a container has a port of that name, number and protocol. */
  has(name: string, port: number, protocol: Protocol): Truth {
    const found = this.ports.some(
      (known) => known.name === name && known.port === port && known.protocol === protocol,
    );
    return found || (this.more ?? false);
  }

  /** The number of a named port: the first container that has one wins, as for Services. */
  find(name: string, protocol: Protocol): number | Doubt | undefined {
    const found = this.ports.find((known) => known.name === name && known.protocol === protocol);
    return found?.port ?? this.more;
  }
}

/** One entry of a rule's `ports`. */
export interface PortMatch {
  readonly protocol: Protocol | Doubt;
  /** A number, a name on the destination pod, or absent for every port of the protocol. */
  readonly port?: number | string | Doubt;
  /** The end of a range that begins at `port`, inclusive. */
  readonly endPort?: number | Doubt;
}

/**
 * Whether an entry covers a port.
 * @param named the named ports of the destination; absent for an address, on which no name resolves
 */
function coversPort(
  match: PortMatch,
  named: NamedPorts | undefined,
  port: number,
  protocol: Protocol,
): Truth {
  if (!(match.protocol instanceof Doubt) && match.protocol !== protocol) return false;
  const truth = coversNumber(match, named, port, protocol);
  return match.protocol instanceof Doubt ? and(truth, match.protocol) : truth;
}

function coversNumber(
  match: PortMatch,
  named: NamedPorts | undefined,
  port: number,
  protocol: Protocol,
): Truth {
  if (match.port === undefined || match.port instanceof Doubt) return match.port ?? true;
  if (typeof match.port === "string") return named?.has(match.port, port, protocol) ?? false;
  if (port <= match.port) return port === match.port;
  if (match.endPort instanceof Doubt) return match.endPort;
  return match.endPort !== undefined && port <= match.endPort;
}

/** Whether any entry covers a port; a list that is absent or empty covers all. */
export function coversAnyPort(
  matches: readonly PortMatch[] | Doubt | undefined,
  named: NamedPorts | undefined,
  port: number,
  protocol: Protocol,
): Truth {
  if (matches === undefined) return true;
  if (matches instanceof Doubt) return matches;
  let truth: Truth = false;
  for (const match of matches) truth = or(truth, coversPort(match, named, port, protocol));
  return truth;
}

/** Reads the entries of a rule's `ports`; `undefined` if they allow every port. */
export function readPortMatches(field: Field): PortMatch[] | Doubt | undefined {
  const items = field.items();
  if (items === undefined || items instanceof Doubt) return items;
  return items.length === 0 ? undefined : items.map(readPortMatch);
}

function readPortMatch(field: Field): PortMatch {
  const record = field.record();
  if (record instanceof Doubt) return { protocol: record, port: record };
  if (record === undefined) {
    const doubt = field.malformed("must be a map, not null");
    return { protocol: doubt, port: doubt };
  }
  const protocol = readProtocol(field.at("protocol"));
  const port = readPortOrName(field.at("port"));
  return { protocol, port, endPort: readEndPort(field.at("endPort"), port) };
}

function readEndPort(field: Field, port: number | string | Doubt | undefined): number | Doubt | undefined {
  const endPort = readPortNumber(field);
  if (endPort === undefined || endPort instanceof Doubt || port instanceof Doubt) return endPort;
  if (typeof port !== "number") return field.malformed("needs a numeric port beside it");
  return endPort < port ? field.malformed(`must not be less than port, ${port}`) : endPort;
}

/** Reads a protocol; TCP if absent. */
export function readProtocol(field: Field): Protocol | Doubt {
  const protocol = field.string() ?? "TCP";
  if (protocol instanceof Doubt || isProtocol(protocol)) return protocol;
  return field.malformed(`must be TCP, UDP or SCTP, not ${show(protocol)}`);
}

/** Whether a text is the name of a protocol that policies know. */
export function isProtocol(protocol: string): protocol is Protocol {
  return protocol === "TCP" || protocol === "UDP" || protocol === "SCTP";
}

export function readPortNumber(field: Field): number | Doubt | undefined {
  const unknown = field.unknown;
  if (unknown !== undefined) return unknown;
  if (field.isAbsent) return undefined;
  const { value } = field;
  return isPort(value) ? value : field.malformed(`must be a number from 1 to 65535, not ${show(value)}`);
}

export function isPort(value: unknown): value is number {
  return Number.isInteger(value) && (value as number) >= 1 && (value as number) <= 65535;
}

export function readPortOrName(field: Field): number | string | Doubt | undefined {
  const { value } = field;
  if (typeof value !== "string" || field.unknown !== undefined) return readPortNumber(field);
  if (isPortName(value)) return value;
  const hint = /^\d+$/.test(value) ? "; a number is written without quotes" : "";
  return field.malformed(`${show(value)} is not a port name${hint}`);
}

/** Whether a text can name a port (IANA service name): up to 15 of a-z, 0-9 and -, with at least one letter. */
export function isPortName(name: string): boolean {
  return (
    name.length <= 15 &&
    /^[a-z0-9]([a-z0-9-]*[a-z0-9])?$/.test(name) &&
    /[a-z]/.test(name) &&
    !name.includes("--")
  );
}
