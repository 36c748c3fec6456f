import { kinds } from "../../mesh/kinds";
import { type KubeObject, namespaceOf } from "../model/objects";
import { at, list, number, records, text, texts } from "../model/reading";
import { defineRule, nameOf } from "../rule";
import { snippet } from "../../findings/snippet";

/** Of two entries for one host and port, Istio uses one, and nobody chooses which. */
export const serviceEntryHosts = defineRule({
  name: "service-entry-hosts",
  description: "A host outside the mesh is defined by one ServiceEntry only.",
  level: "warning",
  severity: "medium",
  tags: ["istio", "service-entry"],
  url: "https://istio.io/latest/docs/ops/common-problems/network-issues/",
  remediationSteps:
    "Keep the host in one ServiceEntry, or restrict where each of the two is seen with exportTo.",
  page: {
    why: `Of two ServiceEntries for one host and port Istio uses one. Which one, nobody chooses, and it may
      change when either is written anew.`,
    symptom: `A change of a ServiceEntry has no effect, or an external service shows under another name in
      traces and in Kiali.`,
    exceptions: `Entries that no namespace sees both of (\`exportTo\`), and entries with endpoints of their
      own, which Istio merges, are not reported.`,
    sources: ["https://istio.io/latest/docs/reference/config/networking/service-entry/"],
  },
  *find({ index }) {
    const first = new Map<string, KubeObject>();
    for (const entry of index.of(kinds.serviceEntry)) {
      if (hasOwnEndpoints(entry)) continue;
      const hosts = new Set<string>();
      for (const host of texts(at(entry["spec"], "hosts"))) {
        if (hosts.has(host)) {
          yield {
            object: entry,
            says: `has the host ${host} twice; once is allowed`,
            fix: snippet(`in spec of ${nameOf(entry)}`, {
              hosts: [...new Set(texts(at(entry["spec"], "hosts")))],
            }),
          };
          continue;
        }
        hosts.add(host);
        for (const port of records(at(entry["spec"], "ports"))) {
          const key = `${scopeOf(entry)} ${host}:${number(port["number"]) ?? ""}`;
          const other = first.get(key);
          if (other === undefined) first.set(key, entry);
          else if (other !== entry) {
            const rest = texts(at(entry["spec"], "hosts")).filter((name) => name !== host);
            yield {
              object: entry,
              says:
                `has the host ${host} with port ${number(port["number"])}, which ${nameOf(other)} has too; ` +
                "one ServiceEntry a host is allowed",
              fix:
                rest.length === 0
                  ? `# delete ${nameOf(entry)}`
                  : snippet(`in spec of ${nameOf(entry)}`, { hosts: rest }),
            };
          }
        }
      }
    }
  },
});

/** Entries with endpoints of their own are merged, not chosen between. */
function hasOwnEndpoints({ spec }: KubeObject): boolean {
  return list(at(spec, "endpoints")).length > 0 || at(spec, "workloadSelector") !== undefined;
}

/** Two entries that no namespace sees both of do not meet. */
function scopeOf(entry: KubeObject): string {
  const exportTo = texts(at(entry["spec"], "exportTo"));
  if (exportTo.length === 0 || exportTo.includes("*")) return "*";
  return exportTo
    .map((namespace) => (namespace === "." ? namespaceOf(entry) : (text(namespace) ?? "")))
    .sort()
    .join(",");
}
