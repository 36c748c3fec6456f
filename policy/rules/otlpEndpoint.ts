import { otlpTracesPath } from "../../mesh/urls";
import { serviceHost } from "../../mesh/dns";
import { ports } from "../../mesh/ports";
import { type Environment, settingOf } from "../model/environment";
import { httpByDefault } from "../model/instrumentation";
import { exportsOtlp, otlpExportOf, type OtlpExport, targetPortOf } from "../model/otlp";
import { serviceName, servicePort } from "../model/collector";
import { isMissing } from "../model/collectorService";
import { at, number, records } from "../model/reading";
import { type KubeObject, namespaceOf } from "../model/objects";
import { type TracingModel } from "../model/tracingModel";
import { defineRule } from "../rule";
import { snippet } from "../../findings/snippet";
import { enumerate } from "../../findings/words";
import { type Mistake, problemsOf } from "../sdkProblems";

const protocols = ["grpc", "http/protobuf", "http/json"];

const { otlpGrpc, otlpHttp } = ports;

/** Port, protocol and path that do not agree lose every span of the application, with one log line in it. */
export const otlpEndpoint = defineRule({
  name: "otlp-endpoint",
  description: "The OTLP endpoint of an application agrees with its protocol and with the Service it names.",
  level: "error",
  severity: "critical",
  tags: ["opentelemetry", "otlp"],
  url: "https://opentelemetry.io/docs/specs/otel/protocol/exporter/",
  remediationSteps:
    "Use port 4317 with protocol grpc, or 4318 with http/protobuf, on a Service that has the port.",
  page: {
    why: `Port, protocol, path and Service must agree. gRPC on 4318 and HTTP on 4317 are refused, a path too
      many is not found, and a name with a slip of the pen does not resolve. The application works on
      without its spans.`,
    symptom: `Spans of the proxies arrive, those of one application do not. There is one line about a failed
      export in its log.`,
    exceptions: `Endpoints outside the cluster, and in namespaces of which no Service is among the objects,
      are not judged. A collector that takes OTLP with TLS on its usual ports is reported for \`https://\`:
      make the rule a warning there.`,
    sources: [
      "https://opentelemetry.io/docs/specs/otel/configuration/sdk-environment-variables/",
      "https://www.jaegertracing.io/docs/latest/architecture/apis/",
    ],
  },
  find: (model) =>
    problemsOf(
      model,
      function* ({ traced, environment }): Iterable<Mistake> {
        const otlp = otlpExportOf(environment, traced.workload.namespace, model.index);
        if (otlp === undefined) {
          yield* injectedWithoutEndpoint(model, environment);
          return;
        }
        const noGrpc = pythonWithGrpc(environment, otlp);
        if (noGrpc !== undefined) {
          yield noGrpc;
          return;
        }
        const [first] = mistakesOf(model, otlp);
        if (first !== undefined) yield first;
      },
      model.senders,
    ),
});

