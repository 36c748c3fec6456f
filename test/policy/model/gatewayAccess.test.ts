/** Who gets through a gateway: what AuthorizationPolicies leave open. */
import { describe, expect, it } from "vitest";
import { entranceOf, guardOf } from "../../../policy/model/gatewayAccess";
import { type KubeObject } from "../../../policy/model/objects";
import { TracingModel } from "../../../policy/model/tracingModel";

type Json = Record<string, unknown>;

const host = "ui.example.com";
const policy = (spec: Json) => ({
  apiVersion: "security.istio.io/v1",
  kind: "AuthorizationPolicy",
  metadata: { name: "ui", namespace: "istio-system" },
  spec,
});
const guardAt = (hosts: string[], ...specs: Json[]) =>
  guardOf(TracingModel.from(specs.map(policy)), { hosts, namespaces: [] });
const guard = (...specs: Json[]) => guardAt([host], ...specs);
const deny = (rule: Json, action = "DENY") => ({ action, rules: [rule] });
const allow = (rule: Json) => ({ action: "ALLOW", rules: [rule] });
const operations = (...all: Json[]) => ({ to: all.map((operation) => ({ operation })) });
const sources = (...all: Json[]) => ({ from: all.map((source) => ({ source })) });
const both = [host, `${host}:*`];

describe("DENY of everybody", () => {
  it.each<[string, Json, string]>([
    ["everywhere", {}, "guarded"],
    ["at the host, with and without a port", operations({ hosts: both }), "guarded"],
    ["at the host in capitals", operations({ hosts: both.map((name) => name.toUpperCase()) }), "guarded"],
    ["at the host alone", operations({ hosts: [host] }), "by-host-alone"],
    ["at every host", operations({ hosts: ["*"] }), "guarded"],
    ["at hosts that begin with it", operations({ hosts: [`${host}*`] }), "guarded"],
    ["at hosts of the domain", operations({ hosts: ["*.example.com"] }), "by-host-alone"],
    ["at it and others with any port", operations({ hosts: [host, "other*"] }), "by-host-alone"],
    ["at another host", operations({ hosts: ["other.example.com", "other.example.com:*"] }), "open"],
    ["at hosts that begin otherwise", operations({ hosts: ["u.*"] }), "open"],
    ["at another domain", operations({ hosts: ["*.example.org"] }), "open"],
    ["but at another host", operations({ notHosts: ["other"] }), "guarded"],
    ["but at this host", operations({ notHosts: [host] }), "open"],
    ["but at this host and others", operations({ notHosts: ["other", host] }), "open"],
    ["for some methods", operations({ methods: ["GET"] }), "open"],
    ["for some paths", operations({ paths: ["/api/*"] }), "open"],
    ["for some ports", operations({ ports: ["8443"] }), "open"],
    ["but for some ports", operations({ notPorts: ["8443"] }), "open"],
    ["but for preflights", operations({ notMethods: ["OPTIONS"] }), "guarded"],
    ["but for preflights and reading", operations({ notMethods: ["OPTIONS", "GET"] }), "open"],
    ["but for health checks", operations({ notPaths: ["/healthz"] }), "guarded"],
    ["but for health checks and the API", operations({ notPaths: ["/healthz", "/api/traces"] }), "open"],
    ["but for the start page", operations({ notPaths: ["/"] }), "open"],
    ["but for every path", operations({ notPaths: ["/*"] }), "open"],
    ["but for paths that end so", operations({ notPaths: ["*/healthz"] }), "open"],
    ["for some methods or all", operations({ methods: ["GET"] }, { hosts: both }), "guarded"],
  ])("%s", (_, rule, expected) => {
    expect(guard(deny(rule))).toBe(expected);
    expect(guard(deny(rule, "CUSTOM"))).toBe(expected);
    expect(guard(deny(rule, "AUDIT"))).toBe("open");
  });

  it("is for every host of the route", () => {
    const hosts = [host, "second.example.com"];
    expect(guardAt(hosts, deny(operations({ hosts: both })))).toBe("open");
    expect(guardAt(hosts, deny(operations({ hosts: [...both, "second.example.com"] })))).toBe(
      "by-host-alone",
    );
    expect(guardAt(hosts, deny(operations({ hosts: ["*"] })))).toBe("guarded");
  });

  it("is for any host where the route names none, or a wildcard", () => {
    expect(guardAt([], deny({}))).toBe("guarded");
    expect(guardAt([], deny(operations({ hosts: both })))).toBe("open");
    expect(guardAt([], allow(operations({ hosts: both })))).toBe("open");
    // Nobody can write a domain's wildcard with a port.
    expect(guardAt(["*.example.com"], deny(operations({ hosts: ["*.example.com"] })))).toBe("guarded");
  });
});

