import { describe, expect, it } from "vitest";
import { Mesh } from "../../../docs/generate/sample/mesh";
import { destinationRulesOf } from "../../../policy/model/destinationRules";
import { TracingModel } from "../../../policy/model/tracingModel";

const host = "tempo.observability.svc.cluster.local";
const place = { namespace: "observability", name: "tempo" };

interface Rule {
  name: string;
  namespace?: string;
  host?: string;
  mode?: string;
  created?: string;
  more?: object;
}

const rules = (...list: Rule[]) =>
  list.map(({ name, namespace = "shop", host: of = host, mode = "SIMPLE", created, more = {} }) => ({
    apiVersion: "networking.istio.io/v1",
    kind: "DestinationRule",
    metadata: { name, namespace, ...(created === undefined ? {} : { creationTimestamp: created }) },
    spec: { host: of, ...(mode === "" ? {} : { trafficPolicy: { tls: { mode } } }), ...more },
  }));

/** Name of the rule whose TLS holds. */
function chosen(
  objects: readonly unknown[],
  proxy: { namespace?: string; labels?: Record<string, string>; isGateway?: boolean } = {},
): string | undefined {
  const model = TracingModel.from([...new Mesh().objects, ...objects]);
  const from = { namespace: "shop", labels: {}, isGateway: false, ...proxy };
  return destinationRulesOf(model).tlsOf(from, place, 4317)?.rule.metadata.name;
}

it("a DestinationRule is for a host outside, too", () => {
  const outside = { namespace: "observability", host: "otlp.example.com" };
  const model = TracingModel.from([
    ...new Mesh().objects,
    ...rules({ name: "out", host: "*.example.com", namespace: "observability" }),
  ]);
  const from = { namespace: "shop", labels: {}, isGateway: false };
  expect(destinationRulesOf(model).tlsOf(from, outside, 443)).toMatchObject({
    mode: "SIMPLE",
    path: "spec.trafficPolicy.tls",
  });
  expect(destinationRulesOf(model).isEmpty).toBe(false);
  expect(destinationRulesOf(model).tlsOf(from, { ...outside, host: "example.com" }, 443)).toBeUndefined();
});

