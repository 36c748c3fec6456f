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
  description: "A ServiceEntry's ports have a name of their own and the protocol that is spoken on them.",
  level: "warning",
  severity: "high",
  tags: ["istio", "service-entry"],
  url: "https://istio.io/latest/docs/reference/config/networking/service-entry/#ServicePort",
  remediationSteps:
    "Give port 443 the protocol HTTPS or TLS, unless a DestinationRule starts TLS in the proxy.",
  page: {
    why: `On 443 applications speak TLS themselves. A proxy that expects plain HTTP there cannot read it and
      breaks the connection; one that expects TLS on port 80 does the same to plain HTTP. Ports without a
      name or number of their own are refused.`,
    symptom: `Calls of an external service fail with an error of TLS, such as \`wrong version number\`, from
      the day its ServiceEntry came.`,
    exceptions: `If a DestinationRule lets the proxy start TLS (mode SIMPLE or MUTUAL), plain HTTP on 443 is
      right and is not reported.`,
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
            says: `has port ${value} ${name === "" ? "without a name" : `with the name ${name} of another port`}; a name of its own is required`,
            fix: snippet(where, { name: `${protocol.toLowerCase()}-${value}` }),
          };
        }
        if (value === undefined) {
          yield {
            object: entry,
            says: `has a port ${name} without a number; a number of its own is required`,
            fix: snippet(where, { number: ports.https }),
          };
        } else if (numbers.has(value)) {
          yield {
            object: entry,
            says: `has port ${value} twice; once is allowed`,
            fix: `# delete spec.ports[${index}] of ${nameOf(entry)}`,
          };
        }
        const hosts = texts(at(entry["spec"], "hosts"));
        if (value === ports.https && plaintext.has(protocol) && !startsTls(model, hosts)) {
          yield {
            object: entry,
            says: `has port ${ports.https} with protocol ${protocol}, and no DestinationRule starts TLS for it; HTTPS or TLS is allowed`,
            fix: snippet(where, { name: "https", protocol: "HTTPS" }),
          };
        }
        if (value === 80 && (protocol === "HTTPS" || protocol === "TLS")) {
          yield {
            object: entry,
            says: `has port 80 with protocol ${protocol}; HTTP is allowed on port 80`,
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
