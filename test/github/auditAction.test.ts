/** The step of action.yml, as a runner executes it in another repository's workspace. */
import { spawnSync } from "node:child_process";
import * as fs from "node:fs";
import * as path from "node:path";
import { expect, test } from "vitest";
import { stringify } from "yaml";
import { Mesh } from "../../docs/generate/sample/mesh";
import { temporaryDirectory, writeAll } from "../fixtures/temporary";

const root = path.resolve(__dirname, "..", "..");

interface Outcome {
  code: number | null;
  log: string;
  summary: string;
  outputs: string;
  runner: string;
}

function step(files: Record<string, string>, inputs: Record<string, string>): Outcome {
  const workspace = temporaryDirectory();
  writeAll(workspace, files);
  const runner = temporaryDirectory();
  const at = (name: string): string => path.join(runner, name);
  for (const name of ["summary", "output"]) fs.writeFileSync(at(name), "");
  const { status, stdout, stderr } = spawnSync(path.join(root, ".github", "scripts", "audit.sh"), [], {
    cwd: workspace,
    encoding: "utf8",
    env: {
      PATH: process.env["PATH"],
      GITHUB_ACTION_PATH: root,
      GITHUB_STEP_SUMMARY: at("summary"),
      GITHUB_OUTPUT: at("output"),
      RUNNER_TEMP: runner,
      PATHS: ".",
      FAIL_ON: "error",
      ...inputs,
    },
  });
  return {
    code: status,
    log: `${stdout}${stderr}`,
    summary: fs.readFileSync(at("summary"), "utf8"),
    outputs: fs.readFileSync(at("output"), "utf8"),
    runner,
  };
}

const manifests = (mesh = new Mesh()): Record<string, string> => ({
  "deploy/mesh.yaml": mesh.objects
    .map((object) => stringify(object, { aliasDuplicateObjects: false }))
    .join("---\n"),
});

function outage(): Record<string, string> {
  const mesh = new Mesh();
  mesh.unset("NetworkPolicy auth/allow-jaeger-egress", "spec egress 0 ports 2");
  return manifests(mesh);
}

test("healthy manifests pass", () => {
  const { code, log, outputs, runner } = step(manifests(), { PATHS: "deploy" });
  expect([code, log]).toEqual([0, expect.not.stringContaining("::error")]);
  expect(outputs).toBe(`sarif=${runner}/mesh-tracing.sarif\njson=${runner}/mesh-tracing.json\n`);
});

test("the outage fails, as an annotation with the line to add, in the summary, as SARIF and as JSON", () => {
  const { code, log, summary, runner } = step(outage(), { PATHS: "deploy/mesh.yaml\n\n" });
  expect(code).toBe(1);
  expect(log).toMatch(/^::error file=deploy\/mesh\.yaml,line=\d+,title=trace-path-open::.*port: 9411/m);
  expect(summary).toContain("trace-path-open");
  const json = JSON.parse(fs.readFileSync(path.join(runner, "mesh-tracing.json"), "utf8")) as {
    findings: { rule: string }[];
  };
  expect(new Set(json.findings.map(({ rule }) => rule))).toEqual(new Set(["trace-path-open"]));
  const sarif = JSON.parse(fs.readFileSync(path.join(runner, "mesh-tracing.sarif"), "utf8")) as {
    runs: { results: unknown[] }[];
  };
  expect(sarif.runs[0]!.results).toHaveLength(json.findings.length);
});

test("fail-on never reports and passes", () => {
  const { code, log } = step(outage(), { FAIL_ON: "never" });
  expect(code).toBe(0);
  expect(log).toContain("::error");
});

test("inputs are options, and none is a command", () => {
  const { code, log } = step(manifests(), { ISTIO_VERSION: "1.31; touch stolen", PATHS: "deploy" });
  expect(code).toBe(2);
  expect(log).toContain("It must be a version such as 1.31.");
});

test("a path that looks like an option is a path", () => {
  const { code, log } = step(manifests(), { PATHS: "--live" });
  expect([code, log]).toEqual([2, expect.stringContaining("--live")]);
  expect(log).not.toContain("kubeconfig");
});

test.each([
  [{ PATHS: "\n" }, "::error::input paths is empty; name files or directories of manifests, one a line\n"],
  [{ FAIL_ON: "warn" }, "::error::input fail-on is warn; it must be error, warning or never\n"],
])("a mistake in the inputs is one line: %o", (inputs, line) => {
  expect(step(manifests(), inputs)).toMatchObject({ code: 2, log: line });
});
