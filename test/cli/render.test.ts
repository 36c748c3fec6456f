import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import * as fs from "node:fs";
import * as path from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { parse, parseAllDocuments } from "yaml";
import { allRules } from "../../policy/rules";
import { root } from "../fixtures/stack";
import { readAll, temporaryDirectory, writeAll } from "../fixtures/temporary";

interface Ended {
  code: number | null;
  stdout: string;
  stderr: string;
}

/** Runs the command in a process of its own, without helm on PATH and without a terminal. */
function render(args: string[], cwd = root): Promise<Ended> {
  const child = spawn(process.execPath, [path.join(root, "cli", "bundled.cjs"), "render", ...args], {
    cwd,
    env: { PATH: temporaryDirectory(), HOME: process.env["HOME"] },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const collected = { stdout: "", stderr: "" };
  child.stdout.on("data", (chunk: Buffer) => (collected.stdout += chunk.toString()));
  child.stderr.on("data", (chunk: Buffer) => (collected.stderr += chunk.toString()));
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code) => resolve({ code, ...collected }));
  });
}

/** A stack file in the checkout that is gone after the test; returns the stack's name. */
function stackFile(content: string): string {
  const stack = `test-${randomBytes(6).toString("hex")}`;
  const file = path.join(root, `Pulumi.${stack}.yaml`);
  onTestFinished(() => fs.rmSync(file, { force: true }));
  fs.writeFileSync(file, content);
  return stack;
}

const services = ["auth", "character", "chat", "image", "location", "my", "scan"];
const externals = [
  "aws-cloudfront",
  "aws-s3-external",
  "google-external",
  "kakao-external",
  "naver-external",
  "openai-external",
];
const devFiles = [
  ...services.flatMap((name) => [
    `${name}/configmap-otel-environment.yaml`,
    `${name}/deployment-${name}-api.patch.yaml`,
    `${name}/networkpolicy-allow-jaeger-egress.yaml`,
  ]),
  "istio-system/chart-jaeger.values.yaml",
  "istio-system/configmap-mesh-tracing.yaml",
  "istio-system/deployment-istiod.patch.yaml",
  "istio-system/networkpolicy-allow-tracing-ingress.yaml",
  "istio-system/service-jaeger-collector-clusterip.yaml",
  "istio-system/service-jaeger-query-clusterip.yaml",
  ...externals.map((name) => `istio-system/serviceentry-${name}.yaml`),
  "istio-system/telemetry-mesh-default.yaml",
].sort();
const index = ".mesh-tracing-files.json";
const chartMissing = "the chart of istio-system/jaeger is not in this output: helm is not on PATH\n";
const escape = String.fromCharCode(27);

