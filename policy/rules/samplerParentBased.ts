import { sdkVariables } from "../../mesh/sdkSettings";
import { settingOf } from "../model/environment";
import { defineRule } from "../rule";
import { type Mistake, problemsOf, settingFix, written } from "../sdkProblems";

/** Samplers that decide by themselves, whatever the proxy in front of the application decided. */
const deciding: Readonly<Record<string, "error" | "warning">> = {
  always_off: "error",
  traceidratio: "error",
  // Nothing is lost, but requests the mesh does not trace become traces without their first half.
  always_on: "warning",
};

export const samplerParentBased = defineRule({
  name: "sampler-parent-based",
  description: "An application's sampler follows the decision of the proxy in front of it.",
  level: "error",
  severity: "high",
  tags: ["opentelemetry", "sampling"],
  url: "https://opentelemetry.io/docs/specs/otel/trace/sdk/#parentbased",
  remediationSteps:
    "Use the parent-based form of the sampler, parentbased_traceidratio or parentbased_always_on.",
  page: {
    why: `The proxy in front of an application decides whether a request is traced, and hands its decision
      on in a header. A sampler that does not look at it (\`traceidratio\`, \`always_off\`) drops spans out
      of the middle of traces; \`always_on\` makes traces of requests of which the mesh recorded nothing.`,
    symptom: `Traces with holes: the sidecar's spans are there, those of the application behind it are not,
      and whom it called hangs under a parent that does not exist.`,
    exceptions: `A job that nobody calls starts its traces itself: \`parentbased_traceidratio\` does that
      too, with its own ratio, so that nothing is lost by following the rule. \`always_on\` is a warning.`,
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
              `has ${written(sdkVariables.sampler, { value: sampler, flag })}, which decides apart from the mesh ` +
              `${level === "error" ? "and drops spans of sampled traces" : "and starts traces the mesh does not sample"}; ` +
              "parentbased_* is allowed",
            fix: settingFix(source, sdkVariables.sampler, wanted, flag),
            level,
          };
        }),
});
