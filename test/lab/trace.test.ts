/** What is made of the answers of Jaeger and Envoy. */
import { describe, expect, test } from "vitest";
import {
  accessLogLine,
  clusterCounters,
  type JaegerTrace,
  outcomeOf,
  type Span,
  spansOf,
  treeOf,
} from "../../lab/trace";

const names = {
  gateway: { namespace: "istio-system", name: "gate" },
  first: { namespace: "auth", name: "auth-api" },
  second: { namespace: "scan", name: "scan-api" },
};

/** One request as everybody sees it: gateway, proxies on both sides, SDKs. */
const whole: Span[] = [
  span("1", undefined, "gate.istio-system", "gateway"),
  span("2", "1", "auth-api.auth", "first proxy"),
  span("3", "2", "auth-api", "first SDK"),
  span("4", "3", "scan-api.scan", "second proxy"),
  span("5", "4", "scan-api", "second SDK"),
];

function span(spanId: string, parentId: string | undefined, service: string, sender: Span["sender"]): Span {
  return {
    traceId: "t",
    spanId,
    parentId,
    service,
    sender,
    operation: "GET",
    kind: "server",
    start: Number(spanId),
  };
}

describe("an outcome", () => {
  test("whole", () => {
    expect(outcomeOf(whole)).toEqual({ traces: ["t"], spans: 5, lost: [], orphans: 0, joined: true });
  });

  test("the outage: a sidecar's spans are missing, and a child has lost its parent", () => {
    const spans = whole.filter(({ sender }) => sender !== "first proxy");
    expect(outcomeOf(spans)).toEqual({
      traces: ["t"],
      spans: 4,
      lost: ["first proxy"],
      orphans: 1,
      joined: false,
    });
  });

  test("split: all arrived, in two traces", () => {
    const spans = whole.map((one) => (one.spanId > "3" ? { ...one, traceId: "u" } : one));
    expect(outcomeOf(spans)).toMatchObject({ traces: ["t", "u"], lost: [], joined: false });
  });

  test("two roots in one trace are not joined", () => {
    const spans = whole.map((one) => (one.spanId === "3" ? { ...one, parentId: undefined } : one));
    expect(outcomeOf(spans)).toMatchObject({ orphans: 0, joined: false });
  });

  test("a client's own span is nobody's to send", () => {
    const spans = whole.map((one) => (one.spanId === "1" ? { ...one, parentId: "00c1" } : one));
    expect(outcomeOf(spans)).toMatchObject({ orphans: 1, joined: false });
    expect(outcomeOf(spans, "c1")).toMatchObject({ orphans: 0, joined: true });
  });

  test("nothing", () => {
    expect(outcomeOf([])).toMatchObject({ spans: 0, joined: false });
  });
});

test("spans of Jaeger: those of the request, each with its sender", () => {
  const proxy = [{ key: "component", value: "proxy" }];
  const trace = (traceID: string, url: string): JaegerTrace => ({
    traceID,
    processes: { p1: { serviceName: "gate.istio-system" }, p2: { serviceName: "auth-api" } },
    spans: [
      {
        traceID,
        spanID: "b",
        operationName: "GET",
        startTime: 2,
        processID: "p2",
        references: [{ refType: "CHILD_OF", spanID: "a", traceID }],
        tags: [{ key: "span.kind", value: "server" }],
      },
      {
        traceID,
        spanID: "a",
        operationName: url,
        startTime: 1,
        processID: "p1",
        tags: [...proxy, { key: "span.kind", value: "client" }],
      },
    ],
  });
  expect(spansOf([trace("t", "/probe-1"), trace("u", "/probe-2")], "probe-1", names)).toEqual([
    {
      traceId: "t",
      spanId: "a",
      parentId: undefined,
      service: "gate.istio-system",
      operation: "/probe-1",
      kind: "client",
      sender: "gateway",
      start: 1,
    },
    {
      traceId: "t",
      spanId: "b",
      parentId: "a",
      service: "auth-api",
      operation: "GET",
      kind: "server",
      sender: "first SDK",
      start: 2,
    },
  ]);
});

test("the tree says whose parent did not arrive", () => {
  const spans = whole.filter(({ sender }) => sender !== "first proxy").slice(0, 3);
  expect(treeOf(spans)).toEqual([
    "gate.istio-system [server] GET",
    "auth-api [server] GET (its parent did not arrive)",
    "  scan-api.scan [server] GET",
  ]);
});

test("a client's own span is not missing from the tree", () => {
  const [first] = whole.map((one) => ({ ...one, parentId: "c1" }));
  expect(treeOf([first!], "00c1")).toEqual(["gate.istio-system [server] GET"]);
  expect(treeOf([first!])).toEqual(["gate.istio-system [server] GET (its parent did not arrive)"]);
});

test("counters of a cluster are summed over its endpoints, and nobody else's are", () => {
  const cluster = "outbound|9411||jaeger.istio-system.svc.cluster.local";
  const text = [
    `${cluster}::10.0.0.1:9411::rq_total::2`,
    `${cluster}::10.0.0.1:9411::cx_connect_fail::1`,
    `${cluster}::10.0.0.1:9411::hostname::`,
    `${cluster}::10.0.0.2:9411::rq_total::3`,
    `${cluster}::default_priority::max_connections::4294967295`,
    `outbound|4317||jaeger.istio-system.svc.cluster.local::10.0.0.1:4317::rq_total::70`,
  ].join("\n");
  expect(clusterCounters(text, cluster)).toMatchObject({ rq_total: 5, cx_connect_fail: 1 });
  expect(clusterCounters("", cluster)).toEqual({});
});

test("the access-log line of a request, between other output", () => {
  const log = [
    "2026-01-01T00:00:00Z\tinfo\tprobe-1",
    '{"url.path":"/probe-2","trace.id":"b"}',
    '{"url.path":"/probe-1","trace.id":"a"}',
  ].join("\n");
  expect(accessLogLine(log, "probe-1")).toEqual({ "url.path": "/probe-1", "trace.id": "a" });
  expect(accessLogLine(log, "probe-3")).toBeUndefined();
});
