/** Which protocol a Service's port declares, as Istio reads it. */
import { type Json, text } from "./reading";

/** First words of port names and values of appProtocol that Istio knows. */
const known: ReadonlySet<string> = new Set([
  "tcp",
  "udp",
  "grpc",
  "grpc-web",
  "http",
  "http2",
  "https",
  "tls",
  "mongo",
  "redis",
  "mysql",
]);

/**
 * The protocol Istio takes from a port, and what it takes it from; undefined if it is left to detect it.
 * @see https://istio.io/latest/docs/ops/configuration/traffic-management/protocol-selection/
 */
export function declaredProtocol(port: Json): { protocol?: string; from: string } {
  const appProtocol = text(port["appProtocol"]);
  const from = appProtocol === undefined ? `name ${text(port["name"]) ?? ""}` : `appProtocol ${appProtocol}`;
  const word = (appProtocol ?? text(port["name"]) ?? "").toLowerCase();
  if (word === "kubernetes.io/h2c") return { protocol: "http2", from };
  const first = word.startsWith("grpc-web") ? "grpc-web" : (word.split("-")[0] ?? "");
  return known.has(first) ? { protocol: first, from } : { from };
}
