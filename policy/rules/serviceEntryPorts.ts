import { ports } from "../../mesh/ports";
import { kinds } from "../../mesh/kinds";
import { at, number, records, text, texts } from "../model/reading";
import { type TracingModel } from "../model/tracingModel";
import { defineRule, nameOf } from "../rule";
import { snippet } from "../../findings/snippet";

/** Protocols whose bytes are readable without TLS. */
const plaintext: ReadonlySet<string> = new Set(["HTTP", "HTTP2", "GRPC", "GRPC-WEB"]);

/** A proxy that expects plain HTTP on 443 breaks the application's TLS. */
export const serviceEntryPorts = defineRule({
  name: "service-entry-ports",
  description:
    "Each ServiceEntry port has a unique name and number, and the protocol that applications use on it.",
  level: "warning",
  severity: "high",
  tags: ["istio", "service-entry"],
  url: "https://istio.io/latest/docs/reference/config/networking/service-entry/#ServicePort",
  remediationSteps:
    "Set the protocol of port 443 to HTTPS or TLS, unless a DestinationRule originates TLS in the proxy.",
  page: {
    why: `Applications speak TLS to port 443 themselves. A proxy that expects plain HTTP there cannot parse it and
      breaks the connection; a proxy that expects TLS on port 80 does the same to plain HTTP. Istio rejects ports
      without a unique name and number.`,
    symptom: `Calls to an external service start to fail with TLS errors such as \`wrong version number\` as soon as its
      ServiceEntry is applied.`,
    exceptions: `If a DestinationRule makes the proxy originate TLS (mode SIMPLE or MUTUAL), plain HTTP on 443 is correct and
      is not reported.`,
    sources: ["https://istio.io/latest/docs/tasks/traffic-management/egress/egress-tls-origination/"],
  },
  *find(model) {
    for (const entry of model.index.of(kinds.serviceEntry)) {
      const names = new Set<string>();
      const numbers = new Set<number>();
      for (const [index, port] of records(at(entry["spec"], "ports")).entries()) {
        const where = `in spec.ports[${index}] of ${nameOf(entry)}`;
        const name = text(port["name"]) ?? "";
        const value = number(port["number"]);
        const protocol = (text(port["protocol"]) ?? "TCP").toUpperCase();
        if (name === "" || names.has(name)) {
          yield {
            object: entry,
            says: `has port ${value} ${name === "" ? "without a name" : `with the name ${name} of another port`}; give it a unique name`,
            fix: snippet(where, { name: `${protocol.toLowerCase()}-${value}` }),
          };
        }
        if (value === undefined) {
          yield {
            object: entry,
            says: `has a port ${name} without a number; give it a unique one`,
            fix: snippet(where, { number: ports.https }),
          };
        } else if (numbers.has(value)) {
          yield {
            object: entry,
            says: `has port ${value} twice; remove one of them`,
            fix: `# delete spec.ports[${index}] of ${nameOf(entry)}`,
          };
        }
        const hosts = texts(at(entry["spec"], "hosts"));
        if (value === ports.https && plaintext.has(protocol) && !startsTls(model, hosts)) {
          yield {
            object: entry,
            says: `has port ${ports.https} with protocol ${protocol}, but no DestinationRule originates TLS for it, so the proxy breaks the application's TLS; use HTTPS or TLS`,
            fix: snippet(where, { name: "https", protocol: "HTTPS" }),
          };
        }
        if (value === 80 && (protocol === "HTTPS" || protocol === "TLS")) {
          yield {
            object: entry,
            says: `has port 80 with protocol ${protocol}, so the proxy breaks plain HTTP; use HTTP`,
            fix: snippet(where, { name: "http", protocol: "HTTP" }),
          };
        }
        names.add(name);
        if (value !== undefined) numbers.add(value);
      }
    }
  },
});

/** Whether a DestinationRule makes the proxy speak TLS to one of the hosts. */
function startsTls({ index }: TracingModel, hosts: readonly string[]): boolean {
  return index.of(kinds.destinationRule).some((rule) => {
    const host = text(at(rule["spec"], "host"));
    if (host === undefined || !hosts.includes(host)) return false;
    const policy = at(rule["spec"], "trafficPolicy");
    const modes = [policy, ...records(at(policy, "portLevelSettings"))].map((part) =>
      text(at(part, "tls", "mode")),
    );
    return modes.some((mode) => mode === "SIMPLE" || mode === "MUTUAL");
  });
}
