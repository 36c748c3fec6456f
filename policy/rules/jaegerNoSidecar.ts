import { membershipOf } from "../model/injection";
import { jaegersOf } from "../model/jaeger";
import { collectorWorkloads } from "../model/collectorService";
import { defineRule } from "../rule";
import { snippet } from "../snippet";

/** A sidecar in front of the collector traces the tracing, and the mesh must work before traces arrive. */
export const jaegerNoSidecar = defineRule({
  name: "jaeger-no-sidecar",
  description: "The collector's pods have no sidecar.",
  level: "error",
  severity: "medium",
  tags: ["jaeger", "istio"],
  url: "https://istio.io/latest/docs/setup/additional-setup/sidecar-injection/#controlling-the-injection-policy",
  remediationSteps: 'Set the label sidecar.istio.io/inject: "false" on the collector\'s pods.',
  *find(model) {
    const workloads = new Set([
      ...jaegersOf(model).map(({ workload }) => workload),
      ...collectorWorkloads(model),
    ]);
    for (const workload of workloads) {
      if (membershipOf(workload, model.namespaceLabels(workload.namespace)) !== "sidecar") continue;
      yield {
        object: workload.object,
        says: "gets a sidecar, which traces the spans on their way to it; no sidecar is allowed",
        fix: snippet("in spec.template.metadata, or as jaeger.podLabels in the values of chart 4.x", {
          labels: { "sidecar.istio.io/inject": "false" },
        }),
      };
    }
  },
});
