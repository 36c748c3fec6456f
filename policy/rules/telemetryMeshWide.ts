import { mergeDeep } from "../../mesh/plainObjects";
import { groupBy } from "../../mesh/maps";
import { kinds, typeMeta } from "../../mesh/kinds";
import { meshLabels } from "../../mesh/labels";
import { meshProviders, objectNames } from "../../mesh/names";
import { providerType, tracingProviderTypes } from "../model/collector";
import { hasIstio } from "../model/istioPresence";
import { type TracingModel } from "../model/tracingModel";
import { at, type Json, text, texts } from "../model/reading";
import { slipsOf } from "../model/fieldSlips";
import { type KubeObject, namespaceOf } from "../model/objects";
import { findProvider, namespaceWide, providerOf, tracingEntries } from "../model/telemetry";
import { isUnmeshed } from "../model/senderTracing";
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
    exceptions: `There is no exception for two of them. Application manifests alone say nothing about the mesh, so that
      is only a warning; it goes away with \`--collector\` or with Istio's own objects in the input.`,
    sources: [
      "https://istio.io/latest/docs/reference/config/analysis/ist0160/",
      "https://istio.io/latest/docs/tasks/observability/telemetry/",
    ],
  },
  *find(model) {
    const { meshWide } = model.telemetry;
    yield* severalInNamespaces(model);
    if (meshWide.length > 1) yield several(model);
    else if (!model.isTracing) {
      // Platforms without Istio need none; of a field that is misspelt its own rule speaks.
      const isTold = isToldOfNamespaces(model) || meshWide.some((one) => slipsOf(one).length > 0);
      const [off] = (model.options.minSampling ?? 0) > 0 ? [] : disabled(model);
      if (hasIstio(model) && !isTold) yield off ?? (isWanted(model) ? none(model) : switchedOff(model));
    } else {
      yield* disabled(model);
      yield* oneDirection(model);
    }
  },
});

/** A provider for one direction of requests leaves the other without, and gateways only have the one. */
function* oneDirection({ telemetry, mesh }: TracingModel): Iterable<Problem> {
  const [object] = telemetry.meshWide;
  if (object === undefined || texts(at(mesh.values, "defaultProviders", "tracing")).length > 0) return;
  const naming = tracingEntries(object).filter((entry) => providerOf([entry]) !== undefined);
  const modes = new Set(naming.map((entry) => text(at(entry, "match", "mode")) ?? "CLIENT_AND_SERVER"));
  const [mode] = modes;
  if (modes.size !== 1 || (mode !== "SERVER" && mode !== "CLIENT")) return;
  const position = tracingEntries(object).findIndex((entry) => entry === naming[0]);
  yield {
    object,
    says:
      `traces only ${mode === "SERVER" ? "what arrives at sidecars" : "what proxies send"} (spec.tracing[${position}].match.mode: ${mode}): ` +
      (mode === "SERVER"
        ? "gateways send no spans, and those of outgoing requests are missing"
        : "spans of requests that arrive at sidecars are missing"),
    fix: snippet(`in spec.tracing[${position}] of ${nameOf(object)}`, {
      match: { mode: "CLIENT_AND_SERVER" },
    }),
    level: "warning",
  };
}

/** Whether anything asks for tracing: a demand of the caller, a Telemetry about it, a provider for it. */
function isWanted(model: TracingModel): boolean {
  const { options, mesh } = model;
  return (
    mesh.incomplete !== undefined || (options.minSampling ?? 0) > 0 || askingForTracing(model).length > 0
  );
}

/** Telemetries about tracing that are for any proxy. */
function askingForTracing(model: TracingModel): KubeObject[] {
  const { index, mesh } = model;
  return index
    .of(kinds.telemetry)
    .filter(
      (one) =>
        tracingEntries(one).length > 0 &&
        (namespaceOf(one) === mesh.rootNamespace || !isUnmeshed(model, namespaceOf(one))),
    );
}