describe("DENY of strangers", () => {
  it.each<[string, Json, string]>([
    ["who are no principal", sources({ notPrincipals: ["a"] }), "guarded"],
    ["who have no token", sources({ notRequestPrincipals: ["*"] }), "guarded"],
    ["who are of no namespace", sources({ notNamespaces: ["ops"] }), "guarded"],
    ["who have no account", sources({ notServiceAccounts: ["ops/a"] }), "guarded"],
    ["from elsewhere", sources({ notIpBlocks: ["10.0.0.0/8"] }), "guarded"],
    ["from elsewhere on the internet", sources({ notRemoteIpBlocks: ["203.0.113.7"] }), "guarded"],
    ["who are two strangers", sources({ principals: ["a"] }, { notPrincipals: ["a"] }), "guarded"],
    ["who are one known", sources({ principals: ["a"] }), "open"],
    ["who are known and from elsewhere", sources({ namespaces: ["a"], notIpBlocks: ["10.0.0.0/8"] }), "open"],
    ["from one place and no principal", sources({ ipBlocks: ["10.0.0.0/8"], notPrincipals: ["a"] }), "open"],
    ["from nowhere", sources({ notRemoteIpBlocks: ["0.0.0.0/0"] }), "open"],
    ["from nowhere or elsewhere", sources({ notIpBlocks: ["10.0.0.0/8", "0.0.0.0/0"] }), "open"],
    ["of whom nothing is said", sources({}), "open"],
    ["whose claim is another", { when: [{ key: "request.auth.claims[a]", notValues: ["b"] }] }, "guarded"],
    ["whose address is another", { when: [{ key: "source.ip", notValues: ["10.0.0.0/8"] }] }, "guarded"],
    ["whose address is none", { when: [{ key: "remote.ip", notValues: ["0.0.0.0/0"] }] }, "open"],
    ["whose claim is one", { when: [{ key: "request.auth.claims[a]", values: ["b"] }] }, "open"],
    [
      "whose claim is one and no other",
      { when: [{ key: "request.auth.claims[a]", values: ["b"], notValues: ["c"] }] },
      "open",
    ],
    ["whose claim is not said", { when: [{ key: "request.auth.claims[a]" }] }, "open"],
    ["who say so themselves", { when: [{ key: "request.headers[a]", notValues: ["b"] }] }, "open"],
    [
      "whose claim is another and who say so themselves",
      {
        when: [
          { key: "request.auth.claims[a]", notValues: ["b"] },
          { key: "request.headers[a]", notValues: ["b"] },
        ],
      },
      "open",
    ],
  ])("%s", (_, rule, expected) => {
    expect(guard(deny(rule))).toBe(expected);
  });
});

