import { ports } from "../../mesh/ports";
import { type KubeObject } from "../model/objects";
import { declaredProtocol } from "../model/portProtocol";
import { at, type Json, number, records, text } from "../model/reading";
import { defineRule, type Problem } from "../rule";
import { snippet } from "../../findings/snippet";

/** What is spoken on a port of the pod, and the protocols Istio may be told for it. */
const spoken: Readonly<Record<number, { what: string; allowed: readonly string[]; use: string }>> = {
  [ports.zipkin]: { what: "Zipkin over HTTP", allowed: ["http", "tcp"], use: "http" },
  [ports.otlpGrpc]: { what: "OTLP over gRPC", allowed: ["grpc", "http2", "tcp"], use: "grpc" },
  [ports.otlpHttp]: { what: "OTLP over HTTP", allowed: ["http", "tcp"], use: "http" },
};

/** Istio speaks the protocol that a port's name or appProtocol declares, no matter what listens there. */
export const collectorPortProtocol = defineRule({
  name: "collector-port-protocol",
  description: "The name or appProtocol of each collector port matches the protocol spoken there.",
  level: "error",
  severity: "high",
  tags: ["istio", "kubernetes", "service"],
  url: "https://istio.io/latest/docs/ops/configuration/traffic-management/protocol-selection/",
  remediationSteps:
    "Set appProtocol to http on the ports for Zipkin and OTLP over HTTP, and to grpc on the port for OTLP over gRPC.",
  page: {
    why: `Istio takes the protocol of a port from \`appProtocol\`, or else from the prefix of the port's name,
      not from what listens there. If 9411 is declared as gRPC, a proxy speaks HTTP/2 to a Zipkin receiver
      that expects HTTP/1.1; if 4317 is declared as HTTP, a proxy downgrades gRPC to HTTP/1.1, which breaks
      it. A UDP port accepts neither. What is declared as TCP, TLS or the protocol of a database is passed on as
      it is, so that only the declaration is wrong.`,
    symptom: `The path is open but the collector rejects spans: \`rq_error\` of its cluster rises in the sidecars,
      and SDKs log failed exports.`,
    exceptions: `Names that Istio does not recognize, such as \`otlp\` or \`otlp-grpc\`, and \`tcp\` are right for what
      applications send, and for Zipkin: their sidecar detects HTTP/2 or passes the bytes on. They are reported only where the
      proxies themselves export by gRPC (provider \`opentelemetry\` without \`http\`): there is nothing to detect
      then, and they use HTTP/1.1.`,
    sources: ["https://www.jaegertracing.io/docs/latest/architecture/apis/"],
  },
  *find({ collectors }) {
    const services = new Set(collectors.flatMap(({ service }) => service ?? []));
    for (const service of services) {
      // By gRPC of their own, proxies ask for HTTP/1.1 unless the port says otherwise: there is nothing to detect.
      const byProxies = collectors.filter(
        (one) => one.service === service && one.protocol === "opentelemetry" && one.isOtlpHttp !== true,
      );
      yield* judge(service, new Set(byProxies.map(({ port }) => port)));
    }
  },
});

/** What proxies pass on as it is: the spans arrive, and the declaration is wrong all the same. */
const passedOn: ReadonlySet<string> = new Set(["https", "tls", "mongo", "mysql", "redis"]);

/** What proxies must be told before they speak gRPC of their own. */
const grpcProtocols: ReadonlySet<string | undefined> = new Set(["grpc", "http2", "grpc-web"]);

/** @param byProxies ports to which proxies export their own spans by gRPC */
function* judge(service: KubeObject, byProxies: ReadonlySet<number | undefined>): Iterable<Problem> {
  for (const [index, port] of records(at(service["spec"], "ports")).entries()) {
    // That they send gRPC to the port for HTTP is said of the provider.
    const isOfProxies = byProxies.has(number(port["port"])) && targetOf(port) !== ports.otlpHttp;
    const mistake = isOfProxies ? undeclared(port) : undefined;
    if (mistake !== undefined) {
      yield {
        object: service,
        says: mistake,
        fix: snippet(`in spec.ports[${index}]`, { appProtocol: "grpc" }),
      };
      continue;
    }
    const expected = spoken[targetOf(port)];
    if (expected === undefined) continue;
    const where = `in spec.ports[${index}]`;
    const transport = text(port["protocol"]) ?? "TCP";
    const { protocol, from } = declaredProtocol(port);
    if (transport !== "TCP") {
      yield {
        object: service,
        says: `has port ${number(port["port"])} with protocol ${transport}, but the collector speaks ${expected.what} there; use TCP`,
        fix: snippet(where, { protocol: "TCP" }),
      };
    } else if (protocol !== undefined && !expected.allowed.includes(protocol)) {
      yield {
        object: service,
        says: `declares ${protocol} on port ${number(port["port"])} (by its ${from}), but the collector speaks ${expected.what} there; use ${expected.use}`,
        fix: snippet(where, { appProtocol: expected.use }),
        ...(passedOn.has(protocol) ? { level: "warning" as const } : {}),
      };
    }
  }
}

/** Why the gRPC of proxies fails at a port that may be right for everybody else. */
function undeclared(port: Json): string | undefined {
  const { protocol, from } = declaredProtocol(port);
  if (grpcProtocols.has(protocol) || (text(port["protocol"]) ?? "TCP") !== "TCP") return undefined;
  const declares =
    protocol === undefined
      ? `declares no protocol that Istio knows on port ${number(port["port"])} (by its ${from})`
      : `declares ${protocol} on port ${number(port["port"])} (by its ${from})`;
  return `${declares}, so proxies send their own spans there by HTTP/1.1, which OTLP over gRPC cannot use; these spans are lost; use grpc`;
}

/** The pod's port where it is given as a number or tells by its name. */
function targetOf(port: Json): number {
  const target = port["targetPort"] ?? port["port"];
  return number(target) ?? number(port["port"]) ?? 0;
}
