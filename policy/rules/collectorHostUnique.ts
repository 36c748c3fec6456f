import { kinds } from "../../mesh/kinds";
import { namespaceOf } from "../model/objects";
import { serviceName } from "../model/collector";
import { at, texts } from "../model/reading";
import { defineRule, nameOf } from "../rule";
import { snippet } from "../../findings/snippet";

/** Found twice, the collector's host sends spans to a place nobody looked at. */
export const collectorHostUnique = defineRule({
  name: "collector-host-unique",
  description: "No ServiceEntry defines the collector's host a second time.",
  level: "error",
  severity: "high",
  tags: ["istio", "service-entry"],
  url: "https://istio.io/latest/docs/reference/config/networking/service-entry/",
  remediationSteps: "Remove the collector's host from the ServiceEntry.",
  page: {
    why: `Proxies find the collector by its host name. A ServiceEntry that defines the same name gives it
      other endpoints or another protocol, and which of the two definitions a proxy gets, nobody chooses.`,
    symptom: `Spans of some namespaces, or of all, end when a ServiceEntry is added that has nothing to do
      with tracing by its name.`,
    exceptions: `Several namespaces may define the host of a collector outside the cluster each for itself,
      if the provider's \`service\` says whose definition it means (\`namespace/host\`): that is not
      reported. For a collector inside the cluster there is no reason to define it twice.`,
    sources: [],
  },
  *find({ collector, index }) {
    if (collector === undefined) return;
    const { host, service, writtenNamespace } = collector;
    let first = service;
    for (const entry of index.of(kinds.serviceEntry)) {
      const hosts = texts(at(entry["spec"], "hosts"));
      if (!hosts.includes(host)) continue;
      if (first === undefined) {
        first = entry;
        continue;
      }
      // Outside hosts may be defined for several namespaces, if the provider says whose definition it means.
      if (service === undefined && writtenNamespace !== undefined && writtenNamespace !== namespaceOf(entry))
        continue;
      const others = hosts.filter((other) => other !== host);
      yield {
        object: entry,
        says:
          `defines the collector's host ${host}, which is ` +
          `${service === undefined ? `that of ${nameOf(first)} too` : `that of Service ${serviceName(service)}`}; one definition is allowed`,
        fix: others.length === 0 ? `# delete ${nameOf(entry)}` : snippet("in spec", { hosts: others }),
      };
    }
  },
});
