import { mergeDeep } from "../../mesh/plainObjects";
import { kinds, typeMeta } from "../../mesh/kinds";
import { meshProviders, objectNames } from "../../mesh/names";
import { hasFeature } from "../../mesh/istioVersions";
import { providerType, tracingProviderTypes } from "../model/collector";
import { hasIstio } from "../model/istioPresence";
import { type TracingModel } from "../model/tracingModel";
import { at, type Json, number } from "../model/reading";
import { providerOf, tracingEntries } from "../model/telemetry";
import { defineRule, nameOf, type Problem } from "../rule";
import { snippet } from "../../findings/snippet";
import { enumerate } from "../../findings/words";

/** Without a mesh-wide Telemetry nothing is traced; with two, Istio silently ignores one entirely. */
export const telemetryMeshWide = defineRule({
  name: "telemetry-mesh-wide",
  description: "Exactly one mesh-wide Telemetry, or a default provider, turns tracing on.",
  level: "error",
  severity: "critical",
  tags: ["istio", "telemetry"],
  url: "https://istio.io/latest/docs/reference/config/telemetry/",
  remediationSteps:
    "Keep one Telemetry without selector in Istio's root namespace, and put both tracing and access logging into it.",
  page: {
    why: `Unless a Telemetry names a tracing provider, or the mesh config has a default one, no proxy traces
      anything. If there are two mesh-wide Telemetries (in Istio's root namespace, without selector), istiod
      uses the oldest and ignores the other entirely, so the sampling of one and the access log of the other
      never apply together.`,
    symptom: `No spans at all, or a sampling rate or access log that has no effect although its Telemetry is valid.
      \`istioctl analyze\` reports IST0160.`,
    exceptions: `There is no exception for two of them. A mesh that nothing asks to trace, or that sets
      \`disableSpanReporting\`, is not traced on purpose: that is reported at level info. Application manifests
      alone say nothing about the mesh, so that is only a warning; it goes away with \`--collector\` or with
      Istio's own objects in the input. Without Istio in the input there is no finding.`,
    sources: [
      "https://istio.io/latest/docs/reference/config/analysis/ist0160/",
      "https://istio.io/latest/docs/tasks/observability/telemetry/",
    ],
  },
  *find(model) {
    const { meshWide } = model.telemetry;
    if (meshWide.length > 1) yield several(model);
    else if (!model.isTracing) yield* none(model);
    else yield* disabled(model);
  },
});

function* disabled({ telemetry }: TracingModel): Iterable<Problem> {
  const [object] = telemetry.meshWide;
  if (object === undefined) return;
  const disabling = tracingEntries(object).findIndex((entry) => entry["disableSpanReporting"] === true);
  if (disabling === -1) return;
  yield {
    object,
    says: `turns off the spans of the whole mesh: spec.tracing[${disabling}].disableSpanReporting is true`,
    fix: snippet(`in spec.tracing[${disabling}] of ${nameOf(object)}`, { disableSpanReporting: false }),
    // Nobody writes that by accident.
    level: "info",
  };
}

function several({ telemetry: { meshWide, ordered }, mesh }: TracingModel): Problem {
  const [first, ...others] = meshWide;
  // What all of them say together; of two that say the same thing, the one Istio would use wins.
  const specs = [...meshWide].reverse().map(({ spec }) => spec);
  const spec = specs.reduce<Json>(mergeDeep, {});
  const entries = [...meshWide].reverse().flatMap(tracingEntries);
  const merged = entries.length > 1 ? { ...spec, tracing: [entries.reduce<Json>(mergeDeep, {})] } : spec;
  return {
    object: (ordered ? others[0] : first) ?? {},
    says:
      `is one of ${meshWide.length} mesh-wide Telemetries in ${mesh.rootNamespace} ` +
      `(${enumerate(meshWide.map(({ metadata: { name } }) => name))}); Istio uses the oldest` +
      `${ordered && first !== undefined ? `, ${first.metadata.name},` : ""} and ignores the others entirely; keep one`,
    fix: snippet(
      `keep one Telemetry: delete ${enumerate(others.map(nameOf))}, and change ${first?.metadata.name} to`,
      { spec: merged },
    ),
  };
}

