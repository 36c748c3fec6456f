import { defineRule } from "../rule";
import { number } from "../model/reading";
import { snippet } from "../../findings/snippet";

/** Too little leaves nothing to look at, too much costs; only the stack knows how much is right. */
export const telemetrySampling = defineRule({
  name: "telemetry-sampling",
  description: "The mesh traces at least as many requests as demanded, and not more than allowed.",
  level: "error",
  severity: "high",
  tags: ["istio", "telemetry", "sampling"],
  url: "https://istio.io/latest/docs/tasks/observability/distributed-tracing/sampling/",
  remediationSteps: "Set randomSamplingPercentage of the mesh-wide Telemetry between the two limits.",
  page: {
    why: `Istio traces one request in a hundred unless told otherwise, and applications follow what the mesh
      decides. Too little leaves nothing to look at; too much costs network and fills the collector's store
      within minutes. Only the stack knows how much is right.`,
    symptom: "Ten requests by hand and not one trace; or traces that are gone before anybody looks at them.",
    exceptions: `The limits are there to be set: 100 for a stack where each request counts, a low maximum
      where traffic is large. \`npm start\` demands the \`tracing.sampling\` of the stack file, \`audit\`
      takes \`--min-sampling\` and \`--max-sampling\`.`,
    sources: ["https://istio.io/latest/docs/reference/config/telemetry/#Tracing"],
  },
  limits: {
    minSampling: {
      type: "number",
      minimum: 0,
      maximum: 100,
      description: "Least percentage of requests to trace; 0 demands nothing. A caller's own minimum wins.",
      default: 0.01,
    },
    maxSampling: {
      type: "number",
      minimum: 0,
      maximum: 100,
      description: "Highest percentage of requests to trace. A caller's own maximum wins.",
      default: 100,
    },
  },
  *find({ tracing, telemetry, options }, limits) {
    // With several mesh-wide Telemetries it is not known which percentage holds: that is another rule's.
    if (tracing.state !== "on" || telemetry.meshWide.length > 1) return;
    const min = options.minSampling ?? number(limits["minSampling"]) ?? 0;
    const max = options.maxSampling ?? number(limits["maxSampling"]) ?? 100;
    const { sampling, samplingFrom } = tracing;
    const object = samplingFrom ?? tracing.from;
    if (object === undefined || (sampling >= min && sampling <= max)) return;
    const wanted = sampling < min ? min : max;
    yield {
      object,
      says:
        `traces ${sampling} % of requests${samplingFrom === undefined ? " (Istio's default, nothing sets another)" : ""}; ` +
        `${sampling < min ? `at least ${min} %` : `at most ${max} %`} is ${sampling < min ? "required" : "allowed"}`,
      fix: snippet("in spec.tracing of the mesh-wide Telemetry", { randomSamplingPercentage: wanted }),
    };
  },
});
