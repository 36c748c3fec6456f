/** The examples on the real engine, in the directories they are in, and with the charts' real objects. */
import * as path from "node:path";
import { describe, expect, test } from "vitest";
import { findingsOf } from "../../cli/stackFindings";
import { renderStack } from "../../engine/render";
import {
  byIdentity,
  canonical,
  missing,
  pulumiCommands,
  readManifests,
  workspace,
  type Workspace,
} from "./realEngine";

const absent = missing([...pulumiCommands, "helm"]);
if (absent.length > 0) console.warn(`skipped: the examples need ${absent.join(", ")} on PATH`);

const istioCharts = process.env["MESH_TRACING_ISTIO_CHARTS"];
if (istioCharts === undefined) {
  console.warn(
    "skipped: example bookinfo needs MESH_TRACING_ISTIO_CHARTS, a directory with base, istiod, gateway",
  );
}

const minutes = 60_000;

/** An example with what can be had without a network: charts of this machine, the others left to their owners. */
async function offline(name: string): Promise<Workspace> {
  const project = await workspace(name, undefined, path.join("examples", name));
  project.editStack((config) => {
    for (const key of ["certManager", "otelOperator"]) delete config[`mesh-tracing:${key}`];
    delete config["mesh-tracing:kiali"]!["install"];
    const { install } = config["mesh-tracing:istio"] as { install?: object };
    if (install !== undefined) Object.assign(install, { chart: { path: istioCharts } });
  });
  return project;
}

const names = ["existing-istio", "production", ...(istioCharts === undefined ? [] : ["bookinfo"])];

describe.skipIf(absent.length > 0).each(names)("example %s", (name) => {
  test(
    "passes the policy pack, and up makes what the embedded engine renders, without a finding",
    async () => {
      const project = await offline(name);
      try {
        const output = path.join(project.directory, "..", "output");
        await project.stack.setConfig("kubernetes:renderYamlToDirectory", { value: output });
        const { stdout } = await project.stack.preview({ policyPacks: ["../../policy"] });
        expect(stdout).toContain("✅ mesh-tracing@v0.1.0 (local: ../../policy)");
        expect(stdout).not.toMatch(/\[(mandatory|advisory)\]/);

        await project.stack.up();
        const directory = path.join(project.directory, "examples", name);
        const embedded = await renderStack({
          directory,
          stack: name,
          helm: "always",
        });
        expect(findingsOf(embedded)).toEqual([]);
        const expected = byIdentity(
          embedded.rendered.flatMap((item) => (item.type === "manifest" ? [item.manifest] : [])),
        );
        const real = readManifests(output);
        expect([...real.keys()].sort()).toEqual([...expected.keys()].sort());
        for (const [identity, manifest] of expected)
          expect(canonical(real.get(identity)), identity).toEqual(canonical(manifest));
      } finally {
        project.remove();
      }
    },
    10 * minutes,
  );
});
