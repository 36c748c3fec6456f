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

/** The number of bytes of a quantity such as `512Mi` or `2Gi`; undefined for anything else. */
export function parseMemory(quantity: string): number | undefined {
  const match = /^([1-9]\d*)(Mi|Gi)$/.exec(quantity);
  if (match === null) return undefined;
  return Number(match[1]) * (match[2] === "Gi" ? 1024 : 1) * mebibyte;
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