describe("ALLOW", () => {
  it.each<[string, Json, string]>([
    ["of nobody", { rules: [] }, "guarded"],
    ["of nobody, said in full", { action: "ALLOW" }, "guarded"],
    ["of everybody", { rules: [{}] }, "open"],
    ["of everybody at the host", allow(operations({ hosts: [host] })), "open"],
    ["of everybody at the host with a port", allow(operations({ hosts: [`${host}:*`] })), "open"],
    ["of everybody in the domain", allow(operations({ hosts: ["*.example.com"] })), "open"],
    ["of everybody at another host", allow(operations({ hosts: ["other.example.com"] })), "guarded"],
    ["of everybody at two hosts", allow(operations({ hosts: ["other.example.com", host] })), "open"],
    ["of everybody, at two hosts", allow(operations({ hosts: ["other"] }, { hosts: [host] })), "open"],
    ["of everybody but at the host", allow(operations({ notHosts: [host] })), "guarded"],
    ["of everybody but at two hosts", allow(operations({ notHosts: ["other", host] })), "guarded"],
    ["of everybody but at another host", allow(operations({ notHosts: ["other"] })), "open"],
    ["of health checks", allow(operations({ paths: ["/healthz", "/.well-known/*"] })), "guarded"],
    ["of health checks and the start page", allow(operations({ paths: ["/healthz", "/"] })), "open"],
    ["of searches", allow(operations({ paths: ["/search"] })), "open"],
    ["of principals", allow(sources({ principals: ["a"] })), "guarded"],
    ["of tokens", allow(sources({ requestPrincipals: ["a"] })), "guarded"],
    ["of namespaces", allow(sources({ namespaces: ["a"] })), "guarded"],
    ["of accounts", allow(sources({ serviceAccounts: ["a/b"] })), "guarded"],
    ["of a network", allow(sources({ ipBlocks: ["10.0.0.0/8"] })), "guarded"],
    ["of a network on the internet", allow(sources({ remoteIpBlocks: ["2001:db8::/32"] })), "guarded"],
    ["of every network", allow(sources({ remoteIpBlocks: ["0.0.0.0/0"] })), "open"],
    ["of a network and every one", allow(sources({ ipBlocks: ["10.0.0.0/8", "::/0"] })), "open"],
    ["of principals and everybody", allow(sources({ principals: ["a"] }, {})), "open"],
    ["of claims", allow({ when: [{ key: "request.auth.claims[a]", values: ["b"] }] }), "guarded"],
    [
      "of claims that look like an address",
      allow({ when: [{ key: "request.auth.claims[net.ipv4]", values: ["all/0"] }] }),
      "guarded",
    ],
    ["of no claim", allow({ when: [{ key: "request.auth.claims[a]", values: [] }] }), "open"],
    ["of an address", allow({ when: [{ key: "source.ip", values: ["10.0.0.1"] }] }), "guarded"],
    ["of any address", allow({ when: [{ key: "source.ip", values: ["0.0.0.0/0"] }] }), "open"],
    ["of two", allow({ when: [{ key: "remote.ip", values: ["10.0.0.1", "0.0.0.0/0"] }] }), "open"],
    ["of an account", allow({ when: [{ key: "source.principal", values: ["a"] }] }), "guarded"],
    ["of a header", allow({ when: [{ key: "request.headers[a]", values: ["b"] }] }), "open"],
    ["of a header named so", allow({ when: [{ key: "request.headers[source.ip]", values: ["b"] }] }), "open"],
    ["of a condition without a key", allow({ when: [{ values: ["b"] }] }), "open"],
  ])("%s", (_, spec, expected) => {
    expect(guard(spec)).toBe(expected);
  });

  it("opens what another ALLOW shuts, and a DENY shuts it again", () => {
    const known = allow(sources({ principals: ["a"] }));
    expect(guard(known, allow({}))).toBe("open");
    expect(guard(known, allow({}), deny({}))).toBe("guarded");
    // Who keeps one out lets all others in.
    expect(guard(deny(sources({ principals: ["a"] })))).toBe("open");
    expect(guard()).toBe("open");
  });
});

describe("the entrance of a VirtualService", () => {
  const gateway = (name: string, selector: Json) => ({
    apiVersion: "networking.istio.io/v1",
    kind: "Gateway",
    metadata: { name, namespace: "gateways" },
    spec: { selector },
  });
  const pods = {
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: { name: "public", namespace: "gateways" },
    spec: {
      selector: {},
      template: {
        metadata: { labels: { istio: "gateway", zone: "a" } },
        spec: { containers: [{ name: "istio-proxy", image: "auto" }] },
      },
    },
  };
  const route = (...gateways: string[]): KubeObject => ({
    apiVersion: "networking.istio.io/v1",
    kind: "VirtualService",
    metadata: { name: "ui", namespace: "apps" },
    spec: { hosts: [host], gateways },
  });
  const entrance = (object: KubeObject, ...others: unknown[]) =>
    entranceOf(TracingModel.from(others), object);

  it("has the labels of the gateway's pods, or those that the Gateway selects", () => {
    const bound = route("gateways/public", "second");
    const places = { hosts: [host], namespaces: ["gateways", "apps"] };
    expect(entrance(bound)).toEqual({ ...places, pods: undefined });
    const selects = gateway("public", { istio: "gateway" });
    expect(entrance(bound, selects)).toEqual({
      ...places,
      pods: { labels: { istio: "gateway" }, isComplete: false },
    });
    expect(entrance(bound, selects, pods)).toEqual({
      ...places,
      pods: { labels: { istio: "gateway", zone: "a" }, isComplete: true },
    });
    const other = gateway("public", { istio: "gateway", zone: "b" });
    expect(entrance(bound, other, pods).pods).toEqual({
      labels: { istio: "gateway", zone: "b" },
      isComplete: false,
    });
  });

  it("is none without a Gateway", () => {
    expect(entrance(route("mesh"), pods)).toEqual({ hosts: [host], namespaces: [], pods: undefined });
  });
});
