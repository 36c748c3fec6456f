/** What a collector does with spans, whatever the program: where it takes them, and where it passes them on. */
import { type KubeObject } from "../objects";
import { number } from "../reading";
import { type Workload } from "../workloads";

/** Protocols that senders, collectors and stores have in common. */
export type Transport = "zipkin" | "otlp-grpc" | "otlp-http";

/** One place where spans are taken. */
export interface Receiver {
  /** As the configuration calls it: `otlp`, `zipkin/mesh`. */
  name: string;
  transport: Transport;
  /** Undefined if it is not known, such as a variable. */
  port: number | undefined;
  /** The address it listens on; empty for all, undefined if it is not known. */
  host: string | undefined;
  /** Whether nobody wrote the address: the version's default. */
  isDefaultHost: boolean;
  /** Undefined if it is not known. */
  isEncrypted: boolean | undefined;
  /** Whether a pipeline for traces takes from it. */
  isUsed: boolean;
  /** Where its address is set: `receivers.otlp.protocols.grpc`. */
  path: string;
}

/** One place where spans are passed on to. */
export interface Exporter {
  name: string;
  /** Names of the receivers, and connectors, whose spans it gets. */
  receivers: ReadonlySet<string>;
  transport: Transport;
  scheme: string | undefined;
  host: string;
  port: number;
  isEncrypted: boolean;
  /** Whether nobody said anything about TLS. */
  isDefaultTls: boolean;
  path: string;
  /** The field that has the address, and what is written there. */
  address: { field: "endpoint" | "traces_endpoint"; written: string };
}

/** Whether the exporter for gRPC has what it takes: a host with a port and no path. The collector does not start without. */
export function isDialled({ transport, address }: Pick<Exporter, "transport" | "address">): boolean {
  return transport !== "otlp-grpc" || /^([a-z]+:\/\/\/?)?[^/]+:\d+$/i.test(address.written);
}

/** An exporter that was taken out of the collector. */
export interface GoneExporter {
  name: string;
  /** The version since when, such as `0.86`. */
  since: string;
  /** What to write under `exporters` in its place. */
  instead: Readonly<Record<string, unknown>>;
}

export interface CollectorProgram {
  workload: Workload;
  /** The object to change: the ConfigMap, the OpenTelemetryCollector, or the workload with its flags. */
  object: KubeObject;
  receivers: readonly Receiver[];
  exporters: readonly Exporter[];
  /** Exporters whose endpoint is a variable that nobody knows, as it is written: where they send to is not known. */
  unreadExporters: readonly { name: string; endpoint: string }[];
  /** Components that a pipeline names and nothing defines: the collector does not start. */
  undefinedParts: readonly { pipeline: string; kind: string; name: string }[];
  /** Pipelines without receivers, or without exporters: the collector does not start. */
  emptyPipelines: readonly { pipeline: string; kind: "receivers" | "exporters" }[];
  /** Exporters of pipelines that this version of the collector no longer has: it does not start. */
  goneExporters: readonly GoneExporter[];
  /** Whether all pipelines of traces end in printing them, or dropping them. */
  onlyPrints: boolean;
  /** Processors and connectors that need all spans of a trace in one place. */
  stateful: readonly string[];
  /** Hosts of exporters that send all spans of a trace to one pod. */
  balancesTo: readonly string[];
  /** How to write the lines that switch a transport on. */
  fixFor(transport: Transport, port: number): { where: string; lines: unknown };
}

/** Whether an address is only reached from the same pod. */
export function isLoopback(host: string): boolean {
  return host === "localhost" || host === "[::1]" || host === "::1" || host.startsWith("127.");
}

export const transportNames: Readonly<Record<Transport, string>> = {
  zipkin: "Zipkin",
  "otlp-grpc": "OTLP over gRPC",
  "otlp-http": "OTLP over HTTP",
};

/** `0.0.0.0:4317` apart; undefined where a variable or a template stands for a part. */
export function splitAddress(address: string): { host: string | undefined; port: number | undefined } {
  const host = address.replace(/:\d+$/, "");
  const isPlain = !/[${}]/.test(host);
  return {
    host: isPlain ? (["0.0.0.0", "[::]"].includes(host) ? "" : host) : undefined,
    port: number(address.slice(host.length + 1)),
  };
}
