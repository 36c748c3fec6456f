import { type TracingModel } from "../model/tracingModel";
import { type KubeObject, namespaceOf } from "../model/objects";
import { meshLabels } from "../../mesh/labels";
import { hasFeature, istioSince, type Version, versionText } from "../../mesh/istioVersions";
import { kinds } from "../../mesh/kinds";
import { at, list, records, text, textMap, texts } from "../model/reading";
import { defineRule, nameOf } from "../rule";
import { snippet } from "../../findings/snippet";
import { enumerate } from "../../findings/words";

/** DNS cannot resolve a wildcard: Istio rejects the entry, and its hosts stay unnamed in traces. */
export const serviceEntryResolution = defineRule({
  name: "service-entry-resolution",
  description: "A ServiceEntry uses a resolution that works for its hosts; DNS cannot resolve wildcards.",
  level: "warning",
  severity: "high",
  tags: ["istio", "service-entry"],
  url: "https://istio.io/latest/docs/reference/config/networking/service-entry/#ServiceEntry-Resolution",
  remediationSteps: "Use resolution NONE if any host is a wildcard, and DNS if none is.",
  page: {
    why: `DNS cannot resolve a wildcard, so Istio rejects the ServiceEntry and its hosts stay unnamed in traces. In
      the policy pack this rule checks one resource at a time, so it stops the ServiceEntry before it is created.`,
    symptom: `\`validation.istio.io\` rejects the object, or calls to the external service show up as
      \`PassthroughCluster\` in traces and in Kiali.`,
    exceptions: `\`DYNAMIC_DNS\` resolves wildcards for HTTP, HTTP2, GRPC and TLS: in sidecars since Istio
      ${versionText(istioSince.dynamicDns)}, and in waypoints since
      ${versionText(istioSince.dynamicDnsInWaypoints)} if the ServiceEntry or its namespace has the label
      \`${meshLabels.useWaypoint}\`. If the objects do not show the Istio version, set it (\`--istio-version\`, or
      \`istioVersion\` of the pack).`,
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
          "DNS cannot resolve wildcards, use NONE",
          "NONE",
        );
      } else if (resolution === "DYNAMIC_DNS") {
        const names = hosts.filter((host) => !host.includes("*"));
        const protocols = records(at(spec, "ports")).map(({ protocol }) => text(protocol) ?? "TCP");
        const bad = protocols.filter((protocol) => !["HTTP", "HTTP2", "GRPC", "TLS"].includes(protocol));
        const unresolved = istioVersion && whoCannotResolve(model, entry, istioVersion);
        if (unresolved !== undefined) {
          yield report(unresolved, "use NONE for wildcards", "NONE");
        } else if (names.length > 0) {
          yield report(
            `and the host ${enumerate(names)}`,
            "DYNAMIC_DNS works only for wildcards, use DNS",
            "DNS",
          );
        } else if (bad.length > 0) {
          yield report(
            `and a port of protocol ${enumerate(bad)}`,
            "DYNAMIC_DNS works only for HTTP, HTTP2, GRPC and TLS, use NONE",
            "NONE",
          );
        }
      } else if (resolution === "NONE" && endpoints > 0) {
        yield report("and endpoints, which NONE ignores", "use STATIC", "STATIC");
      }
    }
  },
});

/** Why an Istio of some version does not resolve an entry with DYNAMIC_DNS; undefined if it does. */
function whoCannotResolve(model: TracingModel, entry: KubeObject, version: Version): string | undefined {
  if (hasFeature(version, "dynamicDns")) return undefined;
  const text = versionText(version);
  if (!hasFeature(version, "dynamicDnsInWaypoints")) return `which Istio ${text} does not support`;
  const own = textMap(entry.metadata["labels"])[meshLabels.useWaypoint];
  const waypoint = own ?? model.namespaceLabels(namespaceOf(entry))?.[meshLabels.useWaypoint];
  const hasWaypoint = waypoint !== undefined && !["", "none"].includes(waypoint.toLowerCase());
  return hasWaypoint
    ? undefined
    : `which sidecars of Istio ${text} do not resolve (${versionText(istioSince.dynamicDns)} does)`;
}
