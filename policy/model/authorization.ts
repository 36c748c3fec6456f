/**
 * Whether AuthorizationPolicies let a request through the proxy of the pod that it is for.
 * @see https://istio.io/latest/docs/reference/config/security/authorization-policy/
 */
import { kinds } from "../../mesh/kinds";
import { type KubeObject, namespaceOf } from "./objects";
import { selects } from "./peerAuthentication";
import { at, type Json, list, record, records, text } from "./reading";
import { type TracingModel } from "./tracingModel";
import { type Workload } from "./workloads";

/** A request with spans, as the receiving proxy sees it. */
export interface SpanRequest {
  /** The pod's port. */
  port: number;
  /** Undefined where the proxy does not read requests, or nobody says whether it does. */
  http: { method: string; path: string } | undefined;
  /** `none` comes without mutual TLS; undefined where that is not known. */
  from: { namespace: string; account: string | undefined; trustDomain: string } | "none" | undefined;
}

/** What refuses a request. */
export interface Refusal {
  policy: KubeObject;
  /** Place of the rule that denies it; undefined where no policy allows it. */
  rule: number | undefined;
  /** All that could allow it. */
  allowing: readonly KubeObject[];
}

/** True and false where it is certain. */
type Certainty = boolean | undefined;

/** Policies of pods that decide by themselves: not those of waypoints, nor such as only watch. */
export function policiesOf(model: TracingModel, workload: Workload): KubeObject[] {
  const places = [workload.namespace, model.mesh.rootNamespace];
  return model.index.of(kinds.authorizationPolicy).filter((policy) => {
    const { spec, metadata } = policy;
    return (
      places.includes(namespaceOf(policy)) &&
      selects(policy, workload) &&
      list(at(spec, "targetRefs")).length === 0 &&
      at(spec, "targetRef") === undefined &&
      at(metadata, "annotations", "istio.io/dry-run") !== "true"
    );
  });
}

/** What surely refuses a request; undefined if nothing does, or nobody can tell. */
export function refusalOf(policies: readonly KubeObject[], request: SpanRequest): Refusal | undefined {
  const allowing: KubeObject[] = [];
  for (const policy of policies) {
    const action = text(at(policy["spec"], "action")) ?? "ALLOW";
    if (action === "ALLOW") allowing.push(policy);
    if (action !== "DENY") continue;
    const rule = rulesOf(policy).findIndex((one) => matches(one, request) === true);
    if (rule !== -1) return { policy, rule, allowing: [] };
  }
  const [policy] = allowing;
  if (policy === undefined) return undefined;
  const isRefused = allowing.every((one) => rulesOf(one).every((rule) => matches(rule, request) === false));
  return isRefused ? { policy, rule: undefined, allowing } : undefined;
}

/** An empty rule is one, too: it matches everything. */
function rulesOf({ spec }: KubeObject): Json[] {
  return list(at(spec, "rules")).map(record);
}

function matches(rule: Json, request: SpanRequest): Certainty {
  return all([
    any(records(rule["from"]).map((one) => isFrom(record(one["source"]), request))),
    any(records(rule["to"]).map((one) => isTo(record(one["operation"]), request))),
    list(rule["when"]).length === 0 ? true : undefined,
  ]);
}

function isTo(operation: Json, { port, http }: SpanRequest): Certainty {
  return all([
    judged(operation, "ports", (value) => fits(value, String(port))),
    judged(operation, "methods", (value) => (http === undefined ? undefined : fits(value, http.method))),
    judged(operation, "paths", (value) =>
      http === undefined || value.includes("{") ? undefined : fits(value, http.path),
    ),
    judged(operation, "hosts", () => undefined),
  ]);
}

function isFrom(source: Json, { from }: SpanRequest): Certainty {
  const ofIdentity = (
    match: (value: string, sender: Exclude<typeof from, "none" | undefined>) => Certainty,
  ) => {
    return (value: string): Certainty =>
      from === undefined ? undefined : from === "none" ? false : match(value, from);
  };
  return all([
    judged(
      source,
      "namespaces",
      ofIdentity((value, { namespace }) => fits(value, namespace)),
    ),
    judged(
      source,
      "principals",
      ofIdentity((value, { namespace, account, trustDomain }) => {
        const place = `/ns/${namespace}/sa/`;
        if (account === undefined) return value.includes(place) || value.includes("*") ? undefined : false;
        if (fits(value, `${trustDomain}${place}${account}`)) return true;
        // Trust domains have other names, too.
        return value.endsWith(`${place}${account}`) ? undefined : false;
      }),
    ),
    judged(
      source,
      "serviceAccounts",
      ofIdentity((value, { namespace, account }) =>
        account === undefined ? undefined : value === account || value === `${namespace}/${account}`,
      ),
    ),
    ...["requestPrincipals", "ipBlocks", "remoteIpBlocks"].map((key) => judged(source, key, () => undefined)),
  ]);
}

/** A field and its opposite, `notPorts` for `ports`: one value of the first and none of the second. */
function judged(fields: Json, key: string, match: (value: string) => Certainty): Certainty {
  const values = (name: string): Certainty[] => list(fields[name]).map((value) => match(String(value)));
  const not = `not${key.charAt(0).toUpperCase()}${key.slice(1)}`;
  const wanted = values(key);
  const unwanted = values(not);
  return all([
    wanted.length === 0 ? true : any(wanted),
    unwanted.length === 0 ? true : negated(any(unwanted)),
  ]);
}

/** Exactly, or with a `*` at either end. */
function fits(pattern: string, value: string): boolean {
  if (pattern === "*") return value !== "";
  if (pattern.endsWith("*")) return value.startsWith(pattern.slice(0, -1));
  if (pattern.startsWith("*")) return value.endsWith(pattern.slice(1));
  return pattern === value;
}

function all(values: readonly Certainty[]): Certainty {
  if (values.includes(false)) return false;
  return values.includes(undefined) ? undefined : true;
}

/** None at all asks for nothing. */
function any(values: readonly Certainty[]): Certainty {
  if (values.length === 0 || values.includes(true)) return true;
  return values.includes(undefined) ? undefined : false;
}

function negated(value: Certainty): Certainty {
  return value === undefined ? undefined : !value;
}

/** Whether every rule of a policy says from whom it lets requests in. */
export function namesSources(policy: KubeObject): boolean {
  const rules = rulesOf(policy);
  return rules.length > 0 && rules.every((rule) => records(rule["from"]).length > 0);
}
