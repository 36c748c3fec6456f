/** Whether AuthorizationPolicies let spans in. */
import { describe, expect, it } from "vitest";
import { namesSources, policiesOf, refusalOf, type SpanRequest } from "../../../policy/model/authorization";
import { type KubeObject } from "../../../policy/model/objects";
import { TracingModel } from "../../../policy/model/tracingModel";

type Json = Record<string, unknown>;

const policy = (name: string, spec: Json, metadata: Json = {}): KubeObject => ({
  apiVersion: "security.istio.io/v1",
  kind: "AuthorizationPolicy",
  metadata: { name, namespace: "tracing", ...metadata },
  spec,
});
const sender = { namespace: "shop", account: "web", trustDomain: "cluster.local" };
const request: SpanRequest = { port: 9411, http: { method: "POST", path: "/api/v2/spans" }, from: sender };
/** Whether a policy with one rule lets a request in: `no` and `yes` where that is certain. */
const admits = (rule: Json, more: Partial<SpanRequest> = {}): "yes" | "no" | "?" => {
  const asked = { ...request, ...more };
  const isRefused = refusalOf([policy("a", { rules: [rule] })], asked) !== undefined;
  const isDenied = refusalOf([policy("a", { action: "DENY", rules: [rule] })], asked) !== undefined;
  return isRefused ? "no" : isDenied ? "yes" : "?";
};
const to = (operation: Json) => ({ to: [{ operation }] });
const from = (source: Json) => ({ from: [{ source }] });

describe("a rule admits a request", () => {
  it.each<[Json, "yes" | "no" | "?"]>([
    [{}, "yes"],
    [to({ ports: ["9411"] }), "yes"],
    [to({ ports: [9411] }), "yes"],
    [to({ ports: ["4317", "9411"] }), "yes"],
    [to({ ports: ["4317"] }), "no"],
    [to({ notPorts: ["4317"] }), "yes"],
    [to({ notPorts: ["9411"] }), "no"],
    [to({ ports: ["9411"], notPorts: ["9411"] }), "no"],
    [to({ methods: ["POST"] }), "yes"],
    [to({ methods: ["GET"] }), "no"],
    [to({ notMethods: ["POST"] }), "no"],
    [to({ paths: ["/api/v2/spans"] }), "yes"],
    [to({ paths: ["/api/*"] }), "yes"],
    [to({ paths: ["*/spans"] }), "yes"],
    [to({ paths: ["*"] }), "yes"],
    [to({ paths: ["/api"] }), "no"],
    [to({ paths: ["/v1/*"] }), "no"],
    [to({ paths: ["*/traces"] }), "no"],
    [to({ paths: ["/api/{*}"] }), "?"],
    [to({ hosts: ["a"] }), "?"],
    [to({ notHosts: ["a"] }), "?"],
    [to({ hosts: ["a"], ports: ["1"] }), "no"],
    [{ to: [{ operation: { ports: ["1"] } }, { operation: { ports: ["9411"] } }] }, "yes"],
    [{ to: [{ operation: { ports: ["1"] } }, { operation: { hosts: ["a"] } }] }, "?"],
    [{ to: [{}] }, "yes"],
    [{ when: [{ key: "source.ip" }] }, "?"],
    [{ when: [] }, "yes"],
    [{ ...to({ ports: ["1"] }), when: [{ key: "source.ip" }] }, "no"],
    [{ ...to({ ports: ["9411"] }), ...from({ namespaces: ["chat"] }) }, "no"],
  ])("%j: %s", (rule, expected) => {
    expect(admits(rule)).toBe(expected);
  });

  it("by method and path only where they are read", () => {
    expect(admits(to({ methods: ["GET"] }), { http: undefined })).toBe("?");
    expect(admits(to({ paths: ["/other"] }), { http: undefined })).toBe("?");
    expect(admits(to({ ports: ["9411"] }), { http: undefined })).toBe("yes");
  });

  it.each<[Json, "yes" | "no" | "?"]>([
    [{ namespaces: ["shop"] }, "yes"],
    [{ namespaces: ["sh*"] }, "yes"],
    [{ namespaces: ["chat"] }, "no"],
    [{ notNamespaces: ["shop"] }, "no"],
    [{ principals: ["cluster.local/ns/shop/sa/web"] }, "yes"],
    [{ principals: ["*"] }, "yes"],
    [{ principals: ["cluster.local/ns/shop/*"] }, "yes"],
    [{ principals: ["cluster.local/ns/shop/sa/api"] }, "no"],
    // Another name of the trust domain, perhaps.
    [{ principals: ["example.com/ns/shop/sa/web"] }, "?"],
    [{ serviceAccounts: ["web"] }, "yes"],
    [{ serviceAccounts: ["shop/web"] }, "yes"],
    [{ serviceAccounts: ["chat/web"] }, "no"],
    [{ serviceAccounts: ["api"] }, "no"],
    [{ requestPrincipals: ["*"] }, "?"],
    [{ notRequestPrincipals: ["*"] }, "?"],
    [{ ipBlocks: ["10.0.0.0/8"] }, "?"],
    [{ remoteIpBlocks: ["10.0.0.0/8"] }, "?"],
    [{ ipBlocks: ["10.0.0.0/8"], namespaces: ["chat"] }, "no"],
  ])("from a sender: %j: %s", (source, expected) => {
    expect(admits(from(source))).toBe(expected);
  });

  it("from a sender whose account is not known", () => {
    const unnamed = { from: { ...sender, account: undefined } };
    expect(admits(from({ principals: ["cluster.local/ns/shop/sa/web"] }), unnamed)).toBe("?");
    expect(admits(from({ principals: ["*"] }), unnamed)).toBe("?");
    expect(admits(from({ principals: ["cluster.local/ns/chat/sa/web"] }), unnamed)).toBe("no");
    expect(admits(from({ serviceAccounts: ["web"] }), unnamed)).toBe("?");
    expect(admits(from({ namespaces: ["shop"] }), unnamed)).toBe("yes");
  });

  it("from nobody that is known, or from whom nobody can tell", () => {
    for (const key of ["namespaces", "principals", "serviceAccounts"]) {
      expect(admits(from({ [key]: ["*"] }), { from: "none" })).toBe("no");
      expect(admits(from({ [key]: ["*"] }), { from: undefined })).toBe("?");
    }
    expect(admits(from({ notNamespaces: ["chat"] }), { from: "none" })).toBe("yes");
  });
});

