import { withoutSidecar } from "../../mesh/labels";
import { membershipOf } from "../model/injection";
import { jaegersOf } from "../model/jaeger";
import { collectorWorkloads } from "../model/collectorService";
import { defineRule } from "../rule";
import { snippet } from "../../findings/snippet";

/**
 * A sidecar in front of the collector traces the spans themselves, and traces only arrive while the mesh works.
 */
export const jaegerNoSidecar = defineRule({
  name: "jaeger-no-sidecar",
  description: "The collector's pods have no sidecar.",
  level: "warning",
  severity: "medium",
  tags: ["jaeger", "istio"],
  url: "https://istio.io/latest/docs/setup/additional-setup/sidecar-injection/#controlling-the-injection-policy",
  remediationSteps: 'Set the label sidecar.istio.io/inject: "false" on the collector\'s pods.',
  page: {
    why: `A sidecar in front of the collector traces the requests that deliver spans, so every batch creates
      more spans. It also makes the collector depend on istiod, and traces are most useful when the mesh is
      broken.`,
    symptom: `Jaeger appears as a service in its own dependency graph, with traces of \`POST /api/v2/spans\`.`,
    exceptions: `If every pod in the cluster has to have a sidecar, turn off its spans with a Telemetry that sets
      \`disableSpanReporting\`, allow that Telemetry in \`telemetry-overrides\`, and switch this rule off.`,
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
        says: "gets a sidecar, which traces every delivery of spans; disable its injection",
        fix: snippet("in spec.template.metadata, or as jaeger.podLabels in the values of chart 4.x", {
          labels: withoutSidecar,
        }),
      };
    }
  },
});
