import * as pulumi from "@pulumi/pulumi";
import { ConfigMap } from "@pulumi/kubernetes/core/v1/configMap";
import { describe, expect, test } from "vitest";
import { helmCharts } from "../../engine/helm";
import { manifestsOf } from "../../engine/manifests";
import { filesOf } from "../../engine/output";
import { runProgram, secretPlaceholder, withoutSecrets } from "../../engine/run";
import { resource, root, run, stackOf } from "../fixtures/stack";

const marked = (value: unknown) => ({
  "4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270",
  value,
});
const otherMark = { "4dabf18193072939515e22adb298388d": "another signature", value: "seen" };

describe("secrets", () => {
  test.each<[what: string, value: unknown, without: unknown]>([
    ["alone", marked("hidden"), secretPlaceholder],
    ["in an object in a list", { a: [{ b: marked("hidden") }] }, { a: [{ b: secretPlaceholder }] }],
    ["that are whole objects", { a: marked({ b: "hidden" }) }, { a: secretPlaceholder }],
    ["are told from other marked values", { a: otherMark }, { a: otherMark }],
    ["leave the rest as it is", { a: 1, b: null, c: [true, "x"] }, { a: 1, b: null, c: [true, "x"] }],
  ])("%s", (_, value, without) => {
    expect(withoutSecrets(value)).toEqual(without);
  });

  test("of a program are in nothing that is recorded or written", async () => {
    const program = await runProgram("mesh-tracing", "dev", {}, () => {
      const password = pulumi.secret("hunter2");
      new ConfigMap("plain", {
        metadata: { name: "plain", labels: { team: "shop" } },
        data: { open: "yes", token: password },
      });
      new ConfigMap("joined", {
        metadata: { name: "joined" },
        data: { address: pulumi.interpolate`https://user:${password}@example.com` },
      });
      return Promise.resolve({});
    });
    expect(resource(program, "plain").inputs).toEqual({
      apiVersion: "v1",
      kind: "ConfigMap",
      metadata: { name: "plain", labels: { team: "shop" } },
      data: secretPlaceholder,
    });
    const rendered = await manifestsOf(program.resources, helmCharts("never", "1.34.0", root));
    const written = filesOf(rendered).map(({ content }) => content);
    expect(written).toHaveLength(2);
    expect(JSON.stringify([program.resources, rendered, written])).not.toContain("hunter2");
    expect(written.join("")).toContain("[secret]");
  });
});

describe("a run of a program", () => {
  test("that asks the engine a question ends with the question's name", async () => {
    const asking = runProgram("mesh-tracing", "dev", {}, async () => ({
      answer: await pulumi.runtime.invoke("aws:index/getRegion:getRegion", {}),
    }));
    await expect(asking).rejects.toThrow(
      "the program calls aws:index/getRegion:getRegion, which the embedded engine cannot answer",
    );
  });

  test("records type, name, parent, dependencies and sorted inputs of each resource", async () => {
    const { resources } = await runProgram("mesh-tracing", "blue", {}, () => {
      const parent = new pulumi.ComponentResource("mesh-tracing:test:Parent", "parent");
      const first = new ConfigMap("first", { metadata: { name: "first" } }, { parent });
      new ConfigMap("second", { metadata: { name: "second" } }, { parent, dependsOn: first });
      return Promise.resolve({});
    });
    const parent = "urn:pulumi:blue::mesh-tracing::mesh-tracing:test:Parent::parent";
    const child = (name: string) =>
      `urn:pulumi:blue::mesh-tracing::mesh-tracing:test:Parent$kubernetes:core/v1:ConfigMap::${name}`;
    const recorded = (name: string, dependencies: string[]) => ({
      urn: child(name),
      type: "kubernetes:core/v1:ConfigMap",
      name,
      parent,
      custom: true,
      inputs: { apiVersion: "v1", kind: "ConfigMap", metadata: { name } },
      dependencies,
    });
    expect(resources).toEqual([
      {
        urn: parent,
        type: "mesh-tracing:test:Parent",
        name: "parent",
        parent: "",
        custom: false,
        inputs: {},
        dependencies: [],
      },
      recorded("first", []),
      recorded("second", [child("first")]),
    ]);
    expect(resources.map(({ inputs }) => Object.keys(inputs))).toEqual([
      [],
      ["apiVersion", "kind", "metadata"],
      ["apiVersion", "kind", "metadata"],
    ]);
  });

  test("does not see the values and the resources of the run before", async () => {
    const first = await run(stackOf({ jaeger: { host: "one.example.com" } }), "one");
    const second = await run(stackOf(), "two");
    expect(first.outputs["uiAddress"]).toMatch(/^https:\/\/one\.example\.com /);
    expect(second.outputs["uiAddress"]).toMatch(/^kubectl -n istio-system port-forward/);
    expect(
      second.resources.map(({ urn }) => urn).filter((urn) => !urn.startsWith("urn:pulumi:two::")),
    ).toEqual([]);
    expect(second.resources).toHaveLength(first.resources.length);
  });

  test("of a stack with mistakes registers nothing and tells them", async () => {
    await expect(run(stackOf({ tracing: { sampling: 200 } }))).rejects.toThrow(
      "the stack's configuration has 1 mistake; nothing was changed\n" +
        "  mesh-tracing:tracing.sampling = 200\n" +
        "    rule: a percentage between 0 and 100\n" +
        "    fix:  write 100 for every request, 1 for one in a hundred",
    );
  });

  test("that has a bug ends with its stack trace, without one having been taken for every resource", async () => {
    const limits: number[] = [];
    function broken(): Promise<Record<string, unknown>> {
      limits.push(Error.stackTraceLimit);
      throw new TypeError("a bug");
    }
    const limit = Error.stackTraceLimit;
    const error = await runProgram("mesh-tracing", "dev", {}, async () => broken()).catch(
      (one: unknown) => one,
    );
    expect((error as Error).stack).toMatch(/^TypeError: a bug\n\s+at broken /);
    expect(limits).toEqual([0, limit]);
    expect(Error.stackTraceLimit).toBe(limit);
  });

  test("tells how far it is", async () => {
    const counts: number[] = [];
    const program = (): Promise<Record<string, unknown>> => {
      for (let index = 0; index < 250; index++) new ConfigMap(`map-${index}`, {});
      return Promise.resolve({});
    };
    await runProgram("mesh-tracing", "dev", {}, program, (count) => counts.push(count));
    expect(counts).toEqual([100, 200]);
  });
});