describe("render --stack dev", () => {
  test("writes a file a resource and says what it made and what comes next, without colours in a pipe", async () => {
    const directory = temporaryDirectory();
    const { code, stdout, stderr } = await render(["--stack", "dev", "--out", "out"], directory);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    const out = path.join(directory, "out");
    expect(Object.keys(readAll(out)).sort()).toEqual([index, ...devFiles].sort());
    expect(stdout).not.toContain(escape);
    const lines = stdout.split("\n");
    expect(lines.slice(0, 7)).toEqual([
      "Jaeger jaeger (1)",
      "└─ Helm chart istio-system/jaeger (values only: helm is not on PATH)",
      "JaegerServices jaeger-services (2)",
      "├─ Service istio-system/jaeger-collector-clusterip",
      "└─ Service istio-system/jaeger-query-clusterip",
      "TracingNetworkPolicies network-policies (8)",
      "├─ NetworkPolicy auth/allow-jaeger-egress",
    ]);
    const summary = lines.slice(lines.indexOf(""));
    expect(summary.pop()).toBe("");
    expect(summary.pop()).toMatch(/^rendered in \d+\.\d s, nothing was deployed$/);
    expect(summary).toEqual([
      "",
      "stack dev: 33 manifests and 1 chart as values in out/ (34 written, 0 unchanged, 0 removed)",
      "  traced: 7 namespaces, 100 % of requests",
      "  UI:     https://jaeger.dev.growbin.app (routed by others; if it is not: kubectl -n istio-system port-forward service/jaeger-query-clusterip 16686)",
      `  rules:  ${allRules.length} checked, nothing found`,
      "",
      "next:",
      "  read   out/ and compare it with what the cluster has",
      "  deploy pulumi up --stack dev      (docs/deploy.md)",
      "  other  npm run render -- --help",
      "",
    ]);
  });

  test("with delivery values: the values for istiod's owner, and that nothing is traced without them", async () => {
    const out = path.join(temporaryDirectory(), "out");
    const { code, stdout } = await render(["--stack", "prod", "--out", out]);
    expect(code).toBe(0);
    expect(stdout).toContain(
      `: 18 manifests and 1 chart as values and mesh-values.yaml in ${out}/ (20 written, 0 unchanged, 0 removed)\n`,
    );
    expect(stdout).toContain(
      `\n  ask    istiod's owner to take ${out}/mesh-values.yaml: tracing is off until then\n`,
    );
    const { [index]: list = "", "mesh-values.yaml": values = "" } = readAll(out);
    expect(list).toContain('"mesh-values.yaml"');
    expect(values).toMatch(/^# For whoever owns istiod: nothing is traced until/);
    expect(parse(values)).toMatchObject({
      meshConfig: {
        extensionProviders: [{ name: "jaeger", zipkin: { port: 9411 } }, { name: "json-access-log" }],
      },
    });
    const { stderr } = await render(["--stack", "prod", "--stdout"]);
    expect(stderr).toContain(
      "the mesh config for istiod's owner is not in this output: it is the output meshValues of --json\n",
    );
  });

  test("a second time leaves every byte as it was", async () => {
    const out = path.join(temporaryDirectory(), "out");
    await render(["--stack", "dev", "--out", out]);
    const before = readAll(out);
    const { code, stdout } = await render(["--stack", "dev", "--out", out]);
    expect(code).toBe(0);
    expect(stdout).toContain("(0 written, 34 unchanged, 0 removed)");
    expect(readAll(out)).toEqual(before);
  });

  test("--stdout prints the manifests alone, as YAML documents, and writes nothing", async () => {
    const directory = temporaryDirectory();
    const { code, stdout, stderr } = await render(["--stack", "dev", "--stdout"], directory);
    expect({ code, stderr, written: readAll(directory) }).toEqual({
      code: 0,
      stderr: chartMissing,
      written: {},
    });
    const documents = parseAllDocuments(stdout);
    expect(documents.flatMap((document) => ("errors" in document ? document.errors : []))).toEqual([]);
    expect(kindsAndNames(documents.map((document) => document.toJS() as Item))).toEqual(devObjects);
  });

  test("--stdout --json prints them as a List", async () => {
    const { code, stdout, stderr } = await render(["--stack", "dev", "--stdout", "--json"]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: chartMissing });
    const { items, ...list } = JSON.parse(stdout) as { items: Item[] };
    expect(list).toEqual({ apiVersion: "v1", kind: "List" });
    expect(kindsAndNames(items)).toEqual(devObjects);
  });

  test("--json prints a report and nothing else", async () => {
    const out = path.join(temporaryDirectory(), "out");
    const { code, stdout, stderr } = await render(["--stack", "dev", "--out", out, "--json"]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    const report = JSON.parse(stdout) as Record<string, unknown> & { resources: { file: string }[] };
    expect(Object.keys(report)).toEqual(["stack", "directory", "resources", "outputs", "findings"]);
    expect({ stack: report["stack"], directory: report["directory"] }).toEqual({
      stack: "dev",
      directory: out,
    });
    expect(report.resources.map(({ file }) => file)).toEqual(devFiles);
    expect(report.resources.find(({ file }) => file === "auth/deployment-auth-api.patch.yaml")).toEqual({
      file: "auth/deployment-auth-api.patch.yaml",
      urn:
        "urn:pulumi:dev::mesh-tracing::mesh-tracing:otel:OtelEnvironment$kubernetes:apps/v1:DeploymentPatch::" +
        "otel-environment-auth/auth-api",
      apiVersion: "apps/v1",
      kind: "Deployment",
      namespace: "auth",
      name: "auth-api",
      patch: true,
    });
    expect((report["outputs"] as { uiAddress: string }).uiAddress).toMatch(
      /^https:\/\/jaeger\.dev\.growbin\.app /,
    );
  });
});

test("stacks of one name in two directories are written to two places, each beside its stack file", async () => {
  const directory = temporaryDirectory();
  const read = (name: string) => fs.readFileSync(path.join(root, name), "utf8");
  for (const place of ["one", "two"]) {
    writeAll(path.join(directory, place), {
      "Pulumi.yaml": `name: mesh-tracing\nmain: ${root}\n`,
      "Pulumi.dev.yaml": read("Pulumi.dev.yaml"),
    });
  }
  for (const place of ["one", "two"]) {
    const { code, stdout } = await render(["-C", place, "--stack", "dev"], directory);
    expect(code).toBe(0);
    expect(stdout).toContain(` in ${place}/rendered/dev/ (34 written, 0 unchanged, 0 removed)`);
  }
});

test("two stacks in one directory: the second one is refused, and nothing of the first one is removed", async () => {
  const out = path.join(temporaryDirectory(), "out");
  await render(["--stack", "dev", "--out", out]);
  const before = readAll(out);
  expect(JSON.parse(before[index] ?? "")).toMatchObject({ stack: "dev" });
  expect(await render(["--stack", "prod", "--out", out])).toEqual({
    code: 2,
    stdout: "",
    stderr:
      `error: ${out} has the files of stack "dev", and this one is "prod"\n` +
      "  fix: choose another directory with --out, or remove this one if that stack is gone\n",
  });
  const other = path.join(temporaryDirectory(), "other");
  writeAll(other, {
    "Pulumi.yaml": `name: mesh-tracing\nmain: ${root}\n`,
    "Pulumi.dev.yaml": fs.readFileSync(path.join(root, "Pulumi.dev.yaml"), "utf8"),
  });
  const { code, stderr } = await render(["-C", other, "--stack", "dev", "--out", out]);
  expect(code).toBe(2);
  expect(stderr).toContain(`${out} has the files of stack "dev", and this one is "other/dev"\n`);
  expect(readAll(out)).toEqual(before);
});

describe("bad input ends with exit code 2, one clear text and nothing written", () => {
  const nothing = async (args: string[]): Promise<string> => {
    const directory = temporaryDirectory();
    const { code, stdout, stderr } = await render([...args, "--out", "out"], directory);
    expect({ code, stdout, written: readAll(directory) }).toEqual({ code: 2, stdout: "", written: {} });
    expect(stderr).not.toMatch(/^\s+at /m);
    return stderr;
  };

  test("a stack that is not there", async () => {
    expect(await nothing(["--stack", "nowhere"])).toMatch(
      /^error: there is no stack "nowhere": Pulumi\.nowhere\.yaml is missing\n {2}fix: choose one of .*\bdev, prod\b.*, or create the file\n$/,
    );
  });

  test("a stack file with mistakes", async () => {
    const stack = stackFile(
      [
        "config:",
        "  mesh-tracing:istio: { version: 1.30, delivery: shared }",
        "  mesh-tracing:tracing: { sampling: 101 }",
        "  mesh-tracing:gateways: []",
        "  mesh-tracing:namespaces: { shop: { isolation: none } }",
      ].join("\n"),
    );
    expect(await nothing(["--stack", stack])).toBe(
      "error: the stack's configuration has 2 mistakes; nothing was changed\n" +
        `  mesh-tracing:istio.version = 1.3  (Pulumi.${stack}.yaml:2)\n` +
        "    rule: the Istio version that runs in the cluster, as text\n" +
        '    fix:  put it in quotes: "1.31"\n' +
        `  mesh-tracing:tracing.sampling = 101  (Pulumi.${stack}.yaml:3)\n` +
        "    rule: a percentage between 0 and 100\n" +
        "    fix:  write 100 for every request, 1 for one in a hundred\n",
    );
  });

  test("a stack file that is not YAML", async () => {
    const stack = stackFile("config:\n  a:b: 1\n  a:b: 2\n");
    expect(await nothing(["--stack", stack])).toBe(
      `error: Pulumi.${stack}.yaml:3: Map keys must be unique\n`,
    );
  });

  test("--helm always without helm", async () => {
    expect(await nothing(["--stack", "dev", "--helm", "always"])).toBe(
      "error: helm cannot template chart jaeger --repo https://jaegertracing.github.io/helm-charts --version 4.11.1\n" +
        "  helm is not on PATH\n",
    );
  });

  test.each([
    [[], "error: required option '--stack <name>' not specified\n(--help lists what there is)\n"],
    [
      ["--stak", "dev"],
      "error: unknown option '--stak'\n(Did you mean --stack?)\n(--help lists what there is)\n",
    ],
    [
      ["--stack", "dev", "--hlem", "never"],
      "error: unknown option '--hlem'\n(Did you mean --helm?)\n(--help lists what there is)\n",
    ],
    [
      ["--stack", "dev", "--helm", "maybe"],
      "error: option '--helm <when>' argument 'maybe' is invalid. Allowed choices are auto, always, never.\n" +
        "(--help lists what there is)\n",
    ],
  ])("a wrong call: %j", async (args, message) => {
    expect(await nothing(args)).toBe(message);
  });

  test("a file of somebody else in the way", async () => {
    const directory = temporaryDirectory();
    const taken = path.join(directory, "istio-system");
    fs.writeFileSync(taken, "mine");
    const { code, stdout, stderr } = await render(["--stack", "dev", "--out", directory]);
    expect({ code, stdout, stderr, files: readAll(directory) }).toEqual({
      code: 2,
      stdout: "",
      stderr:
        `error: ${taken} is in the way: it was not written by this command\n` +
        "  fix: move it, or choose another directory with --out\n",
      files: { "istio-system": "mine" },
    });
  });
});

test("a stack whose traces would break: written all the same, told with the fix, exit code 1", async () => {
  const stack = stackFile(
    [
      "config:",
      '  mesh-tracing:istio: { version: "1.31", delivery: shared }',
      "  mesh-tracing:tracing: { sampling: 100 }",
      '  mesh-tracing:jaeger: { values: { jaeger: { podLabels: { sidecar.istio.io/inject: "true" } } } }',
      "  mesh-tracing:gateways: []",
      "  mesh-tracing:namespaces: { shop: { isolation: none } }",
    ].join("\n"),
  );
  const out = temporaryDirectory();
  const { code, stdout } = await render(["--stack", stack, "--out", out]);
  expect(code).toBe(1);
  expect(stdout).toContain("warning [jaeger-no-sidecar] Deployment istio-system/jaeger");
  // With a sidecar Jaeger is itself a sender of mesh spans, which its own ingress policy does not expect.
  expect(stdout).toContain("error [trace-path-open] NetworkPolicy istio-system/allow-tracing-ingress");
  expect(stdout).toContain(`rules:  ${allRules.length} checked, 2 findings above`);
  expect(Object.keys(readAll(out))).toContain("istio-system/chart-jaeger.values.yaml");

  const report = await render(["--stack", stack, "--out", out, "--json"]);
  expect(report.code).toBe(1);
  const { findings } = JSON.parse(report.stdout) as { findings: { rule: string; level: string }[] };
  expect(findings.map(({ rule, level }) => `${level} ${rule}`)).toEqual([
    "warning jaeger-no-sidecar",
    "error trace-path-open",
  ]);

  const file = path.join(temporaryDirectory(), "new", "findings.sarif");
  expect((await render(["--stack", stack, "--out", out, "--json", "--sarif", file])).code).toBe(1);
  const { runs } = JSON.parse(fs.readFileSync(file, "utf8")) as {
    runs: {
      results: {
        ruleId: string;
        locations: { physicalLocation: { artifactLocation: { uri: string } } }[];
      }[];
    }[];
  };
  // Files as code hosts want them: relative to where the command ran.
  const places = runs[0]!.results.map(({ ruleId, locations }) => [
    ruleId,
    path.resolve(root, decodeURI(locations[0]!.physicalLocation.artifactLocation.uri)),
  ]);
  expect(places).toEqual([
    // Of what a chart makes of its values, the values.
    ["jaeger-no-sidecar", path.join(out, "istio-system", "chart-jaeger.values.yaml")],
    ["trace-path-open", path.join(out, "istio-system", "networkpolicy-allow-tracing-ingress.yaml")],
  ]);
  const inTheWay = await render(["--stack", stack, "--out", out, "--sarif", path.join(file, "more.sarif")]);
  expect(inTheWay.code).toBe(2);
  expect(inTheWay.stderr).toMatch(/^error: .*more\.sarif cannot be written: /);
});

describe("--cwd: a stack in a directory of its own", () => {
  /** A directory with the dev stack under another name, whose project runs the program in `main`. */
  function elsewhere(main: string): string {
    const directory = temporaryDirectory();
    const read = (name: string) => fs.readFileSync(path.join(root, name), "utf8");
    writeAll(directory, {
      "Pulumi.yaml": `${read("Pulumi.yaml")}main: ${main}\n`,
      "Pulumi.own.yaml": read("Pulumi.dev.yaml"),
    });
    return directory;
  }

  test("renders the same, and says the command that deploys it", async () => {
    const directory = elsewhere(root);
    const out = path.join(directory, "out");
    const { code, stdout, stderr } = await render(["-C", directory, "--stack", "own", "--out", out]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(Object.keys(readAll(out)).sort()).toEqual([index, ...devFiles].sort());
    expect(stdout).toContain(`  deploy pulumi -C ${directory} up --stack own  `);
  });

  test("refuses what Pulumi would run with another program", async () => {
    const directory = elsewhere("src");
    const { code, stdout, stderr } = await render(["--cwd", directory, "--stack", "own"]);
    expect({ code, stdout, stderr }).toEqual({
      code: 2,
      stdout: "",
      stderr:
        `error: Pulumi.yaml of ${directory} runs the program in ${path.join(directory, "src")}, not the one in ${root}\n` +
        `  fix: write main: ${path.relative(directory, root)}\n`,
    });
  });
});

test("--help ends with exit code 0 and says what there is", async () => {
  const { code, stdout, stderr } = await render(["--help"]);
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  expect([...stdout.matchAll(/^ {2}(?:-\w, )?(--\w+)/gm)].map(([, option]) => option)).toEqual([
    "--stack",
    "--cwd",
    "--out",
    "--stdout",
    "--json",
    "--sarif",
    "--helm",
    "--help",
  ]);
});

interface Item {
  kind: string;
  metadata: { name: string; namespace?: string };
}

function kindsAndNames(items: readonly Item[]): string[] {
  return items
    .map(({ kind, metadata }) => `${metadata.namespace}/${kind.toLowerCase()}-${metadata.name}`)
    .sort();
}

const devObjects = devFiles
  .filter((file) => !file.includes("/chart-"))
  .map((file) => file.replace(/(\.patch)?\.yaml$/, ""))
  .sort();
