/**
 * Grafana Tempo: the receivers of its distributor are those of an OpenTelemetry Collector.
 * @see https://grafana.com/docs/tempo/latest/configuration/#distributor
 */
import { at, type Json, record } from "../reading";
import { readReceiver } from "./otelConfig";
import { type Receiver, type Transport } from "./program";

export function tempoReceivers(config: Json, isLocalByDefault: boolean | undefined): Receiver[] {
  return Object.entries(record(at(config, "distributor", "receivers"))).flatMap(([name, settings]) =>
    readReceiver(name, record(settings), true, isLocalByDefault, "distributor.receivers"),
  );
}

export function tempoFix(transport: Transport, port: number): { where: string; lines: unknown } {
  const endpoint = { endpoint: `0.0.0.0:${port}` };
  const receivers =
    transport === "zipkin"
      ? { zipkin: endpoint }
      : { otlp: { protocols: { [transport === "otlp-grpc" ? "grpc" : "http"]: endpoint } } };
  return { where: "in Tempo's configuration", lines: { distributor: { receivers } } };
}
