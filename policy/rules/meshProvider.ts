import { ports } from "../../mesh/ports";
import { serviceHost } from "../../mesh/dns";
import { otlpTracesPath, zipkinPath } from "../../mesh/urls";
import { traceContextOptions } from "../../mesh/traceContext";
import { kinds } from "../../mesh/kinds";
import { type Collector, isQualified, providerType, servicePort, spanPort } from "../model/collector";
import { type MeshProvider } from "../model/meshConfig";
import { tracingsOf } from "../model/senderTracing";
import { type KubeObject, namespaceOf, type ObjectIndex } from "../model/objects";
import { at, isRecord, type Json, number, record, records, shown, text, texts } from "../model/reading";
import { type TracingModel } from "../model/tracingModel";
import { defineRule, nameOf, type ObjectRef, type Problem } from "../rule";
import { snippet } from "../../findings/snippet";
import { type Level } from "../../findings/finding";

interface Mistake {
  says: string;
  fix: Json;
  level?: Level;
}

/** Istio looks the provider's Service up by its full host name; where there is none, only its log says so. */
export const meshProvider = defineRule({
  name: "mesh-provider",
  description: "The tracing provider has a qualified host, the collector's port and the path it listens on.",
  level: "error",
  severity: "critical",
  tags: ["istio", "mesh-config"],
  url: "https://istio.io/latest/docs/reference/config/istio.mesh.v1alpha1/#MeshConfig-ExtensionProvider-ZipkinTracingProvider",
  remediationSteps:
    "Write the service as namespace/host with the fully qualified host, and the Service's port.",
  page: {
    why: `istiod looks the collector up by its full host name: \`jaeger\` and \`jaeger.observability\` are
      valid and lead nowhere. A port that the Service does not have leads nowhere either, one that takes
      OTLP over the other of its transports understands nothing, and on another path the collector answers
      404 to every batch.`,
    symptom: `Everything looks right, but no proxy's spans arrive. For a host that is not found, istiod's
      log has a warning: \`Not able to configure requested tracing provider\`.`,
    exceptions: `A collector that takes Zipkin spans on another path, such as Tempo or an OpenTelemetry
      Collector behind a proxy, is allowed by \`paths\`. A host without its namespace in front is a notice:
      it works until a ServiceEntry of another namespace has the same host.`,
    sources: ["https://www.jaegertracing.io/docs/latest/architecture/apis/"],
  },
  limits: {
    paths: {
      type: "array",
      items: { type: "string" },
      description: "Paths on which the collector receives Zipkin v2 spans.",
      default: [zipkinPath],
    },
  },
  *find(model, limits) {
    const inUse = model.senders.flatMap((sender) => tracingsOf(model, sender));
    const judged = new Set<MeshProvider>();
    for (const { tracing, collector } of [model, ...inUse]) {
      const { provider } = tracing;
      if (provider === undefined || judged.has(provider)) continue;
      judged.add(provider);
      yield* judge(model, provider, collector, texts(limits["paths"]));
    }
  },
});

function* judge(
  model: TracingModel,
  provider: MeshProvider,
  collector: Collector | undefined,
  paths: readonly string[],
): Iterable<Problem> {
  if (provider.source === undefined) return;
  const type = providerType(provider.entry);
  if (type !== "zipkin" && type !== "opentelemetry") return;
  const object: ObjectRef = provider.source;
  const settings = record(provider.entry[type]);
  const where = `extensionProviders, ${provider.name}, ${type}`;
  for (const { says, fix, level } of [
    ...serviceMistakes(model, settings),
    ...portMistakes(collector, settings),
    ...(type === "zipkin" ? zipkinMistakes(settings, paths) : otlpMistakes(settings)),
  ]) {
    yield {
      object,
      says: `has provider ${provider.name} with ${says}`,
      fix: snippet(`in the mesh config of ${nameOf(object)}, under ${where}`, fix),
      level,
    };
  }
}