describe("a request is refused", () => {
  const other = to({ ports: ["1"] });
  const allow = (name: string, ...rules: Json[]) => policy(name, { rules });
  const deny = (name: string, ...rules: Json[]) => policy(name, { action: "DENY", rules });

  it("where none of all that allow something allows it", () => {
    const [a, b] = [allow("a", other), policy("b", { action: "ALLOW", rules: [other, other] })];
    expect(refusalOf([a, b], request)).toEqual({ policy: a, rule: undefined, allowing: [a, b] });
    expect(refusalOf([a, allow("c", {})], request)).toBeUndefined();
    expect(refusalOf([a, allow("c", other, {})], request)).toBeUndefined();
    expect(refusalOf([a, allow("c", { when: [{}] })], request)).toBeUndefined();
    // Without a rule it allows nothing.
    const nothing = policy("d", {});
    expect(refusalOf([nothing], request)).toEqual({ policy: nothing, rule: undefined, allowing: [nothing] });
    expect(refusalOf([], request)).toBeUndefined();
  });

  it("where a rule denies it for certain", () => {
    const denying = deny("a", other, { when: [{}] }, {});
    expect(refusalOf([allow("b", {}), denying], request)).toEqual({ policy: denying, rule: 2, allowing: [] });
    expect(refusalOf([deny("a", other)], request)).toBeUndefined();
    expect(refusalOf([policy("a", { action: "AUDIT", rules: [{}] })], request)).toBeUndefined();
    expect(refusalOf([policy("a", { action: "CUSTOM", rules: [{}] })], request)).toBeUndefined();
  });
});

it("policies of a pod are those of its namespace and the root's that select it and decide by themselves", () => {
  const pod = {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name: "jaeger", namespace: "tracing", labels: { app: "jaeger" } },
    spec: { containers: [] },
  };
  const select = (app: string) => ({ selector: { matchLabels: { app } } });
  const annotated = (name: string, value: string) => ({ annotations: { [name]: value } });
  const model = TracingModel.from([
    pod,
    policy("all", {}),
    policy("own", select("jaeger")),
    policy("other", select("web")),
    policy("root", {}, { namespace: "istio-system" }),
    policy("elsewhere", {}, { namespace: "shop" }),
    policy("waypoint", { targetRef: { kind: "Gateway", name: "waypoint" } }),
    policy("waypoints", { targetRefs: [{ kind: "Service", name: "jaeger" }] }),
    policy("nobody's", { targetRefs: [] }),
    policy("watching", {}, annotated("istio.io/dry-run", "true")),
    policy("acting", {}, annotated("istio.io/dry-run", "false")),
    policy("noted", {}, annotated("note", "true")),
  ]);
  const [workload] = model.workloads;
  if (workload === undefined) throw new Error("no workload");
  expect(policiesOf(model, workload).map(({ metadata: { name } }) => name)).toEqual([
    "all",
    "own",
    "root",
    "nobody's",
    "acting",
    "noted",
  ]);
});

it("a policy says from whom it lets requests in if each of its rules does", () => {
  const named = from({ namespaces: ["shop"] });
  expect(namesSources(policy("a", { rules: [named, named] }))).toBe(true);
  expect(namesSources(policy("a", { rules: [named, {}] }))).toBe(false);
  expect(namesSources(policy("a", { rules: [{ from: [] }] }))).toBe(false);
  expect(namesSources(policy("a", {}))).toBe(false);
});
