import { placeOf, serviceName, servicePort, type ServicePlace } from "../model/collector";
import { matchOf, receptionsOf } from "../paths/arrivals";
import {
  type CollectorProgram,
  type Exporter,
  isLoopback,
  transportNames,
} from "../model/collectors/program";
import { programsBehind, programsOf } from "../model/collectors/programs";
import { isMissing } from "../model/collectorFlaws";
import { kinds } from "../../mesh/kinds";
import { type KubeObject, namespaceOf } from "../model/objects";
import { at, number, records } from "../model/reading";
import { type TracingModel } from "../model/tracingModel";
import { containersOf, describeWorkload } from "../model/workloads";
import { defineRule, type Problem } from "../rule";
import { snippet } from "../../findings/snippet";
import { enumerate } from "../../findings/words";

/** A collector that cannot forward spans queues them until the queue is full, then drops them. */
export const collectorExports = defineRule({
  name: "collector-exports",
  description:
    "A collector forwards spans to an existing Service and port, with the TLS setting that the receiver expects.",
  level: "error",
  severity: "critical",
  tags: ["opentelemetry", "collector"],
  url: "https://opentelemetry.io/docs/collector/configuration/#exporters",
  remediationSteps:
    "Correct the exporter's endpoint or tls settings so that they match the next collector or store.",
  page: {
    why: `The exporter for OTLP over gRPC uses TLS unless \`tls.insecure\` is true or the endpoint begins with
      \`http://\`, and stores inside a cluster usually do not. An endpoint on localhost is the collector's
      own pod. A Service that does not exist or lacks the port never answers. In each case all spans end up
      in the collector's queue and are lost.`,
    symptom: `The collector logs "Exporting failed" and then "sending queue is full"; senders notice nothing.`,
    exceptions: `Endpoints outside the cluster, and endpoints that depend on variables, are not checked. If the Service
      is not in the input but others of its namespace are, the finding is a warning. What the collector
      behind a Service accepts is known only if its configuration is in the input.`,
    sources: [
      "https://github.com/open-telemetry/opentelemetry-collector/blob/main/config/configtls/README.md",
    ],
  },
  *find(model) {
    for (const program of programsOf(model)) {
      for (const exporter of program.exporters) {
        const problem = judge(model, program, exporter);
        if (problem !== undefined) yield { object: program.object, ...problem };
      }
      if (program.onlyPrints) {
        yield {
          object: program.object,
          says: "prints the spans it is sent, or drops them, and forwards none: no store of traces gets them",
          fix: "",
          level: "warning",
        };
      }
    }
  },
});

type Verdict = Omit<Problem, "object">;

function judge(model: TracingModel, program: CollectorProgram, exporter: Exporter): Verdict | undefined {
  if (isLoopback(exporter.host)) return ownPod(model, program, exporter);
  const place = placeOf(exporter.host, program.workload.namespace);
  if (place === undefined) return undefined;
  const { port, path } = exporter;
  const name = `${place.namespace}/${place.name}`;
  const service = model.index.get(kinds.service, place.namespace, place.name);
  const behind = programsBehind(model, place);
  if (service === undefined && behind === undefined) {
    if (!isMissing(model, place, port)) return undefined;
    return {
      says: `forwards spans to Service ${name} (${path}), which is not in the input, although other Services of ${place.namespace} are`,
      fix: endpointFix(exporter, otherService(model, place.namespace, port, program)),
      ...(model.options.isComplete === true ? {} : { level: "warning" as const }),
    };
  }
  const hasPort =
    service === undefined || at(service["spec"], "type") === "ExternalName" || servicePort(service, port);
  if (service !== undefined && hasPort === undefined) {
    const ports = records(at(service["spec"], "ports")).map((entry) => number(entry["port"]));
    return {
      says: `forwards spans to port ${port} of Service ${name} (${path}), which has only ${enumerate(ports.map(String), 9)}: all of them are lost`,
      fix: snippet(`in spec.ports of Service ${name}, or correct ${path}.endpoint`, [
        {
          name: exporter.transport === "otlp-grpc" ? "grpc-otlp" : "http-otlp",
          port,
          targetPort: port,
          protocol: "TCP",
        },
      ]),
    };
  }
  const others = wayBack(model, program, exporter);
  if (others !== undefined) {
    const isDirect = others.length === 0;
    const names = others.map(({ workload }) => describeWorkload(workload)).join(" and ");
    const back = isDirect ? "itself" : `it through ${names}`;
    return {
      says: `forwards spans to Service ${name} (${path}), which leads back to ${back}, so spans loop until they are dropped`,
      // Which of several is wrong nobody can know.
      fix: isDirect ? endpointFix(exporter, otherService(model, place.namespace, port, program)) : "",
    };
  }
  return tls(model, place, exporter);
}

