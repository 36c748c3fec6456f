/**
 * The configuration of an OpenTelemetry Collector, which Jaeger 2 has too.
 * @see https://opentelemetry.io/docs/collector/configuration/
 */
import { ports } from "../../../mesh/ports";
import { at, isRecord, type Json, list, record, shown, text, texts } from "../reading";
import {
  type CollectorProgram,
  type Exporter,
  type GoneExporter,
  type Receiver,
  splitAddress,
  type Transport,
} from "./program";

type Parts = Pick<
  CollectorProgram,
  | "receivers"
  | "exporters"
  | "emptyPipelines"
  | "unreadExporters"
  | "undefinedParts"
  | "goneExporters"
  | "onlyPrints"
  | "stateful"
  | "balancesTo"
  | "fixFor"
>;

const defaultPorts: Readonly<Record<Transport, number>> = {
  zipkin: ports.zipkin,
  "otlp-grpc": ports.otlpGrpc,
  "otlp-http": ports.otlpHttp,
};

/** Components that see only a part of a trace where its spans come to several pods. */
const stateful = /^(tail_sampling|groupbytrace|servicegraph)(\/|$)/;

/** Exporters that bring spans nowhere. */
const printing = /^(debug|logging|nop)(\/|$)/;

/**
 * What a configuration says of traces.
 * @param isLocalByDefault whether receivers without an address listen on localhost; undefined if nobody can say
 * @param minor of the collector's version, 0.‹minor›, if it is known
 */
export function readOtelConfig(config: Json, isLocalByDefault: boolean | undefined, minor?: number): Parts {
  const pipelines = Object.entries(record(at(config, "service", "pipelines"))).map(([name, pipeline]) => ({
    name,
    pipeline: record(pipeline),
    isTraces: /^traces(\/|$)/.test(name),
    receivers: texts(at(pipeline, "receivers")),
    processors: texts(at(pipeline, "processors")),
    exporters: texts(at(pipeline, "exporters")),
  }));
  const traces = pipelines.filter(({ isTraces }) => isTraces);
  const used = new Set(traces.flatMap(({ receivers }) => receivers));
  const written = new Set(traces.flatMap(({ exporters }) => exporters));
  const parts = [...traces.flatMap(({ processors }) => processors), ...written];
  return {
    receivers: Object.entries(record(config["receivers"])).flatMap(([name, settings]) =>
      readReceiver(name, record(settings), used.has(name), isLocalByDefault, "receivers"),
    ),
    exporters: Object.entries(record(config["exporters"])).flatMap(([name, settings]) =>
      written.has(name) ? readExporter(name, record(settings), feedersOf(name, traces)) : [],
    ),
    unreadExporters: Object.entries(record(config["exporters"])).flatMap(([name, settings]) => {
      const endpoint = endpointOf(record(settings));
      return written.has(name) && transportOf(name) !== undefined && endpoint.includes("${")
        ? [{ name, endpoint }]
        : [];
    }),
    undefinedParts: pipelines.flatMap((pipeline) =>
      (["receivers", "processors", "exporters"] as const).flatMap((kind) =>
        pipeline[kind]
          .filter((name) => !isDefined(config, kind, name) && !name.includes("$"))
          .map((name) => ({ pipeline: pipeline.name, kind, name })),
      ),
    ),
    emptyPipelines: pipelines.flatMap(({ name, pipeline }) =>
      (["receivers", "exporters"] as const).flatMap((kind) =>
        list(pipeline[kind]).length === 0 && typeof pipeline[kind] !== "string"
          ? [{ pipeline: name, kind }]
          : [],
      ),
    ),
    goneExporters: [...new Set(pipelines.flatMap(({ exporters }) => exporters))].flatMap((name) =>
      goneExporter(name, record(at(config, "exporters", name)), minor),
    ),
    onlyPrints:
      traces.length > 0 &&
      traces.every(({ exporters }) => exporters.length > 0 && exporters.every((one) => printing.test(one))),
    stateful: [...new Set(parts.filter((name) => stateful.test(name)))],
    balancesTo: [...written].flatMap((name) => {
      const resolver = record(at(config, "exporters", name, "resolver"));
      if (!/^loadbalancing(\/|$)/.test(name)) return [];
      const host = text(at(resolver, "dns", "hostname")) ?? text(at(resolver, "k8s", "service"));
      return host === undefined ? [] : [host];
    }),
    fixFor: (transport, port) =>
      fixFor(traces[0]?.name ?? "traces", traces[0]?.receivers ?? [], transport, port),
  };
}

/** What an exporter, or a connector, gets its spans from, through other connectors too. */
function feedersOf(
  name: string,
  pipelines: readonly { receivers: readonly string[]; exporters: readonly string[] }[],
  found = new Set<string>(),
): Set<string> {
  for (const { receivers } of pipelines.filter(({ exporters }) => exporters.includes(name))) {
    for (const receiver of receivers.filter((one) => !found.has(one))) {
      feedersOf(receiver, pipelines, found.add(receiver));
    }
  }
  return found;
}

/** Since which minor version exporters are gone. */
const goneSince: ReadonlyMap<string | undefined, number> = new Map([
  ["jaeger", 86],
  ["jaeger_thrift", 86],
  ["logging", 111],
]);

