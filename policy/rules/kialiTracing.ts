import { kinds } from "../../mesh/kinds";
import { ports } from "../../mesh/ports";
import { servicePort } from "../model/collector";
import { isMissing } from "../model/collectorService";
import { jaegersOf } from "../model/jaeger";
import { type Kiali, kialisOf, type KialiTracing, tracingOf } from "../model/kiali";
import { at, type Json, records, text } from "../model/reading";
import { type TracingModel } from "../model/tracingModel";
import { defineRule, type Problem } from "../rule";
import { snippet } from "../../findings/snippet";

/** Kiali without traces looks as if there were none: it falls back to no tracing and says so in its log alone. */
export const kialiTracing = defineRule({
  name: "kiali-tracing",
  description: "Kiali is told where Jaeger's traces are: a port that exists, and what is spoken on it.",
  level: "warning",
  severity: "medium",
  tags: ["kiali", "jaeger"],
  url: "https://kiali.io/docs/configuration/p8s-jaeger-grafana/tracing/jaeger/",
  remediationSteps:
    "Set external_services.tracing of Kiali's configuration: enabled, internal_url and a use_grpc that fits its port.",
  page: {
    why: `Kiali reads traces only where its configuration says so: switched on, at a Service that exists, on a port
      that it has, with \`use_grpc\` as is spoken there. Otherwise it works without traces, and says why in
      its log alone.`,
    symptom: `Kiali shows no traces of services of which Jaeger has many.`,
    exceptions: `Tracing that is switched off, and a Service that is not among the objects, are warnings: whoever
      runs Kiali may want it so. Without a Jaeger in the input nothing is asked.`,
    sources: [],
  },
  *find(model) {
    // Without a Jaeger in the input nobody knows where Kiali should read.
    if (!model.isTracing || jaegersOf(model).length === 0) return;
    for (const kiali of kialisOf(model)) {
      const tracing = tracingOf(kiali);
      const problem = tracing && judge(model, kiali, tracing);
      if (problem !== undefined) yield problem;
    }
  },
});

function judge(model: TracingModel, kiali: Kiali, tracing: KialiTracing): Problem | undefined {
  const report = (says: string, changes: Json, level?: "warning"): Problem => ({
    object: kiali.object,
    says,
    fix: snippet(`in ${kiali.place}`, { external_services: { tracing: changes } }),
    ...(level === undefined ? {} : { level }),
  });
  if (!tracing.enabled) {
    return report(
      "does not turn Kiali's tracing on, so that Kiali shows no traces; external_services.tracing.enabled: true is required",
      { enabled: true, ...wanted(model) },
      // Nothing is lost, and whoever runs this Kiali may want it so.
      "warning",
    );
  }
  const { service: place, url, useGrpc } = tracing;
  if (place === undefined) return undefined;
  const name = `Service ${place.namespace}/${place.name}`;
  const service = model.index.get(kinds.service, place.namespace, place.name);
  if (service === undefined) {
    const isJaegers = jaegersOf(model).some(({ workload }) => workload.namespace === place.namespace);
    const isKnown = isJaegers && isMissing(model, place, place.port);
    return report(
      `tells Kiali to read traces at ${url}, and ${name} ${isKnown ? "does not exist" : "is not in the input"}; a Service of Jaeger is required`,
      { enabled: true, ...wanted(model) },
      isKnown ? undefined : "warning",
    );
  }
  const entry = servicePort(service, place.port);
  if (entry === undefined) {
    const has = records(at(service["spec"], "ports"))
      .map(({ port }) => String(port))
      .join(", ");
    return report(
      `tells Kiali to read traces at ${url}, and ${name} has no port ${place.port} (it has ${has}); a port of the Service is required`,
      { enabled: true, ...wanted(model) },
    );
  }
  const spoken = spokenOn(entry);
  if (spoken === undefined || (spoken === "grpc") === useGrpc) return undefined;
  return report(
    `has use_grpc: ${useGrpc}, and ${name} speaks ${spoken === "grpc" ? "gRPC" : "HTTP"} on port ${place.port}; ` +
      `use_grpc: ${!useGrpc} is required`,
    { use_grpc: !useGrpc },
  );
}

/** What is spoken on a port that leads to Jaeger: told by the pod's port, else by what the Service says. */
function spokenOn(entry: Json): "grpc" | "http" | undefined {
  const target = entry["targetPort"] ?? entry["port"];
  if (target === ports.queryGrpc) return "grpc";
  if (target === ports.queryHttp) return "http";
  const [, spoken] = /^(grpc|http)(-|$)/.exec(text(entry["appProtocol"]) ?? text(entry["name"]) ?? "") ?? [];
  return spoken as "grpc" | "http" | undefined;
}

/** The address of the first Service of the input that leads to Jaeger's gRPC API. */
function wanted({ index }: TracingModel): Json {
  for (const service of index.of(kinds.service)) {
    const entry = records(at(service["spec"], "ports")).find(
      (port) => spokenOn(port) === "grpc" && isQuery(port),
    );
    const port = entry?.["port"];
    if (typeof port !== "number") continue;
    const { name, namespace = "default" } = service.metadata;
    return { internal_url: `http://${name}.${namespace}:${port}`, use_grpc: true };
  }
  return {};
}

function isQuery(entry: Json): boolean {
  return (entry["targetPort"] ?? entry["port"]) === ports.queryGrpc;
}
