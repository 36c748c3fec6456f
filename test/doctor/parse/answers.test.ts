/** Answers of istiod, collectors and backends, of old and new versions, and what is none. */
import { describe, expect, it } from "vitest";
import { parseCollector } from "../../../doctor/parse/collector";
import { parseAdsz, parseSyncz, tracingProviders } from "../../../doctor/parse/istiod";
import { parseMetrics } from "../../../doctor/parse/prometheus";
import { parseDependencies, parseJaeger, parseOtlp, parseServices } from "../../../doctor/parse/spans";

describe("metrics", () => {
  it("have labels with commas, quotes and braces, exponents and infinities", () => {
    const text =
      '# HELP a\na{b="x,y",c="q\\"{}",d="l\\nm"} 1e3 1700000000\nb 2\na{b="z"} NaN\nc{le="+Inf"} +Inf\nbroken\n';
    expect(parseMetrics(text, () => true)).toEqual([
      { name: "a", labels: { b: "x,y", c: 'q"{}', d: "l\nm" }, value: 1000 },
      { name: "b", labels: {}, value: 2 },
      { name: "c", labels: { le: "+Inf" }, value: Number.POSITIVE_INFINITY },
    ]);
  });

  it.each([
    [
      "Jaeger 2 and the collector of today",
      'otelcol_receiver_accepted_spans_total{otel_scope_name="go",receiver="zipkin",transport="http_v2_json"} 7\n' +
        'otelcol_receiver_refused_spans_total{receiver="otlp",transport="grpc"} 3\n' +
        'otelcol_exporter_sent_spans_total{exporter="jaeger_storage_exporter"} 42\n' +
        'otelcol_exporter_send_failed_spans_total{exporter="jaeger_storage_exporter"} 1\n' +
        'otelcol_exporter_queue_size{exporter="otlp"} 90\notelcol_exporter_queue_capacity{exporter="otlp"} 100\n' +
        'otelcol_exporter_queue_size{data_type="logs",exporter="both"} 9\notelcol_exporter_queue_capacity{data_type="logs",exporter="both"} 9\n' +
        'otelcol_exporter_queue_size{data_type="traces",exporter="both"} 1\notelcol_exporter_queue_capacity{data_type="traces",exporter="both"} 4\n',
      {
        accepted: { zipkin: 7 },
        refused: { otlp: 3 },
        sent: { jaeger_storage_exporter: 42 },
        failed: { jaeger_storage_exporter: 1 },
        dropped: {},
        queues: { otlp: 0.9, both: 0.25 },
      },
    ],
    [
      "the collector before its counters ended in _total",
      'otelcol_receiver_accepted_spans{receiver="otlp",transport="grpc"} 5\notelcol_receiver_accepted_spans{receiver="otlp",transport="http"} 6\n' +
        'otelcol_processor_refused_spans{processor="memory_limiter"} 2\n',
      {
        accepted: { otlp: 11 },
        refused: {},
        sent: {},
        failed: {},
        dropped: { memory_limiter: 2 },
        queues: {},
      },
    ],
    [
      "the collector whose reader writes units",
      'otelcol_receiver_accepted_spans__spans__total{receiver="otlp/charm",transport="http"} 12\n',
      { accepted: { "otlp/charm": 12 }, refused: {}, sent: {}, failed: {}, dropped: {}, queues: {} },
    ],
    [
      "Jaeger 1",
      'jaeger_collector_spans_received_total{debug="false",format="zipkin",svc="a",transport="http"} 8\n' +
        'jaeger_collector_spans_rejected_total{format="zipkin",svc="a"} 1\n' +
        'jaeger_collector_spans_saved_by_svc_total{result="ok",svc="a"} 6\njaeger_collector_spans_saved_by_svc_total{result="err",svc="a"} 2\n' +
        'jaeger_collector_spans_dropped_total{host="h"} 4\n',
      {
        accepted: { zipkin: 8 },
        refused: { zipkin: 1 },
        sent: { store: 6 },
        failed: { store: 2 },
        dropped: { queue: 4 },
        queues: {},
      },
    ],
    [
      "Tempo",
      'tempo_distributor_spans_received_total{tenant="single-tenant"} 20\ntempo_discarded_spans_total{reason="rate_limited",tenant="single-tenant"} 5\n' +
        'tempo_distributor_ingester_append_failures_total{ingester="i"} 1\n',
      {
        accepted: { distributor: 20 },
        refused: { rate_limited: 5 },
        sent: {},
        failed: { ingesters: 1 },
        dropped: {},
        queues: {},
      },
    ],
  ])("of %s", (_, text, wanted) => {
    const reading = parseCollector(text);
    const plain = Object.fromEntries(
      Object.entries(reading ?? {}).map(([key, value]) => [
        key,
        value instanceof Map ? Object.fromEntries(value) : value,
      ]),
    );
    expect(plain).toEqual(wanted);
  });

  it("of nobody known are none", () => {
    expect(parseCollector("go_goroutines 3\n")).toBeUndefined();
  });
});

