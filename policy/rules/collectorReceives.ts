import { type Arrival, arrivalsOf, isLocal, matchOf, receptionsOf } from "../paths/arrivals";
import { type CollectorProgram, isDialled, type Receiver, transportNames } from "../model/collectors/program";
import { brokenFiles } from "../model/collectors/configFiles";
import { isCollector } from "../model/collectors/images";
import { programsOf } from "../model/collectors/programs";
import { workloadsBehind } from "../model/collectorService";
import { namespaceOf } from "../model/objects";
import { at, type Json, number, records, text, texts } from "../model/reading";
import { type TracingModel } from "../model/tracingModel";
import { containersOf, describeWorkload, type Workload } from "../model/workloads";
import { kinds } from "../../mesh/kinds";
import { getOrMake } from "../../mesh/maps";
import { sortedSet } from "../../mesh/stableOrder";
import { defineRule, nameOf, type Problem } from "../rule";
import { snippet } from "../../findings/snippet";
import { enumerate } from "../../findings/words";

interface Complaint {
  program: CollectorProgram;
  says: (sends: string) => string;
  fix: string;
  senders: Set<string>;
}

/** Spans sent to a port that nothing serves are lost, and the collector logs nothing. */
export const collectorReceives = defineRule({
  name: "collector-receives",
  description:
    "A collector starts, and listens for the spans it is sent on an address that other pods can reach.",
  level: "error",
  severity: "critical",
  tags: ["opentelemetry", "jaeger", "tempo"],
  url: "https://opentelemetry.io/docs/collector/configuration/",
  remediationSteps:
    "Add the receiver to the collector's configuration and to its traces pipeline, with an address that other pods can reach.",
  page: {
    why: `A collector accepts only what it has receivers for: proxies send Zipkin or OTLP, SDKs send OTLP over
      gRPC or HTTP. A receiver that no pipeline uses is not started. Since version 0.104 of the
      OpenTelemetry Collector, and 2.7 of Tempo, a receiver without an address listens on localhost, where
      no other pod can reach it. Jaeger 1 accepts Zipkin only if COLLECTOR_ZIPKIN_HOST_PORT is set. If a
      pipeline names a component that is not defined, the collector does not start.`,
    symptom: `Senders report refused connections, or nothing at all; proxies count \`reports_failed\`. The
      collector's own metrics show no accepted spans.`,
    exceptions: `Configuration that is not in the input, is a template, or depends on variables is not checked. If an
      image's tag does not show the collector's version, it is unknown whether the receiver listens on
      localhost. One on localhost is a warning where only a Service says that somebody sends there.`,
    sources: [
      "https://opentelemetry.io/docs/security/config-best-practices/",
      "https://grafana.com/docs/tempo/latest/configuration/",
      "https://www.jaegertracing.io/docs/1.62/cli/",
    ],
  },
  *find(model) {
    for (const workload of model.workloads)
      for (const container of containersOf(workload)) {
        yield* withoutProgram(workload, container);
        if (!isCollector(container)) continue;
        for (const { name, object } of brokenFiles(workload, container, model.index))
          yield {
            object,
            says: `has ${name}, the configuration of ${describeWorkload(workload)}, which is no YAML map, so the collector does not start`,
            fix: "",
          };
      }
    for (const program of programsOf(model)) yield* doesNotStart(program);
    const complaints = new Map<string, Complaint>();
    for (const arrival of arrivalsOf(model)) {
      for (const reception of receptionsOf(model, arrival)) {
        const { program, port } = reception;
        // A sender that does not start is told as that.
        const isSent = arrival.exporter === undefined || isDialled(arrival.exporter);
        const match = isSent && starts(program) ? matchOf(reception, arrival) : undefined;
        if (match === undefined) continue;
        const { kind } = match;
        const says = kind === "taken" ? tlsMismatch(match.receiver, arrival) : sentence(match, arrival, port);
        if (says === undefined) continue;
        const { where, lines } = program.fixFor(arrival.transport, port ?? arrival.port);
        const fix =
          kind === "taken"
            ? snippet(`in ${match.receiver.path}, or TLS in the senders`, { tls: null })
            : snippet(where, lines);
        const key = `${program.workload.namespace}/${program.workload.name} ${kind} ${arrival.transport} ${port}`;
        getOrMake(complaints, key, () => ({ program, says, fix, senders: new Set<string>() })).senders.add(
          arrival.sender,
        );
      }
    }
    const told = new Set<CollectorProgram>();
    for (const { program, says, fix, senders } of complaints.values()) {
      told.add(program);
      const sends = `${enumerate(sortedSet([...senders]), 3)} ${senders.size === 1 ? "sends" : "send"} it`;
      yield { object: program.object, says: says(sends), fix };
    }
    for (const program of programsOf(model))
      if (!told.has(program) && starts(program)) yield* hiddenFromService(model, program);
  },
});

