import { sharedMeshConfigEnv } from "../../mesh/meshConfig";
import { nameOf, type Problem, defineRule } from "../rule";
import { providerType, tracingProviderTypes } from "../model/collector";
import { type KubeObject } from "../model/objects";
import { type MeshConfig, type MeshProvider } from "../model/meshConfig";
import { providerToDefine, tracingProviders } from "../model/providerToDefine";
import { tracingsOf } from "../model/senderTracing";
import { type Traced } from "../model/traced";
import { type TracingModel } from "../model/tracingModel";
import { describeSenders } from "../paths/senders";
import { getOrMake } from "../../mesh/maps";
import { snippet } from "../../findings/snippet";
import { enumerate } from "../../findings/words";

/** A Telemetry that names an unknown provider is valid, and traces nothing. */
export const telemetryProvider = defineRule({
  name: "telemetry-provider",
  description: "The tracing provider in use is defined in the mesh config and supports tracing.",
  level: "error",
  severity: "critical",
  tags: ["istio", "telemetry", "mesh-config"],
  url: "https://istio.io/latest/docs/tasks/observability/distributed-tracing/telemetry-api/",
  remediationSteps:
    "Define the provider under extensionProviders in the mesh config, or name one that is defined there.",
  page: {
    why: `A Telemetry may name any provider. istiod accepts a name that the mesh config does not define, or the
      name of an access log provider, and traces nothing. A ConfigMap with mesh config counts only if istiod
      reads it (\`SHARED_MESH_CONFIG\`).`,
    symptom: "No spans from any proxy in any namespace, and nothing in the Telemetry that says why.",
    exceptions: `If the mesh config is not in the input, the finding is a warning. The same goes for a stack with
      delivery \`values\`: add istiod's values or its ConfigMap to the input.`,
    sources: [
      "https://istio.io/latest/docs/reference/config/istio.mesh.v1alpha1/#MeshConfig-ExtensionProvider",
    ],
  },
  *find(model) {
    const { tracing } = model;
    const object = tracing.from ?? model.telemetry.meshWide[0];
    if (tracing.providerName !== undefined && object !== undefined) {
      // A mesh config that cannot be read is reported where it is.
      if (tracing.provider === undefined && model.mesh.unreadable.length > 0) return;
      if (tracing.provider === undefined) yield undefinedProvider(model, object, tracing.providerName);
      else yield* unableProvider(model, object, tracing.provider);
    }
    yield* ofSenders(model);
  },
});

function* unableProvider(
  model: TracingModel,
  object: KubeObject,
  { name, entry }: MeshProvider,
): Iterable<Problem> {
  const type = providerType(entry);
  if ((tracingProviderTypes as readonly unknown[]).includes(type)) return;
  yield {
    object,
    says: `traces with provider ${name}, which is of type ${type ?? "none"} and cannot trace; use a provider of type ${enumerate([...tracingProviderTypes])}`,
    fix: fixFor(model, object, name),
  };
}

interface Undefined {
  from: KubeObject;
  name: string;
  mesh: MeshConfig;
  senders: Traced[];
}

/**
 * What holds for some proxies only: Telemetries of namespaces where the mesh config is not known, and providers
 * that the mesh config of another revision does not have.
 */
function* ofSenders(model: TracingModel): Iterable<Problem> {
  const found = new Map<string, Undefined>();
  for (const sender of model.senders) {
    for (const { mesh, tracing } of tracingsOf(model, sender)) {
      const { providerName: name, provider, from } = tracing;
      if (name === undefined || provider !== undefined || from === undefined) continue;
      // Of the default revision's a Telemetry that overrides the mesh's is reported as such.
      if (mesh === model.mesh && mesh.incomplete === undefined) continue;
      const isUnknown = mesh.incomplete !== undefined;
      // One mesh config that is not there is one doubt about each name, whoever writes it.
      if (isUnknown && name === model.tracing.providerName) continue;
      const key = `${isUnknown ? "" : nameOf(from)} ${name} ${mesh.sources.map(nameOf).join()}`;
      getOrMake(found, key, (): Undefined => ({ from, name, mesh, senders: [] })).senders.push(sender);
    }
  }
  for (const { from, name, mesh, senders } of found.values()) {
    const source = nameOf(mesh.sources.at(-1) ?? {});
    const isUnknown = mesh.incomplete !== undefined;
    const define = { extensionProviders: [providerToDefine(model, name, mesh)] };
    yield {
      object: from,
      says:
        `names the tracing provider ${name} for ${describeSenders(senders)}, ` +
        (isUnknown
          ? `and it is unknown whether the mesh config defines it: ${mesh.incomplete}`
          : `which ${source}, the mesh config of their revision of istiod, does not define, so nothing is traced`),
      fix: snippet(
        isUnknown
          ? "in the mesh config (meshConfig of istiod's values), unless it is there"
          : `in the mesh config (${source})`,
        define,
      ),
      ...(isUnknown ? { level: "warning" as const } : {}),
    };
  }
}

function undefinedProvider(model: TracingModel, object: KubeObject, name: string): Problem {
  const { mesh } = model;
  const define = { extensionProviders: [providerToDefine(model, name)] };
  const [unread] = mesh.unread;
  if (unread !== undefined) {
    return {
      object,
      says:
        `names the tracing provider ${name}, which the mesh config does not define: istiod does not read ` +
        `${nameOf(unread)}; set the variable ${sharedMeshConfigEnv} to its name`,
      fix: snippet("add to the container discovery of Deployment istiod", {
        env: [{ name: sharedMeshConfigEnv, value: unread.metadata.name }],
      }),
    };
  }
  if (mesh.incomplete !== undefined) {
    return {
      object,
      says: `names the tracing provider ${name}, and it is unknown whether the mesh config defines it: ${mesh.incomplete}`,
      fix: snippet("in the mesh config (meshConfig of istiod's values), unless it is there", define),
      level: "warning",
    };
  }
  const defined = tracingProviders(mesh).map((provider) => provider.name);
  const advice = defined.length === 0 ? "define it" : `define it, or use ${enumerate(defined)}`;
  return {
    object,
    says: `names the tracing provider ${name}, which the mesh config does not define, so nothing is traced; ${advice}`,
    fix: fixFor(model, object, name),
  };
}

/** Names a provider that is there, or defines the one that is named. */
function fixFor(model: TracingModel, object: KubeObject, name: string): string {
  const { mesh } = model;
  const [usable] = tracingProviders(mesh);
  if (usable !== undefined) {
    return object.kind === "Telemetry"
      ? snippet(`in spec.tracing of ${nameOf(object)}`, { providers: [{ name: usable.name }] })
      : snippet(`in the mesh config (${nameOf(object)})`, { defaultProviders: { tracing: [usable.name] } });
  }
  return snippet(`in the mesh config (${mesh.sources.map(nameOf).join(", ")})`, {
    extensionProviders: [providerToDefine(model, name)],
  });
}
