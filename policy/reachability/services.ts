/** Services: their ports and the labels that they select. */
import { type ObjectRef, type Protocol } from "./answers";
import { type Field, show } from "./fields";
import { type InputObject } from "./objects";
import { readPortNumber, readPortOrName, readProtocol } from "./ports";
import { readMatchLabels } from "./selectorFields";
import { type Selector, type Selectors } from "./selectors";
import { Doubt } from "./truth";

export interface ServicePort {
  readonly name?: string;
  readonly port: number;
  /** Default TCP. */
  readonly protocol: Protocol;
  /** Number, or name of a container port. Default `port`. Absent if it is unknown or malformed. */
  readonly targetPort?: number | string;
  /** Why `targetPort` is absent. */
  readonly targetDoubt?: Doubt;
}

/** A Service of the core group. */
export interface Service {
  readonly namespace: string;
  readonly name: string;
  readonly ref: ObjectRef;
  /** Default ClusterIP. A text that is not known yet is left as `undefined`. */
  readonly type: string | undefined;
  /** `clusterIP: None`: names resolve to the pods themselves, and target ports are ignored. */
  readonly headless: boolean;
  /** An address; not known before the API server has chosen one. */
  readonly clusterIP?: string;
  readonly ports: readonly ServicePort[];
  /** Absent if the Service does not select pods. */
  readonly pods?: Selector;
  /** Why some of its ports, or the whole Service, is not known. */
  readonly flaw?: Doubt;
}

export function readService(
  { root, namespace, name }: InputObject,
  selectors: Selectors,
  duplicate?: Doubt,
): Service {
  const spec = root.at("spec");
  const record = spec.record() ?? spec.malformed("is missing");
  const requirements = record instanceof Doubt ? [record] : readMatchLabels(spec.at("selector"));
  const type = spec.at("type").string() ?? "ClusterIP";
  const flaws: Doubt[] = duplicate === undefined ? [] : [duplicate];
  if (type instanceof Doubt) flaws.push(type);
  const clusterIP = spec.at("clusterIP");
  if (clusterIP.unknown !== undefined) flaws.push(clusterIP.unknown);
  const ports = record instanceof Doubt ? [] : readPorts(spec.at("ports"), flaws);
  if (record instanceof Doubt) flaws.push(record);
  return {
    namespace,
    name,
    ref: root.source.object,
    type: type instanceof Doubt ? undefined : type,
    headless: clusterIP.value === "None",
    ...(typeof clusterIP.value === "string" && { clusterIP: clusterIP.value }),
    ports,
    pods: requirements.length === 0 ? undefined : selectors.intern(requirements),
    flaw: flaws.length === 0 ? undefined : flaws.reduce((a, b) => Doubt.both(a, b)),
  };
}

function readPorts(field: Field, flaws: Doubt[]): ServicePort[] {
  const items = field.items() ?? [];
  if (items instanceof Doubt) {
    flaws.push(items);
    return [];
  }
  return items.flatMap((item) => {
    const port = readPort(item);
    if (!(port instanceof Doubt)) return [port];
    flaws.push(port);
    return [];
  });
}

function readPort(field: Field): ServicePort | Doubt {
  const record = field.record() ?? field.malformed("must be a map, not null");
  if (record instanceof Doubt) return record;
  const name = readName(field.at("name"));
  const port = readPortNumber(field.at("port")) ?? field.at("port").malformed("is missing");
  const protocol = readProtocol(field.at("protocol"));
  const targetPort = readTargetPort(field.at("targetPort"));
  if (name instanceof Doubt) return name;
  if (port instanceof Doubt) return port;
  if (protocol instanceof Doubt) return protocol;
  return {
    ...(name !== undefined && { name }),
    port,
    protocol,
    ...(targetPort instanceof Doubt ? { targetDoubt: targetPort } : { targetPort: targetPort ?? port }),
  };
}

/** Service ports are named like DNS labels, which may be longer than the names of container ports. */
function readName(field: Field): string | Doubt | undefined {
  const name = field.string();
  if (name === undefined || name === "" || name instanceof Doubt) return name === "" ? undefined : name;
  if (/^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/.test(name)) return name;
  return field.malformed(`${show(name)} is not a port name`);
}

/** Zero and an empty text are as good as absent. */
function readTargetPort(field: Field): number | string | Doubt | undefined {
  return field.value === 0 || field.value === "" ? undefined : readPortOrName(field);
}
