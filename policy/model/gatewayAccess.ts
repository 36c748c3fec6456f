/**
 * Who may come through a gateway, as Istio's AuthorizationPolicies on its pods tell.
 * @see https://istio.io/latest/docs/reference/config/security/authorization-policy/
 */
import { type Kind, kinds } from "../../mesh/kinds";
import { isBounded } from "../../mesh/addressRanges";
import { bindingsOf, podsOf, selectorOf } from "./istioGateways";
import { type KubeObject, namespaceOf } from "./objects";
import { at, type Json, list, record, records, text, textMap, texts } from "./reading";
import { type TracingModel } from "./tracingModel";

/** What a route is reached by. */
export interface Entrance {
  /** Hosts of the route; none stands for any. */
  hosts: readonly string[];
  /** Namespaces in which policies for the gateway may be, besides the root namespace and those of gateways. */
  namespaces: readonly string[];
  /** Labels of the gateway's pods, as far as they are known. */
  pods?: { labels: Readonly<Record<string, string>>; isComplete: boolean };
  /** Name of the Gateway of the Gateway API, which policies may name. */
  gatewayApi?: string;
}

/** What a VirtualService is reached by. */
export function entranceOf(model: TracingModel, route: KubeObject): Entrance {
  const bindings = bindingsOf(model, route);
  const gateway = bindings[0]?.gateway;
  const [pod] = gateway === undefined ? [] : podsOf(model, gateway);
  return {
    hosts: texts(at(route["spec"], "hosts")),
    namespaces: bindings.map(({ namespace }) => namespace),
    // All labels where the pods are in the input, else those that the Gateway selects.
    pods:
      pod !== undefined
        ? { labels: pod.labels, isComplete: true }
        : gateway && { labels: selectorOf(gateway), isComplete: false },
  };
}

/**
 * How an entrance is guarded. `by-host-alone`: whoever writes the port with the host gets past, because policies
 * compare the text and the gateway routes both.
 */
export type Guard = "guarded" | "by-host-alone" | "open";

/** Whether policies tell who may come to every host, by more than what a request says of itself. */
export function guardOf(model: TracingModel, entrance: Entrance): Guard {
  const policies = specsAt(model, kinds.authorizationPolicy, entrance);
  const hosts = entrance.hosts.length === 0 ? ["*"] : entrance.hosts;
  if (hosts.every((host) => isGuarded(policies, host, true))) return "guarded";
  return hosts.every((host) => isGuarded(policies, host, false)) ? "by-host-alone" : "open";
}

/**
 * Whether an entrance asks for tokens and no RequestAuthentication of the input says whose are valid: then none
 * is, and nobody gets in.
 */
export function lacksTokens(model: TracingModel, entrance: Entrance): boolean {
  if (specsAt(model, kinds.requestAuthentication, entrance).length > 0) return false;
  const asks = specsAt(model, kinds.authorizationPolicy, entrance)
    .flatMap((spec) => records(spec["rules"]))
    .filter((rule) => entrance.hosts.some((host) => covers(rule, host, false)))
    .some(
      (rule) =>
        records(rule["from"]).some(({ source }) =>
          ["requestPrincipals", "notRequestPrincipals"].some((key) => list(at(source, key)).length > 0),
        ) || records(rule["when"]).some(({ key }) => text(key)?.startsWith("request.auth.")),
    );
  return asks;
}

/** Specs of the policies of a kind that apply to a gateway's pods. */
function specsAt(model: TracingModel, kind: Kind, entrance: Entrance): Json[] {
  const { index, mesh, traced } = model;
  const places = new Set([mesh.rootNamespace, ...entrance.namespaces]);
  for (const { membership, workload } of traced) if (membership === "gateway") places.add(workload.namespace);
  return index
    .of(kind)
    .filter((policy) => places.has(namespaceOf(policy)))
    .map((policy) => record(policy["spec"]))
    .filter((spec) => appliesTo(spec, entrance));
}

function appliesTo(spec: Json, { pods, gatewayApi }: Entrance): boolean {
  const targets = [...records(spec["targetRefs"]), ...records([spec["targetRef"]])];
  if (targets.length > 0) {
    return targets.some((target) => target["kind"] === "Gateway" && target["name"] === gatewayApi);
  }
  return Object.entries(textMap(at(spec, "selector", "matchLabels"))).every(([key, value]) => {
    const label = pods?.labels[key];
    return label === value || (label === undefined && pods?.isComplete !== true);
  });
}

function isGuarded(policies: readonly Json[], host: string, withPorts: boolean): boolean {
  const rulesOf = (...actions: string[]) =>
    policies
      .filter((spec) => actions.includes(text(spec["action"]) ?? "ALLOW"))
      .flatMap((spec) => records(spec["rules"]));
  if (rulesOf("CUSTOM", "DENY").some((rule) => covers(rule, host, withPorts) && matchesStrangers(rule))) {
    return true;
  }
  // The first ALLOW shuts everything that no ALLOW opens.
  const isShut = policies.some((spec) => (text(spec["action"]) ?? "ALLOW") === "ALLOW");
  return isShut && rulesOf("ALLOW").every((rule) => !opens(rule, host) || namesSomebody(rule));
}

