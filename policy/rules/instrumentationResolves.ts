import { kinds } from "../../mesh/kinds";
import { instrumentationPrefix } from "../../mesh/instrumentation";
import { type Injected, injectedEntries, type Refusal } from "../model/instrumentation";
import { at, isRecord, type Json, records, text, textMap } from "../model/reading";
import { type TracingModel } from "../model/tracingModel";
import { containersOf, type Workload } from "../model/workloads";
import { defineRule, type Problem } from "../rule";
import { snippet } from "../../findings/snippet";
import { enumerate } from "../../findings/words";

/**
 * The operator never rejects a pod: if it cannot inject an SDK, the pod starts without one, and only the
 * operator's log says why.
 */
export const instrumentationResolves = defineRule({
  name: "instrumentation-resolves",
  description: "A pod that requests an SDK from the OpenTelemetry Operator gets one.",
  level: "error",
  severity: "high",
  tags: ["opentelemetry", "operator"],
  url: "https://github.com/open-telemetry/opentelemetry-operator#opentelemetry-auto-instrumentation-injection",
  remediationSteps:
    "Make the annotation name an existing Instrumentation and containers that the pod has, and use plain values for the variables that the operator extends.",
  page: {
    why: `The OpenTelemetry Operator never rejects a pod. If it finds no Instrumentation, or several, or a
      container or variable that it cannot handle, it leaves the pod unchanged and only logs the reason. The
      pod starts, works, and sends no spans.`,
    symptom: `The annotation is there, but the application has no spans of its own. Its pod has no init container
      from the operator; the operator's log has the reason.`,
    exceptions: `If there is no Instrumentation at all in the input, a missing one is a warning, because a platform may
      keep them elsewhere. Add them to the input, or check the cluster with \`--live\`.`,
    sources: ["https://opentelemetry.io/docs/platforms/kubernetes/operator/automatic/"],
  },
  *find(model) {
    if (!model.isTracing) return;
    for (const { workload } of model.traced) {
      const { injected, refusals } = model.instrumentationOf(workload);
      for (const refusal of refusals) yield { object: workload.object, ...refused(model, refusal) };
      for (const one of injected) yield* flawsOf(workload, one);
      if (injected.length + refusals.length === 0) yield* misplaced(workload);
    }
  },
});

/** The operator reads annotations of pods and of their namespace, and none of what makes pods. */
function* misplaced({ object, annotations }: Workload): Iterable<Problem> {
  const wishes = Object.entries(textMap(object.metadata["annotations"])).filter(
    ([name, value]) =>
      name.startsWith(`${instrumentationPrefix}inject-`) && value !== "false" && !(name in annotations),
  );
  const [first] = wishes;
  if (first === undefined) return;
  yield {
    object,
    says: `has ${first[0]} in its own metadata, where the operator does not look: its pods start without an SDK`,
    fix: snippet("in the metadata of its pods (spec.template.metadata)", {
      annotations: Object.fromEntries(wishes),
    }),
    level: "warning",
  };
}

const consequence = "so its pods start without an SDK";

function refused(model: TracingModel, { annotation, value, reason }: Refusal): Omit<Problem, "object"> {
  const has = `has ${annotation}: "${value}"`;
  const fix = (right: string): string =>
    snippet("in metadata.annotations of the pods", { [annotation]: right });
  // An input without any Instrumentation is that of a team whose platform keeps them elsewhere.
  const isKnown = model.index.of(kinds.instrumentation).length > 0;
  const unless = isKnown ? {} : { level: "warning" as const };
  const elsewhere = isKnown ? "" : ", unless it is not in the input";
  switch (reason.kind) {
    case "none":
      return {
        says: `${has}, and namespace ${reason.namespace} has no Instrumentation, ${consequence}; add one${elsewhere}`,
        fix: "",
        ...unless,
      };
    case "several": {
      const names = [...reason.names].sort();
      return {
        says:
          `${has}, and namespace ${reason.namespace} has ${names.length} Instrumentations (${enumerate(names)}), ` +
          `and the operator picks none of them, ${consequence}; name one`,
        fix: fix(names[0] ?? ""),
      };
    }
    case "missing":
      return {
        says: `${has}, and there is no Instrumentation ${reason.namespace}/${reason.name}, ${consequence}; name an existing one${elsewhere}`,
        fix: "",
        ...unless,
      };
    case "characters":
      return {
        says: `${has}, which the operator rejects, ${consequence}; separate names with commas only`,
        fix: fix(value.split(/[^a-zA-Z0-9-]+/).join(",")),
      };
    case "twice":
      return {
        says: `names container ${reason.container} twice for one language, ${consequence}; name it once`,
        fix: "",
      };
    case "containers":
      return {
        says: `asks for ${enumerate(reason.languages)} without saying which container is for which, ${consequence}; add an annotation with container names for each`,
        fix: snippet(
          "in metadata.annotations of the pods",
          Object.fromEntries(
            reason.languages.map((language) => [
              `${instrumentationPrefix}${language}-container-names`,
              "name-of-a-container",
            ]),
          ),
        ),
      };
  }
}

