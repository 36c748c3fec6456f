/** Which protocol a Service's port declares, as Istio reads it. */
import { type Json, text } from "./reading";

/** First words of port names and values of appProtocol that Istio knows. */
const known: readonly string[] = [
  "tcp",
  "udp",
  "grpc-web",
  "grpc",
  "http",
  "http2",
  "https",
  "tls",
  "mongo",
  "redis",
  "mysql",
];

/**
 * The protocol Istio takes from a port, and what it takes it from; undefined if it is left to detect it.
 * @see https://istio.io/latest/docs/ops/configuration/traffic-management/protocol-selection/
 */
export function declaredProtocol(port: Json): { protocol?: string; from: string } {
  const appProtocol = text(port["appProtocol"]);
  const from = appProtocol === undefined ? `name ${text(port["name"]) ?? ""}` : `appProtocol ${appProtocol}`;
  const word = (appProtocol ?? text(port["name"]) ?? "").toLowerCase();
  if (word === "kubernetes.io/h2c") return { protocol: "http2", from };
  return { protocol: known.find((one) => word === one || word.startsWith(`${one}-`)), from };
}
