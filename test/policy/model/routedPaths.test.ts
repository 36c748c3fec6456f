/** Which path of a route leads to the Service that is asked about. */
import { describe, expect, it } from "vitest";
import { type KubeObject } from "../../../policy/model/objects";
import { gatewayRouteLeads, ingressLeads, virtualServiceLeads } from "../../../policy/model/routedPaths";

type Json = Record<string, unknown>;

const route = (spec: Json): KubeObject => ({
  apiVersion: "example.com/v1",
  kind: "Route",
  metadata: { name: "it" },
  spec,
});
const isUi = (backend: Json) => backend["host"] === "ui" || backend["name"] === "ui";

describe("a VirtualService", () => {
  const to = (host: string) => ({ route: [{ destination: { host } }] });
  const when = (...match: Json[]) => ({ match });
  const refused = { directResponse: { status: 404 } };
  const leads = (path: string, ...http: Json[]) => virtualServiceLeads(route({ http }), path, isUi);

  it.each<[string, boolean, Json[]]>([
    ["without a condition", true, [to("ui")]],
    ["that is not the first", true, [{ ...when({ uri: { exact: "/" } }), ...to("other") }, to("ui")]],
    ["behind one without a condition", false, [to("other"), to("ui")]],
    ["among other destinations", true, [{ route: [...to("other").route, ...to("ui").route] }]],
    ["by its prefix", true, [{ ...when({ uri: { prefix: "/api" } }), ...to("ui") }]],
    ["by another prefix", false, [{ ...when({ uri: { prefix: "/apis" } }), ...to("ui") }]],
    ["by the prefix in capitals", false, [{ ...when({ uri: { prefix: "/API" } }), ...to("ui") }]],
    [
      "by the prefix in any case",
      true,
      [{ ...when({ uri: { prefix: "/API" }, ignoreUriCase: true }), ...to("ui") }],
    ],
    [
      "by the prefix in capitals, case as it is",
      false,
      [{ ...when({ uri: { prefix: "/API" }, ignoreUriCase: false }), ...to("ui") }],
    ],
    ["by the whole", true, [{ ...when({ uri: { exact: "/api/ai" } }), ...to("ui") }]],
    ["by another whole", false, [{ ...when({ uri: { exact: "/api" } }), ...to("ui") }]],
    [
      "by the whole in any case",
      true,
      [{ ...when({ uri: { exact: "/API/ai" }, ignoreUriCase: true }), ...to("ui") }],
    ],
    ["by an expression", true, [{ ...when({ uri: { regex: "/api/.*" } }), ...to("ui") }]],
    ["by an expression of a part", false, [{ ...when({ uri: { regex: "/api|ai" } }), ...to("ui") }]],
    ["by an expression in any case", true, [{ ...when({ uri: { regex: "(?i)/API/AI" } }), ...to("ui") }]],
    ["by an expression that cannot be read", false, [{ ...when({ uri: { regex: "(" } }), ...to("ui") }]],
    [
      "by one of two conditions",
      true,
      [{ ...when({ uri: { exact: "/" } }, { uri: { prefix: "/api" } }), ...to("ui") }],
    ],
    ["refused before", false, [{ ...when({ uri: { prefix: "/api/ai" } }), ...refused }, to("ui")]],
    [
      "refused before, by name and in any case",
      false,
      [{ ...when({ name: "no", uri: { prefix: "/API" }, ignoreUriCase: true }), ...refused }, to("ui")],
    ],
    [
      "refused for some methods",
      true,
      [{ ...when({ uri: { prefix: "/api" }, method: { exact: "POST" } }), ...refused }, to("ui")],
    ],
    [
      "refused for some methods and in all",
      false,
      [
        {
          ...when({ uri: { prefix: "/api" }, method: { exact: "POST" } }, { uri: { prefix: "/api" } }),
          ...refused,
        },
        to("ui"),
      ],
    ],
    [
      "refused in all at another path",
      true,
      [{ ...when({ method: { exact: "POST" } }, { uri: { prefix: "/other" } }), ...refused }, to("ui")],
    ],
    ["for some methods", true, [{ ...when({ method: { exact: "POST" } }), ...to("ui") }]],
    ["to others alone", false, [to("other")]],
  ])("%s: %s", (_, expected, http) => {
    expect(leads("/api/ai", ...http)).toBe(expected);
  });

  it.each(["tcp", "tls"])("leads there by %s with every path", (protocol) => {
    const entries = [to("other"), { route: [...to("other").route, ...to("ui").route] }];
    expect(virtualServiceLeads(route({ [protocol]: entries }), "/any", isUi)).toBe(true);
    expect(virtualServiceLeads(route({ [protocol]: [to("other")] }), "/any", isUi)).toBe(false);
    expect(virtualServiceLeads(route({ [protocol]: entries, http: [to("other")] }), "/any", isUi)).toBe(
      false,
    );
  });
});