/** Whether a rule is about every request to a host. */
function covers(rule: Json, host: string, withPorts: boolean): boolean {
  const operations = operationsOf(rule);
  if (operations.length === 0) return true;
  return operations.some((operation) => {
    const isNarrow = ["methods", "paths", "ports", "notPorts"].some((key) => list(operation[key]).length > 0);
    if (isNarrow || !texts(operation["notMethods"]).every((method) => method === "OPTIONS")) return false;
    if (!texts(operation["notPaths"]).every(isHarmless)) return false;
    const names = texts(operation["hosts"]);
    if (names.length === 0) return !texts(operation["notHosts"]).some((name) => matches(name, host));
    return (
      names.some((name) => matches(name, host)) &&
      (!withPorts || host.startsWith("*") || names.some((name) => matchesAnyPort(name, host)))
    );
  });
}

/** Whether a rule of a policy of action ALLOW lets any request to a host pass. */
function opens(rule: Json, host: string): boolean {
  const operations = operationsOf(rule);
  if (operations.length === 0) return true;
  return operations.some((operation) => {
    const paths = texts(operation["paths"]);
    if (paths.length > 0 && paths.every(isHarmless)) return false;
    const names = texts(operation["hosts"]);
    if (names.length === 0) return !texts(operation["notHosts"]).some((name) => matches(name, host));
    return names.some((name) => matches(name, host) || matches(host, name) || matchesAnyPort(name, host));
  });
}

function operationsOf(rule: Json): Json[] {
  return records(rule["to"]).map((to) => record(to["operation"]));
}

/** Paths that show nothing of a UI: those of health checks, challenges and the like. */
function isHarmless(path: string): boolean {
  return /^\/[^*]/.test(path) && !/^\/(\*|api|search|trace|dependencies|monitor|kiali)/.test(path);
}

/** Whether a host of a policy, with a wildcard at one of its ends, is or includes a host; case does not matter. */
function matches(name: string, host: string): boolean {
  const [pattern, value] = [name.toLowerCase(), host.toLowerCase()];
  if (pattern === "*" || pattern === value) return true;
  if (pattern.startsWith("*")) return value.endsWith(pattern.slice(1));
  return pattern.endsWith("*") && value.startsWith(pattern.slice(0, -1));
}

function matchesAnyPort(name: string, host: string): boolean {
  return name === "*" || (name.endsWith("*") && matches(name, `${host}:`));
}

const identities = ["principals", "requestPrincipals", "namespaces", "serviceAccounts"] as const;
const addresses = ["ipBlocks", "remoteIpBlocks"] as const;

/** Whether a rule of action DENY or CUSTOM takes everybody in who is not known. */
function matchesStrangers(rule: Json): boolean {
  const sources = records(rule["from"]).map((from) => record(from["source"]));
  const conditions = records(rule["when"]);
  return (
    (sources.length === 0 || sources.some(leavesOutOnlyKnown)) &&
    conditions.every(
      (condition) =>
        list(condition["values"]).length === 0 &&
        asksForIdentity(condition) &&
        bounded(condition["notValues"], condition),
    )
  );
}

function leavesOutOnlyKnown(source: Json): boolean {
  if ([...identities, ...addresses].some((key) => list(source[key]).length > 0)) return false;
  const left = [...identities, ...addresses].filter((key) => list(source[negated(key)]).length > 0);
  return addresses.every((key) => texts(source[negated(key)]).every(isBounded)) && left.length > 0;
}

function negated(key: string): string {
  return `not${key[0]?.toUpperCase()}${key.slice(1)}`;
}

/** Whether a rule of action ALLOW lets only somebody in who is known. */
function namesSomebody(rule: Json): boolean {
  const sources = records(rule["from"]).map((from) => record(from["source"]));
  const isNamed = (source: Json): boolean =>
    identities.some((key) => list(source[key]).length > 0) ||
    addresses.some((key) => list(source[key]).length > 0 && texts(source[key]).every(isBounded));
  return (
    (sources.length > 0 && sources.every(isNamed)) ||
    records(rule["when"]).some(
      (condition) => asksForIdentity(condition) && bounded(condition["values"], condition),
    )
  );
}

function asksForIdentity(condition: Json): boolean {
  return /^(request\.auth\.|source\.(ip|principal|namespace|serviceAccount)|remote\.ip)/.test(
    text(condition["key"]) ?? "",
  );
}

function bounded(values: unknown, { key }: Json): boolean {
  const isAddress = /\.ip$/.test(text(key) ?? "");
  return list(values).length > 0 && (!isAddress || texts(values).every(isBounded));
}
