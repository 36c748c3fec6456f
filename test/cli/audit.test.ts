import * as fs from "node:fs";
import * as path from "node:path";
import { describe, expect, test } from "vitest";
import { directoryOf, documents } from "../fixtures/files";
import { fakeCluster, kubeconfigFor } from "../fixtures/fakeCluster";
import { Mesh, refOf } from "../../docs/generate/sample/mesh";
import { audit, run } from "./run";

/** A mesh as teams keep it: a directory a namespace, a file an object. */
function directoryFor(mesh: Mesh): string {
  const files = mesh.objects.map((object): [string, string] => {
    const { kind, metadata } = object;
    return [
      `${metadata.namespace ?? "cluster"}/${kind}-${metadata.name}.yaml`.toLowerCase(),
      documents([object]),
    ];
  });
  return directoryOf(Object.fromEntries(files));
}

/** The outage: the policy of one namespace forgets Zipkin's port. */
function outage(): Mesh {
  return new Mesh().unset("NetworkPolicy auth/allow-jaeger-egress", "spec egress 0 ports 2");
}

/** What the fixture's mesh is judged by. */
function judged(open: number, closed: number): string {
  return `judged: 8 senders, ${open} trace paths open, ${closed} closed, 0 unknown\n`;
}

describe("audit", () => {
  test("a healthy mesh: exit 0", async () => {
    const mesh = new Mesh();
    const { length } = mesh.objects;
    expect(await audit([directoryFor(mesh)])).toEqual({
      code: 0,
      stdout: `${judged(15, 0)}no findings; read ${length} objects from ${length} files\n`,
      stderr: "",
    });
  });

  test("the outage: exit 1, one finding, the policy and the line to add", async () => {
    const mesh = outage();
    const directory = directoryFor(mesh);
    const { code, stdout, stderr } = await audit([directory]);
    const { length } = mesh.objects;
    expect({ code, stderr }).toEqual({ code: 1, stderr: "" });
    const lines = stdout.split("\n");
    expect(lines[0]).toMatch(/^error \[trace-path-open\] NetworkPolicy auth\/allow-jaeger-egress .*TCP 9411/);
    expect(lines.slice(1).join("\n")).toBe(`  at ${directory}/auth/networkpolicy-allow-jaeger-egress.yaml:1
  fix:
    # add to spec.egress[0].ports of NetworkPolicy auth/allow-jaeger-egress
    - protocol: TCP
      port: 9411

${judged(14, 1)}1 error in 1 object; read ${length} objects from ${length} files
`);
  });

  test("its twin on the other side", async () => {
    const mesh = new Mesh().unset("NetworkPolicy istio-system/allow-tracing-ingress", "spec ingress 0");
    const { code, stdout } = await audit([directoryFor(mesh), "--format", "json"]);
    const { findings } = JSON.parse(stdout) as { findings: { rule: string; kind: string; name: string }[] };
    expect(code).toBe(1);
    expect(findings.map(({ rule, kind, name }) => [rule, kind, name])).toEqual([
      ["trace-path-open", "NetworkPolicy", "allow-tracing-ingress"],
    ]);
  });

  test.each([
    ["YAML", documents(outage().objects)],
    ["a List", JSON.stringify({ apiVersion: "v1", kind: "List", items: outage().objects })],
  ])("standard input as %s", async (_, input) => {
    const { code, stdout } = await audit(["-", "--format", "github"], input);
    expect(code).toBe(1);
    expect(stdout).toMatch(/^::error title=trace-path-open::NetworkPolicy auth\/allow-jaeger-egress .*\n$/);
  });

  test("json is alone on standard output, whatever else there is to say", async () => {
    const directory = directoryFor(new Mesh());
    fs.writeFileSync(path.join(directory, "values.yaml"), "a: b\n");
    const { code, stdout, stderr } = await audit([directory, "--format", "json"]);
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toEqual({
      findings: [],
      judged: { senders: 8, open: 15, closed: 0, unknown: 0, assumptions: [] },
      skipped: [{ file: `${directory}/values.yaml`, line: null, why: "Helm values" }],
      warnings: [],
    });
    expect(stderr).toBe(
      `not checked: 1 file in part or entirely\n  Helm values:\n    ${directory}/values.yaml\n`,
    );
  });

  test("a file of its own, without colors", async () => {
    const directory = directoryOf({ "mesh.yaml": documents(outage().objects) });
    const file = path.join(directory, "report.txt");
    const outcome = await audit([path.join(directory, "mesh.yaml"), "--output", file]);
    expect(outcome).toEqual({ code: 1, stdout: "", stderr: "" });
    expect(fs.readFileSync(file, "utf8")).toContain("1 error in 1 object");
  });

  test("settings of rules", async () => {
    const directory = directoryFor(outage());
    const config = path.join(directoryOf({ "rules.yaml": "trace-path-open: warning\n" }), "rules.yaml");
    const lowered = await audit([directory, "--rule-config", config]);
    expect(lowered.code).toBe(0);
    expect(lowered.stdout).toContain("1 warning in 1 object");
    expect((await audit([directory, "--rule-config", config, "--fail-on", "warning"])).code).toBe(1);
  });

  test("what the objects do not say", async () => {
    const mesh = outage().removeWhere((object) =>
      ["Namespace auth", "ConfigMap istio-system/istio"].includes(refOf(object)),
    );
    const { stdout } = await audit([
      directoryFor(mesh),
      ...["--collector", "istio-system/jaeger-collector-clusterip:9411"],
      ...["--traced", "auth,chat", "--traced", "my", "--istio-version", "1.31"],
      ...["--min-sampling", "100", "--max-sampling", "100", "--format", "json"],
    ]);
    expect(stdout).toContain('"rule": "trace-path-open"');
    const demanding = await audit([directoryFor(new Mesh()), "--max-sampling", "10"]);
    expect(demanding.stdout).toContain("[telemetry-sampling]");
  });

  test("a live cluster, and files as if they were applied to it", async () => {
    const { kubeconfig } = await fakeCluster(outage().objects);
    const live = await audit(["--live", "--kubeconfig", kubeconfig, "--context", "fake"]);
    expect(live.code).toBe(1);
    expect(live.stdout).toMatch(/\n1 error in 1 object; read \d+ objects from the cluster\n$/);
    const repaired = documents([new Mesh().get("NetworkPolicy auth/allow-jaeger-egress")]);
    const both = await audit(["--live", "--kubeconfig", kubeconfig, "-"], repaired);
    expect(both).toMatchObject({ code: 0, stderr: "" });
    expect(both.stdout).toMatch(/\nno findings; read \d+ objects from 1 file and the cluster\n$/);
  });
});

