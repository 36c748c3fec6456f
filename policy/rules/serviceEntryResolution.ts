import { type TracingModel } from "../model/tracingModel";
import { type KubeObject, namespaceOf } from "../model/objects";
import { meshLabels } from "../../mesh/labels";
import { hasFeature, istioSince, type Version, versionText } from "../../mesh/istioVersions";
import { kinds } from "../../mesh/kinds";
import { at, list, records, text, textMap, texts } from "../model/reading";
import { defineRule, nameOf } from "../rule";
import { snippet } from "../../findings/snippet";
import { enumerate } from "../../findings/words";

/** DNS has no answer for a wildcard: Istio refuses the entry, and the hosts stay anonymous in traces. */
export const serviceEntryResolution = defineRule({
  name: "service-entry-resolution",
  description: "The resolution of a ServiceEntry fits its hosts: wildcards cannot be resolved by DNS.",
  level: "warning",
  severity: "high",
  tags: ["istio", "service-entry"],
  url: "https://istio.io/latest/docs/reference/config/networking/service-entry/#ServiceEntry-Resolution",
  remediationSteps: "Use resolution NONE where a host is a wildcard, and DNS where every host is a name.",
  page: {
    why: `DNS has no answer for a wildcard, so that Istio refuses the ServiceEntry, and its hosts stay
      nameless in traces. In the policy pack this rule asks one resource at a time: it stops the
      ServiceEntry before it is made.`,
    symptom: `\`validation.istio.io\` refuses the object; or calls of the external service show as
      \`PassthroughCluster\` in traces and in Kiali.`,
    exceptions: `\`DYNAMIC_DNS\` resolves wildcards for HTTP, HTTP2, GRPC and TLS: in sidecars from Istio
      ${versionText(istioSince.dynamicDns)} on, in a waypoint that the ServiceEntry or its namespace is labelled with
      (\`${meshLabels.useWaypoint}\`) from ${versionText(istioSince.dynamicDnsInWaypoints)} on. Name the version if the objects do not tell it (\`--istio-version\`, \`istioVersion\` of the
      pack).`,
    sources: ["https://istio.io/latest/docs/tasks/traffic-management/egress/wildcard-egress-hosts/"],
  },
  *find(model) {
    const { index, istioVersion } = model;
    for (const entry of index.of(kinds.serviceEntry)) {
      const { spec } = entry;
      const resolution = text(at(spec, "resolution")) ?? "NONE";
      const hosts = texts(at(spec, "hosts"));
      const wildcards = hosts.filter((host) => host.includes("*"));
      const endpoints = list(at(spec, "endpoints")).length;
      const report = (found: string, allowed: string, wanted: string) => ({
        object: entry,
        says: `has resolution ${resolution} ${found}; ${allowed}`,
        fix: snippet(`in spec of ${nameOf(entry)}`, { resolution: wanted }),
      });
      if (
        (resolution === "DNS" || resolution === "DNS_ROUND_ROBIN") &&
        endpoints === 0 &&
        wildcards.length > 0
      ) {
        yield report(
          `and the wildcard host ${enumerate(wildcards)}`,
          "DNS cannot resolve a wildcard, NONE is allowed",
          "NONE",
        );
      } else if (resolution === "DYNAMIC_DNS") {
        const names = hosts.filter((host) => !host.includes("*"));
        const protocols = records(at(spec, "ports")).map(({ protocol }) => text(protocol) ?? "TCP");
        const bad = protocols.filter((protocol) => !["HTTP", "HTTP2", "GRPC", "TLS"].includes(protocol));
        const unresolved = istioVersion && whoCannotResolve(model, entry, istioVersion);
        if (unresolved !== undefined) {
          yield report(unresolved, "NONE is allowed for wildcards", "NONE");
        } else if (names.length > 0) {
          yield report(`and the host ${enumerate(names)}`, "only wildcard hosts are allowed with it", "DNS");
        } else if (bad.length > 0) {
          yield report(
            `and a port of protocol ${enumerate(bad)}`,
            "only HTTP, HTTP2, GRPC and TLS are allowed with it",
            "NONE",
          );
        }
      } else if (resolution === "NONE" && endpoints > 0) {
        yield report("and endpoints, which it never uses", "STATIC is allowed with endpoints", "STATIC");
      }
    }
  },
});

/** Why an Istio of some version does not resolve an entry with DYNAMIC_DNS; undefined if it does. */
function whoCannotResolve(model: TracingModel, entry: KubeObject, version: Version): string | undefined {
  if (hasFeature(version, "dynamicDns")) return undefined;
  const text = versionText(version);
  if (!hasFeature(version, "dynamicDnsInWaypoints")) return `which Istio ${text} does not know`;
  const own = textMap(entry.metadata["labels"])[meshLabels.useWaypoint];
  const waypoint = own ?? model.namespaceLabels(namespaceOf(entry))?.[meshLabels.useWaypoint];
  const hasWaypoint = waypoint !== undefined && !["", "none"].includes(waypoint.toLowerCase());
  return hasWaypoint
    ? undefined
    : `which sidecars of Istio ${text} do not resolve (${versionText(istioSince.dynamicDns)} does)`;
}
