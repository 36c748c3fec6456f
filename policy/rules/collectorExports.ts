import { lacksPort, placeOf, servicePort, type ServicePlace } from "../model/collector";
import { matchOf, receptionsOf } from "../paths/arrivals";
import {
  type CollectorProgram,
  type Exporter,
  isDialled,
  isLoopback,
  transportNames,
} from "../model/collectors/program";
import { programsBehind, programsOf } from "../model/collectors/programs";
import { isMissing } from "../model/collectorFlaws";
import { kinds } from "../../mesh/kinds";
import { otlpTracesPath } from "../../mesh/urls";
import { namespaceOf } from "../model/objects";
import { at, number, records } from "../model/reading";
import { type TracingModel } from "../model/tracingModel";
import { describeWorkload } from "../model/workloads";
import { listensBeside } from "../paths/ownPod";
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
      own pod. A Service that does not exist or lacks the port never answers. An exporter for gRPC needs a host
      with a port and no path, one for HTTP a scheme, and appends \`/v1/traces\` itself. In each case all spans end up
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

/** Whose first part tells Istio the protocol. */
const portNames = { zipkin: "http-zipkin", "otlp-grpc": "grpc-otlp", "otlp-http": "http-otlp" } as const;

type Verdict = Omit<Problem, "object">;

function judge(model: TracingModel, program: CollectorProgram, exporter: Exporter): Verdict | undefined {
  const place = placeOf(exporter.host, program.workload.namespace);
  const mistake = addressMistake(exporter, place !== undefined);
  if (mistake !== undefined) return mistake;
  if (isLoopback(exporter.host)) return ownPod(model, program, exporter);
  if (place === undefined) return undefined;
  const { port, path } = exporter;
  const name = `${place.namespace}/${place.name}`;
  const service = model.index.get(kinds.service, place.namespace, place.name);
  const behind = programsBehind(model, place);
  if (service === undefined && behind === undefined) {
    if (!isMissing(model, place, port)) return undefined;
    return {
      says: `forwards spans to Service ${name} (${path}), which is not in the input, although other Services of ${place.namespace} are`,
      fix: otherEndpoint(model, place.namespace, program, exporter),
      ...(model.options.isComplete === true ? {} : { level: "warning" as const }),
    };
  }
  if (service !== undefined && lacksPort(service, port)) {
    const ports = records(at(service["spec"], "ports")).map((entry) => number(entry["port"]));
    return {
      says: `forwards spans to port ${port} of Service ${name} (${path}), which has only ${enumerate(ports.map(String), 9)}: all of them are lost`,
      fix: snippet(`in spec.ports of Service ${name}, or correct ${path}.endpoint`, [
        {
          name: portNames[exporter.transport],
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
      fix: isDirect ? otherEndpoint(model, place.namespace, program, exporter) : "",
    };
  }
  return tls(model, place, exporter);
}

/**
 * What is wrong with an address, wherever it leads.
 * @see https://github.com/open-telemetry/opentelemetry-collector/blob/main/exporter/otlpexporter/config.go (Validate)
 * @see https://github.com/open-telemetry/opentelemetry-collector/blob/main/exporter/otlphttpexporter/README.md
 */
function addressMistake(exporter: Exporter, isInCluster: boolean): Verdict | undefined {
  const { transport, scheme, host, port, path, address } = exporter;
  const { field, written } = address;
  const mistake = (what: string, right: string): Verdict => ({
    says: `has ${path}.${field}: ${written}, ${what}`,
    fix: snippet(`in ${path}`, { [field]: right }),
  });
  if (!isDialled(exporter)) {
    const right = `${scheme === undefined ? "" : `${scheme}://`}${host}:${port}`;
    return mistake("which is no host with a port alone, so the collector does not start", right);
  }
  if (transport === "otlp-grpc") return undefined;
  if (scheme === undefined) return mistake("without a scheme: all spans are lost", `http://${written}`);
  if (transport !== "otlp-http") return undefined;
  const hasPath = written.endsWith(otlpTracesPath);
  if (hasPath && field === "endpoint") {
    const right = written.slice(0, -otlpTracesPath.length);
    return mistake(`to which the exporter appends ${otlpTracesPath} once more: all spans are lost`, right);
  }
  if (hasPath || field === "endpoint" || !isInCluster) return undefined;
  const right = written.replace(/\/*$/, otlpTracesPath);
  return mistake(
    `to which the exporter appends nothing, and collectors take traces on ${otlpTracesPath}`,
    right,
  );
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

function ownPod(model: TracingModel, program: CollectorProgram, exporter: Exporter): Verdict | undefined {
  const isOwn = program.receivers.some(({ port }) => port === exporter.port);
  if (!isOwn && hasCompany(model, program)) return undefined;
  return {
    says: `forwards spans to ${exporter.host}:${exporter.port} (${exporter.path}), which is its own pod: all of them are lost`,
    fix: otherEndpoint(model, program.workload.namespace, program, exporter),
  };
}

/** Whether something else may listen on localhost: another container, or the agent of a node whose network the pod has. */
function hasCompany(model: TracingModel, { workload, object: { kind, spec } }: CollectorProgram): boolean {
  return kind === kinds.openTelemetryCollector.name
    ? records(at(spec, "additionalContainers")).length > 0 || at(spec, "hostNetwork") === true
    : listensBeside(model, workload) === "somebody";
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
          fix: transport === "otlp-grpc" ? plain : endpointFix(exporter, exporter.host, "http"),
        }
      : {
          says:
            `speaks to Service ${name}, port ${port}, without TLS (${path}), but ` +
            `${describeWorkload(reception.program.workload)} accepts ${what} there only with TLS: all spans are lost`,
          fix: snippet(`in ${path}`, { tls: { insecure: false, ca_file: "/etc/otel/ca.crt" } }),
        };
  }
  if (receptions.length > 0 || !isEncrypted || !isDefaultTls) return undefined;
  return {
    says: `speaks TLS to Service ${name}, port ${port}, because ${path} does not set tls.insecure; receivers without a certificate expect OTLP without TLS`,
    fix: plain,
    level: "warning",
  };
}

/** A Service of the namespace that has the port, and is not the collector's own. */
function otherEndpoint(
  model: TracingModel,
  namespace: string,
  program: CollectorProgram,
  exporter: Exporter,
): string {
  const service = model.index
    .of(kinds.service)
    .find(
      (one) =>
        namespaceOf(one) === namespace &&
        servicePort(one, exporter.port) !== undefined &&
        programsBehind(model, { namespace, name: one.metadata.name })?.includes(program) !== true,
    );
  return service === undefined
    ? ""
    : endpointFix(exporter, `${service.metadata.name}.${namespace}.svc`, exporter.scheme);
}

function endpointFix({ path, port }: Exporter, host: string, scheme: string | undefined): string {
  return snippet(`in ${path}`, {
    endpoint: `${scheme === undefined ? "" : `${scheme}://`}${host}:${port}`,
  });
}
