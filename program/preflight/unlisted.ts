/** What a preview cannot judge without the kinds that a stack says it may not list. */
import { type Kind, kinds, type Role } from "../../mesh/kinds";
import { kindName } from "./facts";
import { type Plan } from "./plan";

const byRole: Readonly<Record<Role, string>> = {
  namespace: "which namespaces exist, and which are in the mesh",
  workload: "which workloads send spans, and what policies cut them off from",
  service: "whether the collectors' Services exist and where they lead",
  policy: "whether policies close the way of spans, DNS or istiod",
  "other-policy": "whether policies close the way of spans, DNS or istiod",
  redirect: "whether a Service is sent elsewhere",
};

const byKind = new Map<Kind, string>([
  [kinds.configMap, "the mesh config, and the settings of senders and collectors"],
  [kinds.telemetry, "whether another Telemetry takes the place of this stack's"],
  [kinds.sidecar, "whether proxies see the collector"],
  [kinds.destinationRule, "whether proxies reach the collector by TLS that it does not speak"],
  [kinds.serviceEntry, "whether another ServiceEntry has the same hosts"],
]);

/** A line for each kind, with what depends on it. */
export function notJudged(unlisted: readonly string[], { creates }: Plan): string[] {
  const made = new Set(creates.map(({ apiVersion, kind }) => kindName(apiVersion, kind)));
  return unlisted.map((name) => {
    const kind = Object.values<Kind>(kinds).find((one) => kindName(one.apiVersions[0], one.name) === name);
    const judged = kind && (byKind.get(kind) ?? (kind.role && byRole[kind.role]));
    const parts = [
      ...(judged === undefined ? [] : [judged]),
      ...(made.has(name) ? ["whether others have objects under this stack's names"] : []),
    ];
    return `${name}: ${parts.length === 0 ? "what the rules read of it" : parts.join("; ")}`;
  });
}
