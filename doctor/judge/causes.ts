/** Why a hop is broken: the findings of the rules that explain it, or what was ruled out. */
import { type Finding } from "../../findings/finding";
import { collectorPorts } from "../../mesh/ports";
import { objectName } from "../../findings/summary";
import { type Traced } from "../../policy/model/traced";
import { type TracingModel } from "../../policy/model/tracingModel";
import { type Reason } from "../../policy/reachability";
import { isBroken, isDoomed, type Hop } from "./hop";
import { type ExpectedHop } from "./senders";

/** Tags of rules about what comes after spans have arrived, or beside them. */
const besides = new Set([
  "kiali",
  "security",
  "service-entry",
  "access-log",
  "preview",
  "sampling",
  "propagation",
  "availability",
  "resources",
]);

/** The collectors' ports where a message names them. */
const portNumbers = new RegExp(`\\b(${collectorPorts.join("|")})\\b`, "g");

/** What a rule is about, by its name. */
export type TagsOf = (rule: string) => readonly string[];

/** The rule that speaks for single ways. */
const pathRule = "trace-path-open";

export function findCauses(
  model: TracingModel,
  expected: ExpectedHop,
  hop: Pick<Hop, "verdict" | "policies">,
  findings: readonly Finding[],
  tagsOf: TagsOf,
): string[] {
  if (!isBroken(hop) && !isDoomed(hop)) return [];
  const serious = findings.filter(({ level }) => level !== "info");
  const exact = serious.filter((finding) => finding.rule === pathRule && explains(finding, expected));
  if (exact.length > 0) return exact.map(described);
  const others = serious.filter(
    (finding) => finding.rule !== pathRule && isAbout(model, finding, expected, tagsOf),
  );
  const errors = others.filter(({ level }) => level === "error");
  const chosen = errors.length > 0 ? errors : others;
  if (chosen.length > 0) return chosen.map(described);
  return isDoomed(hop) ? [] : [ruledOut(expected)];
}

/** A finding as evidence names it. */
export function described({ rule, message }: Pick<Finding, "rule" | "message">): string {
  return `[${rule}] ${message}`;
}

/** What some rules call wrong, or doubt, as evidence names it. */
export function toldBy(
  findings: readonly Finding[],
  rules: RegExp,
  least: "error" | "warning" = "error",
): string[] {
  const levels = least === "error" ? ["error"] : ["error", "warning"];
  return findings.filter(({ rule, level }) => levels.includes(level) && rules.test(rule)).map(described);
}

/** Whether the policy of a finding is one that closes this way, and its port is the one that it misses. */
function explains(finding: Finding, { because }: ExpectedHop): boolean {
  return because.some((reason) => {
    if (reason.kind !== "no-rule") return false;
    if (
      !finding.message.includes(`${reason.protocol} ${reason.port}`) &&
      !finding.message.includes(String(reason.port))
    )
      return false;
    const names = policiesOf(reason);
    return names.has(objectName(finding)) || finding.namespace === namespaceOf(reason);
  });
}

function policiesOf(reason: Extract<Reason, { kind: "no-rule" }>): Set<string> {
  return new Set(
    reason.isolating.map(({ policy: { kind, namespace = "", name } }) => `${kind} ${namespace}/${name}`),
  );
}

function namespaceOf(reason: Extract<Reason, { kind: "no-rule" }>): string | undefined {
  return reason.isolating[0]?.policy.namespace;
}

/** Whether a finding is of the sender, of its receiver, or of the whole mesh, and about delivery. */
function isAbout(
  model: TracingModel,
  finding: Finding,
  { traced, way }: ExpectedHop,
  tagsOf: TagsOf,
): boolean {
  const tags = tagsOf(finding.rule);
  if (tags.some((tag) => besides.has(tag))) return false;
  if (finding.namespace === traced.workload.namespace) return isOfSender(finding, traced);
  const places = [way.place?.namespace, ...(way.isOfProxies ? [model.mesh.rootNamespace] : [])];
  if (!places.includes(finding.namespace)) return false;
  // What a collector does for one protocol says nothing of another one.
  const port = way.port === undefined ? undefined : String(way.port);
  const named = [...finding.message.matchAll(portNumbers)].map(([number]) => number);
  if (port !== undefined && named.length > 0 && !named.includes(port)) return false;
  if (way.isOfProxies) return !tags.includes("otlp");
  return !tags.includes("telemetry") && !tags.includes("mesh-config");
}

/** Findings about other workloads of the namespace explain nothing here. */
function isOfSender({ kind, name, message }: Finding, { workload }: Traced): boolean {
  if (kind !== workload.object.kind) return message.length > 0;
  return name === workload.name;
}

function ruledOut({ way, static: verdict }: ExpectedHop): string {
  const policies =
    verdict === "allowed"
      ? "every NetworkPolicy lets it through"
      : "whether policies let it through is not known from the objects";
  const service = way.target === "outside" ? "" : "; its Service has the port and selects pods";
  return `no rule explains it: ${policies}${service}. Left are what the objects do not say: the collector's process, the node's network, policies of kinds that are not read`;
}