describe("an audit of nothing", () => {
  const nothing = documents([{ apiVersion: "v1", kind: "ConfigMap", metadata: { name: "a" } }]);
  const sentence =
    "judged: no trace path, because no workload in the input is known to send spans to a collector";

  test("says so; exit 0, or 1 where paths are required", async () => {
    const collector = ["--collector", "mesh/jaeger:9411"];
    const { code, stdout } = await audit(["-", ...collector], nothing);
    expect(code).toBe(0);
    expect(stdout).toContain(`${sentence}\n`);
    expect((await audit(["-", ...collector, "--require-paths"], nothing)).code).toBe(1);
    expect((await audit(["-", "--require-paths"], documents(new Mesh().objects))).code).toBe(0);
  });
});

describe("output that nobody takes", () => {
  /** A command in a shell, its exit code as the shell's. */
  const shell = (script: string, input: string) =>
    run("bash", ["-c", `node cli/bundled.cjs audit - ${script}`], input);
  const many = documents(
    Array.from({ length: 3000 }, (_, index) => ({
      apiVersion: "networking.k8s.io/v1",
      kind: "NetworkPolicy",
      metadata: { name: `p${index}` },
      spec: { podSelector: [] },
    })),
  );

  test("a reader that stops reading ends it quietly, with its exit code", async () => {
    const outcome = await shell("--format json | head -c 1; exit ${PIPESTATUS[0]}", many);
    expect(outcome).toEqual({ code: 1, stdout: "{", stderr: "" });
  });

  test("a full disk is one line and exit 2", async () => {
    const outcome = await shell(">/dev/full", documents(new Mesh().objects));
    expect(outcome).toEqual({
      code: 2,
      stdout: "",
      stderr: "error: standard output cannot be written: ENOSPC: no space left on device, write\n",
    });
  });
});

