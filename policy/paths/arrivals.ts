/** Spans on their way to a collector: who sends them, how, and to which port of which Service. */
import { type ServicePlace, placeOf, servicePort } from "../model/collector";
import { kinds } from "../../mesh/kinds";
import { ports } from "../../mesh/ports";
import { type DestinationRules, destinationRulesOf } from "../model/destinationRules";
import { isIntercepted, proxyOf } from "../model/proxies";
import { SpanTargets, type SpanWay } from "./spanTargets";
import { number } from "../model/reading";
import { type Traced } from "../model/traced";
import { type TracingModel } from "../model/tracingModel";
import { describeWorkload } from "../model/workloads";
import {
  type CollectorProgram,
  type Exporter,
  isLoopback,
  type Receiver,
  type Transport,
} from "../model/collectors/program";
import { namedPort, programsBehind, programsOf } from "../model/collectors/programs";

export interface Arrival {
  sender: string;
  transport: Transport;
  place: ServicePlace;
  /** As the sender knows it: the Service's. */
  port: number;
  isEncrypted: boolean;
  /** Set where a collector sends. */
  exporter?: Exporter;
}

/** All of them: of proxies and applications, and of collectors to the next one. */
export function arrivalsOf(model: TracingModel): Arrival[] {
  const targets = new SpanTargets(model);
  const rules = destinationRulesOf(model);
  const first = model.senders.flatMap((traced) =>
    targets.of(traced).flatMap((way): Arrival[] => {
      const { protocol, place, port, target } = way;
      // A way that leads nowhere is reported where it ends.
      if (
        target === "nowhere" ||
        place === undefined ||
        port === undefined ||
        protocol === "datadog" ||
        protocol === "skywalking"
      ) {
        return [];
      }
      const isEncrypted = way.isEncrypted === true || isEncryptedByProxy(rules, traced, way, place, port);
      return [{ sender: describeWorkload(traced.workload), transport: protocol, place, port, isEncrypted }];
    }),
  );
  const next = programsOf(model).flatMap((program) =>
    program.exporters.flatMap((exporter) => arrivalOf(program, exporter) ?? []),
  );
  return [...first, ...next];
}

/** What a collector passes on; undefined if that is to its own pod or to a host outside the cluster. */
export function arrivalOf(program: CollectorProgram, exporter: Exporter): Arrival | undefined {
  const place = placeOfExporter(program, exporter);
  if (place === undefined) return undefined;
  const { transport, port, isEncrypted } = exporter;
  return { sender: describeWorkload(program.workload), transport, place, port, isEncrypted, exporter };
}

/** Whether a DestinationRule lets the proxy put TLS around what is sent. */
function isEncryptedByProxy(
  rules: DestinationRules,
  { workload, membership }: Traced,
  { isOfProxies }: SpanWay,
  place: ServicePlace,
  port: number,
): boolean {
  if (rules.isEmpty || (membership !== "sidecar" && membership !== "gateway")) return false;
  if (!isOfProxies && !isIntercepted(workload, port)) return false;
  const mode = rules.tlsOf(proxyOf(workload, membership), place, port)?.mode;
  return mode === "SIMPLE" || mode === "MUTUAL";
}

/** The Service that an exporter sends to; undefined for its own pod and for hosts outside the cluster. */
export function placeOfExporter(
  { workload }: CollectorProgram,
  { host }: Exporter,
): ServicePlace | undefined {
  return isLoopback(host) ? undefined : placeOf(host, workload.namespace);
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
export function matchOf({ program, port }: Reception, { transport, exporter }: Arrival): Match | undefined {
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
  if (used.every(({ host }) => host !== undefined && isLoopback(host))) return { kind: "local", receiver };
  return { kind: "taken", receiver };
}
