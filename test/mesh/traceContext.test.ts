import { describe, expect, test } from "vitest";
import { judgePropagation, recommendedPropagation } from "../../mesh/traceContext";

const w3c = "USE_B3_WITH_W3C_PROPAGATION";
const b3 = "USE_B3";
const alike = "Envoy reads and writes B3 and W3C headers alike";
const w3cAlone = "Envoy with USE_B3 writes only B3 headers and the SDK reads only traceparent";
const w3cWins =
  'Envoy with USE_B3 updates only B3 headers and the SDK lets "tracecontext" win where a caller sent both';
const b3Wins = "B3 wins where both are present; a caller's traceparent is not continued";
const onlyB3 = "a caller that sends only traceparent is not continued";
const none = "no propagator carries a trace, so every service starts its own";

describe("what becomes of a trace, as measured for each pair of mesh option and propagators", () => {
  test.each([
    [b3, "b3,tracecontext,baggage", "disordered", w3cWins],
    [b3, "tracecontext,baggage", "split", w3cAlone],
    [b3, "tracecontext", "split", w3cAlone],
    [b3, "b3multi,tracecontext", "disordered", w3cWins],
    [b3, "tracecontext,baggage,b3multi", "joined", b3Wins],
    [b3, "tracecontext,baggage,b3", "joined", b3Wins],
    [b3, "b3,baggage", "degraded", onlyB3],
    [b3, "b3multi", "degraded", onlyB3],
    [b3, "baggage", "split", none],
    [b3, "", "split", none],
    [w3c, "b3,tracecontext,baggage", "joined", alike],
    [w3c, "tracecontext,baggage", "joined", alike],
    [w3c, "tracecontext,baggage,b3multi", "joined", alike],
    [w3c, "b3", "joined", alike],
    [w3c, "baggage,xray,jaeger", "split", none],
  ] as const)("%s with %s: %s", (option, propagators, outcome, reason) => {
    expect(judgePropagation(option, propagators.split(","))).toEqual({ outcome, reason });
  });
});

describe("the pair to use joins the trace", () => {
  test.each([
    [true, w3c, ["b3", "tracecontext", "baggage"]],
    [false, b3, ["tracecontext", "baggage", "b3multi"]],
  ] as const)("W3C in the mesh: %s", (hasW3c, traceContextOption, propagators) => {
    const pair = recommendedPropagation(hasW3c);
    expect(pair).toEqual({ traceContextOption, propagators });
    expect(judgePropagation(pair.traceContextOption, pair.propagators).outcome).toBe("joined");
  });
});
