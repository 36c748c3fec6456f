import { sortedSet } from "../../mesh/stableOrder";
import { defineRule, nameOf } from "../rule";
import { enumerate } from "../../findings/words";

/** Which of several mesh configurations istiod has decides about every span of every proxy. */
export const meshConfigSources = defineRule({
  name: "mesh-config-sources",
  description: "All descriptions of istiod's mesh config say the same about tracing.",
  level: "warning",
  severity: "medium",
  tags: ["istio", "mesh-config"],
  url: "https://istio.io/latest/docs/reference/config/istio.mesh.v1alpha1/",
  remediationSteps:
    "Remove the descriptions that are not used any more, or check the one that is live by itself.",
  page: {
    why: `Repositories keep several mesh configurations: an IstioOperator of an earlier installation, one Application per
      revision, a patch beside the values that are live. Every answer about spans of proxies depends on which of them
      istiod has.`,
    symptom: `The audit speaks of a provider that the cluster does not use, or says nothing of one that it uses.`,
    exceptions: `Several revisions of istiod may differ on purpose. Check the objects of each revision by themselves, or
      use \`audit --live\`, which reads what istiod reads.`,
    sources: ["https://istio.io/latest/docs/setup/upgrade/canary/"],
  },
  *find({ mesh }) {
    const chosen = mesh.sources.at(-1);
    if (chosen === undefined || mesh.disagreeing.length === 0) return;
    yield {
      object: chosen,
      says:
        `is taken for the mesh config that istiod uses; ${enumerate(sortedSet(mesh.disagreeing.map(nameOf)))} ` +
        `${mesh.disagreeing.length === 1 ? "says" : "say"} something else about tracing and ` +
        `${mesh.disagreeing.length === 1 ? "was" : "were"} not used`,
      fix: "",
    };
  },
});