/** The other collectors on the way of spans that come back to the exporter; undefined if they do not. */
function wayBack(
  model: TracingModel,
  program: CollectorProgram,
  exporter: Exporter,
): CollectorProgram[] | undefined {
  const seen = new Set<Exporter>();
  const after = ({ workload }: CollectorProgram, sent: Exporter): CollectorProgram[] | undefined => {
    seen.add(sent);
    const place = placeOf(sent.host, workload.namespace);
    const receptions = place === undefined ? [] : receptionsOf(model, { place, port: sent.port });
    for (const reception of receptions) {
      const match = matchOf(reception, { transport: sent.transport, exporter: sent });
      if (match?.kind !== "taken") continue;
      for (const next of reception.program.exporters) {
        if (!next.receivers.has(match.receiver.name)) continue;
        if (next === exporter) return [];
        const rest = seen.has(next) ? undefined : after(reception.program, next);
        if (rest !== undefined) return [reception.program, ...rest];
      }
    }
    return undefined;
  };
  return after(program, exporter);
}

/** One container alone has nobody else to send to. */
function ownPod(model: TracingModel, program: CollectorProgram, exporter: Exporter): Verdict | undefined {
  const { workload, object, receivers } = program;
  const isAlone = workload.hypothetical === undefined && containersOf(workload).length === 1;
  const isOwn = receivers.some(({ port }) => port === exporter.port);
  if (!isAlone && !isOwn && object.kind !== kinds.openTelemetryCollector.name) return undefined;
  if (records(at(object["spec"], "additionalContainers")).length > 0) return undefined;
  return {
    says: `forwards spans to ${exporter.host}:${exporter.port} (${exporter.path}), which is its own pod: all of them are lost`,
    fix: endpointFix(exporter, otherService(model, workload.namespace, exporter.port, program)),
  };
}

function tls(model: TracingModel, place: ServicePlace, exporter: Exporter): Verdict | undefined {
  const { transport, port, path, isEncrypted, isDefaultTls } = exporter;
  const name = `${place.namespace}/${place.name}`;
  const what = transportNames[transport];
  const plain = snippet(`in ${path}`, { tls: { insecure: true } });
  const receptions = receptionsOf(model, { place, port });
  for (const reception of receptions) {
    const match = matchOf(reception, { transport, exporter });
    if (match?.kind !== "taken" || match.receiver.isEncrypted === undefined) continue;
    if (match.receiver.isEncrypted === isEncrypted) continue;
    return isEncrypted
      ? {
          says:
            `speaks TLS to Service ${name}, port ${port} (${path}${isDefaultTls ? " does not set tls.insecure" : ""}), but ` +
            `${describeWorkload(reception.program.workload)} accepts ${what} there only without TLS: all spans are lost`,
          fix: transport === "otlp-grpc" ? plain : endpointFix(exporter, undefined, "http"),
        }
      : {
          says:
            `speaks to Service ${name}, port ${port}, without TLS (${path}), but ` +
            `${describeWorkload(reception.program.workload)} accepts ${what} there only with TLS: all spans are lost`,
          fix: snippet(`in ${path}`, { tls: { insecure: false, ca_file: "/etc/otel/ca.crt" } }),
        };
  }
  if (receptions.length > 0 || !isEncrypted || !isDefaultTls || transport !== "otlp-grpc") return undefined;
  return {
    says: `speaks TLS to Service ${name}, port ${port}, because ${path} does not set tls.insecure; receivers without a certificate expect OTLP without TLS`,
    fix: plain,
    level: "warning",
  };
}

/** A Service of the namespace that has the port, and is not the collector's own. */
function otherService(model: TracingModel, namespace: string, port: number, program: CollectorProgram) {
  return model.index
    .of(kinds.service)
    .find(
      (service) =>
        namespaceOf(service) === namespace &&
        servicePort(service, port) !== undefined &&
        programsBehind(model, { namespace, name: service.metadata.name })?.includes(program) !== true,
    );
}

function endpointFix(
  { path, scheme, port, host }: Exporter,
  service: KubeObject | undefined,
  wanted = scheme,
): string {
  if (service === undefined && wanted === scheme) return "";
  const target = service === undefined ? host : `${serviceName(service).split("/").reverse().join(".")}.svc`;
  return snippet(`in ${path}`, {
    endpoint: `${wanted === undefined ? "" : `${wanted}://`}${target}:${port}`,
  });
}
