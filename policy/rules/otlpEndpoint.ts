import { otlpTracesPath } from "../../mesh/urls";
import { serviceHost } from "../../mesh/dns";
import { ports } from "../../mesh/ports";
import { otlpProtocols, sdkVariables } from "../../mesh/sdkSettings";
import { type Dangling, type Environment } from "../model/environment";
import { otlpExportOf, type OtlpExport, targetPortOf } from "../model/otlp";
import { lacksPort, portLeadingTo, serviceName } from "../model/collector";
import { isLoopback } from "../model/collectors/program";
import { isMissing } from "../model/collectorFlaws";
import { at, number, records } from "../model/reading";
import { type KubeObject, namespaceOf } from "../model/objects";
import { type TracingModel } from "../model/tracingModel";
import { type Workload } from "../model/workloads";
import { inOtherNamespace, onItsNode } from "../absentReceivers";
import { inOwnPod, withoutEndpoint } from "../ownPodMistakes";
import { takerInstead } from "../paths/otherPorts";
import { defineRule } from "../rule";
import { snippet } from "../../findings/snippet";
import { enumerate } from "../../findings/words";
import { type Mistake, problemsOf, settingFix, written } from "../sdkProblems";

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
    why: `Port, protocol, path and Service must agree. gRPC on 4318 and HTTP on 4317 are refused, an extra
      path is not found, and a misspelt name does not resolve. The application keeps working, without its spans.`,
    symptom: `Spans of the proxies arrive, those of one application do not. There is one line about a failed
      export in its log.`,
    exceptions: `Endpoints outside the cluster, and in namespaces of which no Service is in the input,
      are not judged. Of variables that a program reads by itself (\`OTLP_ENDPOINT\`, a framework's own) host and port are. A collector that takes OTLP with TLS on its usual ports is reported for \`https://\`:
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
        const { workload } = traced;
        const otlp = otlpExportOf(environment, workload.namespace, model.index);
        if (otlp === undefined) {
          yield* withoutEndpoint(model, workload, environment);
          return;
        }
        // The first mistake is enough: the others follow from it or are easier to see without it.
        const noGrpc = pythonWithGrpc(environment, otlp);
        const [first] = noGrpc === undefined ? mistakesOf(model, workload, environment, otlp) : [noGrpc];
        if (first !== undefined) yield first;
      },
      model.senders,
    ),
});

function* mistakesOf(
  model: TracingModel,
  workload: Workload,
  environment: Environment,
  otlp: OtlpExport,
): Iterable<Mistake> {
  const { variable, isOfProgram, endpoint, source, flag, scheme, host, port, protocol, place, service } =
    otlp;
  const set = written(variable, { value: endpoint, flag });
  const address = (says: string, value: string): Mistake => ({
    source,
    says: `has ${set}${says}`,
    fix: settingFix(source, variable, value, flag),
  });
  if (otlp.dangling !== undefined) {
    yield { source, says: `has ${set}${inVain(otlp.dangling)}`, ...danglingFix(otlp, otlp.dangling) };
    return;
  }
  // What only SDKs make of their variables is not said of others.
  const chosen = isOfProgram ? undefined : protocol.value;
  if (chosen !== undefined && chosen !== "" && !isProtocol(chosen)) {
    const name = otlp.protocolVariable;
    yield {
      source: protocol.source ?? source,
      says: `has ${written(name, protocol)}; allowed are ${enumerate(otlpProtocols)}`,
      fix: settingFix(protocol.source ?? source, name, "grpc", protocol.flag),
    };
  }
  if (!isOfProgram && scheme === undefined) {
    // A program may read the variable itself, as a host and a port: nothing is lost for sure.
    const isInjected = environment.injected !== undefined || environment.agent !== undefined;
    const schemes = /^(?:https?:\/*)+/i.exec(endpoint)?.[0] ?? "";
    const last = /s:\/*$/i.test(schemes) ? "https://" : "http://";
    const says =
      schemes === ""
        ? ` without a scheme, which SDKs refuse; write ${last}${isInjected ? "" : ", unless the program reads it itself"}`
        : `, which SDKs refuse; write ${last} once`;
    yield {
      ...address(says, last + endpoint.slice(schemes.length)),
      level: "warning",
    };
    return;
  }
  if (!isOfProgram && scheme !== "http" && scheme !== "https") {
    yield {
      ...address(
        `, and the agent for Java refuses the scheme ${scheme}; SDKs of other languages take it for TLS, or for http`,
        endpoint.replace(/^[^:]+/, "http"),
      ),
      level: "warning",
    };
    return;
  }
  if (isLoopback(host)) yield* inOwnPod(model, workload, otlp);
  if (place !== undefined && service === undefined && isMissing(model, place, port)) {
    const right = model.collector?.service;
    const wanted = right && endpoint.replace(host, serviceHost(right.metadata.name, namespaceOf(right)));
    const says = `, and there is no Service ${place.namespace}/${place.name}`;
    if (wanted !== undefined) yield address(`${says}; use the collector's`, wanted);
    // Nothing says which collector is meant instead: the Service may be made elsewhere, by an operator or by hand.
    else {
      const isCertain = model.options.isComplete === true;
      yield {
        source,
        says: `has ${set}${says}`,
        fix: "",
        ...(isCertain ? {} : { level: "warning" as const }),
      };
    }
  }
  const target = targetPortOf(otlp);
  const isHttp = chosen?.startsWith("http") === true || (!chosen && target === otlpHttp);
  const usual = isHttp ? otlpHttp : otlpGrpc;
  const other = takerInstead(model, otlp);
  if (other !== undefined) {
    yield address(
      `, and port ${other.port} takes ${other.takes}, not OTLP: its spans are lost`,
      endpoint.replace(`:${port}`, `:${otlpPort(service, usual)}`),
    );
  }
  if (service !== undefined && port !== undefined && lacksPort(service, port)) {
    const numbers = records(at(service["spec"], "ports")).map((entry) => number(entry["port"]));
    const wanted = otlpPort(service, usual);
    yield address(
      `, and Service ${serviceName(service)} has no port ${port}; it has ${enumerate(numbers.map(String), 9)}`,
      endpoint.replace(`:${port}`, `:${numbers.includes(wanted) ? wanted : (numbers[0] ?? wanted)}`),
    );
  }
  if ((target === otlpHttp && chosen === "grpc") || (target === otlpGrpc && chosen?.startsWith("http"))) {
    const wanted = otlpPort(service, target === otlpHttp ? otlpGrpc : otlpHttp);
    const byItself = protocol.isDefault === true ? ", which its SDK uses by itself" : "";
    yield address(
      ` with protocol ${chosen}${byItself}: port ${target} takes OTLP over ${target === otlpGrpc ? "gRPC" : "HTTP"}; ` +
        `use port ${wanted} with ${chosen}`,
      endpoint.replace(`:${port}`, `:${wanted}`),
    );
  }
  yield* wrongPath(otlp, isHttp, address);
  if (scheme === "https" && service !== undefined && service === model.collector?.service) {
    yield address(
      ", but the collector there takes OTLP without TLS; use http://",
      endpoint.replace(/^https/i, "http"),
    );
  }
  yield* inOtherNamespace(model, otlp);
  yield* onItsNode(model, workload, otlp);
  // Of a patch, what else the container is told is not known.
  const isWhole = workload.hypothetical === undefined && !isOfProgram;
  if (isWhole && !chosen && protocol.unknown === undefined && (target === otlpGrpc || target === otlpHttp)) {
    yield* withoutProtocol(environment, otlp, target);
  }
}

