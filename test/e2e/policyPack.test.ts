/** The pack in a preview of the real engine: what deploys passes, what would lose spans does not. */
import * as fs from "node:fs";
import * as path from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { missing, pulumiCommands, workspace, type Workspace } from "./realEngine";

const absent = missing(pulumiCommands);
if (absent.length > 0) console.warn(`skipped: the policy pack's preview needs ${absent.join(", ")} on PATH`);

const minutes = 60_000;

/** What `pulumi preview --policy-pack policy` prints, and whether it succeeds. */
async function preview(
  { stack, directory }: Workspace,
  config?: object,
): Promise<{ succeeded: boolean; output: string }> {
  const policyPackConfigs = config === undefined ? [] : [path.join(directory, "..", "pack.json")];
  for (const file of policyPackConfigs) fs.writeFileSync(file, JSON.stringify(config));
  try {
    const { stdout } = await stack.preview({ policyPacks: ["policy"], policyPackConfigs });
    return { succeeded: true, output: stdout };
  } catch (error) {
    return { succeeded: false, output: String(error) };
  }
}

/** Level and name of every policy that is violated, each once. */
function violated(output: string): string[] {
  const lines = output.matchAll(/- \[(\w+)\]\s+\[severity: \w+\]\s+([a-z-]+) {2}\(/g);
  return [...new Set(Array.from(lines, ([, level, name]) => `${level} ${name}`))].sort();
}

describe.skipIf(absent.length > 0).each(["dev", "prod"])("the pack on stack %s", (name) => {
  test(
    "has nothing to say",
    async () => {
      const project = await rendering(name);
      try {
        const { succeeded, output } = await preview(project);

        expect(output).toContain("✅ mesh-tracing@v0.1.0 (local: policy)");
        expect(violated(output)).toEqual([]);
        expect(succeeded).toBe(true);
      } finally {
        project.remove();
      }
    },
    2 * minutes,
  );
});

describe.skipIf(absent.length > 0)("the pack on a stack with one fault", () => {
  let project: Workspace;
  const originals = new Map<string, string>();

  beforeAll(async () => {
    project = await rendering("dev");
    for (const file of [
      "Pulumi.dev.yaml",
      "constants.ts",
      "program.ts",
      "components/networkPolicySpecs.ts",
    ]) {
      originals.set(file, fs.readFileSync(path.join(project.directory, file), "utf8"));
    }
  }, minutes);

  afterEach(() => {
    for (const [file, text] of originals) fs.writeFileSync(path.join(project.directory, file), text);
  });

  afterAll(() => project.remove());

  /** Changes the copy's source; fails where there is nothing to change. */
  function edit(file: string, from: string, to: string): void {
    const original = originals.get(file) ?? "";
    expect(original).toContain(from);
    fs.writeFileSync(path.join(project.directory, file), original.replace(from, to));
  }

  /** The outage: the list of ports that the policies open lacks the sidecars' port. */
  function breakEgress(): void {
    edit(
      "constants.ts",
      "[ports.otlpGrpc, ports.otlpHttp, ports.zipkin]",
      "[ports.otlpGrpc, ports.otlpHttp]",
    );
  }

  test(
    "stops the outage with the policy's name and the line to add",
    async () => {
      breakEgress();
      const { succeeded, output } = await preview(project);

      expect(succeeded).toBe(false);
      expect(violated(output)).toEqual(["mandatory trace-path-open"]);
      expect(output).toContain("network-policies-auth-allow-jaeger-egress)");
      expect(output).toContain(
        [
          "          fix:",
          "            # add to spec.egress[0].ports of NetworkPolicy auth/allow-jaeger-egress",
          "            - protocol: TCP",
          "              port: 9411",
        ].join("\n"),
      );
    },
    2 * minutes,
  );

  test(
    "lets the outage pass as advice, where the pack's configuration says so",
    async () => {
      breakEgress();
      const { succeeded, output } = await preview(project, { "trace-path-open": "advisory" });

      expect(violated(output)).toEqual(["advisory trace-path-open"]);
      expect(succeeded).toBe(true);
    },
    2 * minutes,
  );

  test(
    "repairs the outage, where the pack's configuration says so",
    async () => {
      breakEgress();
      const { succeeded, output } = await preview(project, { "add-missing-tracing-ports": "remediate" });

      expect(violated(output)).toEqual([]);
      expect(output).toContain("add-missing-tracing-ports");
      expect(succeeded).toBe(true);
    },
    2 * minutes,
  );

  test(
    "stops the outage's twin at the collector",
    async () => {
      edit("components/networkPolicySpecs.ts", "[ports.zipkin])", "[ports.metrics])");
      const { succeeded, output } = await preview(project);

      expect(succeeded).toBe(false);
      expect(violated(output)).toEqual(["mandatory trace-path-open"]);
      expect(output).toContain("NetworkPolicy istio-system/allow-tracing-ingress");
    },
    2 * minutes,
  );

  test(
    "sees what the chart makes: a Jaeger with a sidecar and without a bound",
    async () => {
      project.editStack((config) => {
        Object.assign(config["mesh-tracing:jaeger"]!, {
          values: { jaeger: { args: [], podLabels: { "sidecar.istio.io/inject": "true" } } },
        });
      });
      const { succeeded, output } = await preview(project);

      expect(succeeded).toBe(false);
      expect(violated(output)).toEqual(["mandatory jaeger-memory-bound", "mandatory jaeger-no-sidecar"]);
    },
    2 * minutes,
  );

  test(
    "reads the applications' environment through patches and ConfigMaps",
    async () => {
      project.editStack((config) => {
        config["mesh-tracing:otel"] = { extra: { OTEL_TRACES_SAMPLER: "traceidratio" } };
      });
      const { succeeded, output } = await preview(project);

      expect(succeeded).toBe(false);
      expect(violated(output)).toEqual(["mandatory sampler-parent-based"]);
    },
    2 * minutes,
  );

  test(
    "stops values that the preview does not know, by their path",
    async () => {
      const late = [
        'import { ConfigMap } from "@pulumi/kubernetes/core/v1/configMap";',
        'import { NetworkPolicy } from "@pulumi/kubernetes/networking/v1/networkPolicy";',
        'const metadata = { name: "late", namespace: "auth" };',
        'const configMap = new ConfigMap("late", { metadata, data: { port: "9411" } });',
        "const ports = [{ port: configMap.id.apply(() => 9411) }];",
        'new NetworkPolicy("late", { metadata, spec: { podSelector: {}, policyTypes: ["Egress"], egress: [{ ports }] } });',
      ];
      edit("program.ts", "import {", `${late.join("\n")}\nimport {`);
      const { succeeded, output } = await preview(project);

      expect(succeeded).toBe(false);
      expect(violated(output)).toContain("mandatory known-inputs");
      expect(output).toContain(
        "NetworkPolicy auth/late has values that are not known yet (spec.egress[0].ports[0].port)",
      );
    },
    2 * minutes,
  );
});

/** A copy of the project whose stack is rendered, so that no cluster is needed. */
async function rendering(name: string): Promise<Workspace> {
  const project = await workspace(name);
  await project.stack.setConfig("kubernetes:renderYamlToDirectory", {
    value: path.join(project.directory, "..", "output"),
  });
  return project;
}
