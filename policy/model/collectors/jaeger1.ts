/**
 * Jaeger 1 by its flags and variables.
 * @see https://www.jaegertracing.io/docs/1.62/cli/
 */
import { ports } from "../../../mesh/ports";
import { type Json, records, shown, text, texts } from "../reading";
import { type Receiver, splitAddress, type Transport } from "./program";

/** Since this minor version the receiver of OTLP is on by default; since 1.35 there is one. */
const otlpByDefault = 46;

/** Whether an image is one of Jaeger 1 that takes spans. */
export function isJaeger1(image: string): boolean {
  return /(^|\/)(jaeger-)?(all-in-one|collector)(:v?1\.|@|$|:latest)/.test(image);
}

/** Where it takes spans; undefined if a variable that decides is not in the input. */
export function jaeger1Receivers(container: Json): Receiver[] | undefined {
  const env = records(container["env"]);
  if (records(container["envFrom"]).length > 0) return undefined;
  const args = [...texts(container["command"]), ...texts(container["args"])];
  const setting = (variable: string, flag: string): string | undefined => {
    const position = args.findIndex((arg) => arg === `--${flag}` || arg.startsWith(`--${flag}=`));
    const [name, value = args[position + 1] ?? "true"] = args[position]?.split("=") ?? [];
    return name === undefined ? variableOf(env, variable) : value;
  };
  const isElsewhere = ({ name, valueFrom }: Json): boolean =>
    /^COLLECTOR_(OTLP|ZIPKIN)/.test(shown(name)) && valueFrom !== undefined;
  if (env.some(isElsewhere)) return undefined;
  const receivers: Receiver[] = [];
  const add = (name: string, transport: Transport, address: string, tls: string): void => {
    const { host, port } = splitAddress(/^\d+$/.test(address) ? `:${address}` : address);
    const isEncrypted = setting(
      `COLLECTOR_${tls}_TLS_ENABLED`,
      `collector.${tls.toLowerCase().replaceAll("_", ".")}.tls.enabled`,
    );
    const shared = { isDefaultHost: false, isUsed: true, path: "its flags and variables" };
    receivers.push({ name, transport, host, port, isEncrypted: isEncrypted === "true", ...shared });
  };
  const zipkin =
    setting("COLLECTOR_ZIPKIN_HOST_PORT", "collector.zipkin.host-port") ??
    setting("COLLECTOR_ZIPKIN_HTTP_HOST_PORT", "collector.zipkin.http-host-port") ??
    setting("COLLECTOR_ZIPKIN_HTTP_PORT", "collector.zipkin.http-port");
  if (zipkin !== undefined && !["", "0"].includes(zipkin)) add("zipkin", "zipkin", zipkin, "ZIPKIN");
  const image = text(container["image"]) ?? "";
  const minor = Number(/:v?1\.(\d+)/.exec(image)?.[1] ?? otlpByDefault);
  const otlp = setting("COLLECTOR_OTLP_ENABLED", "collector.otlp.enabled") ?? String(minor >= otlpByDefault);
  if (otlp === "true" && minor >= 35) {
    const grpc =
      setting("COLLECTOR_OTLP_GRPC_HOST_PORT", "collector.otlp.grpc.host-port") ?? `:${ports.otlpGrpc}`;
    const http =
      setting("COLLECTOR_OTLP_HTTP_HOST_PORT", "collector.otlp.http.host-port") ?? `:${ports.otlpHttp}`;
    add("OTLP", "otlp-grpc", grpc, "OTLP_GRPC");
    add("OTLP", "otlp-http", http, "OTLP_HTTP");
  }
  return receivers;
}

function variableOf(env: readonly Json[], name: string): string | undefined {
  return text(env.find((entry) => entry["name"] === name)?.["value"]);
}

/** The variable that switches a transport on. */
export function jaeger1Fix(transport: Transport, port: number): { where: string; lines: unknown } {
  return {
    where: "in env of Jaeger's container",
    lines:
      transport === "zipkin"
        ? [{ name: "COLLECTOR_ZIPKIN_HOST_PORT", value: `:${port}` }]
        : [{ name: "COLLECTOR_OTLP_ENABLED", value: "true" }],
  };
}
