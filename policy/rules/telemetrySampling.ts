import { defineRule } from "../rule";
import { kinds } from "../../mesh/kinds";
import { at, number, records } from "../model/reading";
import { snippet } from "../../findings/snippet";

const percentage = "randomSamplingPercentage";

/** Whether a value is known, and no number; those are judged below. */
function isWrong(value: unknown): boolean {
  return typeof value === "string" || typeof value === "boolean";
}

/** Too few traces leave nothing to look at, too many cost money; the right rate depends on the stack. */
export const telemetrySampling = defineRule({
  name: "telemetry-sampling",
  description: "The mesh's sampling rate is between the configured minimum and maximum.",
  level: "error",
  severity: "high",
  tags: ["istio", "telemetry", "sampling"],
  url: "https://istio.io/latest/docs/tasks/observability/distributed-tracing/sampling/",
  remediationSteps:
    "Set randomSamplingPercentage of the mesh-wide Telemetry to a value between the two limits.",
  page: {
    why: `By default Istio traces one request in a hundred, and applications follow the mesh's decision. Too few
      traces leave nothing to look at; too many cost bandwidth and fill the collector's store within
      minutes. The right rate depends on the stack.`,
    symptom: `Ten manual requests and not one trace, or traces that are evicted before anyone looks at them.`,
    exceptions: `Set the limits to suit the stack: 100 where every request counts, a low maximum where traffic is
      heavy. \`npm start\` requires the \`tracing.sampling\` of the stack file; \`audit\` takes
      \`--min-sampling\` and \`--max-sampling\`.`,
    sources: ["https://istio.io/latest/docs/reference/config/telemetry/#Tracing"],
  },
  limits: {
    minSampling: {
      type: "number",
      minimum: 0,
      maximum: 100,
      description:
        "Lowest percentage of requests to trace; 0 means no minimum. A minimum set by the caller wins.",
      default: 0.01,
    },
    maxSampling: {
      type: "number",
      minimum: 0,
      maximum: 100,
      description: "Highest percentage of requests to trace. A maximum set by the caller wins.",
      default: 100,
    },
  },
  *find({ tracing, telemetry, options, index }, limits) {
    for (const object of index.of(kinds.telemetry)) {
      for (const entry of records(at(object, "spec", "tracing"))) {
        const written = entry[percentage];
        if (!isWrong(written)) continue;
        yield {
          object,
          says: `has ${percentage} ${JSON.stringify(written)}, which is not a number from 0 to 100; the API server rejects this`,
          fix: snippet("in spec.tracing", { [percentage]: 100 }),
        };
      }
    }
    // With several mesh-wide Telemetries the effective rate is unknown; telemetry-mesh-wide reports that.
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
        `traces ${sampling} % of requests${samplingFrom === undefined ? " (Istio's default, since nothing sets another rate)" : ""}, ` +
        (sampling < min
          ? `below the minimum; sample at least ${min} %`
          : `above the maximum; sample at most ${max} %`),
      fix: snippet("in spec.tracing of the mesh-wide Telemetry", { randomSamplingPercentage: wanted }),
    };
  },
});