/** Whether only namespaces ask for tracing, and what they name is not defined: telemetry-overrides tells that. */
function isToldOfNamespaces(model: TracingModel): boolean {
  const { options, mesh, telemetry } = model;
  if (mesh.incomplete !== undefined) return false;
  if ((options.minSampling ?? 0) > 0 || telemetry.meshWide.some((one) => tracingEntries(one).length > 0)) {
    return false;
  }
  const named = askingForTracing(model).flatMap((one) => providerOf(tracingEntries(one)) ?? []);
  return named.length > 0 && named.every((name) => findProvider(mesh, name) === undefined);
}

function switchedOff({ mesh, index }: TracingModel): Problem {
  const object = mesh.sources.at(-1) ?? {};
  // All others are for proxies, or tracing would be wanted.
  const astray = namespaceWide(index.of(kinds.telemetry)).find(
    (one) => findProvider(mesh, providerOf(tracingEntries(one)) ?? "") !== undefined,
  );
  if (astray !== undefined) {
    return {
      object: astray,
      says:
        `is for namespace ${namespaceOf(astray)} alone, which has no proxies: proxies of the mesh send no spans; ` +
        `move it to ${mesh.rootNamespace}, Istio's root namespace`,
      fix: snippet("in its place", {
        ...typeMeta(kinds.telemetry),
        metadata: { name: astray.metadata.name, namespace: mesh.rootNamespace },
        spec: astray.spec,
      }),
      level: "warning",
    };
  }
  const unused = mesh.providers.find(
    ({ entry, source }) =>
      source !== undefined && (tracingProviderTypes as readonly unknown[]).includes(providerType(entry)),
  );
  if (unused !== undefined) {
    return {
      object,
      says: `defines the tracing provider ${unused.name}, and no Telemetry names it: proxies of this mesh send no spans`,
      fix: snippet("add", meshWideTelemetry(mesh.rootNamespace, unused.name)),
      level: "warning",
    };
  }
  return {
    object,
    says: "has no tracing provider, and no Telemetry of a namespace with proxies asks for one: proxies of this mesh send no spans",
    fix: "",
    level: "info",
  };
}

function* disabled({ telemetry, options }: TracingModel): Iterable<Problem> {
  const [object] = telemetry.meshWide;
  if (object === undefined) return;
  const disabling = tracingEntries(object).findIndex((entry) => entry["disableSpanReporting"] === true);
  if (disabling === -1) return;
  yield {
    object,
    says: `turns off the spans of the whole mesh: spec.tracing[${disabling}].disableSpanReporting is true; set it to false`,
    fix: snippet(`in spec.tracing[${disabling}] of ${nameOf(object)}`, { disableSpanReporting: false }),
    // Somebody wrote it on purpose, unless tracing is demanded.
    ...((options.minSampling ?? 0) > 0 ? {} : { level: "info" as const }),
  };
}

/** In any other namespace, too, the oldest one without selector is all that counts. */
function* severalInNamespaces({ index, mesh }: TracingModel): Iterable<Problem> {
  const all = namespaceWide(index.of(kinds.telemetry));
  for (const [namespace, telemetries] of groupBy(all, namespaceOf)) {
    if (namespace === mesh.rootNamespace) continue;
    const [first, ...others] = telemetries;
    // What else they are about is none of our business.
    if (others.length === 0 || telemetries.every((one) => tracingEntries(one).length === 0)) continue;
    const names = enumerate(telemetries.map(({ metadata: { name } }) => name));
    yield {
      object: first,
      says:
        `is one of ${telemetries.length} Telemetries of namespace ${namespace} without a selector (${names}); Istio uses the ` +
        "oldest and ignores the others entirely; keep one",
      fix: snippet(
        `keep one Telemetry: delete ${enumerate(others.map(nameOf))}, and change ${first.metadata.name} to`,
        {
          spec: mergedSpec(telemetries),
        },
      ),
    };
  }
}

