import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import { parse } from "yaml";
import { helmCharts } from "../../engine/helm";
import { InputError } from "../../input/inputError";
import { temporaryDirectory, thrownBy, writeAll } from "../fixtures/temporary";

const inputs = {
  chart: "jaeger",
  repositoryOpts: { repo: "https://charts.example.com" },
  version: "1.2.3",
  name: "traces",
  namespace: "obs",
  values: { jaeger: { args: ["a"] } },
};
const reference = {
  release: "traces",
  namespace: "obs",
  reference: ["jaeger", "--repo", "https://charts.example.com", "--version", "1.2.3"],
  values: { jaeger: { args: ["a"] } },
};
const manifest = (kind: string, name: string, namespace?: string) => ({
  apiVersion: "v1",
  kind,
  metadata: { name, ...(namespace === undefined ? {} : { namespace }) },
});

/** Puts a `helm` first on PATH that notes how it was called and answers as told; returns its directory. */
function fakeHelm({ stdout = "", stderr = "", code = 0 }): string {
  const directory = temporaryDirectory();
  writeAll(directory, { stdout, stderr });
  const script = [
    "#!/bin/sh",
    'cd_is=$(pwd); printf "%s" "$cd_is" > "$FAKE_HELM/cwd"',
    'printf "%s\\n" "$@" > "$FAKE_HELM/args"',
    'while [ $# -gt 0 ]; do [ "$1" = --values ] && cat "$2" > "$FAKE_HELM/values"; shift; done',
    'cat "$FAKE_HELM/stdout"; cat "$FAKE_HELM/stderr" >&2',
    `exit ${code}`,
  ];
  fs.writeFileSync(path.join(directory, "helm"), `${script.join("\n")}\n`, { mode: 0o755 });
  vi.stubEnv("FAKE_HELM", directory);
  vi.stubEnv("PATH", `${directory}${path.delimiter}${process.env["PATH"]}`);
  onTestFinished(() => {
    vi.unstubAllEnvs();
  });
  return directory;
}

/** Leaves nothing on PATH. */
function noHelm(): void {
  vi.stubEnv("PATH", temporaryDirectory());
  onTestFinished(() => {
    vi.unstubAllEnvs();
  });
}

describe("helm that templates", () => {
  test("gives every document, placed in the release's namespace unless it has one or needs none", async () => {
    fakeHelm({
      stdout:
        "---\n# Source: a\napiVersion: v1\nkind: Service\nmetadata:\n  name: a\n" +
        "---\napiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: b\n  namespace: elsewhere\n" +
        "---\n# nothing\n" +
        "---\napiVersion: v1\nkind: ClusterRole\nmetadata:\n  name: c\n",
    });
    expect(await helmCharts("auto", "1.34.0", os.tmpdir()).template(inputs)).toEqual({
      manifests: [
        manifest("Service", "a", "obs"),
        manifest("ConfigMap", "b", "elsewhere"),
        manifest("ClusterRole", "c"),
      ],
    });
  });

  test("is called as Pulumi would, in the project's directory, with the values in a file that is gone after", async () => {
    const called = fakeHelm({});
    const project = fs.realpathSync(temporaryDirectory());
    const progress: string[] = [];
    await helmCharts("auto", "1.33.2", project, (release) => progress.push(release)).template(inputs);
    const args = fs.readFileSync(path.join(called, "args"), "utf8").trim().split("\n");
    const values = args[args.indexOf("--values") + 1] ?? "";
    expect(args).toEqual([
      "template",
      "traces",
      "jaeger",
      "--repo",
      "https://charts.example.com",
      "--version",
      "1.2.3",
      "--namespace",
      "obs",
      "--values",
      values,
      "--kube-version",
      "1.33.2",
      "--include-crds",
      "--no-hooks",
      "--skip-tests",
    ]);
    expect(parse(fs.readFileSync(path.join(called, "values"), "utf8"))).toEqual(inputs.values);
    expect(fs.readFileSync(path.join(called, "cwd"), "utf8")).toBe(project);
    expect(fs.existsSync(path.dirname(values))).toBe(false);
    expect(progress).toEqual(["traces"]);
  });

  test("takes a local chart without repository and version", async () => {
    const called = fakeHelm({});
    await helmCharts("always", "1.34.0", os.tmpdir()).template({
      chart: "./charts/jaeger",
      name: "traces",
      namespace: "obs",
    });
    const args = fs.readFileSync(path.join(called, "args"), "utf8").trim().split("\n");
    expect(args.slice(0, 5)).toEqual(["template", "traces", "./charts/jaeger", "--namespace", "obs"]);
    expect(parse(fs.readFileSync(path.join(called, "values"), "utf8"))).toEqual({});
  });
});

