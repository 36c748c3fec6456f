/** What the pages show can be used as it is: examples parse, names exist, links lead somewhere. */
import * as fs from "node:fs";
import * as path from "node:path";
import { load, loadAll } from "js-yaml";
import { describe, expect, it, test } from "vitest";
import { readRuleConfig } from "../../cli/ruleConfig";
import { allRules } from "../../policy/rules";
import { addMissingTracingPorts } from "../../policy/pack/addMissingTracingPorts";
import { optionsFrom } from "../../policy/pack/options";
import { audit, run } from "../cli/run";
import { temporaryDirectory } from "../fixtures/temporary";
import { anchors, commands, fences, links, pages, read, root } from "./markdown";

const ownWords = pages.filter((page) => !page.startsWith(path.join("docs", "rules")));

describe.each(pages)("%s", (page) => {
  it("has examples that parse", () => {
    for (const text of fences(page, "yaml")) expect(() => loadAll(text)).not.toThrow();
    for (const text of fences(page, "json")) expect(() => JSON.parse(text) as unknown).not.toThrow();
  });

  it("has links that lead to files and headings that are there", () => {
    const broken = links(page).filter((link) => {
      if (/^https?:/.test(link)) return false;
      const [file = "", anchor] = link.split("#");
      const target = file === "" ? page : path.join(path.dirname(page), file);
      if (!fs.existsSync(path.join(root, target))) return true;
      return anchor !== undefined && !anchors(target).includes(anchor);
    });
    expect(broken).toEqual([]);
  });

  it("names npm scripts that are there", () => {
    const { scripts } = JSON.parse(read("package.json")) as { scripts: Record<string, string> };
    const named = [...read(page).matchAll(/npm (?:--\S+ \S+ )?run (?:-s )?([a-z][a-z:]*)/g)].map(
      ([, script]) => script!,
    );
    expect(named.filter((script) => !(script in scripts))).toEqual([]);
  });
});

test("every page of docs/ is one click away from the README or from a page that is", () => {
  const reached = new Set(["README.md"]);
  for (const page of reached) {
    for (const link of links(page).filter((target) => /\.md(#|$)/.test(target) && !target.startsWith("http")))
      reached.add(path.join(path.dirname(page), link.replace(/#.*/, "")));
  }
  expect(pages.filter((page) => !reached.has(page))).toEqual([]);
});

describe("options that the pages name", () => {
  /** Options of one command, in all calls of it. */
  const optionsOf = (call: RegExp): string[] => {
    const lines = ownWords.flatMap(commands).filter((line) => call.test(line));
    const options = lines.flatMap((line) => line.match(/(?<=\s)--[a-z][a-z-]*/g) ?? []);
    expect(options.length).toBeGreaterThan(3);
    return [...new Set(options)].sort();
  };

  it("are options of audit", async () => {
    const { stdout } = await audit(["--help"]);
    const named = [
      ...optionsOf(/(run -s audit|bundled\.cjs audit|^audit) /),
      ...bareOptions("docs/gitops.md"),
    ];
    expect(named).toEqual(expect.arrayContaining(["--rule-config", "--fail-on"]));
    const ofRender = ["--helm", "--out"];
    expect(named.filter((option) => !stdout.includes(`${option} `) && !ofRender.includes(option))).toEqual(
      [],
    );
  });

  it("are options of render", async () => {
    const command = [require.resolve("tsx/cli"), path.join(root, "cli", "render.ts"), "--help"];
    const { stdout } = await run(process.execPath, command);
    const named = optionsOf(/run (-s )?render /);
    expect(named).toContain("--out");
    expect(
      named.filter((option) => !stdout.includes(`${option} `) && !stdout.includes(`${option}\n`)),
    ).toEqual([]);
  });
});

/** Options in the words of a page, without a command before them. */
function bareOptions(page: string): string[] {
  return commands(page).flatMap((line) => /^--[a-z][a-z-]*/.exec(line)?.[0] ?? []);
}

describe("settings that the pages show", () => {
  it("are of policies and limits that the pack has", () => {
    const limitsOf = new Map(
      [...allRules, addMissingTracingPorts].map(({ name, configSchema }) => [
        name,
        Object.keys(configSchema?.properties ?? {}),
      ]),
    );
    const inline = read("docs/gating.md").matchAll(/`(\{".+?\})`/g);
    const settings = [...fences("docs/gating.md", "json"), ...Array.from(inline, ([, text]) => text!)];
    expect(settings.length).toBeGreaterThan(3);
    for (const text of settings) {
      for (const [name, setting] of Object.entries(JSON.parse(text) as Record<string, string | object>)) {
        const level =
          typeof setting === "string"
            ? setting
            : "enforcementLevel" in setting
              ? setting.enforcementLevel
              : "mandatory";
        expect(["mandatory", "advisory", "disabled", "remediate"]).toContain(level);
        expect(["all", ...limitsOf.keys()]).toContain(name);
        const limits = typeof setting === "string" ? [] : Object.keys(setting);
        const known = ["enforcementLevel", ...(limitsOf.get(name) ?? [])];
        expect(limits.filter((limit) => !known.includes(limit))).toEqual([]);
      }
    }
  });

  it("are taken by the audit", () => {
    const file = path.join(temporaryDirectory(), "rules.yaml");
    const settings = fences("docs/gitops.md", "yaml").filter((text) => text.includes("minSampling"));
    expect(settings).toHaveLength(1);
    fs.writeFileSync(file, settings[0]!);
    expect(Object.keys(readRuleConfig(file))).toContain("telemetry-sampling");
  });

  it("are keys that the pack reads from a stack's configuration", () => {
    const set = ownWords.flatMap(commands).flatMap((line) => {
      const [, key, value] = /^pulumi config set (mesh-tracing-policy:\w+) (.+)$/.exec(line) ?? [];
      return key === undefined ? [] : [[key, value!.replaceAll("'", "")] as const];
    });
    expect(set.length).toBeGreaterThan(3);
    expect(() => optionsFrom(JSON.stringify(Object.fromEntries(set)))).not.toThrow();
  });
});

describe("the pipeline for GitLab", () => {
  interface Job {
    stage?: string;
    script?: string[];
    needs?: string[];
    extends?: string;
  }
  const { stages, workflow, ...jobs } = load(fences("docs/ci-without-github.md", "yaml")[0] ?? "") as {
    stages: string[];
    workflow: object;
  } & Record<string, Job>;

  it("has jobs of stages, templates and needs that are there", () => {
    expect(workflow).toBeDefined();
    const visible = Object.entries(jobs).filter(([name]) => !name.startsWith("."));
    expect(visible.map(([name]) => name)).toEqual(["render", "audit", "report", "note", "preview", "deploy"]);
    for (const [, { stage, script, needs = [], extends: template }] of visible) {
      expect(stages).toContain(stage);
      expect(script?.every((line) => typeof line === "string")).toBe(true);
      for (const name of [...needs, ...(template === undefined ? [] : [template])])
        expect(jobs).toHaveProperty([name]);
    }
  });

  it("gives no credentials to jobs that run the code of forks", () => {
    for (const name of ["render", "audit", "report"]) {
      expect(JSON.stringify([jobs[name], jobs[".node"]])).not.toMatch(
        /TOKEN|id_tokens|KUBECONFIG|environment/,
      );
    }
  });
});
