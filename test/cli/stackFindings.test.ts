import * as path from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { findingsOf } from "../../cli/stackFindings";
import { renderStack, type RenderedStack } from "../../engine/render";
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
  // The audit cannot know that the namespaces' own policies let DNS and istiod through.
  const { code, stdout } = await audit([out, "--format", "json"]);
  expect(code).toBe(0);
  const { findings } = JSON.parse(stdout) as { findings: { rule: string; level: string }[] };
  expect(findings.filter(({ level }) => level === "error")).toEqual([]);
});