/** What all of them say together; of two that say the same thing, the one Istio would use wins. */
function mergedSpec(telemetries: readonly KubeObject[]): Json {
  const youngestFirst = [...telemetries].reverse();
  const spec = youngestFirst.map(({ spec }) => spec).reduce<Json>((all, one) => mergeDeep(all, one), {});
  const entries = youngestFirst.flatMap(tracingEntries);
  return entries.length > 0
    ? { ...spec, tracing: [entries.reduce<Json>((all, one) => mergeDeep(all, one), {})] }
    : spec;
}

function several({ telemetry: { meshWide, ordered }, mesh }: TracingModel): Problem {
  const [first, ...others] = meshWide;
  return {
    object: (ordered ? others[0] : first) ?? {},
    says:
      `is one of ${meshWide.length} mesh-wide Telemetries in ${mesh.rootNamespace} ` +
      `(${enumerate(meshWide.map(({ metadata: { name } }) => name))}); Istio uses the oldest` +
      `${ordered && first !== undefined ? `, ${first.metadata.name},` : ""} and ignores the others entirely; keep one`,
    fix: snippet(
      `keep one Telemetry: delete ${enumerate(others.map(nameOf))}, and change ${first?.metadata.name} to`,
      { spec: mergedSpec(meshWide) },
    ),
  };
}

function none(model: TracingModel): Problem {
  const { mesh, tracing, traced } = model;
  const telemetry = meshWideTelemetry(mesh.rootNamespace, meshProviders.tracing);
  const object = tracing.from ?? telemetry;
  if (tracing.state === "unknown") {
    return {
      object,
      says: `names no tracing provider, and it is unknown whether the mesh has a default one: ${tracing.reason}`,
      fix: snippet(`add to ${nameOf(object)}`, { spec: telemetry.spec }),
      level: "warning",
    };
  }
  // Manifests of applications alone say nothing about the mesh: that is no fault of theirs.
  const complete = mesh.incomplete === undefined;
  const asking = complete ? undefined : askingElsewhere(model);
  if (asking !== undefined) return asking;
  return {
    object,
    says: complete
      ? `does not turn on tracing: ${tracing.from === undefined ? "there is no mesh-wide Telemetry, and " : ""}` +
        `${tracing.reason}; add one mesh-wide Telemetry with a tracing provider`
      : `is not in the input, and nothing else says where ${traced.length > 0 ? "the mesh sends its" : "proxies send their"} spans: ` +
        "add the mesh config and the Telemetry to the input, or name the collector (--collector)",
    fix: snippet("add", telemetry),
    ...(complete ? {} : { level: "warning" as const }),
  };
}

/** A Telemetry that names a provider for pods that are not known to have proxies: it says more than that nothing does. */
function askingElsewhere(model: TracingModel): Problem | undefined {
  const object = model.index
    .of(kinds.telemetry)
    .find((telemetry) => providerOf(tracingEntries(telemetry)) !== undefined);
  if (object === undefined) return undefined;
  const namespace = namespaceOf(object);
  const names = `names the tracing provider ${providerOf(tracingEntries(object)) ?? ""}`;
  if (!isUnmeshed(model, namespace)) {
    return {
      object,
      says: `${names}, and the input does not say where that sends spans; add the mesh config, or name the collector (--collector)`,
      fix: "",
      level: "warning",
    };
  }
  return {
    object,
    says: `${names} for namespace ${namespace}, whose Namespace asks for no proxies: unless somebody labels it by hand, nothing there is traced`,
    fix: snippet(`in metadata of Namespace ${namespace}`, { labels: { [meshLabels.injection]: "enabled" } }),
    level: "warning",
  };
}

function meshWideTelemetry(namespace: string, provider: string) {
  return {
    ...typeMeta(kinds.telemetry),
    metadata: { name: objectNames.telemetry, namespace },
    spec: { tracing: [{ providers: [{ name: provider }], randomSamplingPercentage: 100 }] },
  };
}
