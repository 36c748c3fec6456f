import { describe, expect, it } from "vitest";
import { stackFrom } from "../../../config/fromPulumi";
import { readStackFile } from "../../../engine/stackFile";
import { optionsFrom } from "../../../policy/pack/options";
import { root } from "./host";

describe("optionsFrom", () => {
  it.each([undefined, "", "nonsense", "[]", "{}", '{"shop:namespaces": "{}"}'])(
    "has none in %s",
    (configuration) => {
      expect(optionsFrom(configuration)).toEqual({});
    },
  );

  it.each(["dev", "prod"])("reads who is traced from this project's stack %s", (name) => {
    const { project, config } = readStackFile(root, name);
    const stack = stackFrom(config, project, name);
    expect(optionsFrom(JSON.stringify(config))).toEqual({
      traced: Object.keys(stack.namespaces),
      gateways: stack.gateways.map(({ namespace }) => namespace),
      otherPolicies: Object.entries(stack.namespaces).flatMap(([namespace, { isolation }]) =>
        isolation === "existing" ? [namespace] : [],
      ),
      istioVersion: stack.istio.version,
      dns: {},
    });
  });

  it("reads where DNS and Istio are, if the stack says it", () => {
    const sections = {
      namespaces: { shop: { isolation: "none" } },
      gateways: [],
      istio: { version: "1.31", rootNamespace: "istio-config" },
      egress: { dns: { namespace: "dns", podLabels: { app: "dns" }, ports: [5353] } },
    };
    const config = Object.entries(sections).map(([key, value]) => [
      `mesh-tracing:${key}`,
      JSON.stringify(value),
    ]);
    expect(optionsFrom(JSON.stringify(Object.fromEntries(config)))).toEqual({
      traced: ["shop"],
      gateways: [],
      otherPolicies: [],
      istioVersion: "1.31",
      rootNamespace: "istio-config",
      dns: { namespace: "dns", labels: { app: "dns" }, ports: [5353] },
    });
  });

  it("reads the pack's own keys from any stack, over what the stack says", () => {
    const config = {
      "mesh-tracing:namespaces": '{"shop":{"isolation":"existing"}}',
      "mesh-tracing-policy:collector": "observability/jaeger:9411",
      "mesh-tracing-policy:traced": '["checkout"]',
      "mesh-tracing-policy:dns": '{"ports":[5353]}',
    };
    expect(optionsFrom(JSON.stringify(config))).toEqual({
      collector: "observability/jaeger:9411",
      traced: ["checkout"],
      otherPolicies: ["shop"],
      gateways: [],
      dns: { ports: [5353] },
    });
  });

  it("tells every mistake in the pack's own keys", () => {
    const config = {
      "mesh-tracing-policy:colector": "x",
      "mesh-tracing-policy:traced": "shop",
      "mesh-tracing-policy:gateways": "[1]",
      "mesh-tracing-policy:dns": "[]",
    };
    expect(() => optionsFrom(JSON.stringify(config))).toThrow(
      [
        "the stack's configuration has mistakes",
        "mesh-tracing-policy:colector: there is no such key; known keys are collector, traced, gateways, istioVersion, otherPolicies, rootNamespace, dns",
        'mesh-tracing-policy:traced: must be a list of texts, ["a", "b"]',
        'mesh-tracing-policy:gateways: must be a list of texts, ["a", "b"]',
        'mesh-tracing-policy:dns: must be a structure, {"namespace": "kube-system"}',
      ].join("\n"),
    );
  });
});
