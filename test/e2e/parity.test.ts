/** The real engine makes the manifests that the embedded one shows, and a change shows as that change. */
import * as path from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
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
if (absent.length > 0) console.warn(`skipped: the real engine needs ${absent.join(", ")} on PATH`);

const istioCharts = process.env["MESH_TRACING_ISTIO_CHARTS"];
if (istioCharts === undefined) {
  console.warn(
    "skipped: managed Istio needs MESH_TRACING_ISTIO_CHARTS, a directory with base, istiod, gateway",
  );
}

const minutes = 60_000;

/** Deploys to a directory of YAML files and compares every manifest with the embedded engine's. */
async function expectParity({ directory, stack }: Workspace, name: string): Promise<void> {
  const output = path.join(directory, "..", "output");
  await stack.setConfig("kubernetes:renderYamlToDirectory", { value: output });
  await stack.up();
  const embedded = await renderStack({ directory, stack: name, helm: "always" });
  const expected = byIdentity(
    embedded.rendered.flatMap((item) => (item.type === "manifest" ? [item.manifest] : [])),
  );
  const real = readManifests(output);
  expect([...real.keys()].sort()).toEqual([...expected.keys()].sort());
  for (const [identity, manifest] of expected) {
    expect(canonical(real.get(identity)), identity).toEqual(canonical(manifest));
  }
}

describe.skipIf(absent.length > 0).each(["dev", "prod"])("stack %s on the real engine", (name) => {
  let project: Workspace;

  beforeAll(async () => {
    project = await workspace(name);
  }, minutes);

  afterAll(() => project.remove());

  test(
    "up makes exactly the manifests that the embedded engine renders",
    async () => {
      await expectParity(project, name);
    },
    2 * minutes,
  );

  test(
    "a second up changes nothing",
    async () => {
      const { summary } = await project.stack.up();

      expect(Object.keys(summary.resourceChanges ?? {})).toEqual(["same"]);
    },
    2 * minutes,
  );

  test(
    "preview of one more external host shows that one ServiceEntry",
    async () => {
      project.editStack((config) => {
        const [entry] = Object.values(config["mesh-tracing:externalServices"]!) as { hosts: string[] }[];
        entry!.hosts.push("added.example.com");
      });

      const changed: string[] = [];
      const { changeSummary } = await project.stack.preview({
        onEvent: ({ resourcePreEvent }) => {
          const { op, urn } = resourcePreEvent?.metadata ?? { op: "same", urn: "" };
          if (op !== "same") changed.push(`${op} ${urn.split("::").slice(2).join(" ")}`);
        },
      });
      expect(changed).toEqual([
        expect.stringMatching(/^update .*:ServiceEntry external-services-[a-z0-9-]+$/),
      ]);
      expect(changeSummary).toMatchObject({ update: 1 });
    },
    2 * minutes,
  );

  test(
    "destroy takes everything down, the mesh's pointers first",
    async () => {
      const deleted: string[] = [];
      const { summary } = await project.stack.destroy({
        onEvent: ({ resOutputsEvent }) => {
          if (resOutputsEvent?.metadata.op === "delete") deleted.push(resOutputsEvent.metadata.urn);
        },
      });

      const position = (word: string): number => deleted.findIndex((urn) => urn.includes(word));
      expect(Object.keys(summary.resourceChanges ?? {})).toEqual(["delete"]);
      expect(position("mesh-telemetry")).toBeGreaterThanOrEqual(0);
      expect(position("mesh-telemetry")).toBeLessThan(position("jaeger-services-collector"));
      expect(position("jaeger-services-collector")).toBeLessThan(
        position("Chart$kubernetes:apps/v1:Deployment"),
      );
      if (name === "dev") {
        expect(position("mesh-telemetry")).toBeLessThan(position("mesh-shared-config"));
        expect(position("mesh-shared-config")).toBeLessThan(position("jaeger-services-collector"));
      }
    },
    2 * minutes,
  );
});

describe.skipIf(absent.length > 0 || istioCharts === undefined)("managed Istio on the real engine", () => {
  test(
    "up makes exactly the manifests that the embedded engine renders",
    async () => {
      const project = await workspace("dev");
      try {
        project.editStack((config) => {
          Object.assign(config["mesh-tracing:istio"]!, {
            delivery: "managed",
            createNamespace: true,
            install: { chart: { path: istioCharts }, gateway: { namespace: "istio-system" } },
          });
        });
        await expectParity(project, "dev");
      } finally {
        project.remove();
      }
    },
    3 * minutes,
  );
});

describe.skipIf(absent.length > 0)("a mistake of the stack file on the real engine", () => {
  test(
    "fails before any resource, with the same text as the embedded engine and no stack trace",
    async () => {
      const project = await workspace("dev");
      try {
        project.editStack((config) => Object.assign(config["mesh-tracing:tracing"]!, { sampling: 120 }));

        const failure = await project.stack.preview().catch((error: unknown) => String(error));

        expect(failure).toContain(
          [
            "error: the stack's configuration has 1 mistake; nothing was changed",
            "      mesh-tracing:tracing.sampling = 120",
            "        rule: a percentage between 0 and 100",
            "        fix:  write 100 for every request, 1 for one in a hundred",
          ].join("\n"),
        );
        expect(failure).not.toContain("program/index.ts");
      } finally {
        project.remove();
      }
    },
    2 * minutes,
  );
});
