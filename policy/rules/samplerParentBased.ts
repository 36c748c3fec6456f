import { sdkVariables } from "../../mesh/sdkSettings";
import { settingOf } from "../model/environment";
import { defineRule } from "../rule";
import { type Mistake, problemsOf, settingFix, written } from "../sdkProblems";

/** Samplers that ignore the decision of the proxy in front of the application. */
const deciding: Readonly<Record<string, "error" | "warning">> = {
  always_off: "error",
  traceidratio: "error",
  // Nothing is lost, but requests that the mesh does not sample become traces without its spans.
  always_on: "warning",
};

export const samplerParentBased = defineRule({
  name: "sampler-parent-based",
  description: "An application's sampler follows the sampling decision of its proxy.",
  level: "error",
  severity: "high",
  tags: ["opentelemetry", "sampling"],
  url: "https://opentelemetry.io/docs/specs/otel/trace/sdk/#parentbased",
  remediationSteps:
    "Use the parent-based form of the sampler, parentbased_traceidratio or parentbased_always_on.",
  page: {
    why: `The proxy in front of an application decides whether a request is sampled, and passes its decision on
      in a header. A sampler that ignores the header (\`traceidratio\`, \`always_off\`) drops spans from the
      middle of traces; \`always_on\` starts traces for requests that the mesh did not record.`,
    symptom: `Traces with holes: the sidecar's spans are there, the spans of the application behind it are not, and
      the services it calls hang under a parent that does not exist.`,
    exceptions: `A job that nothing calls starts its own traces. \`parentbased_traceidratio\` does that too, with the
      same ratio, so following the rule costs nothing. \`always_on\` is a warning.`,
    sources: ["https://opentelemetry.io/docs/specs/otel/configuration/sdk-environment-variables/"],
  },
  find: (model) =>
    !model.isTracing
      ? []
      : problemsOf(model, function* ({ environment }): Iterable<Mistake> {
          const { value, source, flag } = settingOf(environment, sdkVariables.sampler);
          const sampler = value?.trim() ?? "";
          const level = deciding[sampler];
          if (source === undefined || level === undefined) return;
          const wanted = sampler === "traceidratio" ? "parentbased_traceidratio" : "parentbased_always_on";
          yield {
            source,
            says:
              `has ${written(sdkVariables.sampler, { value: sampler, flag })}, which ignores the mesh's sampling decision ` +
              `${level === "error" ? "and drops spans of sampled traces" : "and starts traces that the mesh does not sample"}; ` +
              "use a parentbased_* sampler",
            fix: settingFix(source, sdkVariables.sampler, wanted, flag),
            level,
          };
        }),
});
