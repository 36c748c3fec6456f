import { kinds } from "../../mesh/kinds";
import { ports } from "../../mesh/ports";
import { servicePort } from "../model/collector";
import { isMissing } from "../model/collectorFlaws";
import { jaegersOf } from "../model/jaeger";
import { type Kiali, kialisOf, type KialiTracing, tracingOf } from "../model/kiali";
import { at, type Json, records, text } from "../model/reading";
import { type TracingModel } from "../model/tracingModel";
import { defineRule, type Problem } from "../rule";
import { snippet } from "../../findings/snippet";

/** Misconfigured, Kiali falls back to no tracing and only says so in its log. */
export const kialiTracing = defineRule({
  name: "kiali-tracing",
  description: "Kiali's tracing settings name an existing Jaeger port and the protocol it speaks.",
  level: "warning",
  severity: "medium",
  tags: ["kiali", "jaeger"],
  url: "https://kiali.io/docs/configuration/p8s-jaeger-grafana/tracing/jaeger/",
  remediationSteps:
    "In external_services.tracing of Kiali's configuration, set enabled, internal_url, and a use_grpc that matches the port.",
  page: {
    why: `Kiali reads traces only if tracing is enabled, the configured Service and port exist, and \`use_grpc\`
      matches the protocol of that port. Otherwise it runs without traces and only says why in its log.`,
    symptom: "Kiali shows no traces for services that have plenty in Jaeger.",
    exceptions: `Disabled tracing, or a Service that is not in the input, is only a warning, since it may be intended.
      Without a Jaeger in the input the rule does not apply.`,
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
  const report = (says: string, changes: Json): Problem => ({
    object: kiali.object,
    says,
    fix: snippet(`in ${kiali.place}`, { external_services: { tracing: changes } }),
  });
  if (!tracing.enabled) {
    return report(
      "does not enable Kiali's tracing, so Kiali shows no traces; set external_services.tracing.enabled: true",
      { enabled: true, ...wanted(model) },
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
      `points Kiali at ${url}, but ${name} ${isKnown ? "does not exist" : "is not in the input"}; use a Service of Jaeger`,
      { enabled: true, ...wanted(model) },
    );
  }
  const entry = servicePort(service, place.port);
  if (entry === undefined) {
    const has = records(at(service["spec"], "ports"))
      .map(({ port }) => String(port))
      .join(", ");
    return report(
      `points Kiali at ${url}, but ${name} has no port ${place.port} (it has ${has}); use one of its ports`,
      { enabled: true, ...wanted(model) },
    );
  }
  const spoken = spokenOn(entry);
  if (spoken === undefined || (spoken === "grpc") === useGrpc) return undefined;
  return report(
    `has use_grpc: ${useGrpc}, but ${name} speaks ${spoken === "grpc" ? "gRPC" : "HTTP"} on port ${place.port}; set use_grpc: ${!useGrpc}`,
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