describe("what cannot run: exit 2, one message, nothing on standard output", () => {
  test.each([
    [
      [],
      "error: nothing to read\n  fix: name files or directories, or - for standard input, or give --live\n",
    ],
    [["/no/such"], "error: /no/such does not exist\n"],
    [["-"], "error: there are no Kubernetes objects in -\n"],
    [["-", "--context", "x"], "error: --kubeconfig and --context are for --live\n  fix: add --live\n"],
    [["-", "--rule-config", "/no/such"], "error: /no/such does not exist\n"],
    [["--live", "--kubeconfig", "/no/such"], "error: kubeconfig /no/such does not exist\n"],
  ])("%j", async (parameters, stderr) => {
    expect(await audit(parameters)).toEqual({ code: 2, stdout: "", stderr });
  });

  test.each([
    [["--format", "xml"], /Allowed choices are text, json, markdown, sarif, github\./],
    [["--fail-on", "info"], /Allowed choices are error, warning\./],
    [["--collector", "jaeger"], /It must be namespace\/service:port or host:port\./],
    [["--collector", "a/b:99999"], /It must be namespace\/service:port or host:port\./],
    [["--traced", "Shop"], /It must be the name of a namespace\./],
    [["--istio-version", "latest"], /It must be a version such as 1\.31\./],
    [["--min-sampling", "101"], /It must be a percentage from 0 to 100\./],
    [["--max-sampling", "1e1"], /It must be a percentage from 0 to 100\./],
    [["--root-namespace", "a b"], /It must be the name of a namespace\./],
    [["--colector", "a/b:1"], /unknown option '--colector'\n\(Did you mean --collector\?\)/],
    [["explain", "a/b"], /missing required argument 'to'/],
  ])("%j", async (parameters, message) => {
    const { code, stdout, stderr } = await audit(
      [...parameters, "-"].slice(0, parameters[0] === "explain" ? 2 : 99),
    );
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(stderr).toMatch(message);
    expect(stderr).toMatch(/\(--help lists what there is\)\n$/);
  });

  test("nothing that can be read, with file and line", async () => {
    const directory = directoryOf({ "x.yaml": "apiVersion: v1\nkind: [\n" });
    expect(await audit([directory, "--format", "json"])).toEqual({
      code: 2,
      stdout: "",
      stderr:
        `error: there are no Kubernetes objects in ${directory}\n` +
        "  not checked: 1 file in part or entirely\n    cannot be read:\n" +
        `      ${directory}/x.yaml:3: unexpected end of the stream within a flow collection\n`,
    });
  });

  test("an output that is an input", async () => {
    const directory = directoryOf({ "x.yaml": documents(new Mesh().objects) });
    const file = path.join(directory, "x.yaml");
    const link = path.join(directoryOf({}), "link");
    fs.symlinkSync(file, link);
    for (const output of [file, link]) {
      expect(await audit([directory, "--output", output])).toEqual({
        code: 2,
        stdout: "",
        stderr: `error: --output ${output} is one of the files that are read\n  fix: choose another file\n`,
      });
    }
    expect(fs.readFileSync(file, "utf8")).toBe(documents(new Mesh().objects));
  });

  test("an output that cannot be written", async () => {
    const outcome = await audit(["-", "--output", "/no/such/file"], documents(new Mesh().objects));
    expect(outcome).toMatchObject({ code: 2, stdout: "" });
    expect(outcome.stderr).toMatch(/^error: \/no\/such\/file cannot be written: [^\n]+\n$/);
  });

  test("a cluster that does not answer", async () => {
    const outcome = await audit(["--live", "--kubeconfig", kubeconfigFor("http://127.0.0.1:1")]);
    expect(outcome).toMatchObject({ code: 2, stdout: "" });
    expect(outcome.stderr).toMatch(
      /^error: the cluster at http:\/\/127\.0\.0\.1:1 cannot be reached: [^\n]+\n$/,
    );
  });
});

describe("explain", () => {
  const to = "istio-system/jaeger-collector-clusterip:9411";

  test.each([
    ["allowed", 0, new Mesh(), to],
    ["denied", 1, outage(), to],
    ["unknown", 2, new Mesh(), "istio-system/zipkin:9411"],
  ])("%s: exit %i", async (verdict, code, mesh, target) => {
    const outcome = await audit(["explain", "auth/auth-api", target, "-"], documents(mesh.objects));
    expect(outcome).toMatchObject({ code, stderr: "" });
    expect(outcome.stdout.startsWith(`${verdict}: auth/auth-api to `)).toBe(true);
  });

  test("as JSON, of a live cluster", async () => {
    const { kubeconfig } = await fakeCluster(outage().objects);
    const parameters = [
      "explain",
      "auth/auth-api",
      to,
      "--live",
      "--kubeconfig",
      kubeconfig,
      "--format",
      "json",
    ];
    const { code, stdout } = await audit(parameters);
    expect(code).toBe(1);
    expect(JSON.parse(stdout)).toMatchObject({ verdict: "denied", port: 9411 });
  });

  test("a question that makes no sense: exit 2", async () => {
    const outcome = await audit(["explain", "auth", to, "-"], documents(new Mesh().objects));
    expect(outcome).toEqual({
      code: 2,
      stdout: "",
      stderr: 'error: "auth" is not a workload\n  fix: write namespace/workload\n',
    });
  });
});

test("npm run -s audit -- --help says what it does and what it ends with", async () => {
  const { code, stdout } = await run("npm", ["run", "-s", "audit", "--", "--help"]);
  expect(code).toBe(0);
  expect(stdout).toContain("Usage: npm run -s audit -- [options] [command] [paths...]");
  expect(stdout).toContain("Exit codes: 0 no finding of that level, 1 findings, 2 it could not run.");
});
