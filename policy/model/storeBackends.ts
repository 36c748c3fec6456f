/** The engines that Jaeger keeps traces in, and where they answer. */
import { ports } from "../../mesh/ports";
import { type Jaeger } from "./jaeger";
import { configsOf, storeOf } from "./jaegerStore";
import { type KubeObject, type ObjectIndex } from "./objects";
import { at, isRecord, type Json, number, record, records, text, texts } from "./reading";

/** One store of Jaeger's configuration. */
export interface Backend {
  /** `memory`, `badger`, `elasticsearch`, `opensearch`, `cassandra`, … */
  engine: string;
  settings: Json;
  /** Whether spans that arrive are written to it; an archive is not. */
  isPrimary: boolean;
  /** Where it is configured: `extensions.jaeger_storage.backends.some_storage.opensearch` */
  path: string;
  /** The object that has the configuration. */
  object: KubeObject;
}

export interface StoreAddress {
  host: string;
  port: number;
  /** Whether it is spoken to over TLS. */
  isEncrypted: boolean;
}

/** The stores of a Jaeger: of version 2 from its configuration, of version 1 from its variables and flags. */
export function backendsOf(jaeger: Jaeger, index: ObjectIndex): Backend[] {
  const legacy = legacyBackend(jaeger);
  if (legacy !== undefined) return [legacy];
  return configsOf(jaeger, index).flatMap(({ config, object }) => {
    const primary = primaryName(config);
    const where = ["extensions", "jaeger_storage", "backends"];
    return Object.entries(record(at(config, ...where))).flatMap(([name, backend]) =>
      Object.entries(record(backend)).map(([engine, settings]) => ({
        engine,
        settings: record(settings),
        isPrimary: primary === undefined || primary === name,
        path: [...where, name, engine].join("."),
        object,
      })),
    );
  });
}

/** The engine that spans are written to; undefined if the input does not tell. */
export function engineOf(jaeger: Jaeger, index: ObjectIndex): string | undefined {
  const primary = backendsOf(jaeger, index).find(({ isPrimary }) => isPrimary);
  return primary?.engine ?? (storeOf(jaeger, index).kind === "memory" ? "memory" : undefined);
}

/** Where a store answers, as far as the configuration says it; nothing that is set by a variable. */
export function addressesOf({ engine, settings }: Backend): StoreAddress[] {
  if (engine === "elasticsearch" || engine === "opensearch") {
    return texts(settings["server_urls"]).flatMap((address) => {
      if (address.includes("$") || !URL.canParse(address)) return [];
      const { hostname, port, protocol } = new URL(address);
      const isEncrypted = protocol === "https:";
      return [
        { host: hostname, port: port === "" ? (isEncrypted ? ports.https : 80) : Number(port), isEncrypted },
      ];
    });
  }
  if (engine !== "cassandra") return [];
  const connection = record(settings["connection"]);
  const isEncrypted = at(connection, "tls", "insecure") !== true;
  return texts(connection["servers"]).flatMap((server) => {
    const match = /^([^:$]+)(?::(\d+))?$/.exec(server);
    if (match?.[1] === undefined) return [];
    return [
      {
        host: match[1],
        port: Number(match[2] ?? number(connection["port"]) ?? ports.cassandra),
        isEncrypted,
      },
    ];
  });
}

function primaryName(config: Json): string | undefined {
  const written = Object.values(record(config["exporters"]))
    .map((exporter) => (isRecord(exporter) ? text(exporter["trace_storage"]) : undefined))
    .find((name) => name !== undefined);
  return written ?? text(at(config, "extensions", "jaeger_query", "storage", "traces"));
}

/** Jaeger 1: SPAN_STORAGE_TYPE and the settings of its engine, each a variable or a flag. */
function legacyBackend({ workload, container }: Jaeger): Backend | undefined {
  const variables = new Map(
    records(container["env"]).map((entry) => [text(entry["name"]), text(entry["value"])]),
  );
  const engine = variables.get("SPAN_STORAGE_TYPE");
  if (engine === undefined) return undefined;
  const setting = (variable: string, flag: string): string | undefined =>
    variables.get(variable) ??
    texts(container["args"])
      .find((arg) => arg.startsWith(`--${flag}=`))
      ?.slice(flag.length + 3);
  const words = (value: string | undefined): string[] => value?.split(",").map((word) => word.trim()) ?? [];
  const isTls = setting("CASSANDRA_TLS_ENABLED", "cassandra.tls.enabled") === "true";
  const settings: Json =
    engine === "cassandra"
      ? {
          connection: {
            servers: words(setting("CASSANDRA_SERVERS", "cassandra.servers")),
            port: number(setting("CASSANDRA_PORT", "cassandra.port")),
            tls: { insecure: !isTls },
          },
        }
      : {
          server_urls: words(setting("ES_SERVER_URLS", "es.server-urls")),
          tls: {
            insecure_skip_verify: setting("ES_TLS_SKIP_HOST_VERIFY", "es.tls.skip-host-verify") === "true",
          },
        };
  return { engine, settings, isPrimary: true, path: "its variables", object: workload.object };
}