function* none(model: TracingModel): Iterable<Problem> {
  if (!hasIstio(model)) return;
  const { mesh, tracing, traced, index } = model;
  const telemetry = {
    ...typeMeta(kinds.telemetry),
    metadata: { name: objectNames.telemetry, namespace: mesh.rootNamespace },
    spec: { tracing: [{ providers: [{ name: meshProviders.tracing }], randomSamplingPercentage: 100 }] },
  };
  const object = tracing.from ?? telemetry;
  if (tracing.state === "unknown") {
    yield {
      object,
      says: `names no tracing provider, and it is unknown whether the mesh has a default one: ${tracing.reason}`,
      fix: snippet(`add to ${nameOf(object)}`, { spec: telemetry.spec }),
      level: "warning",
    };
    return;
  }
  const others = index.of(kinds.telemetry).filter((other) => providerOf(tracingEntries(other)) !== undefined);
  // A namespace's Telemetry traces without a mesh-wide one; whether its provider exists is another rule's.
  if (others.length > 0) return;
  const isIstioHere = mesh.sources.length > 0 || index.of(kinds.telemetry).length > 0;
  // Manifests of applications alone say nothing about the mesh: that is no fault of theirs.
  if (!isIstioHere || (mesh.incomplete !== undefined && tracing.from === undefined)) {
    yield {
      object,
      says:
        `is not in the input, and nothing else says where ${traced.length > 0 ? "the mesh sends" : "to send"} its spans: ` +
        "give the mesh config and the Telemetry too, or name the collector (--collector)",
      fix: snippet("add", telemetry),
      level: "warning",
    };
    return;
  }
  const wish = wishOf(model);
  const how = `${tracing.from === undefined ? "there is no mesh-wide Telemetry, and " : ""}${tracing.reason}`;
  if (wish === undefined) {
    yield {
      object,
      says: `does not turn on tracing: ${how}; to trace the mesh, add one mesh-wide Telemetry with a provider`,
      fix: snippet("add", telemetry),
      level: "info",
    };
    return;
  }
  yield {
    object,
    says: `does not turn on tracing, although ${wish.what}: ${how}; add one mesh-wide Telemetry with a tracing provider`,
    fix: snippet("add", telemetry),
    ...(wish.isCertain ? {} : { level: "warning" as const }),
  };
}

/** What says that the mesh is meant to be traced; undefined where nothing does, and tracing is off on purpose. */
function wishOf(model: TracingModel): { what: string; isCertain: boolean } | undefined {
  const { istioVersion, mesh, telemetry } = model;
  const [entry] = telemetry.meshWide.flatMap(tracingEntries);
  if (entry !== undefined) return { what: "a mesh-wide Telemetry sets how to trace", isCertain: true };
  const provider = mesh.providers.find(
    ({ source, entry: own }) =>
      source !== undefined && (tracingProviderTypes as readonly unknown[]).includes(providerType(own)),
  );
  if (provider !== undefined) {
    return { what: `the mesh config defines the provider ${provider.name}`, isCertain: true };
  }
  if (mesh.values["enableTracing"] === false) return undefined;
  const sampling = number(at(mesh.values, "defaultConfig", "tracing", "sampling"));
  if (sampling === undefined && mesh.values["enableTracing"] !== true) return undefined;
  return {
    what:
      sampling === undefined
        ? "the mesh config has enableTracing"
        : `the mesh config samples ${sampling} % of requests`,
    // Up to some version istiod has a default address for spans.
    isCertain: istioVersion !== undefined && hasFeature(istioVersion, "noDefaultTracer"),
  };
}
