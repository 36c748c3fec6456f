/** What the examples' pages tell to type is about files, stacks and objects that are there. */
import * as fs from "node:fs";
import * as path from "node:path";
import { describe, expect, test } from "vitest";
import { commands, examples } from "../docs/markdown";
import { root } from "../fixtures/stack";
import { renderExample } from "./example";

/** Objects that the pages name and this project's own resources are not: charts make them, or others. */
const ofOthers: Readonly<Record<string, readonly string[]>> = {
  "examples/bookinfo": [
    "deployment bookinfo/details-v1",
    "service istio-ingress/istio-ingressgateway",
    "service observability/kiali",
  ],
  "examples/existing-istio": [],
  "examples/production": [],
};

describe.each(examples)("%s", (directory) => {
  const name = path.basename(directory);
  const lines = commands(path.join(directory, "README.md"));

  test("tells to render, to deploy and to remove this stack, from where it is", () => {
    const own = lines.filter((line) => /\s-C\s/.test(line));
    expect(own.map((line) => /\s-C (\S+)/.exec(line)?.[1])).toEqual(own.map(() => directory));
    const stacks = own.flatMap((line) => /(?:--stack|stack init|stack rm) (\S+)/.exec(line)?.[1] ?? []);
    expect(stacks.length).toBeGreaterThanOrEqual(3);
    expect([...new Set(stacks)]).toEqual([name]);
    for (const verb of [
      "npm run render",
      "pulumi stack init",
      "pulumi up",
      "pulumi destroy",
      "pulumi stack rm",
    ])
      expect(
        own.some((line) => line.startsWith(verb)),
        verb,
      ).toBe(true);
    expect(lines.filter((line) => line.startsWith("pulumi ") && !own.includes(line))).toEqual([]);
  });

  test("names policy packs that are there", () => {
    const packs = lines.flatMap((line) => /--policy-pack (\S+)/.exec(line)?.[1] ?? []);
    expect(
      packs.filter((pack) => !fs.existsSync(path.join(root, directory, pack, "PulumiPolicy.yaml"))),
    ).toEqual([]);
  });

  test("names objects that are made, or those of others that are known", async () => {
    const { rendered } = await renderExample(directory);
    const made = new Set(
      rendered.flatMap((item) => {
        if (item.type === "chart") return [];
        const { kind, metadata } = item.manifest;
        return [`${kind.toLowerCase()} ${metadata.namespace ?? ""}/${metadata.name}`];
      }),
    );
    const named = lines.flatMap((line) => {
      const [, namespace, kind, object] =
        /-n (\S+) .*?\b(certificate|deployment|service)\/(\S+)/.exec(line) ?? [];
      return namespace === undefined ? [] : [`${kind} ${namespace}/${object}`];
    });
    expect(named.length).toBeGreaterThan(1);
    const others = ofOthers[directory] ?? [];
    expect(named.filter((object) => !made.has(object) && !others.includes(object))).toEqual([]);
    expect(others.filter((object) => !named.includes(object))).toEqual([]);
  });
});
