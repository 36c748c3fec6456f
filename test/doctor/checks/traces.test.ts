/** Whose spans arrived, whether they are joined, and how many requests were sampled. */
import { describe, expect, it } from "vitest";
import { traceChecks } from "../../../doctor/checks/traces";
import { type Facts } from "../../../doctor/judge/facts";
import { type Hop } from "../../../doctor/judge/hop";
import { type Span } from "../../../doctor/parse/spans";
import { type TraceReading } from "../../../doctor/read/traces";
import { type Check } from "../../../doctor/result";
import { TracingModel } from "../../../policy/model/tracingModel";
import { Mesh } from "../../../docs/generate/sample/mesh";

const now = Date.UTC(2026, 0, 1);
const model = TracingModel.from(new Mesh().objects, {});

const auth = {
  workload: "Deployment auth/auth-api",
  namespace: "auth",
  proxy: ["auth-api.auth"],
  sdk: ["auth-api"],
};
const gateway = {
  workload: "Deployment istio-system/gateway",
  namespace: "istio-system",
  proxy: ["gateway.istio-system"],
  sdk: [],
};

function hop(point: Hop["point"], verdict: Hop["verdict"]): Hop {
  return { point, verdict, workload: auth.workload } as Hop;
}

function span(spanId: string, service: string, more: Partial<Span> = {}): Span {
  return {
    traceId: "t1",
    spanId,
    service,
    isOfProxy: service.includes("."),
    kind: "server",
    start: (now - 60_000) * 1000,
    ...more,
  };
}

interface Given {
  services?: string[];
  spans?: Span[];
  hops?: Hop[];
  more?: Partial<Facts>;
  reading?: Partial<TraceReading>;
}

function checked({
  services = [],
  spans = [],
  hops = [],
  more = {},
  reading = {},
}: Given): Record<string, Check> {
  const traces: TraceReading = {
    product: "Jaeger",
    pod: "istio-system/jaeger-1",
    services: { value: services },
    spans,
    looked: services,
    unanswered: [],
    dependencies: { value: [] },
    window: { from: now - 3_600_000, to: now },
    ...reading,
  };
  const facts = {
    model,
    names: [gateway, auth],
    findings: [],
    rights: { missing: { exec: [], portforward: [] } },
    forbidden: [],
    proxies: { hops },
    traces,
    ...more,
  } as unknown as Facts;
  return Object.fromEntries(traceChecks(facts).map((check) => [check.id, check]));
}

const said = (check: Check | undefined): string => `${check?.result}: ${check?.evidence.join("; ")}`;
const all = ["gateway.istio-system", "auth-api.auth", "auth-api"];

describe("backend-coverage", () => {
  const of = (given: Given): string => said(checked(given)["backend-coverage"]);

  it("tells proxies and SDKs apart", () => {
    expect(of({ services: all })).toBe("success: 3 of 3 senders are seen in Jaeger (istio-system/jaeger-1)");
    expect(of({ services: ["gateway.istio-system", "auth-api"], hops: [hop("B", "blocked")] })).toBe(
      "warning: 2 of 3 senders are seen in Jaeger (istio-system/jaeger-1); Deployment auth/auth-api: no spans of its proxy",
    );
  });

  it.each<[Hop["verdict"], string]>([
    ["delivering", "warning: "],
    ["no traffic yet", "not checked: , and it had no traffic"],
    ["not checked", "not checked: , and whether it had traffic is not known"],
  ])("judges an SDK that is not seen and whose path is %s", (verdict, wanted) => {
    // Its proxy is busy, which says nothing of the application.
    const hops = [hop("B", "delivering"), hop("C", verdict)];
    const [result, note] = wanted.split(": ");
    expect(of({ services: ["gateway.istio-system", "auth-api.auth"], hops })).toBe(
      `${result}: 2 of 3 senders are seen in Jaeger (istio-system/jaeger-1); Deployment auth/auth-api: no spans of its SDK${note}`,
    );
  });

  it("knows by the spans whose they are where proxy and SDK have one name", () => {
    const same = { ...auth, sdk: ["auth-api.auth"] };
    const given = (spans: Span[]): Given => ({
      services: all,
      spans,
      hops: [hop("C", "delivering")],
      more: { names: [same] },
    });
    const proxy = span("1", "auth-api.auth");
    expect(of(given([proxy]))).toMatch(/^warning: 1 of 2 .*no spans of its SDK$/);
    expect(of(given([proxy, { ...proxy, spanId: "2", isOfProxy: false }]))).toMatch(/^success: 2 of 2 /);
  });

  it("is an error where a rule says that tracing is off, and unknown where nobody answers", () => {
    const finding = { rule: "telemetry-sampling", level: "error", message: "nothing is sampled" };
    const hops = [hop("B", "no traffic yet"), hop("C", "no traffic yet")];
    const check = checked({ hops, more: { findings: [finding] } as never })["backend-coverage"];
    expect(check?.result).toBe("error");
    expect(check?.evidence.at(-1)).toBe("[telemetry-sampling] nothing is sampled");
    expect(of({ reading: { services: { why: "it broke" } } })).toBe(
      "not checked: Jaeger istio-system/jaeger-1: it broke",
    );
    expect(of({ more: { traces: undefined } })).toBe(
      "not checked: no Jaeger and no Tempo runs in this cluster, as far as images tell",
    );
    expect(of({ more: { traces: { why: "no answer" } } })).toBe("not checked: no answer");
  });
});

