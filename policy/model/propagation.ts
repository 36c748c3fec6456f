/** How the mesh passes traces on, against which propagators are judged. */
import { hasFeature } from "../../mesh/istioVersions";
import {
  judgePropagation,
  type PropagationVerdict,
  recommendedPropagation,
  traceContextOptions,
} from "../../mesh/traceContext";
import { providerType } from "./collector";
import { record, text } from "./reading";
import { meshOf, type SenderTracing, tracingsOf } from "./senderTracing";
import { type Traced } from "./traced";
import { type TracingModel } from "./tracingModel";

/** The proxies' half of the pair. */
export interface MeshSide {
  name: string;
  judge(propagators: readonly string[]): PropagationVerdict;
  /** Propagators that fit. */
  wanted: readonly string[];
}

/** How the proxies around a pod pass traces on, by the mesh config of its own revision. */
export function meshSideOf(model: TracingModel, sender: Traced): MeshSide | undefined {
  const own = tracingsOf(model, sender).find(({ tracing }) => tracing.state === "on");
  if (own !== undefined) return meshSide(model, own);
  // Pods without a proxy, and those whose own proxy traces nothing, are called by others that do.
  return meshOf(model, sender.workload) === model.mesh ? meshSide(model, model) : undefined;
}

/** How proxies pass traces on; undefined for providers with formats of their own. */
export function meshSide(
  { istioVersion }: TracingModel,
  { tracing, collector }: Pick<SenderTracing, "tracing" | "collector">,
): MeshSide | undefined {
  if (tracing.provider === undefined && tracing.legacyAddress === undefined) return undefined;
  const { entry } = tracing.provider ?? { entry: { zipkin: {} } };
  const type = providerType(entry) ?? collector?.protocol;
  if (type === "opentelemetry") {
    return { name: "W3C trace context", judge: judgeW3c, wanted: ["tracecontext", "baggage"] };
  }
  if (type !== "zipkin") return undefined;
  const written = text(record(entry["zipkin"])["traceContextOption"]);
  // An option that does not exist makes istiod refuse the mesh config: that is another rule's.
  if (written !== undefined && !traceContextOptions.some((known) => known === written)) return undefined;
  const knowsW3c = istioVersion === undefined || hasFeature(istioVersion, "w3cPropagation");
  const option = written === "USE_B3_WITH_W3C_PROPAGATION" && knowsW3c ? written : "USE_B3";
  const ignored = option !== written && written !== undefined;
  return {
    name: ignored ? `${option} (Istio ${istioVersion?.join(".")} ignores ${written})` : option,
    judge: (propagators) => judgePropagation(option, propagators),
    wanted: recommendedPropagation(option !== "USE_B3").propagators,
  };
}

/** Envoy's OpenTelemetry tracer reads and writes `traceparent` and no B3 header. */
function judgeW3c(propagators: readonly string[]): PropagationVerdict {
  const last = propagators.filter((one) => ["tracecontext", "b3", "b3multi"].includes(one)).at(-1);
  if (last === "tracecontext") return { outcome: "joined", reason: "both use W3C trace context" };
  return propagators.includes("tracecontext")
    ? { outcome: "degraded", reason: "the SDK lets B3 headers win, which the proxies do not update" }
    : { outcome: "split", reason: "the proxies write only W3C headers and the SDK does not read them" };
}
