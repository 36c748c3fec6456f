import * as fs from "node:fs";
import * as path from "node:path";
import { load } from "js-yaml";
import { describe, expect, it } from "vitest";
import { readRuleConfig } from "../../../cli/ruleConfig";
import { examples } from "../../../docs/generate/examples";
import { exampleOf } from "../../../docs/generate/example";
import { formatted } from "../../../docs/generate/format";
import { rulePages } from "../../../docs/generate/rulePages";
import { allRules } from "../../../policy/rules";
import { temporaryDirectory } from "../../fixtures/temporary";

const pages = rulePages(allRules, exampleOf);

/** The code of a fence in a page. */
function fenced(page: string, language: string): string {
  return new RegExp(`\`\`\`${language}\n([^]*?)\n\`\`\``).exec(page)?.[1] ?? "";
}

describe("docs/rules", () => {
  it("has a page of every rule and a table of all, in the order of the rules", () => {
    expect([...pages.keys()]).toEqual(["README.md", ...allRules.map(({ name }) => `${name}.md`)]);
    const rows = [
      ...(pages.get("README.md") ?? "").matchAll(/^\| \[(.+?)\]\((.+?)\) \| (\w+) \| (.+) \|$/gm),
    ];
    expect(rows.map((row) => row.slice(1))).toEqual(
      allRules.map(({ name, level, description }) => [name, `${name}.md`, level, description]),
    );
  });
});

describe("the page of a rule", () => {
  it.each(allRules)("$name: everything the rule says of itself", (rule) => {
    const page = pages.get(`${rule.name}.md`) ?? "";
    const { why, symptom, exceptions, sources } = rule.page;
    const limits = Object.entries(rule.configSchema.properties).map(
      ([limit, { description, default: value }]) =>
        `| \`${limit}\` | \`${JSON.stringify(value)}\` | ${description} |`,
    );
    for (const part of [
      `\n# ${rule.name}\n\n${rule.description}\n`,
      `| ${rule.level} | ${rule.level === "error" ? "mandatory" : "advisory"} | ${rule.severity} |`,
      why,
      symptom,
      exceptions,
      rule.remediationSteps,
      ...limits,
      ...[rule.url, ...sources].map((url) => `- <${url}>`),
    ]) {
      expect(page).toContain(part);
    }
    expect(page).not.toMatch(/undefined|\[object/);
  });

  it.each(allRules)("$name: an example that changes something and that the rule finds", ({ name }) => {
    const page = pages.get(`${name}.md`) ?? "";
    expect(fenced(page, "diff")).toMatch(/^# .+\n/);
    expect(fenced(page, "diff")).toMatch(/^[+-] /m);
    expect(fenced(page, "text")).toMatch(new RegExp(`^(error|warning) \\[${name}\\] `));
  });

  it.each(allRules)("$name: settings that the pack and the audit take", ({ name, configSchema }) => {
    const page = pages.get(`${name}.md`) ?? "";
    const limits = Object.fromEntries(
      Object.entries(configSchema.properties).map(([limit, schema]) => [limit, schema.default]),
    );
    const pack = JSON.parse(fenced(page, "json")) as Record<string, { enforcementLevel: string }>;
    expect(pack).toEqual({ [name]: { enforcementLevel: expect.stringMatching(/./) as string, ...limits } });
    expect(["advisory", "mandatory"]).toContain(pack[name]?.enforcementLevel);
    const file = path.join(temporaryDirectory(), "rules.yaml");
    fs.writeFileSync(file, fenced(page, "yaml"));
    expect(readRuleConfig(file)).toEqual(load(fenced(page, "yaml")));
    expect(load(fenced(page, "yaml"))).toMatchObject({ [name]: limits });
  });

  it("tells what the check was told only where the finding depends on it", () => {
    const told = [...pages].filter(([, page]) => page.includes("The check was told"));
    expect(told.map(([name, page]) => [name, /was told (.+)\n/.exec(page)?.[1]])).toEqual([
      ["telemetry-sampling.md", "`minSampling: 100`."],
    ]);
  });

  it("keeps what is code in words as it is", async () => {
    const page = await formatted(pages.get("trace-path-open.md") ?? "");
    expect(page).toContain("`cx_connect_fail` of 9411");
    const paragraphs = page.split("\n").filter((line) => /^[A-Z]/.test(line));
    expect(paragraphs.filter((line) => line.length > 110)).toEqual([]);
  });
});

describe("exampleOf", () => {
  it("shows what the rule's own fault changes, and not what the mesh needs for it", () => {
    const { name, diff } = exampleOf("kiali-tracing");
    expect(name).toBe("Kiali reads HTTP where gRPC is spoken");
    expect(diff.split("\n").filter((line) => /^[-+#]/.test(line))).toEqual([
      "# ConfigMap observability/kiali",
      "-         use_grpc: true",
      "+         use_grpc: false",
    ]);
  });

  it("fails for a rule without an example", () => {
    expect(() => exampleOf("no-such-rule")).toThrow("examples.ts has no example of no-such-rule");
  });

  it("has an example for every rule and for nothing else", () => {
    expect(Object.keys(examples).sort()).toEqual(allRules.map(({ name }) => name).sort());
  });
});
