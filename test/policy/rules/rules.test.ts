import { readdirSync } from "node:fs";
import * as path from "node:path";
import { describe, expect, it } from "vitest";
import { allRules, checkAll } from "../../../policy/check";
import { TracingModel } from "../../../policy/model/tracingModel";
import { Mesh, options } from "./fixture";

describe("every rule", () => {
  it("has a name of its own, which is that of its file", () => {
    const names = allRules.map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
    const files = readdirSync(path.resolve(__dirname, "../../../policy/rules")).map((file) =>
      file.replace(".ts", ""),
    );
    const camel = names.map((name) => name.replaceAll(/-(.)/g, (_, letter: string) => letter.toUpperCase()));
    // What is no rule is shared by rules.
    expect(files.filter((file) => !camel.includes(file)).sort()).toEqual([
      "environments",
      "pathFixes",
      "paths",
      "spanPaths",
    ]);
    expect(camel.every((name) => files.includes(name))).toBe(true);
  });

  it.each(allRules)("$name explains itself", (rule) => {
    expect(rule.name).toMatch(/^[a-z]+(-[a-z]+)+$/);
    expect(rule.description).toMatch(/^[A-Z].{20,}\.$/);
    expect(rule.remediationSteps).toMatch(/^[A-Z].{20,}\.$/);
    expect(rule.url).toMatch(/^https:\/\/[a-z.]+\/\S+$/);
    expect(rule.tags.length).toBeGreaterThan(0);
    for (const tag of rule.tags) expect(tag).toMatch(/^[a-z]+(-[a-z]+)*$/);
    expect(["error", "warning", "info"]).toContain(rule.level);
    expect(["low", "medium", "high", "critical"]).toContain(rule.severity);
  });

  it.each(allRules)("$name says on its page what breaks, what people see and when it may stand", (rule) => {
    const { why, symptom, exceptions, sources } = rule.page;
    for (const paragraph of [why, symptom, exceptions]) expect(paragraph).toMatch(/^\S.{20,}\.$/);
    for (const source of sources) expect(source).toMatch(/^https:\/\/[a-z.]+\/\S+$/);
    expect(new Set([rule.url, ...sources]).size).toBe(sources.length + 1);
  });

  it.each(allRules)(
    "$name has a default and a description for every limit",
    ({ configSchema: { properties } }) => {
      for (const schema of Object.values(properties)) {
        expect(schema.description).toMatch(/^[A-Z].{10,}\.$/);
        expect(Array.isArray(schema.default) ? "array" : typeof schema.default).toBe(schema.type);
      }
    },
  );

  it.each(allRules)(
    "$name is pure: asked twice it says the same, and the objects stay as they are",
    (rule) => {
      const mesh = new Mesh().unset("NetworkPolicy auth/allow-jaeger-egress", "spec egress 0 ports 2");
      const before = structuredClone(mesh.objects);
      const model = TracingModel.from(mesh.objects, options);
      expect(rule.check(model, {})).toEqual(rule.check(model, {}));
      expect(mesh.objects).toEqual(before);
    },
  );
});

describe("checkAll", () => {
  const broken = () =>
    new Mesh()
      .unset("NetworkPolicy auth/allow-jaeger-egress", "spec egress 0 ports 2")
      .set("Telemetry istio-system/mesh-default", "spec tracing 0 randomSamplingPercentage", 10)
      .set("Service istio-system/jaeger-query-clusterip", "spec type", "NodePort");

  it("sorts by object, whatever the order of the input", () => {
    const { objects } = broken();
    const expected = [
      ["NetworkPolicy", "auth", "allow-jaeger-egress"],
      ["Service", "istio-system", "jaeger-query-clusterip"],
      ["Telemetry", "istio-system", "mesh-default"],
    ];
    for (const order of [objects, [...objects].reverse()]) {
      const found = checkAll(order, options).map(({ kind, namespace, name }) => [kind, namespace, name]);
      expect(found).toEqual(expected);
    }
  });

  it("takes levels and limits from the configuration", () => {
    const config = {
      "trace-path-open": "warning",
      "jaeger-ui-not-public": "off",
      "telemetry-sampling": { minSampling: 5 },
    } as const;
    const found = checkAll(broken().objects, {}, config).map(({ rule, level }) => [rule, level]);
    expect(found).toEqual([["trace-path-open", "warning"]]);
  });

  it("names the file an object was read from", () => {
    const { objects } = broken();
    const [finding] = checkAll(objects, {
      ...options,
      fileOf: (object) =>
        object === objects.find(({ metadata }) => metadata.name === "allow-jaeger-egress")
          ? "auth.yaml"
          : undefined,
    });
    expect(finding?.file).toBe("auth.yaml");
  });
});