describe("a chart that cannot be reached is described instead", () => {
  test.each([
    "dial tcp: lookup charts.example.com: no such host",
    "dial tcp 10.0.0.1:443: connect: connection refused",
    'Error: looks like "https://charts.example.com" is not a valid chart repository or cannot be reached',
    "context deadline exceeded (Client.Timeout exceeded while awaiting headers)",
    "dial tcp: i/o timeout",
    "connect: network is unreachable",
    "proxyconnect tcp: EOF",
    "failed to fetch https://charts.example.com/index.yaml : 403 Forbidden",
    "net/http: TLS handshake timeout",
  ])("%s", async (reason) => {
    fakeHelm({ stderr: `level=WARN\n${reason}\n`, code: 1 });
    expect(await helmCharts("auto", "1.34.0", os.tmpdir()).template(inputs)).toEqual({
      ...reference,
      reason,
    });
  });

  test("without helm on PATH", async () => {
    noHelm();
    expect(await helmCharts("auto", "1.34.0", os.tmpdir()).template(inputs)).toEqual({
      ...reference,
      reason: "helm is not on PATH",
    });
  });

  test("leaves out a chart where helm may not be run", async () => {
    const directory = temporaryDirectory();
    fs.writeFileSync(path.join(directory, "helm"), "", { mode: 0o644 });
    vi.stubEnv("PATH", directory);
    onTestFinished(() => {
      vi.unstubAllEnvs();
    });
    expect(await helmCharts("auto", "1.34.0", os.tmpdir()).template(inputs)).toEqual({
      ...reference,
      reason: "helm may not be run by this user",
    });
  });

  test("in mode never, and helm is not asked", async () => {
    const called = fakeHelm({ stdout: "apiVersion: v1\n" });
    const progress: string[] = [];
    const charts = helmCharts("never", "1.34.0", os.tmpdir(), (release) => progress.push(release));
    expect(await charts.template(inputs)).toEqual({ ...reference, reason: "--helm never" });
    expect(fs.existsSync(path.join(called, "args"))).toBe(false);
    expect(progress).toEqual([]);
  });
});

describe("a chart that cannot be templated stops the rendering with helm's last line", () => {
  const refusal = (reason: string) =>
    `helm cannot template chart jaeger --repo https://charts.example.com --version 1.2.3\n  ${reason}`;
  const refused = async (mode: "auto" | "always") =>
    thrownBy(() => helmCharts(mode, "1.34.0", os.tmpdir()).template(inputs));

  const mistake = "Error: execution error at (jaeger/templates/a.yaml:1:2): wrong value";
  const unreachable = "dial tcp: lookup charts.example.com: no such host";
  test.each([
    ["auto" as const, `a warning\n${mistake}\n`, mistake],
    ["auto" as const, "", "helm failed without a message"],
    ["always" as const, unreachable, unreachable],
  ])("mode %s: %s", async (mode, stderr, reason) => {
    fakeHelm({ stderr, code: 1 });
    const error = await refused(mode);
    expect(error).toBeInstanceOf(InputError);
    expect((error as Error).message).toBe(refusal(reason));
  });

  test("mode always without helm", async () => {
    noHelm();
    const error = await refused("always");
    expect(error).toBeInstanceOf(InputError);
    expect((error as Error).message).toBe(refusal("helm is not on PATH"));
  });
});
