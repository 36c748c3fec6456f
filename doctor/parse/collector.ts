/** What collectors and stores count, by their own metrics, in one form. */
import { counter, parseMetrics, type Sample, sum, sumBy } from "./prometheus";

export interface CollectorReading {
  /** Spans by receiver: `zipkin`, `otlp`. */
  accepted: ReadonlyMap<string, number>;
  refused: ReadonlyMap<string, number>;
  /** Spans by exporter, the store of Jaeger included. */
  sent: ReadonlyMap<string, number>;
  failed: ReadonlyMap<string, number>;
  /** Spans that were dropped because of a full queue or a limit of memory, by where. */
  dropped: ReadonlyMap<string, number>;
  /** How full a queue is, by exporter, from 0 to 1. */
  queues: ReadonlyMap<string, number>;
  /** Resident memory in bytes. */
  memory?: number;
}

/** Names of metrics that are read, of the collector (and Jaeger 2), Jaeger 1 and Tempo. */
const wanted =
  /^(otelcol_(receiver|exporter|processor)_|otelcol_process_memory_rss|process_resident_memory_bytes|jaeger_collector_(spans|queue)|tempo_(distributor_spans|discarded|distributor_ingester_append|ingester_)|tempodb_)/;

export function parseCollector(answer: string): CollectorReading | undefined {
  const samples = parseMetrics(answer, (name) => wanted.test(name));
  if (samples.length === 0) return undefined;
  const memory = [
    "otelcol_process_memory_rss_bytes",
    "otelcol_process_memory_rss",
    "process_resident_memory_bytes",
  ]
    .map((name) => samples.find((sample) => sample.name === name)?.value)
    .find((value) => value !== undefined);
  return {
    accepted: merged(
      sumBy(counter(samples, "otelcol_receiver_accepted_spans"), "receiver"),
      jaeger1(samples, "jaeger_collector_spans_received"),
      tempo(samples, "tempo_distributor_spans_received"),
    ),
    refused: merged(
      sumBy(counter(samples, "otelcol_receiver_refused_spans"), "receiver"),
      sumBy(counter(samples, "otelcol_receiver_failed_spans"), "receiver"),
      jaeger1(samples, "jaeger_collector_spans_rejected"),
      sumBy(counter(samples, "tempo_discarded_spans"), "reason"),
    ),
    sent: merged(sumBy(counter(samples, "otelcol_exporter_sent_spans"), "exporter"), savedBy(samples, "ok")),
    failed: merged(
      sumBy(counter(samples, "otelcol_exporter_send_failed_spans"), "exporter"),
      sumBy(counter(samples, "otelcol_exporter_enqueue_failed_spans"), "exporter"),
      savedBy(samples, "err"),
      single(samples, "tempo_distributor_ingester_append_failures", "ingesters"),
      single(samples, "tempo_ingester_failed_flushes", "store"),
    ),
    dropped: merged(
      sumBy(counter(samples, "otelcol_processor_refused_spans"), "processor"),
      sumBy(counter(samples, "otelcol_processor_dropped_spans"), "processor"),
      single(samples, "jaeger_collector_spans_dropped", "queue"),
    ),
    queues: queuesOf(samples),
    ...(memory === undefined ? {} : { memory }),
  };
}

function queuesOf(samples: readonly Sample[]): Map<string, number> {
  const ofTraces = (name: string): Map<string, number> =>
    sumBy(
      samples.filter(
        (sample) => sample.name === name && ["traces", undefined].includes(sample.labels["data_type"]),
      ),
      "exporter",
    );
  const capacities = ofTraces("otelcol_exporter_queue_capacity");
  const sizes = ofTraces("otelcol_exporter_queue_size");
  const shares = new Map<string, number>();
  for (const [exporter, size] of sizes) {
    const capacity = capacities.get(exporter) ?? 0;
    if (capacity > 0) shares.set(exporter, size / capacity);
  }
  return shares;
}

/** Jaeger 1 counts by service, and by format: the format is what its receivers are. */
function jaeger1(samples: readonly Sample[], name: string): Map<string, number> {
  const found = counter(samples, name);
  const formats = sumBy(found, "format");
  return new Map([...formats].map(([format, value]) => [format === "" ? "spans" : format, value]));
}

function savedBy(samples: readonly Sample[], result: string): Map<string, number> {
  const found = counter(samples, "jaeger_collector_spans_saved_by_svc").filter(
    ({ labels }) => labels["result"] === result,
  );
  return found.length === 0 ? new Map<string, number>() : new Map([["store", sum(found)]]);
}

function tempo(samples: readonly Sample[], name: string): Map<string, number> {
  return single(samples, name, "distributor");
}

function single(samples: readonly Sample[], name: string, key: string): Map<string, number> {
  const found = counter(samples, name);
  return found.length === 0 ? new Map<string, number>() : new Map([[key, sum(found)]]);
}

function merged(...maps: readonly ReadonlyMap<string, number>[]): Map<string, number> {
  const result = new Map<string, number>();
  for (const map of maps) {
    for (const [key, value] of map) {
      const name = key === "" ? "spans" : key;
      result.set(name, (result.get(name) ?? 0) + value);
    }
  }
  return result;
}

/** Readings of several pods as one. */
export function sumReadings(readings: readonly CollectorReading[]): CollectorReading {
  const of = (field: "accepted" | "refused" | "sent" | "failed" | "dropped"): Map<string, number> =>
    merged(...readings.map((reading) => reading[field]));
  const queues = new Map<string, number>();
  for (const reading of readings) {
    for (const [name, share] of reading.queues) queues.set(name, Math.max(share, queues.get(name) ?? 0));
  }
  const memories = readings.flatMap(({ memory }) => memory ?? []);
  return {
    accepted: of("accepted"),
    refused: of("refused"),
    sent: of("sent"),
    failed: of("failed"),
    dropped: of("dropped"),
    queues,
    ...(memories.length === 0 ? {} : { memory: Math.max(...memories) }),
  };
}
