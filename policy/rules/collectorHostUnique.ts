import { kinds } from "../../mesh/kinds";
import { namespaceOf, type ObjectIndex } from "../model/objects";
import { type Collector, serviceName } from "../model/collector";
import { at, texts } from "../model/reading";
import { defineRule, nameOf, type Problem } from "../rule";
import { snippet } from "../../findings/snippet";

/** If the collector's host is defined twice, spans may go to a place no one looks at. */
export const collectorHostUnique = defineRule({
  name: "collector-host-unique",
  description: "No ServiceEntry redefines the collector's host.",
  level: "error",
  severity: "high",
  tags: ["istio", "service-entry"],
  url: "https://istio.io/latest/docs/reference/config/networking/service-entry/",
  remediationSteps: "Remove the collector's host from the ServiceEntry.",
  page: {
    why: `Proxies find the collector by its host name. A ServiceEntry that defines the same name gives it other
      endpoints or another protocol, and you cannot choose which definition a proxy uses.`,
    symptom: `Spans of some or all namespaces stop when a ServiceEntry is added that seems unrelated to tracing.`,
    exceptions: `If the collector is outside the cluster, several namespaces may each define its host, provided the
      provider's \`service\` says which one it means (\`namespace/host\`); that is not reported. For a
      collector inside the cluster there is no reason to define it twice.`,
    sources: [],
  },
  *find({ collectors, index }) {
    for (const collector of collectors) yield* definedTwice(collector, index);
  },
});

function* definedTwice(collector: Collector, index: ObjectIndex): Iterable<Problem> {
  const { host, service, writtenNamespace } = collector;
  let first = service;
  for (const entry of index.of(kinds.serviceEntry)) {
    const hosts = texts(at(entry["spec"], "hosts"));
    if (!hosts.includes(host)) continue;
    if (first === undefined) {
      first = entry;
      continue;
    }
    // External hosts may be defined by several namespaces if the provider says which definition it means.
    if (service === undefined && writtenNamespace !== undefined && writtenNamespace !== namespaceOf(entry))
      continue;
    const others = hosts.filter((other) => other !== host);
    yield {
      object: entry,
      says:
        `redefines the collector's host ${host}, which ` +
        `${service === undefined ? `${nameOf(first)} defines too` : `belongs to Service ${serviceName(service)}`}; keep one definition`,
      fix: others.length === 0 ? `# delete ${nameOf(entry)}` : snippet("in spec", { hosts: others }),
    };
  }
}