/** Variables that carry the SDK into the process: the operator gives up where it cannot add to them. */
const carriers: Readonly<Record<string, readonly string[]>> = {
  java: ["JAVA_TOOL_OPTIONS"],
  nodejs: ["NODE_OPTIONS"],
  python: ["PYTHONPATH"],
  dotnet: ["DOTNET_STARTUP_HOOKS", "DOTNET_ADDITIONAL_DEPS", "DOTNET_SHARED_STORE"],
};

/** What keeps an SDK out of containers although its Instrumentation was found. */
function* flawsOf(workload: Workload, one: Injected): Iterable<Problem> {
  const { object, pod, hypothetical } = workload;
  const containers = [...containersOf(workload), ...records(pod["initContainers"])];
  const names = containers.flatMap(({ name }) => text(name) ?? []);
  const lost = one.containers.filter((name) => !names.includes(name));
  // Of a patch, the containers are not all known.
  if (hypothetical === undefined && lost.length > 0) {
    yield {
      object,
      says:
        `asks for ${one.language} in container ${enumerate(lost)}, which its pods do not have, ` +
        `so it gets no SDK; use one of ${enumerate(names)}`,
      fix: "",
    };
  }
  if (one.language === "go") yield* goFlaws(workload, one);
  for (const container of containers.filter(({ name }) => one.containers.includes(text(name) ?? ""))) {
    const name = text(container["name"]) ?? "";
    const isReference = (variable: string): boolean =>
      records(container["env"]).some((entry) => entry["name"] === variable && isRecord(entry["valueFrom"]));
    // Go's SDK has variables of its own.
    if (one.language !== "go" && isReference("OTEL_RESOURCE_ATTRIBUTES")) {
      yield {
        object,
        says: `container ${name} takes OTEL_RESOURCE_ATTRIBUTES from a reference, to which the operator adds a value, so Kubernetes rejects the pod; a variable cannot have both`,
        fix: snippet("instead, in metadata.annotations of the pods", {
          "resource.opentelemetry.io/name-of-attribute": "value",
        }),
      };
    }
    const carrier = carriers[one.language]?.find(isReference);
    if (carrier !== undefined) {
      yield {
        object,
        says:
          `container ${name} takes ${carrier} from a reference, to which the operator cannot add the SDK for ` +
          `${one.language}, so it gets none; use a plain value`,
        fix: "",
      };
    }
  }
}

function* goFlaws({ object, pod, annotations }: Workload, one: Injected): Iterable<Problem> {
  const target = `${instrumentationPrefix}otel-go-auto-target-exe`;
  const isSet = (entry: Json): boolean => entry["name"] === "OTEL_GO_AUTO_TARGET_EXE";
  if (annotations[target] === undefined && !injectedEntries(one, new Set()).some(isSet)) {
    yield {
      object,
      says: `asks for go without naming the executable, ${consequence}; set its path`,
      fix: snippet("in metadata.annotations of the pods", { [target]: "/path/of/the/program" }),
    };
  }
  if (at(pod, "shareProcessNamespace") === false) {
    yield {
      object,
      says: `asks for go but isolates its containers' processes, ${consequence}; set shareProcessNamespace: true`,
      fix: snippet("in spec of the pods", { shareProcessNamespace: true }),
    };
  }
}
