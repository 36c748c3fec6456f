/** The ports that the containers of a pod declare. */
import { type Field } from "./fields";
import { type ContainerPort, isPortName, NamedPorts, readPortNumber, readProtocol } from "./ports";
import { Doubt } from "./truth";

/** The named ports of a pod spec, whose init containers do not run with the others unless they are sidecars. */
export function readNamedPorts(spec: Field): NamedPorts {
  const ports: ContainerPort[] = [];
  let more: Doubt | undefined;
  const doubt = (reason: Doubt) => (more = more === undefined ? reason : Doubt.both(more, reason));
  for (const key of ["containers", "initContainers"]) {
    const items = spec.at(key).items() ?? [];
    if (items instanceof Doubt) doubt(items);
    else {
      for (const item of items) {
        const own = readContainer(item, doubt);
        const runs = key === "containers" || item.at("restartPolicy").value === "Always";
        if (runs) ports.push(...own.filter(({ name }) => name !== undefined));
      }
    }
  }
  return new NamedPorts(ports, more);
}

function readContainer(field: Field, doubt: (reason: Doubt) => void): ContainerPort[] {
  const record = field.record() ?? field.malformed("must be a map, not null");
  if (!(record instanceof Doubt)) return readPorts(field.at("ports"), doubt);
  doubt(record);
  return [];
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
    : field.at("name").malformed(`"${name}" is not a port name`);
}