function* serviceMistakes({ index }: TracingModel, settings: Json): Iterable<Mistake> {
  const service = text(settings["service"]);
  if (service === undefined || service === "") {
    yield { says: "no service; set the collector's", fix: { service: "namespace/host" } };
    return;
  }
  const slash = service.indexOf("/");
  const writtenNamespace = slash === -1 ? undefined : service.slice(0, slash);
  const host = service.slice(slash + 1);
  const place = guessPlace(host, writtenNamespace);
  if (place !== undefined && !isQualified(host)) {
    const full = serviceHost(place.name, place.namespace);
    yield {
      says: `service ${service}, which Istio cannot resolve to a Service; use the fully qualified host`,
      fix: { service: `${place.namespace}/${full}` },
    };
  } else if (place !== undefined && writtenNamespace !== undefined && writtenNamespace !== place.namespace) {
    yield {
      says: `service ${service}, whose namespace ${writtenNamespace} is not the host's; use ${place.namespace}`,
      fix: { service: `${place.namespace}/${host}` },
    };
  } else if (place !== undefined && writtenNamespace === undefined) {
    const fix = { service: `${place.namespace}/${host}` };
    const [second] = definitionsOf(index, host).filter((entry) => namespaceOf(entry) !== place.namespace);
    if (second === undefined) {
      const says = `service ${service}: tracing stops if another namespace defines that host, too; with its namespace in front it does not`;
      yield { says, fix, level: "info" };
      return;
    }
    // Two are more than the one that istiod takes; without the Service itself this one is all there is.
    const isTwo = index.get(kinds.service, place.namespace, place.name) !== undefined;
    yield {
      says: `service ${service}, a host that ${nameOf(second)} defines, too: of two istiod takes neither, and nothing is traced; write namespace/host`,
      fix,
      ...(isTwo ? {} : { level: "warning" as const }),
    };
  } else if (place === undefined && definitionsOf(index, host).length === 0) {
    yield {
      says: `service ${service}, a host outside the cluster that no ServiceEntry in the input defines; add a ServiceEntry`,
      fix: { service },
      level: "warning",
    };
  }
}

/** The ServiceEntries that define a host. */
function definitionsOf(index: ObjectIndex, host: string): KubeObject[] {
  return index.of(kinds.serviceEntry).filter(({ spec }) => texts(at(spec, "hosts")).includes(host));
}

function* portMistakes(collector: Collector | undefined, settings: Json): Iterable<Mistake> {
  const port = number(settings["port"]);
  if (port === undefined || !Number.isInteger(port) || port < 1 || port > 65535) {
    yield {
      says: `${port === undefined ? "no port" : `port ${port}`}; use a port between 1 and 65535`,
      fix: { port: ports.zipkin },
    };
    return;
  }
  const service = collector?.service;
  // A given collector need not be the provider's.
  if (service === undefined || collector?.port !== port) return;
  const right = spanPort(records(record(service["spec"])["ports"]), collector);
  const entry = servicePort(service, port);
  if (entry !== undefined) {
    yield* crossedTransports(collector, port, number(entry["targetPort"] ?? port), right);
    return;
  }
  // Where the Service has no port for spans at all, the Service is what must change.
  if (right === undefined) return;
  yield {
    says:
      `port ${port}, which ${nameOf(service)} does not have` +
      (collector.protocol === "zipkin"
        ? ": Envoy rejects listeners whose tracer has no cluster, so new pods never become ready"
        : "") +
      `; its port for spans is ${right}`,
    fix: { port: right },
  };
}

/** OTLP has a port for each of its transports. */
function* crossedTransports(
  { protocol, isOtlpHttp }: Collector,
  port: number,
  target: number | undefined,
  right: number | undefined,
): Iterable<Mistake> {
  const [sent, taken, wanted] =
    isOtlpHttp === true ? ["HTTP", ports.otlpGrpc, ports.otlpHttp] : ["gRPC", ports.otlpHttp, ports.otlpGrpc];
  if (protocol !== "opentelemetry" || target !== taken) return;
  const use = right ?? wanted;
  yield {
    says:
      `port ${port}, which takes OTLP over ${sent === "HTTP" ? "gRPC" : "HTTP"}, while proxies send it over ${sent} ` +
      `(${sent === "HTTP" ? "with" : "without"} http); use port ${use}`,
    fix: { port: use },
  };
}

function* otlpMistakes(settings: Json): Iterable<Mistake> {
  const { http } = settings;
  const path = text(at(http, "path"));
  if (!isRecord(http) || path?.endsWith(otlpTracesPath) === true) return;
  yield {
    says: `${path === undefined ? "no path" : `path ${path}`}, but collectors receive OTLP over HTTP on ${otlpTracesPath}`,
    fix: { http: { ...http, path: otlpTracesPath } },
  };
}

function* zipkinMistakes(settings: Json, paths: readonly string[]): Iterable<Mistake> {
  const path = text(settings["path"]);
  if (path !== undefined && path !== "" && !paths.includes(path)) {
    yield {
      says: `path ${path}, but the collector receives Zipkin v2 spans on ${paths.join(", ")}`,
      fix: { path: paths[0] },
    };
  }
  const option = settings["traceContextOption"];
  if (option !== undefined && !traceContextOptions.some((known) => known === option)) {
    yield {
      says: `traceContextOption ${shown(option)}; use ${traceContextOptions.join(" or ")}`,
      fix: { traceContextOption: traceContextOptions[1] },
    };
  }
}

/** The Service that a host was meant to name, however incomplete. */
function guessPlace(
  host: string,
  writtenNamespace: string | undefined,
): { name: string; namespace: string } | undefined {
  const [name, namespace = writtenNamespace, svc, ...rest] = host.split(".");
  if (name === undefined || namespace === undefined) return undefined;
  if (svc !== undefined && svc !== "svc") return undefined;
  return rest.every((label) => label !== "") ? { name, namespace } : undefined;
}
