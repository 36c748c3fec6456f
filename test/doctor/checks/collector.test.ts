/** What collectors count, in two looks: what is so now, what was once, and what nobody can tell. */
import { expect, it } from "vitest";
import { collectorChecks } from "../../../doctor/checks/collector";
import { type Facts } from "../../../doctor/judge/facts";
import { parseCollector } from "../../../doctor/parse/collector";
import { type CollectorState } from "../../../doctor/read/collectors";
import { Mesh } from "../../../docs/generate/sample/mesh";
import { TracingModel } from "../../../policy/model/tracingModel";

type Pod = CollectorState["pods"][number];
const receiver = "Service tracing/otel";

/** A pod with metrics, or with the reason why there are none. */
function pod(metrics: string, more: Partial<Pod> = {}): Pod {
  const value = parseCollector(metrics);
  return {
    pod: "tracing/otel-1",
    metrics: value === undefined ? { why: metrics } : { value },
    restarts: 0,
    outOfMemory: false,
    ...more,
  };
}

function checks(before: Pod[], after: Pod[] = before, more: Partial<Facts> = {}): string[] {
  const facts = {
    model: TracingModel.from(new Mesh().objects, {}),
    rights: { missing: { exec: [], portforward: [] } },
    forbidden: [],
    collectors: { before: [{ receiver, pods: before }], after: [{ receiver, pods: after }] },
    ...more,
  } as unknown as Facts;
  return collectorChecks(facts).map(
    ({ id, result, evidence, hint }) =>
      `${id} ${result}: ${evidence.join("; ")} → ${hint.replace(/ ?\(?docs.*/, "")}`,
  );
}

const spans = (accepted: number, refused: number, failed = 0): string =>
  `otelcol_receiver_accepted_spans_total{receiver="zipkin"} ${accepted}\n` +
  `otelcol_receiver_refused_spans_total{receiver="zipkin"} ${refused}\n` +
  `otelcol_exporter_sent_spans_total{exporter="otlp"} ${accepted}\n` +
  `otelcol_exporter_send_failed_spans_total{exporter="otlp"} ${failed}\n`;

const log = "kubectl -n tracing logs otel-1 says why";

it("what it takes and passes on is well", () => {
  expect(checks([pod(spans(7, 0))])).toEqual([
    `collector-receives success: ${receiver}: zipkin 7 spans accepted, 0 refused → `,
    `collector-exports success: ${receiver}: otlp 7 spans sent, 0 failed → `,
    "store-pressure not checked: it tells neither its memory nor its queues → npm run -s doctor asks again",
  ]);
});

it("what it refuses and fails to send now is broken, what it did once is to be looked at", () => {
  expect(checks([pod(spans(7, 2, 1))], [pod(spans(9, 5, 4))]).slice(0, 2)).toEqual([
    `collector-receives error: ${receiver}: zipkin 9 spans accepted, 5 refused, 3 of them just now → ${log} it refuses spans`,
    `collector-exports error: ${receiver}: otlp 9 spans sent, 4 failed, 3 of them just now → ${log} exports fail: the endpoint, its TLS, or the store`,
  ]);
  expect(checks([pod(spans(7, 2, 1))]).slice(0, 2)).toEqual([
    `collector-receives warning: ${receiver}: zipkin 7 spans accepted, 2 refused → ${log} it refuses spans`,
    `collector-exports warning: ${receiver}: otlp 7 spans sent, 1 failed → ${log} exports fail: the endpoint, its TLS, or the store`,
  ]);
});

it("nothing ever sent and something failed is broken", () => {
  const metrics =
    'otelcol_exporter_sent_spans{exporter="otlp"} 0\notelcol_exporter_send_failed_spans{exporter="otlp"} 8\n';
  expect(checks([pod(metrics)])[1]).toBe(
    `collector-exports error: ${receiver}: otlp 0 spans sent, 8 failed → ${log} exports fail: the endpoint, its TLS, or the store`,
  );
});

it("a store is short of room by memory, restarts, queues and what is dropped", () => {
  const metrics =
    'otelcol_process_memory_rss_bytes 500000000\notelcol_exporter_queue_size{exporter="otlp"} 95\notelcol_exporter_queue_capacity{exporter="otlp"} 100\n';
  const dropped = (number: number) =>
    `${metrics}otelcol_processor_refused_spans{processor="memory_limiter"} ${number}\n`;
  const [, , said] = checks(
    [pod(dropped(3))],
    [pod(dropped(4), { restarts: 2, outOfMemory: true, limit: 512 * 2 ** 20 })],
  );
  expect(said).toBe(
    [
      "store-pressure error: tracing/otel-1: it was killed because it ran out of memory; 2 restarts",
      "tracing/otel-1: 477 MiB of memory of 512 MiB",
      `${receiver}: the queue of otlp is 95 % full`,
      `${receiver}: memory_limiter dropped 4 spans, 1 of them just now → kubectl -n tracing get pods shows restarts; raise the memory limit, or sample less`,
    ].join("; "),
  );
});

it("a store in memory that has taken more than it keeps has forgotten", () => {
  const model = TracingModel.from(
    [
      {
        apiVersion: "apps/v1",
        kind: "Deployment",
        metadata: { name: "jaeger", namespace: "tracing" },
        spec: {
          selector: { matchLabels: { app: "jaeger" } },
          template: {
            metadata: { labels: { app: "jaeger" } },
            spec: {
              containers: [
                { name: "jaeger", image: "jaegertracing/all-in-one:1.60", args: ["--memory.max-traces=100"] },
              ],
            },
          },
        },
      },
    ],
    {},
  );
  const trace = (traceId: string) => ["a", "b", "c"].map((spanId) => ({ traceId, spanId }));
  const traces = { spans: [...trace("1"), ...trace("2")] } as unknown as Facts["traces"];
  expect(checks([pod(spans(3000, 0))], undefined, { model, traces })[2]).toMatch(
    "store-pressure warning: about 1000 traces came in since it started and 100 are kept: older ones are gone",
  );
  expect(checks([pod(spans(150, 0))], undefined, { model, traces })[2]).toMatch(
    "store-pressure success: about 50 traces came in, 100 are kept",
  );
});

it("nobody who answers is not checked, nobody who runs is broken", () => {
  expect(checks([pod("no answer within 20 s")]).map((line) => line.replace(/ →.*/, ""))).toEqual(
    ["collector-receives", "collector-exports", "store-pressure"].map(
      (id) => `${id} not checked: ${receiver}: tracing/otel-1: no answer within 20 s`,
    ),
  );
  expect(checks([])[0]).toBe(
    `collector-receives error: ${receiver}: no pod of it runs → kubectl -n tracing get pods shows why no pod of otel runs`,
  );
});

it("one pod of two that answers speaks, and the other one is named", () => {
  const two = [pod(spans(7, 0)), pod("it broke", { pod: "tracing/otel-2" })];
  expect(checks(two)[0]).toBe(
    `collector-receives success: ${receiver}: zipkin 7 spans accepted, 0 refused; ${receiver}: tracing/otel-2: it broke → `,
  );
});

it("a pod that started anew between two looks has no spans refused less than none", () => {
  expect(checks([pod(spans(700, 9, 9))], [pod(spans(2, 0))]).slice(0, 2)).toEqual([
    `collector-receives success: ${receiver}: zipkin 2 spans accepted, 0 refused → `,
    `collector-exports success: ${receiver}: otlp 2 spans sent, 0 failed → `,
  ]);
});