describe("the DestinationRule of a proxy", () => {
  it("is that of its namespace, else of the Service's, else of the root namespace", () => {
    const [own, theirs, root] = rules(
      { name: "own" },
      { name: "theirs", namespace: "observability" },
      { name: "root", namespace: "istio-system" },
    );
    expect(chosen([root])).toBe("root");
    expect(chosen([root, theirs])).toBe("theirs");
    expect(chosen([root, theirs, own])).toBe("own");
    expect(chosen([own], { namespace: "other" })).toBeUndefined();
    // A rule of the root namespace is for everybody: proxies of that namespace ask the Service's first.
    expect(chosen([root, theirs], { namespace: "istio-system" })).toBe("theirs");
  });

  it("has the most specific host, in the nearest namespace whatever its host", () => {
    const all = rules(
      { name: "all", host: "*" },
      { name: "local", host: "*.local" },
      { name: "namespace", host: "*.observability.svc.cluster.local" },
    );
    expect(chosen(all)).toBe("namespace");
    expect(chosen(all.slice(0, 2))).toBe("local");
    expect(chosen([...all, ...rules({ name: "exact" })])).toBe("exact");
    expect(chosen([...rules({ name: "exact", namespace: "observability" }), ...all.slice(0, 1)])).toBe("all");
    expect(chosen(rules({ name: "other", host: "*.shop.svc.cluster.local" }))).toBeUndefined();
    expect(chosen(rules({ name: "partial", host: "tempo.observability" }))).toBeUndefined();
    expect(chosen(rules({ name: "short", host: "tempo" }))).toBeUndefined();
    expect(chosen(rules({ name: "short", host: "tempo", namespace: "observability" }))).toBe("short");
  });

  it("is exported to it", () => {
    const theirs = (exportTo: string[]) =>
      rules({ name: "theirs", namespace: "observability", more: { exportTo } });
    expect(chosen(theirs(["*"]))).toBe("theirs");
    expect(chosen(theirs(["shop"]))).toBe("theirs");
    expect(chosen(theirs(["."]))).toBeUndefined();
    expect(chosen(theirs(["."]), { namespace: "istio-system" })).toBeUndefined();
    expect(chosen(theirs(["observability"]))).toBeUndefined();
    expect(chosen(theirs(["chat"]))).toBeUndefined();
    expect(chosen([...theirs(["chat"]), ...rules({ name: "root", namespace: "istio-system" })])).toBe("root");
    expect(chosen(rules({ name: "elsewhere", more: { exportTo: ["chat"] } }))).toBeUndefined();
    const rootOnly = rules({ name: "root", namespace: "istio-system", more: { exportTo: ["."] } });
    expect(chosen(rootOnly)).toBeUndefined();
    expect(chosen(rootOnly, { namespace: "istio-system" })).toBe("root");
    const all = (exportTo: string[], more = {}) => rules({ name: "own", more: { exportTo }, ...more });
    expect(chosen(all(["*"]))).toBe("own");
    expect(chosen(all(["shop"]))).toBe("own");
    expect(
      chosen(all(["chat"], { namespace: "istio-system" }), { namespace: "istio-system" }),
    ).toBeUndefined();
    const toBoth = all([".", "chat"], { namespace: "observability" });
    expect(chosen(toBoth, { namespace: "chat" })).toBe("own");
    expect(chosen(toBoth)).toBeUndefined();
  });

  it("stays in its namespace where the mesh config says so", () => {
    const mesh = new Mesh().mesh("defaultDestinationRuleExportTo", ["."]);
    const model = TracingModel.from([
      ...mesh.objects,
      ...rules({ name: "theirs", namespace: "observability" }),
    ]);
    const tlsFrom = (namespace: string) =>
      destinationRulesOf(model).tlsOf({ namespace, labels: {}, isGateway: false }, place, 4317)?.mode;
    expect(tlsFrom("shop")).toBeUndefined();
    expect(tlsFrom("observability")).toBe("SIMPLE");
  });

  it("is the oldest of one host that says something, or one that selects the proxy", () => {
    const [old, young] = rules(
      { name: "b", created: "2026-01-01T00:00:00Z" },
      { name: "a", created: "2026-02-01T00:00:00Z", mode: "DISABLE" },
    );
    expect(chosen([young, old])).toBe("b");
    expect(chosen(rules({ name: "a", mode: "DISABLE" }, { name: "b" }))).toBeUndefined();
    expect(chosen(rules({ name: "a", mode: "" }, { name: "b" }))).toBe("b");
    const selective = rules({ name: "web", more: { workloadSelector: { matchLabels: { app: "web" } } } });
    const off = rules({ name: "all", mode: "DISABLE" });
    expect(chosen([...off, ...selective], { labels: { app: "web" } })).toBe("web");
    expect(chosen([...off, ...selective], { labels: { app: "api" } })).toBeUndefined();
    expect(chosen([...off, ...selective], { namespace: "chat", labels: { app: "web" } })).toBeUndefined();
    expect(chosen(selective, { labels: { app: "api" } })).toBeUndefined();
    const both = rules({
      name: "b",
      more: { workloadSelector: { matchLabels: { app: "web", tier: "front" } } },
    });
    expect(chosen(both, { labels: { app: "web", tier: "front" } })).toBe("b");
    expect(chosen(both, { labels: { app: "web" } })).toBeUndefined();
    // What selects pods is for its own namespace, whatever else it says, and in the root namespace before all.
    const inRoot = rules({
      name: "root",
      namespace: "istio-system",
      more: { workloadSelector: { matchLabels: { app: "web" } }, exportTo: ["*"] },
    });
    const theirs = rules({ name: "theirs", namespace: "observability" });
    const web = { labels: { app: "web" } };
    expect(chosen([...inRoot, ...theirs], { ...web, namespace: "istio-system" })).toBe("root");
    expect(chosen(inRoot, web)).toBeUndefined();
  });

  it("takes the policy of the next of one host and audience where the oldest says nothing", () => {
    const silent = (more: object = {}) => ({ name: "a", namespace: "observability", mode: "", more });
    const saying = (more: object = {}) => ({ name: "b", namespace: "observability", more });
    const to = (...exportTo: string[]) => ({ exportTo });
    expect(chosen(rules(silent(), saying()))).toBe("b");
    expect(chosen(rules(silent(to("shop")), saying(to("shop"))))).toBe("b");
    // To more than the first: of both one rule is made, which only those of the first see.
    expect(chosen(rules(silent(to("shop")), saying(to("shop", "chat"))))).toBe("b");
    expect(
      chosen(rules(silent(to("shop")), saying(to("shop", "chat"))), { namespace: "chat" }),
    ).toBeUndefined();
    // To others, or to fewer: each is a rule of its own, of which the last that is seen holds.
    expect(
      chosen(rules(silent(to("shop", "chat")), saying(to("shop"))), { namespace: "chat" }),
    ).toBeUndefined();
    expect(chosen(rules(silent(to("chat")), saying(to("shop"))))).toBe("b");
    expect(chosen(rules(silent(), saying(to("shop"))))).toBe("b");
    expect(chosen(rules(silent(), saying(to("shop"))), { namespace: "chat" })).toBeUndefined();
    const select = (app: string) => ({ workloadSelector: { matchLabels: { app } } });
    const own = (name: string, mode: string, app: string) => ({ name, mode, more: select(app) });
    const labels = { app: "web" };
    expect(chosen(rules(own("a", "", "web"), own("b", "SIMPLE", "web")), { labels })).toBe("b");
    expect(chosen(rules(own("a", "", "web"), own("b", "SIMPLE", "api")), { labels })).toBeUndefined();
  });

  it("says nothing of TLS with a port of its own that says nothing, or with a credential for gateways", () => {
    const port = (tls: object) =>
      rules({
        name: "ports",
        more: { trafficPolicy: { tls: { mode: "SIMPLE" }, portLevelSettings: [tls] } },
      });
    expect(chosen(port({ port: { number: 4317 }, loadBalancer: { simple: "RANDOM" } }))).toBeUndefined();
    expect(chosen(port({ port: { number: 9411 }, tls: { mode: "DISABLE" } }))).toBe("ports");
    const settings = [
      { port: { number: 9411 }, tls: { mode: "DISABLE" } },
      { port: { number: "4317" }, tls: { mode: "MUTUAL" } },
    ];
    const model = TracingModel.from([
      ...new Mesh().objects,
      ...rules({ name: "ports", more: { trafficPolicy: { portLevelSettings: settings } } }),
    ]);
    const from = { namespace: "shop", labels: {}, isGateway: false };
    const paths = [4317, 9411, 80].map((number) => [
      destinationRulesOf(model).tlsOf(from, place, number)?.path,
      destinationRulesOf(model).plainOf(from, place, number)?.path,
    ]);
    expect(paths).toEqual([
      ["spec.trafficPolicy.portLevelSettings[1].tls", undefined],
      [undefined, "spec.trafficPolicy.portLevelSettings[0].tls"],
      [undefined, undefined],
    ]);
    const credential = (name: string, more: object = {}) =>
      rules({
        name: "credential",
        more: { trafficPolicy: { tls: { mode: "SIMPLE", credentialName: name } }, ...more },
      });
    expect(chosen(credential("ca"))).toBeUndefined();
    expect(chosen(credential("ca"), { isGateway: true })).toBe("credential");
    const ofMode = (mode: string) =>
      rules({ name: "credential", more: { trafficPolicy: { tls: { mode, credentialName: "ca" } } } });
    expect(chosen(ofMode("MUTUAL"))).toBeUndefined();
    expect(chosen(ofMode("ISTIO_MUTUAL"))).toBe("credential");
    expect(chosen(credential("configmap://ca"))).toBe("credential");
    expect(
      chosen(credential("ca", { workloadSelector: { matchLabels: { app: "web" } } }), {
        labels: { app: "web" },
      }),
    ).toBe("credential");
    expect(chosen(rules({ name: "a", mode: "ISTIO_MUTUAL" }))).toBe("a");
    expect(chosen(rules({ name: "a", mode: "MUTUAL" }))).toBe("a");
  });
});
