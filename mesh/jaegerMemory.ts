/**
 * How many traces Jaeger's memory store may keep within a container's memory limit.
 *
 * Measured with Jaeger 2.x, traces of 11 spans with 15 attributes each, GOMEMLIMIT at 80 % of 512Mi: resident
 * memory is about 115 MB plus about 29 kB a trace (10 000 traces: 403 MB). The store is bounded so that it
 * stays below GOMEMLIMIT, and GOMEMLIMIT stays below the container's limit, where the kernel kills.
 */

/** Bytes of `1Mi`. */
export const mebibyte = 1024 * 1024;

/** Memory Jaeger takes before the first trace, in bytes. */
const baseBytes = 115e6;

/** Memory of one kept trace in bytes, with some room over the measured 29 kB. */
const bytesPerTrace = 31e3;

/** Share of the container's memory limit that the Go runtime may use before it collects garbage harder. */
const goMemoryShare = 0.8;

/** Bytes of a suffix of memory quantities. */
const units: Readonly<Record<string, number>> = {
  m: 1e-3,
  "": 1,
  k: 1e3,
  M: 1e6,
  G: 1e9,
  T: 1e12,
  P: 1e15,
  E: 1e18,
  Ki: 2 ** 10,
  Mi: mebibyte,
  Gi: 2 ** 30,
  Ti: 2 ** 40,
  Pi: 2 ** 50,
  Ei: 2 ** 60,
};

/**
 * The number of bytes of a quantity as Kubernetes takes it for memory, `512Mi`, `2G` or `536870912`; undefined for
 * anything else.
 * @see https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/quantity/
 */
export function parseMemory(quantity: unknown): number | undefined {
  if (typeof quantity === "number") return quantity;
  if (typeof quantity !== "string") return undefined;
  const match = /^(\d+(?:\.\d*)?|\.\d+)(?:[eE]([+-]?\d+)|([mkMGTPE]|[KMGTPE]i)?)$/.exec(quantity);
  if (match === null) return undefined;
  return Number(match[1]) * 10 ** Number(match[2] ?? 0) * (units[match[3] ?? ""] ?? 1);
}

/** GOMEMLIMIT for a memory limit in bytes, as Go spells it: 512Mi gives `410MiB`. */
export function goMemoryLimit(limitBytes: number): string {
  return `${Math.round((limitBytes * goMemoryShare) / mebibyte)}MiB`;
}

/** `max_traces` for a memory limit in bytes, rounded down to whole 500s: 512Mi gives 10 000. */
export function maxTracesFor(limitBytes: number): number {
  const traces = (limitBytes * goMemoryShare - baseBytes) / bytesPerTrace;
  return Math.max(0, Math.floor(traces / 500) * 500);
}
