import * as path from "node:path";
import { Readable } from "node:stream";
import { beforeAll, describe, expect, test } from "vitest";
import { findingsOf } from "../../cli/stackFindings";
import { filesOf, handedOver, writeFiles } from "../../engine/output";
import { renderStack, type RenderedStack } from "../../engine/render";
import { readInput } from "../../input/files/read";
import { checkAll } from "../../policy/checkAll";
import { examples } from "../docs/markdown";
import { directoryOf } from "../fixtures/files";
import { audit, root, run } from "./run";

const render = (stack: string): Promise<RenderedStack> =>
  renderStack({ directory: root, stack, helm: "never" });

/** Changes one object of a stack in a copy. */
function changed(
  stack: RenderedStack,
  name: string,
  change: (spec: Record<string, unknown>) => void,
): RenderedStack {
  const copy = { ...stack, rendered: structuredClone(stack.rendered) };
  const object = copy.rendered.find(
    (item) =>
      item.type === "manifest" &&
      `${item.manifest.metadata.namespace}/${item.manifest.metadata.name}` === name,
  );
  if (object?.type !== "manifest") throw new Error(`the stack has no ${name}`);
  change(object.manifest["spec"] as Record<string, unknown>);
  return copy;
}

describe("a stack's own manifests", () => {
  let dev: RenderedStack;
  beforeAll(async () => {
    dev = await render("dev");
  });

  test("dev is clean, charts not templated included", () => {
    expect(dev.rendered.some(({ type }) => type === "chart")).toBe(true);
    expect(findingsOf(dev)).toEqual([]);
  });

  test("the outage is found, with the file that was written", () => {
    const broken = changed(dev, "auth/allow-jaeger-egress", (spec) => {
      const [rule] = spec["egress"] as { ports: { port: number }[] }[];
      if (rule === undefined) throw new Error("the policy has no rule");
      rule.ports = rule.ports.filter(({ port }) => port !== 9411);
    });
    expect(findingsOf(broken)).toMatchObject([
      {
        rule: "trace-path-open",
        kind: "NetworkPolicy",
        namespace: "auth",
        name: "allow-jaeger-egress",
        file: "auth/networkpolicy-allow-jaeger-egress.yaml",
      },
    ]);
  });

  test("less sampling than the stack demands is found", () => {
    const broken = changed(dev, "istio-system/mesh-default", (spec) => {
      const [tracing] = spec["tracing"] as Record<string, unknown>[];
      if (tracing === undefined) throw new Error("the Telemetry traces nothing");
      tracing["randomSamplingPercentage"] = 1;
    });
    expect(findingsOf(broken).map(({ rule, level }) => [rule, level])).toEqual([
      ["telemetry-sampling", "error"],
    ]);
  });
});

test("prod is clean: its mesh config is for istiod's owner", async () => {
  expect(findingsOf(await render("prod"))).toEqual([]);
});

/** What `npm start` writes, for `audit`. */
function written(stack: RenderedStack): string {
  const { config, outputs } = stack;
  const directory = path.join(directoryOf({}), "out");
  const { rootNamespace, delivery } = config.istio;
  const ofOthers = delivery === "values" ? [handedOver(outputs.meshValues, rootNamespace)] : [];
  writeFiles(directory, [...filesOf(stack.rendered), ...ofOthers], "this");
  return directory;
}

async function audited(directory: string) {
  const { objects, placeOf, warnings, skipped } = await readInput([directory], Readable.from([]));
  const fileOf = (object: unknown) => placeOf(object)?.replace(`${directory}/`, "").replace(/:\d+$/, "");
  return { findings: checkAll(objects, { fileOf }), warnings, skipped };
}

describe("what npm start calls healthy, the audit of what it wrote calls healthy", () => {
  const stacks = [
    ["dev", "."],
    ["prod", "."],
    ...examples.map((directory) => [path.basename(directory), directory]),
  ] as [stack: string, directory: string][];

  test.each(stacks)("%s", async (stack, directory) => {
    const rendered = await renderStack({ directory: path.join(root, directory), stack, helm: "never" });
    expect(findingsOf(rendered)).toEqual([]);
    expect(await audited(written(rendered))).toEqual({ findings: [], warnings: [], skipped: [] });
  });

  test("and the same findings where it is not", async () => {
    const broken = changed(await render("dev"), "auth/allow-jaeger-egress", (spec) => {
      const [rule] = spec["egress"] as { ports: { port: number }[] }[];
      if (rule === undefined) throw new Error("the policy has no rule");
      rule.ports = rule.ports.filter(({ port }) => port !== 9411);
    });
    const { findings } = await audited(written(broken));
    expect(findings).toHaveLength(1);
    expect(findings).toEqual(findingsOf(broken));
  });
});

test("npm start reports findings and ends well; what it wrote passes the audit", async () => {
  const directory = directoryOf({});
  const out = path.join(directory, "dev");
  const rendered = await run(process.execPath, [
    "cli/bundled.cjs",
    "render",
    "--stack",
    "dev",
    "--out",
    out,
    "--helm",
    "never",
    "--json",
  ]);
  expect(rendered).toMatchObject({ code: 0, stderr: "" });
  expect(JSON.parse(rendered.stdout)).toMatchObject({ stack: "dev", findings: [] });
  const { code, stdout } = await audit([out, "--format", "json"]);
  expect(code).toBe(0);
  expect(JSON.parse(stdout)).toMatchObject({ findings: [] });
});
