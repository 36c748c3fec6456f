import { describe, expect, it } from "vitest";
import { readdirSync, readFileSync } from "node:fs";
import * as path from "node:path";
import { allRules } from "../../../policy/rules";
import { TracingModel } from "../../../policy/model/tracingModel";
import { Mesh, options } from "../../../docs/generate/sample/mesh";

/** The name of a rule as that of its files. */
function camelCase(name: string): string {
  return name.replaceAll(/-(.)/g, (_, letter: string) => letter.toUpperCase());
}

describe("every rule", () => {
  it("has a name of its own, which is that of its file", () => {
    const names = allRules.map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
    const files = readdirSync(path.resolve(__dirname, "../../../policy/rules")).map((file) =>
      file.replace(".ts", ""),
    );
    const camel = names.map(camelCase);
    expect(files.sort()).toEqual([...camel, "index"].sort());
  });

  it("has its tests in the file of its name, and no file tests a rule that is not there", () => {
    const files = readdirSync(__dirname).filter((file) => file !== "rules.test.ts");
    const tested = new Set(files.map((file) => /^(\w+)(\.\w+)?\.test\.ts$/.exec(file)?.[1] ?? file));
    expect([...tested].sort()).toEqual(allRules.map(({ name }) => camelCase(name)).sort());
    for (const { name } of allRules) {
      const text = readFileSync(path.join(__dirname, `${camelCase(name)}.test.ts`), "utf8");
      expect(text).toContain(`testRule("${name}", {`);
    }
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

  it.each(allRules)("$name says the same on its page, docs/rules/$name.md", (rule) => {
    const { name, description, level, severity, tags, url, remediationSteps, page } = rule;
    const { why, symptom, exceptions, sources } = page;
    const file = path.resolve(__dirname, `../../../docs/rules/${name}.md`);
    const told = readFileSync(file, "utf8").replaceAll(/\s+/g, " ");
    for (const text of [description, why, symptom, remediationSteps, exceptions])
      expect(told).toContain(text);
    const [, ...row] = /\| (error|warning|info) \| \w+ \| (\w+) \| ([^|]+) \|/.exec(told) ?? [];
    expect(row).toEqual([level, severity, tags.join(", ")]);
    const limits = Object.keys(rule.configSchema.properties);
    expect([...told.matchAll(/\| `(\w+)` \| `/g)].map(([, limit]) => limit)).toEqual(limits);
    expect([...told.matchAll(/- <(\S+)>/g)].map(([, link]) => link)).toEqual([url, ...sources]);
  });

  it.each(allRules)(
    "$name has a default and a description for every limit",
    ({ configSchema: { properties } }) => {
      for (const schema of Object.values(properties)) {
        expect(schema.description).toMatch(/^[A-Z].{10,}\.$/);
        expect(Array.isArray(schema.default) ? "array" : typeof schema.default).toBe(schema.type);
        expect(schema.items).toEqual(schema.type === "array" ? { type: "string" } : undefined);
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

  it("is an error only where spans are lost or traces split, for sure", () => {
    const named = (level: string) => allRules.filter((rule) => rule.level === level).map(({ name }) => name);
    expect(named("warning").sort()).toEqual([
      "access-log-trace-id",
      "application-port-protocol",
      "jaeger-hardened",
      "jaeger-memory-bound",
      "jaeger-no-sidecar",
      "jaeger-storage-credentials",
      "jaeger-storage-tls",
      "jaeger-ui-not-public",
      "kiali-authenticated",
      "kiali-reaches-tracing",
      "kiali-tracing",
      "known-fields",
      "mesh-config-sources",
      "service-entry-hosts",
      "service-entry-ports",
      "service-entry-resolution",
      "ui-route",
    ]);
    expect(named("info")).toEqual([]);
  });
});