/** The first mistake is enough: the others follow from it or are easier to see without it. */
function* mistakesOf(model: TracingModel, otlp: OtlpExport): Iterable<Mistake> {
  const { variable, endpoint, source, scheme, host, port, path, protocol, place, service } = otlp;
  const mistake = (says: string, name: string, value: string): Mistake => ({
    source,
    says: `has ${says}`,
    fix: fixIn(source, name, value),
  });
  const protocolVariable = "OTEL_EXPORTER_OTLP_PROTOCOL";
  const chosen = protocol.value;
  if (chosen !== undefined && chosen !== "" && !protocols.includes(chosen)) {
    yield mistake(
      `${protocolVariable}=${chosen}; allowed are ${enumerate(protocols)}`,
      protocolVariable,
      "grpc",
    );
  }
  if (scheme === undefined) {
    // A program may read the variable itself, as a host and a port: nothing is lost for sure.
    yield {
      ...mistake(
        `${variable}=${endpoint} without a scheme, which SDKs refuse; write http://`,
        variable,
        `http://${endpoint}`,
      ),
      level: "warning",
    };
  }
  if (place !== undefined && service === undefined && isMissing(model, place, port)) {
    const right = model.collector?.service;
    const wanted = right && endpoint.replace(host, serviceHost(right.metadata.name, namespaceOf(right)));
    const says = `${variable}=${endpoint}, and there is no Service ${place.namespace}/${place.name}`;
    // A fix must be another address than the one that is there.
    if (wanted !== undefined && wanted !== endpoint)
      yield mistake(`${says}; the collector's is required`, variable, wanted);
    // Nothing says which collector is meant instead: the Service may be made elsewhere, by an operator or by hand.
    else {
      const isCertain = model.options.isComplete === true;
      yield { source, says: `has ${says}`, fix: "", ...(isCertain ? {} : { level: "warning" as const }) };
    }
  }
  const isAlias = at(service?.["spec"], "type") === "ExternalName";
  if (service !== undefined && !isAlias && port !== undefined && servicePort(service, port) === undefined) {
    const numbers = records(at(service["spec"], "ports")).map((entry) => number(entry["port"]));
    const wanted = chosen?.startsWith("http") ? otlpHttp : otlpGrpc;
    yield mistake(
      `${variable}=${endpoint}, and Service ${serviceName(service)} has no port ${port}; one that it has is required: ${enumerate(numbers.map(String), 9)}`,
      variable,
      endpoint.replace(`:${port}`, `:${numbers.includes(wanted) ? wanted : (numbers[0] ?? wanted)}`),
    );
  }
  const target = targetPortOf(otlp);
  if ((target === otlpHttp && chosen === "grpc") || (target === otlpGrpc && chosen?.startsWith("http"))) {
    const wanted = target === otlpHttp ? otlpGrpc : otlpHttp;
    yield mistake(
      `${variable}=${endpoint} with protocol ${chosen}: port ${target} takes OTLP over ${target === otlpGrpc ? "gRPC" : "HTTP"}; ` +
        `port ${wanted} is allowed with ${chosen}`,
      variable,
      endpoint.replace(`:${port}`, `:${wanted}`),
    );
  }
  const isHttp = chosen?.startsWith("http") === true || (chosen === undefined && target === otlpHttp);
  if (isHttp && variable === "OTEL_EXPORTER_OTLP_ENDPOINT" && /\/v1\/traces\/?$/.test(path)) {
    yield mistake(
      `${variable}=${endpoint}, to which SDKs append ${otlpTracesPath} once more; the address without it is allowed`,
      variable,
      endpoint.replace(/\/v1\/traces\/?$/, ""),
    );
  }
  if (isHttp && variable === "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT" && (path === "" || path === "/")) {
    yield mistake(
      `${variable}=${endpoint}, to which SDKs append nothing; the path ${otlpTracesPath} is required`,
      variable,
      `${endpoint.replace(/\/$/, "")}${otlpTracesPath}`,
    );
  }
  if (scheme === "https" && service !== undefined && service === model.collector?.service) {
    yield mistake(
      `${variable}=${endpoint}, and the collector behind it takes OTLP without TLS; http:// is allowed`,
      variable,
      endpoint.replace(/^https/i, "http"),
    );
  }
}

/** The line to write where a variable comes from. */
function fixIn({ kind }: KubeObject, name: string, value: string): string {
  if (kind === "ConfigMap") return snippet("in data of the ConfigMap", { [name]: value });
  if (kind !== "Instrumentation") return snippet("in env of the container", [{ name, value }]);
  return snippet(
    "in spec of the Instrumentation",
    name === "OTEL_EXPORTER_OTLP_ENDPOINT" ? { exporter: { endpoint: value } } : { env: [{ name, value }] },
  );
}

/** An SDK without an endpoint sends to its own pod, where only a collector beside the application would listen. */
function* injectedWithoutEndpoint(model: TracingModel, environment: Environment): Iterable<Mistake> {
  const { injected } = environment;
  const names = ["OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "OTEL_EXPORTER_OTLP_ENDPOINT"];
  const isSaid = names.some((name) => Object.keys(settingOf(environment, name)).length > 0);
  if (injected === undefined || !httpByDefault.has(injected.language) || isSaid) return;
  if (!exportsOtlp(environment)) return;
  const service = model.collector?.service;
  const host = service === undefined ? "collector" : serviceHost(service.metadata.name, namespaceOf(service));
  yield {
    source: injected.source,
    says: "has no exporter.endpoint, so that spans go to localhost; the collector's address is required",
    fix: fixIn(injected.source, "OTEL_EXPORTER_OTLP_ENDPOINT", `http://${host}:${otlpHttp}`),
    // A collector that the operator puts beside the application listens there.
    level: "warning",
  };
}

/** The image with Python's SDK has no exporter for gRPC, which is compiled for one version of Python. */
function pythonWithGrpc({ injected }: Environment, { protocol }: OtlpExport): Mistake | undefined {
  if (injected?.language !== "python" || protocol.value !== "grpc" || protocol.source === undefined) {
    return undefined;
  }
  const name = "OTEL_EXPORTER_OTLP_PROTOCOL";
  return {
    source: protocol.source,
    says: `has ${name}=grpc, which the SDK that the operator injects for python does not have; http/protobuf is allowed`,
    fix: fixIn(protocol.source, name, "http/protobuf"),
  };
}
