import { type Arrival, arrivalsOf, matchOf, receptionsOf } from "../paths/arrivals";
import { type CollectorProgram, type Receiver, transportNames } from "../model/collectors/program";
import { programsOf } from "../model/collectors/programs";
import { sortedSet } from "../../mesh/stableOrder";
import { defineRule, type Problem } from "../rule";
import { snippet } from "../../findings/snippet";
import { enumerate } from "../../findings/words";

interface Complaint {
  program: CollectorProgram;
  says: (senders: string) => string;
  fix: string;
  senders: Set<string>;
}

/** What arrives at a port that nobody serves is lost, and the collector says nothing. */
export const collectorReceives = defineRule({
  name: "collector-receives",
  description: "A collector starts, and listens for what is sent to it, where other pods reach it.",
  level: "error",
  severity: "critical",
  tags: ["opentelemetry", "jaeger", "tempo"],
  url: "https://opentelemetry.io/docs/collector/configuration/",
  remediationSteps:
    "Add the receiver to the collector's configuration and to its pipeline for traces, with an address that other pods reach.",
  page: {
    why: `A collector takes what its receivers are for: proxies send Zipkin or OTLP, SDKs one of OTLP's two
      transports. A receiver that no pipeline names is not started. Since version 0.104 of the OpenTelemetry
      Collector, and 2.7 of Tempo, one without an address listens on localhost, where no other pod reaches it.
      Jaeger 1 takes Zipkin only where COLLECTOR_ZIPKIN_HOST_PORT is set. A component that a pipeline names and
      nothing defines keeps the collector from starting.`,
    symptom: `Senders report refused connections, or nothing at all: proxies count \`reports_failed\`. The
      collector's own metrics show no accepted spans.`,
    exceptions: `Configuration that is not among the objects, that is a template, or that variables decide is not
      judged. Whether an image without a version of the collector's own listens on localhost is not known.`,
    sources: [
      "https://opentelemetry.io/docs/security/config-best-practices/",
      "https://grafana.com/docs/tempo/latest/configuration/",
      "https://www.jaegertracing.io/docs/1.62/cli/",
    ],
  },
  *find(model) {
    for (const program of programsOf(model)) yield* doesNotStart(program);
    const complaints = new Map<string, Complaint>();
    for (const arrival of arrivalsOf(model)) {
      for (const reception of receptionsOf(model, arrival)) {
        const { program, port } = reception;
        if (program.undefinedParts.length > 0) continue;
        const match = matchOf(reception, arrival);
        if (match === undefined) continue;
        const { kind } = match;
        const says = kind === "taken" ? tlsMismatch(match.receiver, arrival) : sentence(match, arrival, port);
        if (says === undefined) continue;
        const key = `${program.workload.namespace}/${program.workload.name} ${kind} ${arrival.transport} ${port}`;
        const { where, lines } = program.fixFor(arrival.transport, port ?? arrival.port);
        const fix =
          kind === "taken"
            ? snippet(`in ${match.receiver.path}, or TLS in the senders`, { tls: null })
            : snippet(where, lines);
        const known = complaints.get(key);
        if (known === undefined)
          complaints.set(key, { program, says, fix, senders: new Set([arrival.sender]) });
        else known.senders.add(arrival.sender);
      }
    }
    for (const { program, says, fix, senders } of complaints.values()) {
      yield { object: program.object, says: says(enumerate(sortedSet([...senders]), 3)), fix };
    }
  },
});

function* doesNotStart({ object, undefinedParts }: CollectorProgram): Iterable<Problem> {
  if (undefinedParts.length === 0) return;
  const names = undefinedParts.map(
    ({ kind, name, pipeline }) => `${kind.slice(0, -1)} ${name} (pipeline ${pipeline})`,
  );
  const [first] = undefinedParts;
  yield {
    object,
    says: `names ${enumerate(names)} and does not define ${names.length === 1 ? "it" : "them"}, so that the collector does not start`,
    fix: snippet("in the collector's configuration, or take the name out of the pipeline", {
      [first?.kind ?? ""]: { [first?.name ?? ""]: {} },
    }),
  };
}

type Failure = Exclude<NonNullable<ReturnType<typeof matchOf>>, { kind: "taken" }>;

function sentence(match: Failure, { transport, place, port: asked }: Arrival, port: number | undefined) {
  const what = transportNames[transport];
  const service = `Service ${place.namespace}/${place.name}`;
  const sent = (senders: string) =>
    `${senders} send${senders.includes(" and ") ? "" : "s"} it to ${service}, port ${asked}`;
  switch (match.kind) {
    case "missing":
      return (senders: string) => `has no receiver for ${what}, and ${sent(senders)}: these spans are lost`;
    case "unused":
      return (senders: string) =>
        `has receiver ${match.receiver.name} in no pipeline for traces, so that it is not started, and ${sent(senders)}: these spans are lost`;
    case "local":
      return (senders: string) =>
        `lets ${match.receiver.path} listen on ${match.receiver.host}` +
        `${match.receiver.isDefaultHost ? " (the default of this version)" : ""}, which other pods cannot reach, and ${sent(senders)}: these spans are lost`;
    case "elsewhere":
      return (senders: string) =>
        `takes ${what} on port ${match.receiver.port} (${match.receiver.path}), and ${sent(senders)}, which leads to ${port}: these spans are lost`;
  }
}

/** Senders without TLS at a receiver with it; what exporters do is said of them. */
function tlsMismatch(receiver: Receiver, { exporter, isEncrypted, place, port }: Arrival) {
  if (exporter !== undefined || isEncrypted || receiver.isEncrypted !== true) return undefined;
  return (senders: string) =>
    `takes ${transportNames[receiver.transport]} with TLS only (${receiver.path}.tls), and ${senders} ` +
    `send${senders.includes(" and ") ? "" : "s"} it without to Service ${place.namespace}/${place.name}, port ${port}: these spans are lost`;
}