describe("traces-joined", () => {
  const of = (given: Given): string => said(checked({ services: all, ...given })["traces-joined"]);
  const whole = [
    span("1", "gateway.istio-system"),
    span("2", "auth-api.auth", { parentId: "1", start: (now - 59_000) * 1000 }),
    span("3", "auth-api", { parentId: "2", start: (now - 58_000) * 1000 }),
  ];

  it("is well where every parent is there", () => {
    expect(of({ spans: whole })).toBe(
      "success: 1 trace of 3 spans: 0 spans have a parent that is not there, 0 traces have spans of proxies only, 0 of SDKs only",
    );
  });

  it("is not where a sidecar's spans are lost", () => {
    expect(of({ spans: whole.filter(({ spanId }) => spanId !== "2") })).toBe(
      "error: 1 trace of 2 spans: 1 spans have a parent that is not there, 0 traces have spans of proxies only, 0 of SDKs only; parents are missing of spans of auth-api",
    );
  });

  it("is not where mesh and SDKs have traces of their own", () => {
    const spans = [span("1", "auth-api.auth"), span("2", "auth-api", { traceId: "t2" })];
    const finding = { rule: "trace-context-joins", level: "error", message: "b3 is missing" };
    expect(of({ spans, more: { findings: [finding] } as never })).toBe(
      "error: 2 traces of 2 spans: 0 spans have a parent that is not there, 1 traces have spans of proxies only, 1 of SDKs only; [trace-context-joins] b3 is missing",
    );
  });

  it("leaves out what is still arriving, and does not take the caller's parent for a lost one", () => {
    const young = span("9", "auth-api", { traceId: "t9", parentId: "lost", start: (now - 1000) * 1000 });
    expect(of({ spans: [...whole, young] })).toMatch(/^success: 1 trace of 3 spans/);
    expect(
      of({ spans: whole.map((one) => (one.spanId === "1" ? { ...one, parentId: "callers" } : one)) }),
    ).toMatch(/^success/);
  });

  it("tells why traces could not be had", () => {
    const reading = { unanswered: ["no answer within 20 s"] };
    expect(of({ reading })).toBe(
      "not checked: traces of some services could not be had: no answer within 20 s",
    );
    expect(of({ spans: whole, reading })).toMatch(
      /; traces of some services could not be had: no answer within 20 s$/,
    );
    expect(of({})).toBe("not checked: the backend has no recent traces");
  });
});

describe("sampled-share", () => {
  const seen = { from: now - 10_000, to: now - 4_000 };
  const traced = (number: number, parentId?: string): Span[] =>
    Array.from({ length: number }, (_, index) =>
      span(`s${index}`, "gateway.istio-system", {
        traceId: `t${index}`,
        start: (now - 5_000) * 1000,
        ...(parentId === undefined ? {} : { parentId }),
      }),
    );
  const of = (requests: number, spans: Span[]): string =>
    said(
      checked({ services: all, spans, more: { proxies: { hops: [], gateway: { requests, ...seen } } } })[
        "sampled-share"
      ],
    );

  it("compares traces with the requests of the same time", () => {
    expect(of(100, traced(97))).toBe("success: 100 % is configured; 97 traces of 100 requests: 97.0 %");
    expect(of(100, traced(20))).toBe("warning: 100 % is configured; 20 traces of 100 requests: 20.0 %");
    const early = traced(97).map((one) => ({ ...one, start: (now - 60_000) * 1000 }));
    expect(of(100, early)).toMatch(/^warning: .*; 0 traces of 100 requests: 0\.0 %$/);
  });

  it("says that callers decide", () => {
    expect(of(100, traced(20, "callers"))).toBe(
      "warning: 100 % is configured; 20 traces of 100 requests: 20.0 %; 20 of 20 spans of gateways continue a trace of their caller, who has decided whether it is sampled",
    );
  });

  it("says nothing by few requests, or by as many traces as are looked at", () => {
    expect(of(19, traced(1))).toBe(
      "not checked: 19 requests within the time of this check, too few to tell; 100 % is configured",
    );
    expect(of(1000, traced(300))).toMatch(/^success/);
  });
});
