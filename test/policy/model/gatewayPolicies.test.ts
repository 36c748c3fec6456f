/** Which AuthorizationPolicies are a gateway's, and whose tokens it takes. */
import { describe, expect, it } from "vitest";
import { type Entrance, guardOf, lacksTokens } from "../../../policy/model/gatewayAccess";
import { TracingModel } from "../../../policy/model/tracingModel";

type Json = Record<string, unknown>;

const host = "ui.example.com";
const security = (kind: string, spec: Json, namespace = "istio-system") => ({
  apiVersion: "security.istio.io/v1",
  kind,
  metadata: { name: "ui", namespace },
  spec,
});
const policy = (spec: Json, namespace?: string) => security("AuthorizationPolicy", spec, namespace);
const entrance: Entrance = { hosts: [host], namespaces: ["gateways"] };
const deployment = (namespace: string, labels: Json) => ({
  apiVersion: "apps/v1",
  kind: "Deployment",
  metadata: { name: "it", namespace },
  spec: { template: { metadata: { labels } } },
});

describe("a policy is a gateway's", () => {
  const shut = { rules: [] };
  const isShut = (at: Entrance, ...objects: unknown[]) =>
    guardOf(TracingModel.from(objects), at) === "guarded";

  it.each<[string, boolean, unknown[]]>([
    ["in the root namespace", true, [policy(shut)]],
    ["in the namespace of the Gateway", true, [policy(shut, "gateways")]],
    [
      "in that of a gateway's pods",
      true,
      [policy(shut, "edge"), deployment("edge", { istio: "ingressgateway" })],
    ],
    [
      "in that of other pods",
      false,
      [policy(shut, "apps"), deployment("apps", { "sidecar.istio.io/inject": "true" })],
    ],
    ["elsewhere", false, [policy(shut, "apps")]],
  ])("%s: %s", (_, expected, objects) => {
    expect(isShut(entrance, ...objects)).toBe(expected);
  });

  it("in the root namespace that the mesh has", () => {
    const model = TracingModel.from([policy(shut, "mesh-root")], { rootNamespace: "mesh-root" });
    expect(guardOf(model, entrance)).toBe("guarded");
  });

  it.each<[string, Json, boolean]>([
    ["by its name", { targetRefs: [{ kind: "Gateway", name: "public" }] }, true],
    ["by its name alone", { targetRef: { kind: "Gateway", name: "public" } }, true],
    [
      "by two names",
      {
        targetRefs: [
          { kind: "Gateway", name: "a" },
          { kind: "Gateway", name: "public" },
        ],
      },
      true,
    ],
    ["by another's name", { targetRefs: [{ kind: "Gateway", name: "other" }] }, false],
    ["by a Service's name", { targetRefs: [{ kind: "Service", name: "public" }] }, false],
  ])("of the Gateway API %s: %s", (_, target, expected) => {
    const at = { ...entrance, gatewayApi: "public" };
    expect(isShut(at, policy({ ...shut, ...target }))).toBe(expected);
    expect(isShut(entrance, policy({ ...shut, ...target }))).toBe(false);
  });

  const istio = { istio: "ingressgateway" };
  it.each<[string, Entrance["pods"], boolean]>([
    ["its pods have the labels", { labels: { ...istio, zone: "a" }, isComplete: true }, true],
    ["its pods have others", { labels: { istio: "egressgateway" }, isComplete: true }, false],
    ["its pods have none", { labels: {}, isComplete: true }, false],
    ["it selects the labels", { labels: istio, isComplete: false }, true],
    ["it selects others", { labels: { istio: "egressgateway" }, isComplete: false }, false],
    ["it selects by something else", { labels: { app: "gateway" }, isComplete: false }, true],
    ["nothing is known of it", undefined, true],
  ])("by labels, if %s", (_, pods, expected) => {
    const selected = policy({ ...shut, selector: { matchLabels: istio } });
    expect(isShut({ ...entrance, pods }, selected)).toBe(expected);
  });
});

describe("tokens", () => {
  const lacks = (at: Entrance, ...objects: unknown[]) => lacksTokens(TracingModel.from(objects), at);
  const rule = (from: Json, to?: Json) => ({
    rules: [{ from: [{ source: from }], ...(to === undefined ? {} : { to: [{ operation: to }] }) }],
  });
  const wants = rule({ requestPrincipals: ["*"] }, { hosts: [host] });

  it.each<[string, Json, boolean]>([
    ["by whose they are", wants, true],
    ["by having none", { action: "DENY", ...rule({ notRequestPrincipals: ["*"] }) }, true],
    ["by a claim", { rules: [{ when: [{ key: "request.auth.claims[a]", values: ["b"] }] }] }, true],
    ["one of two", { rules: [{ from: [{ source: {} }, { source: { requestPrincipals: ["a"] } }] }] }, true],
    ["for another host", rule({ requestPrincipals: ["*"] }, { hosts: ["other"] }), false],
    ["not, but for a certificate", rule({ principals: ["a"] }), false],
    ["not, but for an address", { rules: [{ when: [{ key: "source.ip", values: ["10.0.0.1"] }] }] }, false],
    ["not, by a condition without a key", { rules: [{ when: [{ values: ["a"] }] }] }, false],
    ["not", { rules: [{}] }, false],
    ["not, without rules", {}, false],
  ])("are asked for %s", (_, spec, expected) => {
    expect(lacks(entrance, policy(spec))).toBe(expected);
  });

  it("are valid if a RequestAuthentication of the gateway says so", () => {
    expect(lacks(entrance, policy(wants), security("RequestAuthentication", { jwtRules: [] }))).toBe(false);
    expect(lacks(entrance, policy(wants), security("RequestAuthentication", { jwtRules: [] }, "apps"))).toBe(
      true,
    );
  });

  it("are asked for at one host of two", () => {
    expect(lacks({ ...entrance, hosts: ["second.example.com", host] }, policy(wants))).toBe(true);
  });
});