describe("istiod", () => {
  it("tells in fields or in resources what proxies did not take", () => {
    const old = [
      {
        proxy: "auth-1.auth",
        istio_version: "1.24.1",
        cluster_sent: "n1",
        cluster_acked: "n1",
        listener_sent: "n2",
      },
      { proxy: "scan-1.scan", cluster_sent: "n1", cluster_acked: "n0" },
      { proxy: "?" },
    ];
    expect(parseSyncz(JSON.stringify(old))).toEqual([
      { pod: "auth-1.auth", rejected: [{ kind: "listener" }] },
      { pod: "scan-1.scan", rejected: [] },
    ]);
    const resources = {
      "type.googleapis.com/envoy.config.listener.v3.Listener": { sent: "a", lastError: "unknown cluster" },
    };
    expect(parseSyncz(JSON.stringify([{ proxy: "auth-1.auth", resources }]))).toEqual([
      { pod: "auth-1.auth", rejected: [{ kind: "Listener", error: "unknown cluster" }] },
    ]);
    expect(parseSyncz("<html>")).toEqual([]);
  });

  it("tells what proxies started with", () => {
    const clients = [
      {
        connectionId: "auth-api-7d9.auth-12",
        metadata: { PROXY_CONFIG: { tracing: { zipkin: { address: "old:9411" } } } },
      },
      { connectionId: "x" },
    ];
    expect([...parseAdsz(JSON.stringify({ clients }))]).toEqual([
      ["auth-api-7d9.auth", { zipkin: { address: "old:9411" } }],
    ]);
  });

  it("has providers that send spans, and others", () => {
    const extensionProviders = [
      { name: "jaeger", zipkin: { service: "a/b", port: "9411" } },
      { name: "log", envoyFileAccessLog: { path: "/dev/stdout" } },
      {},
    ];
    expect(tracingProviders({ extensionProviders })).toEqual([
      { name: "jaeger", type: "zipkin", service: "a/b", port: 9411 },
    ]);
  });
});

describe("spans", () => {
  const attribute = (key: string, stringValue: string) => ({ key, value: { stringValue } });
  const resource = { attributes: [attribute("service.name", "auth-api.auth")] };
  const span = {
    traceId: "0af7651916cd43dd8448eb211c80319c",
    spanId: "b7ad6b7169203331",
    parentSpanId: "",
    kind: 2,
    startTimeUnixNano: "1700000000000001000",
    attributes: [attribute("component", "proxy")],
  };
  const read = {
    traceId: span.traceId,
    spanId: span.spanId,
    service: "auth-api.auth",
    isOfProxy: true,
    kind: "server",
    start: 1_700_000_000_000_001,
  };

  it.each([
    [
      "Jaeger's API v3",
      JSON.stringify({ result: { resourceSpans: [{ resource, scopeSpans: [{ spans: [span] }] }] } }),
    ],
    [
      "a stream, a line each",
      `${JSON.stringify({ result: { resourceSpans: [{ resource, scopeSpans: [{ spans: [span] }] }] } })}\n{"result":{}}\n`,
    ],
    [
      "Tempo",
      JSON.stringify({
        batches: [
          { resource, instrumentationLibrarySpans: [{ spans: [{ ...span, kind: "SPAN_KIND_SERVER" }] }] },
        ],
      }),
    ],
    [
      "identifiers in base64",
      JSON.stringify({
        resourceSpans: [
          {
            resource,
            scopeSpans: [
              {
                spans: [
                  {
                    ...span,
                    traceId: Buffer.from(span.traceId, "hex").toString("base64"),
                    spanId: Buffer.from(span.spanId, "hex").toString("base64"),
                  },
                ],
              },
            ],
          },
        ],
      }),
    ],
  ])("of %s", (_, answer) => {
    expect(parseOtlp(answer)).toEqual([read]);
  });

  it("of Jaeger's older API", () => {
    const old = {
      traceID: span.traceId,
      spanID: span.spanId,
      operationName: "GET",
      references: [{ refType: "CHILD_OF", spanID: "00f067aa0ba902b7" }],
      startTime: 1_700_000_000_000_001,
      processID: "p1",
      tags: [
        { key: "span.kind", value: "server" },
        { key: "component", value: "proxy" },
      ],
    };
    const answer = JSON.stringify({
      data: [{ traceID: span.traceId, spans: [old], processes: { p1: { serviceName: "auth-api.auth" } } }],
    });
    expect(parseJaeger(answer)).toEqual([{ ...read, parentId: "00f067aa0ba902b7" }]);
  });

  it.each([
    "",
    "<html>",
    "[]",
    "null",
    '{"result":{}}',
    '{"result":{"resourceSpans":[{"scopeSpans":[{"spans":[{}]}]}]}}',
  ])("%j has none", (answer) => {
    expect([...parseOtlp(answer), ...parseJaeger(answer)]).toEqual([]);
  });
});

it("services and dependencies, and the UI's page for none", () => {
  expect(parseServices('{"services":["a"]}')).toEqual(["a"]);
  expect(parseServices('{"data":["a"],"total":1}')).toEqual(["a"]);
  expect(parseServices('{"tagValues":[{"type":"string","value":"a"}]}')).toEqual(["a"]);
  expect(parseServices("{}")).toEqual([]);
  expect(parseServices("<!doctype html>")).toBeUndefined();
  expect(parseDependencies('{"data":[{"parent":"a","child":"b","callCount":2},{}]}')).toEqual([
    { from: "a", to: "b", calls: 2 },
  ]);
  expect(parseDependencies("<!doctype html>")).toBeUndefined();
});
