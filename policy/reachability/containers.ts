/** The containers of a pod and the ports they declare. */
import { isRecord } from "../../mesh/plainObjects";
import { type Field } from "./fields";
import { type ContainerPort, isPortName, readPortNumber, readProtocol } from "./ports";
import { Doubt } from "./truth";

/** A container of a pod. Values that are not known yet are left as they are. */
export interface Container {
  readonly name: string;
  /** `sidecar`: an init container with `restartPolicy: Always`, which runs beside the others. */
  readonly role: "container" | "init" | "sidecar";
  readonly ports: readonly ContainerPort[];
  readonly env: readonly EnvVar[];
  readonly envFrom: readonly Readonly<Record<string, unknown>>[];
  readonly raw: Readonly<Record<string, unknown>>;
}

/** An environment variable as it was given. */
export interface EnvVar {
  readonly name: string;
  readonly value?: unknown;
  readonly valueFrom?: unknown;
}

/** Reads the containers of a pod spec. `more` says why there may be more ports than those that were read. */
export function readContainers(spec: Field): { containers: Container[]; more?: Doubt } {
  const containers: Container[] = [];
  let more: Doubt | undefined;
  const doubt = (reason: Doubt) => (more = more === undefined ? reason : Doubt.both(more, reason));
  for (const key of ["containers", "initContainers"]) {
    const items = spec.at(key).items() ?? [];
    if (items instanceof Doubt) doubt(items);
    else for (const item of items) containers.push(readContainer(item, key === "initContainers", doubt));
  }
  return { containers, more };
}

function readContainer(field: Field, isInit: boolean, doubt: (reason: Doubt) => void): Container {
  const record = field.record() ?? field.malformed("must be a map, not null");
  if (record instanceof Doubt) {
    doubt(record);
    return { name: "", role: "container", ports: [], env: [], envFrom: [], raw: {} };
  }
  const name = field.at("name").value;
  const isSidecar = isInit && field.at("restartPolicy").value === "Always";
  return {
    name: typeof name === "string" ? name : "",
    role: isSidecar ? "sidecar" : isInit ? "init" : "container",
    ports: readPorts(field.at("ports"), doubt),
    env: records(field.at("env").value).filter(isNamed),
    envFrom: records(field.at("envFrom").value),
    raw: record,
  };
}

function readPorts(field: Field, doubt: (reason: Doubt) => void): ContainerPort[] {
  const items = field.items() ?? [];
  const ports: ContainerPort[] = [];
  if (items instanceof Doubt) doubt(items);
  else {
    for (const item of items) {
      const port = readPort(item);
      if (port instanceof Doubt) doubt(port);
      else ports.push(port);
    }
  }
  return ports;
}

function readPort(field: Field): ContainerPort | Doubt {
  const record = field.record() ?? field.malformed("must be a map, not null");
  if (record instanceof Doubt) return record;
  const name = field.at("name").string();
  const protocol = readProtocol(field.at("protocol"));
  const containerPort = field.at("containerPort");
  const port = readPortNumber(containerPort) ?? containerPort.malformed("is missing");
  if (name instanceof Doubt) return name;
  if (protocol instanceof Doubt) return protocol;
  if (port instanceof Doubt) return port;
  if (name === undefined || name === "") return { port, protocol };
  return isPortName(name)
    ? { name, port, protocol }
    : field.at("name").malformed(`"${name}" is no port name`);
}

function records(value: unknown): Record<string, unknown>[] {
  return Array.isArray(value) ? value.filter(isRecord) : [];
}

function isNamed(variable: Record<string, unknown>): variable is Record<string, unknown> & { name: string } {
  return typeof variable.name === "string";
}