function inVain({ name, why }: Dangling): string {
  const because = {
    absent: `its container has no variable ${name}`,
    late: `${name} is set only after it`,
    literal: "this is done only for what is written in value",
  }[why];
  return `, and the kubelet puts nothing in place of $(${name}), because ${because}`;
}

/** Others may put a value in, before the kubelet sees it: kustomize, or a webhook. */
function danglingFix(
  { variable, endpoint }: OtlpExport,
  { name, why }: Dangling,
): Pick<Mistake, "fix" | "level"> {
  if (why === "late") {
    return {
      fix: `# in env of the container, in this order\n- name: ${name}\n  …\n- name: ${variable}\n  value: ${endpoint}`,
    };
  }
  if (why === "literal")
    return { fix: snippet("in env of the container", [{ name: variable, value: endpoint }]) };
  return { fix: "", level: "warning" };
}

type Address = (says: string, value: string) => Mistake;

function isProtocol(name: string): boolean {
  return otlpProtocols.some((known) => known === name);
}

/** The port of a Service that leads to one of OTLP, else that itself. */
function otlpPort(service: KubeObject | undefined, wanted: number): number {
  return (service && portLeadingTo(service, wanted)) ?? wanted;
}

function* wrongPath(
  { variable, endpoint, path }: OtlpExport,
  isHttp: boolean,
  address: Address,
): Iterable<Mistake> {
  if (!isHttp) return;
  if (variable === sdkVariables.endpoint && /\/v1\/traces?\/?$/.test(path)) {
    yield address(
      `, and SDKs append ${otlpTracesPath} once more; leave it out`,
      endpoint.replace(/\/v1\/traces?\/?$/, ""),
    );
  }
  if (variable !== sdkVariables.tracesEndpoint) return;
  if (path === "" || path === "/") {
    yield address(
      `, and SDKs append nothing to it; use the path ${otlpTracesPath}`,
      `${endpoint.replace(/\/$/, "")}${otlpTracesPath}`,
    );
  } else if (/\/v1\/trace\/?$/.test(path)) {
    yield address(
      `, and collectors take traces on ${otlpTracesPath} only: its spans are lost`,
      endpoint.replace(/\/v1\/trace\/?$/, otlpTracesPath),
    );
  }
}

/** SDKs of some languages speak gRPC by themselves and those of others HTTP, and that changed with their versions. */
function* withoutProtocol(
  { agent }: Environment,
  { endpoint, source, variable, flag }: OtlpExport,
  target: number,
): Iterable<Mistake> {
  const wanted = target === otlpGrpc ? "grpc" : "http/protobuf";
  yield {
    source,
    says:
      `has ${written(variable, { value: endpoint, flag })} and no ${sdkVariables.protocol}: port ${target} takes ` +
      `${target === otlpGrpc ? "gRPC" : "HTTP"}, and ` +
      (agent?.language === "java"
        ? "the agent for Java speaks gRPC in its version 1 and HTTP in its version 2"
        : "which of gRPC and HTTP an SDK speaks then depends on its language"),
    fix: settingFix(source, sdkVariables.protocol, wanted),
    level: "warning",
  };
}

/** The image with Python's SDK has no exporter for gRPC, which is compiled for one version of Python. */
function pythonWithGrpc({ injected }: Environment, { protocol }: OtlpExport): Mistake | undefined {
  if (injected?.language !== "python" || protocol.value !== "grpc" || protocol.source === undefined) {
    return undefined;
  }
  const name = sdkVariables.protocol;
  return {
    source: protocol.source,
    says: `has ${name}=grpc, which the Python SDK that the operator injects does not include; use http/protobuf`,
    fix: settingFix(protocol.source, name, "http/protobuf"),
  };
}
