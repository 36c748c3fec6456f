import { withoutSidecar } from "../../mesh/labels";
import { membershipOf } from "../model/injection";
import { jaegersOf } from "../model/jaeger";
import { collectorWorkloads } from "../model/collectorService";
import { defineRule } from "../rule";
import { snippet } from "../../findings/snippet";

/** A sidecar in front of the collector traces the tracing, and the mesh must work before traces arrive. */
export const jaegerNoSidecar = defineRule({
  name: "jaeger-no-sidecar",
  description: "The collector's pods have no sidecar.",
  level: "warning",
  severity: "medium",
  tags: ["jaeger", "istio"],
  url: "https://istio.io/latest/docs/setup/additional-setup/sidecar-injection/#controlling-the-injection-policy",
  remediationSteps: 'Set the label sidecar.istio.io/inject: "false" on the collector\'s pods.',
  page: {
    why: `A sidecar in front of the collector traces the spans on their way to it, so that every batch makes
      more of them. It also makes the collector wait for istiod, and traces are wanted most when the mesh
      does not work.`,
    symptom: `Jaeger is a service in its own dependency graph, with traces of \`POST /api/v2/spans\`.`,
    exceptions: `If every pod of a cluster must have a sidecar, let a Telemetry with
      \`disableSpanReporting\` silence that of Jaeger, allow it in
      \`telemetry-overrides\`, and switch this rule off.`,
    sources: [],
  },
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
          labels: withoutSidecar,
        }),
      };
    }
  },
});