/** Senders that are not in the input are meant by a Service that leads to a receiver nobody else can reach. */
function* hiddenFromService(model: TracingModel, program: CollectorProgram): Iterable<Problem> {
  const { workload, receivers, object } = program;
  const used = receivers.filter(({ isUsed }) => isUsed);
  const open = used.filter((receiver) => !isLocal(receiver)).map(({ port }) => port);
  const hidden = used.filter((receiver) => isLocal(receiver) && !open.includes(receiver.port));
  if (hidden.length === 0) return;
  const services = model.index
    .of(kinds.service)
    .filter((service) => workloadsBehind(model, service).includes(workload));
  for (const service of services) {
    const place = { namespace: namespaceOf(service), name: service.metadata.name };
    const led = records(at(service["spec"], "ports")).flatMap((entry) => {
      const port = number(entry["port"]) ?? 0;
      return receptionsOf(model, { place, port }).flatMap((reception) => reception.port ?? []);
    });
    const [reached] = hidden.flatMap((receiver) =>
      led.filter((port) => port === receiver.port).map((port) => ({ receiver, port })),
    );
    if (reached === undefined) continue;
    const { receiver, port } = reached;
    const { where, lines } = program.fixFor(receiver.transport, port);
    yield {
      object,
      says:
        `has ${receiver.path} listening on ${receiver.host}${receiver.isDefaultHost ? " (the default of this version)" : ""}, ` +
        `which other pods cannot reach, but ${nameOf(service)} leads to it: what is sent there is lost`,
      fix: snippet(where, lines),
      level: "warning",
    };
    return;
  }
}

/** A command takes the place of the image's program: flags alone are none. */
function* withoutProgram({ object }: Workload, container: Json): Iterable<Problem> {
  const command = texts(container["command"]);
  if (command[0]?.startsWith("-") !== true || !isCollector(container)) return;
  const name = text(container["name"]) ?? "";
  yield {
    object,
    says: `container ${name} has command ${command[0]}, which is no program but takes the place of the image's, so it does not start; make it args`,
    fix: snippet(`in container ${name}, in place of command`, {
      args: [...command, ...texts(container["args"])],
    }),
  };
}

/** Nothing else is said of a collector that does not. */
function starts({ undefinedParts, goneExporters, emptyPipelines }: CollectorProgram): boolean {
  return [undefinedParts, goneExporters, emptyPipelines].every(({ length }) => length === 0);
}

function* doesNotStart(program: CollectorProgram): Iterable<Problem> {
  const { object, undefinedParts, goneExporters, emptyPipelines } = program;
  for (const { pipeline, kind } of emptyPipelines) {
    yield {
      object,
      says: `has no ${kind} in pipeline ${pipeline}, so the collector does not start; name one, or take the pipeline out`,
      fix: "",
    };
  }
  for (const { name, since, instead } of goneExporters) {
    yield {
      object,
      says: `uses exporter ${name}, which the collector no longer has since ${since}, so it does not start`,
      fix: snippet(`in the collector's configuration, in place of exporter ${name}, and in its pipelines`, {
        exporters: instead,
      }),
    };
  }
  const [first] = undefinedParts;
  if (first === undefined) return;
  const names = undefinedParts.map(
    ({ kind, name, pipeline }) => `${kind.slice(0, -1)} ${name} (pipeline ${pipeline})`,
  );
  yield {
    object,
    says: `names ${enumerate(names)} and does not define ${names.length === 1 ? "it" : "them"}, so the collector does not start`,
    fix: snippet("in the collector's configuration, or take the name out of the pipeline", {
      [first.kind]: { [first.name]: {} },
    }),
  };
}

type Failure = Exclude<NonNullable<ReturnType<typeof matchOf>>, { kind: "taken" }>;

function sentence(match: Failure, { transport, place, port: asked }: Arrival, port: number | undefined) {
  const what = transportNames[transport];
  const service = `Service ${place.namespace}/${place.name}`;
  const sent = (sends: string) => `${sends} to ${service}, port ${asked}: these spans are lost`;
  switch (match.kind) {
    case "missing":
      return (sends: string) => `has no receiver for ${what}, but ${sent(sends)}`;
    case "unused":
      return (sends: string) =>
        `has receiver ${match.receiver.name} in no traces pipeline, so it is not started, but ${sent(sends)}`;
    case "local":
      return (sends: string) =>
        `has ${match.receiver.path} listening on ${match.receiver.host}` +
        `${match.receiver.isDefaultHost ? " (the default of this version)" : ""}, which other pods cannot reach, but ${sent(sends)}`;
    case "elsewhere":
      return (sends: string) =>
        `takes ${what} on port ${match.receiver.port} (${match.receiver.path}), but ${sends} to ${service}, port ${asked}, which leads to ${port}: these spans are lost`;
  }
}

/** Senders without TLS at a receiver with it; what exporters do is said of them. */
function tlsMismatch(receiver: Receiver, { exporter, isEncrypted, place, port }: Arrival) {
  if (exporter !== undefined || isEncrypted || receiver.isEncrypted !== true) return undefined;
  return (sends: string) =>
    `accepts ${transportNames[receiver.transport]} only with TLS (${receiver.path}.tls), but ${sends} ` +
    `without TLS to Service ${place.namespace}/${place.name}, port ${port}: these spans are lost`;
}