function goneExporter(name: string, settings: Json, minor: number | undefined): GoneExporter[] {
  const [type] = name.split("/");
  const since = goneSince.get(type);
  if (since === undefined || minor === undefined || minor < since) return [];
  if (type === "logging") return [{ name, since: `0.${since}`, instead: { debug: {} } }];
  const [, host = "jaeger"] = /^(?:\w+:\/\/)?([^/:${}]+)/.exec(text(settings["endpoint"]) ?? "") ?? [];
  const otlp = { endpoint: `${host}:${ports.otlpGrpc}`, tls: { insecure: true } };
  return [{ name, since: `0.${since}`, instead: { "otlp/jaeger": otlp } }];
}

/** A connector is an exporter of one pipeline and a receiver of another. */
function isDefined(config: Json, kind: string, name: string): boolean {
  const isIn = (section: string) => name in record(config[section]);
  return isIn(kind) || (kind !== "processors" && isIn("connectors"));
}

/** The receivers of a section: an OTLP receiver is one for each of its protocols. */
export function readReceiver(
  name: string,
  settings: Json,
  isUsed: boolean,
  isLocalByDefault: boolean | undefined,
  section: string,
): Receiver[] {
  const one = (transport: Transport, own: Json, path: string): Receiver => {
    const endpoint = own["endpoint"] ?? undefined;
    const written = text(endpoint);
    const byDefault = { host: defaultHost(isLocalByDefault), port: defaultPorts[transport] };
    const address = written === undefined ? { host: undefined, port: undefined } : splitAddress(written);
    const tls = own["tls"] ?? undefined;
    return {
      name,
      transport,
      ...(endpoint === undefined ? byDefault : address),
      isDefaultHost: endpoint === undefined,
      // A variable may stand for all of it.
      isEncrypted: tls === undefined || isRecord(tls) ? tls !== undefined : undefined,
      isUsed,
      path,
    };
  };
  if (/^zipkin(\/|$)/.test(name)) return [one("zipkin", settings, `${section}.${name}`)];
  if (!/^otlp(\/|$)/.test(name)) return [];
  const protocols = record(settings["protocols"]);
  return (["grpc", "http"] as const).flatMap((protocol) =>
    protocol in protocols
      ? [one(`otlp-${protocol}`, record(protocols[protocol]), `${section}.${name}.protocols.${protocol}`)]
      : [],
  );
}

function defaultHost(isLocal: boolean | undefined): string | undefined {
  return isLocal === undefined ? undefined : isLocal ? "localhost" : "";
}

/** What exporters of a type speak. */
const transports: ReadonlyMap<string | undefined, Transport> = new Map([
  ["otlp", "otlp-grpc"],
  ["otlp_grpc", "otlp-grpc"],
  ["otlphttp", "otlp-http"],
  ["otlp_http", "otlp-http"],
  ["zipkin", "zipkin"],
]);

function transportOf(exporter: string): Transport | undefined {
  const [type] = exporter.split("/");
  return transports.get(type);
}

function endpointOf(settings: Json): string {
  return text(settings["traces_endpoint"]) ?? text(settings["endpoint"]) ?? "";
}

function readExporter(name: string, settings: Json, receivers: ReadonlySet<string>): Exporter[] {
  const transport = transportOf(name);
  if (transport === undefined) return [];
  const match = /^(?:([a-z]+):\/\/\/?)?([^/:${}]+)(?::(\d+))?(\/[^${}]*)?$/i.exec(endpointOf(settings));
  if (match?.[2] === undefined) return [];
  const scheme = match[1]?.toLowerCase();
  const isSchemed = scheme === "http" || scheme === "https";
  const isByScheme = isSchemed || transport !== "otlp-grpc";
  const insecure = shown(at(settings, "tls", "insecure") ?? false);
  const ofScheme = scheme === "https" ? ports.https : transport === "otlp-grpc" ? ports.otlpGrpc : 80;
  // A variable may say whether TLS is on.
  if (!isByScheme && !["true", "false"].includes(insecure)) return [];
  return [
    {
      name,
      receivers,
      transport,
      scheme,
      host: match[2],
      port: match[3] === undefined ? ofScheme : Number(match[3]),
      isEncrypted: isByScheme ? scheme === "https" : insecure === "false",
      isDefaultTls: !isSchemed && settings["tls"] === undefined,
      path: `exporters.${name}`,
      address: {
        field: text(settings["traces_endpoint"]) === undefined ? "endpoint" : "traces_endpoint",
        written: endpointOf(settings),
      },
    },
  ];
}

function fixFor(pipeline: string, receivers: readonly string[], transport: Transport, port: number) {
  const name = transport === "zipkin" ? "zipkin" : "otlp";
  const endpoint = { endpoint: `0.0.0.0:${port}` };
  return {
    where: "in the collector's configuration",
    lines: {
      receivers:
        transport === "zipkin"
          ? { zipkin: endpoint }
          : { otlp: { protocols: { [transport === "otlp-grpc" ? "grpc" : "http"]: endpoint } } },
      service: { pipelines: { [pipeline]: { receivers: [...new Set([...receivers, name])] } } },
    },
  };
}
