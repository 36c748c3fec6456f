import { kinds } from "../../mesh/kinds";
import { type KubeObject, namespaceOf } from "../model/objects";
import { at, list, number, records, text, texts } from "../model/reading";
import { defineRule, nameOf } from "../rule";
import { snippet } from "../../findings/snippet";

/** When two entries define the same host and port, Istio uses one of them, and you cannot choose which. */
export const serviceEntryHosts = defineRule({
  name: "service-entry-hosts",
  description: "An external host is defined by only one ServiceEntry.",
  level: "warning",
  severity: "medium",
  tags: ["istio", "service-entry"],
  url: "https://istio.io/latest/docs/ops/common-problems/network-issues/",
  remediationSteps: "Keep the host in one ServiceEntry, or limit the visibility of each with exportTo.",
  page: {
    why: `When two ServiceEntries define the same host and port, Istio uses one of them. You cannot choose which, and
      it can change when either is recreated.`,
    symptom: `A change to a ServiceEntry has no effect, or an external service shows up under the wrong name in traces and
      in Kiali.`,
    exceptions: `Entries that no namespace sees together (\`exportTo\`) are not reported, nor are entries with endpoints of
      their own, which Istio merges.`,
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
            says: `lists the host ${host} twice; list it once`,
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
              says: `defines ${host}:${number(port["number"])}, which ${nameOf(other)} defines too, so Istio picks one of them; keep the host in one ServiceEntry`,
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
