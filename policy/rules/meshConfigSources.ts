import { sortedSet } from "../../mesh/stableOrder";
import { meshConfigKey } from "../../mesh/meshConfig";
import { type MeshConfig } from "../model/meshConfig";
import { defineRule, nameOf, type Problem } from "../rule";
import { enumerate } from "../../findings/words";

/** Which of several mesh configs istiod uses decides about every span of every proxy. */
export const meshConfigSources = defineRule({
  name: "mesh-config-sources",
  description: "The mesh config can be read by istiod, and all sources of it agree about tracing.",
  level: "warning",
  severity: "medium",
  tags: ["istio", "mesh-config"],
  url: "https://istio.io/latest/docs/reference/config/istio.mesh.v1alpha1/",
  remediationSteps: "Remove the sources that are no longer used, or check only the live one.",
  page: {
    why: `Repositories often hold several mesh configs: an IstioOperator of an earlier installation, one Argo CD
      Application per revision, a patch next to the live values. Every statement about the spans of proxies
      depends on which one istiod uses.`,
    symptom: "The audit reports a provider that the cluster does not use, or misses one that it uses.",
    exceptions: `Several revisions of istiod may differ: each is judged for the workloads whose label
      \`istio.io/rev\` names it. \`audit --live\` reads what istiod reads.`,
    sources: ["https://istio.io/latest/docs/setup/upgrade/canary/"],
  },
  *find({ meshes, mesh }) {
    for (const { unreadable } of [mesh, ...meshes.byRevision.values()]) yield* unreadableOnes(unreadable);
    const chosen = mesh.sources.at(-1);
    if (chosen === undefined || mesh.disagreeing.length === 0) return;
    yield {
      object: chosen,
      says:
        `is taken as the mesh config that istiod uses; ${enumerate(sortedSet(mesh.disagreeing.map(nameOf)))} ` +
        `${mesh.disagreeing.length === 1 ? "configures" : "configure"} tracing differently and ` +
        `${mesh.disagreeing.length === 1 ? "was" : "were"} ignored`,
      fix: "",
    };
  },
});

/** istiod keeps what it had before, and has only its defaults after its next start. */
function* unreadableOnes(unreadable: MeshConfig["unreadable"]): Iterable<Problem> {
  for (const { source, why } of unreadable) {
    yield {
      object: source,
      says:
        `has a mesh config in data.${meshConfigKey} that istiod cannot read: ${why}. It keeps the previous one and, ` +
        "after a restart, runs without the providers and settings that are written there",
      fix: "",
      level: "error",
    };
  }
}
