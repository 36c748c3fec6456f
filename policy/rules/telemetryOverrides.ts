import { kinds } from "../../mesh/kinds";
import { meshProviders } from "../../mesh/names";
import { runsCollector } from "../model/collectors/images";
import { type MeshConfig } from "../model/meshConfig";
import { type KubeObject, namespaceOf } from "../model/objects";
import { type Json, number, texts } from "../model/reading";
import { findProvider, isForWorkloads, providerOf, tracingEntries } from "../model/telemetry";
import { type TracingModel } from "../model/tracingModel";
import { providerToDefine, tracingProviders } from "../model/providerToDefine";
import { isUnmeshed, meshesFor, workloadsOf } from "../model/senderTracing";
import { defineRule, nameOf } from "../rule";
import { snippet } from "../../findings/snippet";

/** A Telemetry closer to the workload wins, and the mesh-wide one shows no sign of it. */
export const telemetryOverrides = defineRule({
  name: "telemetry-overrides",
  description: "No namespace or workload Telemetry turns spans off, unless it is allowed to.",
  level: "error",
  severity: "high",
  tags: ["istio", "telemetry"],
  url: "https://istio.io/latest/docs/reference/config/telemetry/#Tracing",
  remediationSteps: "Remove the override, or allow it for its namespace in the rule's configuration.",
  page: {
    why: `A Telemetry for a namespace or workload overrides the mesh-wide one, which shows no sign of it. It may
      disable span reporting, sample nothing, or name a provider that does not exist.`,
    symptom: `One namespace or service is missing from all traces and from the dependency graph, although every port
      is open.`,
    exceptions: `If something should not be traced, such as a load generator, list it in \`allowed\`, by namespace or
      by namespace/name of the Telemetry.`,
    sources: ["https://istio.io/latest/docs/tasks/observability/telemetry/"],
  },
  limits: {
    allowed: {
      type: "array",
      items: { type: "string" },
      description: "Namespaces, or namespace/name of a Telemetry, that may turn spans off.",
      default: [],
    },
  },
  *find(model, limits) {
    const allowed = new Set([...(model.options.allowTelemetryOverrides ?? []), ...texts(limits["allowed"])]);
    for (const telemetry of model.index.of(kinds.telemetry)) {
      const namespace = namespaceOf(telemetry);
      if (model.telemetry.meshWide.includes(telemetry)) continue;
      if (allowed.has(namespace) || allowed.has(`${namespace}/${telemetry.metadata.name}`)) continue;
      if (isUnmeshed(model, namespace) || isOfCollectors(model, telemetry)) continue;
      for (const [index, entry] of tracingEntries(telemetry).entries()) {
        const found =
          silenced(model, entry, meshesFor(model, telemetry)) ??
          (index === 0 ? instead(model, telemetry) : undefined);
        if (found === undefined) continue;
        const whom = isForWorkloads(telemetry) ? "its workloads" : `namespace ${namespace}`;
        yield {
          object: telemetry,
          says: `turns off the spans of ${whom}: spec.tracing[${index}] ${found.what}; ${found.advice}`,
          fix: found.define ?? snippet(`in spec.tracing[${index}] of ${nameOf(telemetry)}`, found.fix),
        };
      }
    }
  },
});

/** A collector with a sidecar is better off untraced: each delivery of spans would make more of them. */
function isOfCollectors(model: TracingModel, telemetry: KubeObject): boolean {
  const workloads = workloadsOf(model, telemetry);
  return workloads.length > 0 && workloads.every(runsCollector);
}

/** Tracing of the proxies' configuration ends where any Telemetry is about tracing. */
function instead(
  model: TracingModel,
  telemetry: KubeObject,
): { what: string; advice: string; fix: Json; define?: string } | undefined {
  const { legacyAddress } = model.tracing;
  if (legacyAddress === undefined || providerOf(tracingEntries(telemetry)) !== undefined) return undefined;
  return {
    what: `names no provider, and the mesh traces by defaultConfig.tracing alone (${legacyAddress}), in whose place a Telemetry is`,
    advice: "define a provider in extensionProviders and name it",
    fix: {},
    define: [
      snippet(`in the mesh config (${model.mesh.sources.map(nameOf).join(", ")})`, {
        extensionProviders: [providerToDefine(model, meshProviders.tracing, model.mesh)],
      }),
      snippet(`in spec.tracing[0] of ${nameOf(telemetry)}`, { providers: [{ name: meshProviders.tracing }] }),
    ].join("\n"),
  };
}

function silenced(
  model: TracingModel,
  entry: Json,
  meshes: readonly MeshConfig[],
): { what: string; advice: string; fix: Json; define?: string } | undefined {
  const provider = providerOf([entry]);
  const lacking = meshes.find((mesh) => provider !== undefined && findProvider(mesh, provider) === undefined);
  if (!model.isTracing && (lacking === undefined || provider === undefined)) return undefined;
  if (entry["disableSpanReporting"] === true) {
    return {
      what: "has disableSpanReporting: true",
      advice: "set it to false",
      fix: { disableSpanReporting: false },
    };
  }
  const sampling = number(entry["randomSamplingPercentage"]);
  const min = model.options.minSampling ?? 0;
  if (sampling !== undefined && (sampling === 0 || sampling < min)) {
    return {
      what: `traces ${sampling} % of requests${min > 0 ? ", below the minimum" : ""}`,
      advice: min > 0 ? `sample at least ${min} %` : "sample more than 0 %",
      fix: { randomSamplingPercentage: min > 0 ? min : model.tracing.sampling },
    };
  }
  if (provider === undefined || lacking === undefined || lacking.incomplete !== undefined) return undefined;
  // The mesh-wide Telemetry names it, too: that is one mistake, and told of that.
  if (lacking === model.mesh && provider === model.tracing.providerName) return undefined;
  const used = usedIn(model, lacking);
  const sources = lacking.sources.map(nameOf).join(", ");
  return {
    what: `names the provider ${provider}, which the mesh config${lacking === model.mesh ? "" : ` of its revision (${sourceOf(lacking)})`} does not define`,
    advice: used === undefined ? "define it" : `use ${used}`,
    fix: { providers: [{ name: used }] },
    ...(used === undefined
      ? {
          define: snippet(`in the mesh config (${sources})`, {
            extensionProviders: [providerToDefine(model, provider, lacking)],
          }),
        }
      : {}),
  };
}

/** What the mesh traces with, if its revision's mesh config has it. */
function usedIn(model: TracingModel, mesh: MeshConfig): string | undefined {
  const { providerName } = model.tracing;
  return providerName !== undefined && findProvider(mesh, providerName) !== undefined
    ? providerName
    : tracingProviders(mesh)[0]?.name;
}

function sourceOf({ sources }: MeshConfig): string {
  const source = sources.at(-1);
  return source === undefined ? "" : nameOf(source);
}
