/**
 * Whether spans of sidecars and of application SDKs end up in one trace. That depends on a pair: how Envoy
 * passes the trace on (`traceContextOption` of the Zipkin provider) and which headers the SDK reads and
 * writes (`OTEL_PROPAGATORS`). Neither is right or wrong alone.
 */

/**
 * How Envoy's Zipkin tracer passes a trace on. `USE_B3` is all there was before `istioSince.w3cPropagation`.
 * @see https://istio.io/latest/docs/reference/config/istio.mesh.v1alpha1/
 */
export const traceContextOptions = ["USE_B3", "USE_B3_WITH_W3C_PROPAGATION"] as const;

export type TraceContextOption = (typeof traceContextOptions)[number];

/** What becomes of a trace that passes gateway, application, sidecar and application. */
export interface PropagationVerdict {
  /**
   * `joined`: one trace with right parents. `degraded`: one trace, but a compromise. `disordered`: one trace with wrong
   * parents, or several if the caller sends `traceparent`. `split`: several traces.
   */
  readonly outcome: "joined" | "degraded" | "disordered" | "split";
  /** One sentence that says why. */
  readonly reason: string;
}

/** Propagators that carry a trace; the others (baggage, …) do not matter for joining. */
const traceFormats: ReadonlySet<string> = new Set(["tracecontext", "b3", "b3multi"]);

/**
 * The pair to use for an Istio version.
 * @param w3c whether the mesh can propagate W3C trace context beside B3 (`istioSince.w3cPropagation`)
 */
export function recommendedPropagation(w3c: boolean): {
  traceContextOption: TraceContextOption;
  propagators: string[];
} {
  return w3c
    ? {
        traceContextOption: "USE_B3_WITH_W3C_PROPAGATION",
        propagators: ["b3", "tracecontext", "baggage"],
      }
    : { traceContextOption: "USE_B3", propagators: ["tracecontext", "baggage", "b3multi"] };
}

/**
 * Judges the pair of mesh option and propagators, as measured with Envoy 1.40 and the OpenTelemetry SDK:
 * OpenTelemetry extracts in the listed order and the last valid context wins; Envoy with `USE_B3` writes only
 * `x-b3-*`, so an SDK that lets `tracecontext` win reads a header the sidecar never updated.
 * @see https://github.com/envoyproxy/envoy/issues/47515
 */
export function judgePropagation(
  option: TraceContextOption,
  propagators: readonly string[],
): PropagationVerdict {
  const formats = propagators.filter((propagator) => traceFormats.has(propagator));
  const last = formats.at(-1);
  if (last === undefined) {
    return { outcome: "split", reason: "no propagator carries a trace, so every service starts its own" };
  }
  if (option === "USE_B3_WITH_W3C_PROPAGATION") {
    return { outcome: "joined", reason: "Envoy reads and writes B3 and W3C headers alike" };
  }
  if (last === "tracecontext") {
    return formats.some((format) => format !== "tracecontext")
      ? {
          outcome: "disordered",
          reason: `Envoy with USE_B3 updates only B3 headers and the SDK lets "tracecontext" win where a caller sent both`,
        }
      : {
          outcome: "split",
          reason: "Envoy with USE_B3 writes only B3 headers and the SDK reads only traceparent",
        };
  }
  return formats.includes("tracecontext")
    ? { outcome: "joined", reason: "B3 wins where both are present; a caller's traceparent is not continued" }
    : { outcome: "degraded", reason: "a caller that sends only traceparent is not continued" };
}