describe("a route of the Gateway API", () => {
  const backends = (...names: string[]) => ({ backendRefs: names.map((name) => ({ name })) });
  const path = (value?: string, type?: string) => ({ matches: [{ path: { value, type } }] });
  const leads = (asked: string, ...rules: Json[]) => gatewayRouteLeads(route({ rules }), asked, isUi);

  it.each<[string, boolean, Json[]]>([
    ["without a condition", true, [backends("ui")]],
    ["with a condition on something else", true, [{ ...backends("ui"), matches: [{ method: "GET" }] }]],
    ["among other backends", true, [backends("other", "ui")]],
    ["to others alone", false, [backends("other")]],
    ["without a rule", false, []],
    ["by the prefix", true, [{ ...backends("ui"), ...path("/api") }]],
    ["by the prefix with a slash", true, [{ ...backends("ui"), ...path("/api/", "PathPrefix") }]],
    ["by the path as prefix", true, [{ ...backends("ui"), ...path("/api/ai") }]],
    ["by half a part of it", false, [{ ...backends("ui"), ...path("/api/a") }]],
    ["by another prefix", false, [{ ...backends("ui"), ...path("/ap/") }]],
    ["by the whole", true, [{ ...backends("ui"), ...path("/api/ai", "Exact") }]],
    ["by another whole", false, [{ ...backends("ui"), ...path("/api", "Exact") }]],
    ["by an expression", true, [{ ...backends("ui"), ...path("/.*i", "RegularExpression") }]],
    ["by another expression", false, [{ ...backends("ui"), ...path("/ap", "RegularExpression") }]],
    [
      "of which a longer prefix leads away",
      false,
      [backends("ui"), { ...backends("other"), ...path("/api") }],
    ],
    [
      "of which a longer prefix leads there",
      true,
      [{ ...backends("ui"), ...path("/api") }, backends("other")],
    ],
    [
      "of which the whole leads away",
      false,
      [
        { ...backends("ui"), ...path("/api/ai") },
        { ...backends("other"), ...path("/api/ai", "Exact") },
      ],
    ],
    ["of which another leads away", true, [backends("ui"), { ...backends("other"), ...path("/other") }]],
    ["of which one of the same leads there", true, [backends("other"), backends("ui")]],
  ])("%s: %s", (_, expected, rules) => {
    expect(leads("/api/ai", ...rules)).toBe(expected);
  });
});

describe("an Ingress", () => {
  const service = (name: string) => ({ backend: { service: { name } } });
  const rules = (...paths: Json[]) => ({ rules: [{ http: { paths } }] });

  it.each<[string, boolean, Json]>([
    ["without a path", true, rules(service("ui"))],
    ["by the prefix", true, rules({ path: "/api", pathType: "Prefix", ...service("ui") })],
    ["by half a part of it", false, rules({ path: "/ap", pathType: "Prefix", ...service("ui") })],
    ["by the whole", true, rules({ path: "/api/ai", pathType: "Exact", ...service("ui") })],
    ["by another whole", false, rules({ path: "/api", pathType: "Exact", ...service("ui") })],
    ["to another", false, rules(service("other"))],
    ["by default", true, { defaultBackend: { service: { name: "ui" } } }],
    [
      "by default, of other paths",
      true,
      { defaultBackend: service("ui").backend, ...rules({ path: "/x", ...service("other") }) },
    ],
    [
      "by default, with a rule for it",
      false,
      { defaultBackend: service("ui").backend, ...rules(service("other")) },
    ],
    ["by the longer of two", false, rules(service("ui"), { path: "/api", ...service("other") })],
    ["without anything", false, {}],
  ])("%s: %s", (_, expected, spec) => {
    expect(ingressLeads(route(spec), "/api/ai", isUi)).toBe(expected);
  });
});
