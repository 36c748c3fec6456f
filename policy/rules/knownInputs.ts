import { sdkVariables } from "../../mesh/sdkSettings";
import { settingOf } from "../model/environment";
import { type Kind, kindOf, kinds } from "../../mesh/kinds";
import { workloadsBehind } from "../model/collectorService";
import { mountedMaps } from "../model/collectors/configFiles";
import { isCollector, unreadCollector } from "../model/collectors/images";
import { programsOf } from "../model/collectors/programs";
import { type KubeObject } from "../model/objects";
import { type TracingModel } from "../model/tracingModel";
import { containersOf } from "../model/workloads";
import { destinationsOf } from "../paths/destinations";
import { defineRule, type Problem } from "../rule";
import { enumerate } from "../../findings/words";
import { sdkContainers } from "../sdkProblems";

/** Kinds whose values decide whether traces arrive; of others nothing is asked. */
const deciding: readonly Kind[] = [
  kinds.networkPolicy,
  kinds.service,
  kinds.namespace,
  kinds.telemetry,
  kinds.serviceEntry,
  kinds.sidecar,
  kinds.instrumentation,
];

/** Variables that rules judge: of every SDK, and of one whose traces the mesh has its part in. */
const endpoints = [sdkVariables.endpoint, sdkVariables.tracesEndpoint];
const inMesh = [...endpoints, sdkVariables.propagators, sdkVariables.sampler];

/**
 * CrossGuard downgrades a mandatory policy to advisory when it meets an unknown value, so unknown values are not
 * guarded.
 */
export const knownInputs = defineRule({
  name: "known-inputs",
  description: "Every value that affects tracing is known before it is deployed.",
  level: "error",
  severity: "medium",
  tags: ["preview", "inputs"],
  url: "https://www.pulumi.com/docs/insights/policy/",
  remediationSteps:
    "Write the value literally, or add the object that holds it to the input, so that it is known when the rules run.",
  page: {
    why: `During a preview some values are not known yet, such as outputs of resources that do not exist yet. A
      policy pack cannot judge them, and CrossGuard downgrades a mandatory policy that touches one to
      advisory. Values that affect tracing therefore have to be literal, or a broken path passes the preview
      that should have stopped it.`,
    symptom: `A preview passes, and the \`up\` that follows is stopped, or goes through as well.`,
    exceptions: `A variable that an application takes from a Secret, or from a ConfigMap that is not in the
      input, is only a warning: add the object to the input, or accept that it is not checked. A collector's own
      configuration that is not in the input is a notice; so are an exporter whose endpoint is a variable of it, and
      programs with configurations in languages of their own (Grafana Alloy, Fluent Bit, Vector).`,
    sources: [],
  },
  *find(model) {
    const byObject = new Map<KubeObject, string[]>();
    for (const { object, path } of model.unknowns) {
      if (!isTracingInput(object, path)) continue;
      byObject.set(object, [...(byObject.get(object) ?? []), path]);
    }
    for (const [object, paths] of byObject) {
      yield {
        object,
        says: `has values that are not known yet (${enumerate(paths)}), so they cannot be checked; use literal values`,
        fix: "",
      };
    }
    const seen = new Set<string>();
    for (const { traced, environment } of sdkContainers(model, model.senders)) {
      const isInMesh = model.isTracing && traced.membership !== "none";
      for (const name of isInMesh ? inMesh : endpoints) {
        const { unknown, source } = settingOf(environment, name);
        if (unknown === undefined || source === undefined) continue;
        // An endpoint for traces alone, of which nothing is known but that it may be there, beside one that is.
        const isGuess = name === sdkVariables.tracesEndpoint && !environment.variables.has(name);
        if (isGuess && settingOf(environment, sdkVariables.endpoint).value !== undefined) continue;
        // One finding for one thing that is missing.
        const key = `${traced.workload.namespace} ${unknown}`;
        if (seen.has(key)) continue;
        seen.add(key);
        yield {
          object: traced.workload.object,
          says: `container ${environment.container} takes ${name} from a source that cannot be read (${unknown}), so it is not checked; ${unknown.startsWith("it is in Secret") ? "Secrets are not read: where it is no secret, a ConfigMap is the place" : "add the source to the input"}`,
          fix: "",
          // The input may be all there is to give: a Secret, a ConfigMap of another team.
          level: "warning",
        };
      }
    }
    yield* withoutConfiguration(model);
    for (const { object, unreadExporters } of programsOf(model)) {
      if (unreadExporters.length === 0) continue;
      const places = unreadExporters.map(({ name, endpoint }) => `exporters.${name} to ${endpoint}`);
      yield {
        object,
        says: `forwards spans by ${enumerate(places)}, a variable whose value is not in the input, so that way is not checked; set it in env of the container, or in a ConfigMap`,
        fix: "",
        level: "info",
      };
    }
  },
});

/** Collectors that spans come to, and nobody knows what they do with them. */
function* withoutConfiguration(model: TracingModel): Iterable<Problem> {
  const known = new Set(programsOf(model).map(({ workload }) => workload));
  const receivers = new Set(destinationsOf(model).flatMap(({ service }) => workloadsBehind(model, service)));
  for (const workload of receivers) {
    if (known.has(workload)) continue;
    const { pod, namespace, object } = workload;
    const missing = containersOf(workload)
      .filter(isCollector)
      .flatMap((container) => mountedMaps(pod, container))
      .filter((name) => model.index.get(kinds.configMap, namespace, name) === undefined);
    const others = containersOf(workload).flatMap(
      ({ image }) => unreadCollector.exec(String(image))?.[1] ?? [],
    );
    if (missing.length === 0 && others.length === 0) continue;
    const notChecked = "so what it takes and where it sends that is not checked";
    yield {
      object,
      says:
        missing.length > 0
          ? `reads its configuration from ConfigMap ${enumerate(missing.map((name) => `${namespace}/${name}`))}, which is not in the input, ${notChecked}; add the object to the input`
          : `takes spans and runs ${enumerate(others)}, whose configuration is not read here, ${notChecked}`,
      fix: "",
      level: "info",
    };
  }
}

function isTracingInput(object: KubeObject, path: string): boolean {
  if (typeof object.kind !== "string" || typeof object.apiVersion !== "string") return false;
  if (/^(status|metadata\.(annotations|uid|resourceVersion))/.test(path)) return false;
  const kind = kindOf(object.apiVersion, object.kind);
  if (kind !== undefined && deciding.includes(kind))
    return path.startsWith("spec") || path.startsWith("metadata.");
  if (kind === kinds.configMap) return /^data(\.OTEL_|\.mesh$|$)/.test(path);
  return false;
}
