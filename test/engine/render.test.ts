import * as fs from "node:fs";
import * as path from "node:path";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import { parts } from "../../components";
import { filesOf } from "../../engine/output";
import { renderStack, type RenderOptions } from "../../engine/render";
import { InputError } from "../../input/inputError";
import { root } from "../fixtures/stack";
import { temporaryDirectory, thrownBy, writeAll } from "../fixtures/temporary";

const options = (changes: Partial<RenderOptions>): RenderOptions => ({
  directory: root,
  stack: "dev",
  helm: "never",
  ...changes,
});

/** A project with this one's `Pulumi.yaml` and a stack file made of the dev stack's. */
function projectWith(edit: (dev: string) => string): string {
  const directory = temporaryDirectory();
  const read = (name: string) => fs.readFileSync(path.join(root, name), "utf8");
  writeAll(directory, {
    "Pulumi.yaml": read("Pulumi.yaml"),
    "Pulumi.dev.yaml": edit(read("Pulumi.dev.yaml")),
  });
  return directory;
}

describe("rendering a stack", () => {
  test("gives the same files every time", async () => {
    const once = async () =>
      filesOf((await renderStack(options({}))).rendered).map(({ path: file, content }) => [file, content]);
    const first = await once();
    expect(first).toHaveLength(34);
    expect(await once()).toEqual(first);
  });

  test("tells what is going on", async () => {
    const progress: string[] = [];
    await renderStack(options({ progress: (text) => progress.push(text) }));
    expect(progress).toEqual(["making the manifests of stack dev", "validating against Istio's schemas"]);
  });

  test("looks for charts where the program is, as Pulumi does, and not where the stack file is", async () => {
    const program = temporaryDirectory();
    writeAll(program, {
      "bin/helm": '#!/bin/sh\npwd > "$(dirname "$0")/../cwd"\n',
      "stacks/Pulumi.yaml": "name: mesh-tracing\nmain: ..\n",
      "stacks/Pulumi.dev.yaml": fs
        .readFileSync(path.join(root, "Pulumi.dev.yaml"), "utf8")
        .replace("memoryLimit: 512Mi", "chart: { path: charts/jaeger }"),
    });
    fs.chmodSync(path.join(program, "bin", "helm"), 0o755);
    vi.stubEnv("PATH", `${path.join(program, "bin")}${path.delimiter}${process.env["PATH"]}`);
    onTestFinished(() => void vi.unstubAllEnvs());
    await renderStack(options({ directory: path.join(program, "stacks"), helm: "always" }));
    expect(fs.readFileSync(path.join(program, "cwd"), "utf8").trim()).toBe(fs.realpathSync(program));
  });

  test("stops at mistakes before anything is made", async () => {
    const directory = projectWith((dev) => dev.replace("sampling: 100", "sampling: 1000"));
    const made = vi.spyOn(parts.jaeger, "made");
    onTestFinished(() => made.mockRestore());
    await expect(renderStack(options({ directory }))).rejects.toThrow(
      "the stack's configuration has 1 mistake; nothing was changed\n" +
        "  mesh-tracing:tracing.sampling = 1000  (Pulumi.dev.yaml:11)\n" +
        "    rule: a percentage between 0 and 100\n" +
        "    fix:  write 100 for every request, 1 for one in a hundred",
    );
    expect(made).not.toHaveBeenCalled();
  });

  test("stops where Istio would refuse a manifest", async () => {
    const wrong = {
      apiVersion: "telemetry.istio.io/v1",
      kind: "Telemetry",
      metadata: { name: "wrong", namespace: "shop" },
      spec: { tracing: [{ randomSamplingPercentage: 500 }] },
    };
    const made = vi.spyOn(parts.externalServices, "made").mockReturnValue({ wrong });
    onTestFinished(() => made.mockRestore());
    const error = await thrownBy(() => renderStack(options({})));
    expect(error).toBeInstanceOf(InputError);
    expect((error as Error).message).toBe(
      "Istio's schemas reject what the stack describes; nothing was written\n" +
        "  Telemetry shop/wrong: data/spec/tracing/0/randomSamplingPercentage must be <= 100",
    );
  });
});
