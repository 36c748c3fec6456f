/** Where a path is to be opened, of all the policies that close it. */
import { namespaceNameLabel } from "../../mesh/labels";
import { ports } from "../../mesh/ports";
import { at, type Json, number, record, records } from "../model/reading";
import { type TracingModel } from "../model/tracingModel";
import { type NearestRule, type NoRule, type ObjectRef as PolicyRef } from "../reachability";
import { policyObject } from "./policyObjects";
import { type Purpose } from "./purpose";
import { type Target } from "./target";

/** A policy to change, and the rule in it to extend; none if it needs a rule of its own. */
export interface Placement {
  policy: PolicyRef;
  extended?: Extended;
}

type Extended = Pick<NearestRule, "path" | "matches">;

/** How little a policy needs to let a path through, and how well it is the place for it; the best first. */
const preferences = [
  // The other end is named already: a port is missing.
  "extends a rule's ports",
  // The port is open to others already: a peer is missing.
  "extends a rule's peers",
  // It is for the same purpose.
  "adds to related rules",
  "adds to other rules",
  // It allows nothing, perhaps on purpose.
  "adds a first rule",
] as const;

type Preference = (typeof preferences)[number];

/** The policy that is the best place, the first of the input among equals. */
export function choosePlacement(
  { isolating, side }: NoRule,
  target: Target,
  model: TracingModel,
  purpose: Purpose,
): Placement | undefined {
  const candidates = isolating.map(({ policy, nearest }) => {
    const rules = records(at(policyObject(model, policy)?.["spec"], side));
    const extended =
      nearest !== undefined && isThePlace(nearest, record(rules[nearest.rule]), purpose, target)
        ? nearest
        : meantFor(target, rules, purpose);
    return { placement: { policy, extended }, preference: preferenceOf(extended, rules, purpose) };
  });
  return preferences
    .map((wanted) => candidates.find(({ preference }) => preference === wanted))
    .find((candidate) => candidate !== undefined)?.placement;
}

function preferenceOf(
  extended: Extended | undefined,
  rules: readonly Json[],
  { relatedPorts }: Purpose,
): Preference {
  if (extended !== undefined) {
    return extended.matches === "peer" ? "extends a rule's ports" : "extends a rule's peers";
  }
  const isRelated = rules.some((rule) =>
    records(rule["ports"]).some((port) => relatedPorts.includes(number(port["port"]) ?? 0)),
  );
  if (isRelated) return "adds to related rules";
  return rules.length > 0 ? "adds to other rules" : "adds a first rule";
}

/**
 * Whether the rule that comes nearest is the one to extend. One that leaves out its peers or ports means all of them,
 * a rule for DNS to everywhere happens to name the collector, and one for many ports happens to have its.
 */
function isThePlace(
  { explicit, matches }: NearestRule,
  rule: Json,
  { relatedPorts }: Purpose,
  { peer }: Target,
): boolean {
  if (!explicit) return false;
  if (matches === "port") {
    // Addresses outside are given no port but their own.
    if (peer.cidr !== undefined && records(rule["ports"]).length > 1) return false;
    const isNamed = records(rule["ports"]).some((port) => typeof port["port"] === "string");
    return listsOnly(rule, relatedPorts) || isNamed;
  }
  return !listsOnly(rule, [ports.dns, ports.openShiftDns]) || relatedPorts.includes(ports.dns);
}

/**
 * The egress rule that was meant for pods that are not in the input: it names their namespace, and lists no ports but
 * those of this purpose.
 */
function meantFor(
  { guessed, peer }: Target,
  rules: readonly Json[],
  { relatedPorts }: Purpose,
): Extended | undefined {
  if (guessed === undefined) return undefined;
  const rule = rules.findIndex(
    (candidate) =>
      listsOnly(candidate, relatedPorts) &&
      records(candidate["to"]).some(
        (to) => at(to, "namespaceSelector", "matchLabels", namespaceNameLabel) === peer.namespace,
      ),
  );
  return rule === -1 ? undefined : { path: `spec.egress[${rule}]`, matches: "peer" };
}

/** Whether a rule lists ports, and none but these. */
function listsOnly(rule: Json, numbers: readonly number[]): boolean {
  const listed = records(rule["ports"]);
  return (
    listed.length > 0 &&
    listed.every((port) => port["endPort"] === undefined && numbers.includes(number(port["port"]) ?? 0))
  );
}
