/** Spans at the Service of a collector: to which port of which pods they come, and what takes them there. */
import { servicePort } from "../model/collector";
import { kinds } from "../../mesh/kinds";
import { ports } from "../../mesh/ports";
import { destinationRulesOf } from "../model/destinationRules";
import { number } from "../model/reading";
import { type TracingModel } from "../model/tracingModel";
import {
  type CollectorProgram,
  isLoopback,
  type Receiver,
  type Transport,
} from "../model/collectors/program";
import { namedPort, programsBehind } from "../model/collectors/programs";
import { type Sent, sentOf } from "./sent";

/** What is sent by protocols that collectors have receivers for. */
export interface Arrival extends Pick<Sent, "sender" | "place" | "port" | "exporter"> {
  transport: Transport;
  /** Whether the sender speaks TLS, or a DestinationRule lets its proxy do so. */
  isEncrypted: boolean;
}

export function arrivalsOf(model: TracingModel): Arrival[] {
  return sentOf(model).flatMap((sent) => arrivalOf(model, sent) ?? []);
}

export function arrivalOf(model: TracingModel, sent: Sent): Arrival | undefined {
  const { protocol, proxy, place, port } = sent;
  if (protocol === "datadog" || protocol === "skywalking") return undefined;
  const mode = proxy && destinationRulesOf(model).tlsOf(proxy, place, port)?.mode;
  return {
    ...sent,
    transport: protocol,
    isEncrypted: sent.isEncrypted || mode === "SIMPLE" || mode === "MUTUAL",
  };
}

/** One collector that spans come to, and the port of its pods that they come to. */
export interface Reception {
  program: CollectorProgram;
  /** Undefined if the Service does not say. */
  port: number | undefined;
}

/** The collectors behind the Service, as far as they are known. */
export function receptionsOf(
  model: TracingModel,
  { place, port }: Pick<Arrival, "place" | "port">,
): Reception[] {
  const programs = programsBehind(model, place) ?? [];
  const service = model.index.get(kinds.service, place.namespace, place.name);
  if (service === undefined) return programs.map((program) => ({ program, port }));
  const entry = servicePort(service, port);
  // A port that the Service does not have is another rule's.
  if (entry === undefined) return [];
  const target = entry["targetPort"] ?? port;
  return programs.map((program) => ({
    program,
    port: number(target) ?? (typeof target === "string" ? namedPort(program, target) : undefined),
  }));
}

/** The receiver of a program that takes what arrives; or why none does. */
export type Match =
  | { kind: "taken"; receiver: Receiver }
  | { kind: "missing" }
  | { kind: "unused"; receiver: Receiver }
  | { kind: "local"; receiver: Receiver }
  | { kind: "elsewhere"; receiver: Receiver };

const crossed: Partial<Record<Transport, number>> = {
  "otlp-grpc": ports.otlpHttp,
  "otlp-http": ports.otlpGrpc,
};

/** Undefined where a value that decides is not known. */
export function matchOf(
  { program, port }: Reception,
  { transport, exporter }: Pick<Arrival, "transport" | "exporter">,
): Match | undefined {
  // That an application speaks one of OTLP's transports to the port of the other is said of its endpoint.
  if (exporter === undefined && port === crossed[transport]) return undefined;
  const able = program.receivers.filter((receiver) => receiver.transport === transport);
  const [first] = able;
  if (first === undefined) return { kind: "missing" };
  if (port === undefined || able.some((receiver) => receiver.port === undefined)) return undefined;
  const there = able.filter((receiver) => receiver.port === port);
  const [candidate] = there;
  if (candidate === undefined) return { kind: "elsewhere", receiver: first };
  const used = there.filter(({ isUsed }) => isUsed);
  const [receiver] = used;
  if (receiver === undefined) return { kind: "unused", receiver: candidate };
  return { kind: used.every(isLocal) ? "local" : "taken", receiver };
}

/** Whether a receiver takes nothing from other pods. */
export function isLocal({ host }: Receiver): boolean {
  return host !== undefined && isLoopback(host);
}
