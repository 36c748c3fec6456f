import { ports } from "../../mesh/ports";
import { at, type Json, number, records, text } from "../model/reading";
import { defineRule } from "../rule";
import { snippet } from "../../findings/snippet";

/** What is spoken on a port of the pod, and the protocols Istio may be told for it. */
const spoken: Readonly<Record<number, { what: string; allowed: readonly string[]; use: string }>> = {
  [ports.zipkin]: { what: "Zipkin over HTTP", allowed: ["http"], use: "http" },
  [ports.otlpGrpc]: { what: "OTLP over gRPC", allowed: ["grpc", "http2", "tcp"], use: "grpc" },
  [ports.otlpHttp]: { what: "OTLP over HTTP", allowed: ["http", "tcp"], use: "http" },
};

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

/** Istio speaks to a port as its name or appProtocol says, whatever listens there. */
export const collectorPortProtocol = defineRule({
  name: "collector-port-protocol",
  description: "Names and appProtocol of the collector's ports say what is spoken on them.",
  level: "error",
  severity: "high",
  tags: ["istio", "kubernetes", "service"],
  url: "https://istio.io/latest/docs/ops/configuration/traffic-management/protocol-selection/",
  remediationSteps:
    "Set appProtocol http on the ports for Zipkin and OTLP over HTTP, and grpc on that for OTLP over gRPC.",
  page: {
    why: `Istio takes what is spoken on a port from \`appProtocol\`, else from the first word of the port's
      name, and not from what listens there. Told gRPC for 9411, a proxy speaks HTTP/2 to a Zipkin receiver
      of HTTP/1.1; told HTTP for 4317, it takes from gRPC the HTTP/2 that it needs. A port for UDP takes
      none of them.`,
    symptom: `The path is open, and spans are refused at its end: \`rq_error\` of the collector's cluster
      rises in the sidecars, and SDKs log that their export failed.`,
    exceptions: `Names that Istio does not know leave it to detect the protocol, and are not reported. Of
      the protocols the rule reports, none is right for its port.`,
    sources: ["https://www.jaegertracing.io/docs/latest/architecture/apis/"],
  },
  *find({ collector }) {
    const service = collector?.service;
    if (service === undefined) return;
    for (const [index, port] of records(at(service["spec"], "ports")).entries()) {
      const expected = spoken[targetOf(port)];
      if (expected === undefined) continue;
      const where = `in spec.ports[${index}]`;
      const transport = text(port["protocol"]) ?? "TCP";
      const { protocol, from } = protocolOf(port);
      if (transport !== "TCP") {
        yield {
          object: service,
          says: `has port ${number(port["port"])} with protocol ${transport}, where ${expected.what} is spoken; TCP is required`,
          fix: snippet(where, { protocol: "TCP" }),
        };
      } else if (protocol !== undefined && !expected.allowed.includes(protocol)) {
        yield {
          object: service,
          says:
            `tells Istio by the ${from} that ${protocol} is spoken on port ${number(port["port"])}, where it is ` +
            `${expected.what}; ${expected.use} is allowed`,
          fix: snippet(where, { appProtocol: expected.use }),
        };
      }
    }
  },
});

/** The pod's port where it is given as a number or tells by its name. */
function targetOf(port: Json): number {
  const target = port["targetPort"] ?? port["port"];
  return number(target) ?? number(port["port"]) ?? 0;
}

/** The protocol Istio takes from a port; undefined if it is left to detect it. */
function protocolOf(port: Json): { protocol?: string; from: string } {
  const appProtocol = text(port["appProtocol"]);
  const from = appProtocol === undefined ? `name ${text(port["name"]) ?? ""}` : `appProtocol ${appProtocol}`;
  const word = (appProtocol ?? text(port["name"]) ?? "").toLowerCase();
  if (word === "kubernetes.io/h2c") return { protocol: "http2", from };
  const first = word.startsWith("grpc-web") ? "grpc-web" : (word.split("-")[0] ?? "");
  return known.has(first) ? { protocol: first, from } : { from };
}
