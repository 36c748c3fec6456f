/** Changes of a running stack on the real engine: the steps that Pulumi shows, none of which replaces anything. */
import * as fs from "node:fs";
import * as path from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { missing, pulumiCommands, workspace, type Workspace } from "./realEngine";

const absent = missing(pulumiCommands);
if (absent.length > 0) console.warn(`skipped: upgrades need ${absent.join(", ")} on PATH`);

/** Other charts make more objects than the stand-in: of those only the kind of steps is known. */
const isStandIn = process.env["MESH_TRACING_JAEGER_CHART"] === undefined;

const minutes = 60_000;
const names = ["auth", "character", "chat", "image", "location", "my", "scan"];
const patched = (name: string): string => `DeploymentPatch otel-environment-${name}/${name}-api`;

describe.skipIf(absent.length > 0)("a change of the running stack dev", () => {
  let project: Workspace;
  let stackFile: string;
  let original: string;
  let renamed: string[];

  beforeAll(async () => {
    project = await workspace("dev");
    await project.stack.setConfig("kubernetes:renderYamlToDirectory", {
      value: path.join(project.directory, "..", "output"),
    });
    stackFile = path.join(project.directory, "Pulumi.dev.yaml");
    original = fs.readFileSync(stackFile, "utf8");
    // The Deployments' patches were called otherwise once; the first test is about that.
    const component = path.join(project.directory, "components", "otelEnvironment.ts");
    const source = fs.readFileSync(component, "utf8");
    const earlier = source
      .replace(
        "new DeploymentPatch(`${name}-${suffix}`",
        'new DeploymentPatch(`${name}-${suffix.replace("/", "-")}`',
      )
      .replace(/^ *aliases: .*\n/m, "");
    if (earlier === source) throw new Error("the patches' names are not where they were");
    fs.writeFileSync(component, earlier);
    await project.stack.up();
    fs.writeFileSync(component, source);
    renamed = Object.keys((await project.stack.up()).summary.resourceChanges ?? {});
  }, 2 * minutes);

  afterEach(() => fs.writeFileSync(stackFile, original));

  afterAll(() => project.remove());

  /** Every step of a preview but those that leave a resource as it is: `update Kind logical-name`, sorted. */
  async function steps(): Promise<string[]> {
    const found: string[] = [];
    await project.stack.preview({
      onEvent: ({ resourcePreEvent }) => {
        const { op = "same", urn = "" } = resourcePreEvent?.metadata ?? {};
        const [, , type = "", name = ""] = urn.split("::");
        if (op !== "same") found.push(`${op} ${type.split(":").at(-1)} ${name}`);
      },
    });
    return found.sort();
  }

  test(
    "that changes nothing leaves all as it is; patches that had other names are the same ones",
    async () => {
      expect(renamed).toEqual(["same"]);
      expect(await steps()).toEqual([]);
    },
    2 * minutes,
  );

  test(
    "sampling: Telemetry, ConfigMaps and Deployments are updated",
    async () => {
      project.editStack((config) => Object.assign(config["mesh-tracing:tracing"]!, { sampling: 10 }));
      expect(await steps()).toEqual(
        [
          "Telemetry mesh-telemetry",
          ...names.map((name) => `ConfigMap otel-environment-${name}`),
          ...names.map(patched),
        ]
          .map((resource) => `update ${resource}`)
          .sort(),
      );
    },
    2 * minutes,
  );

  test(
    "a namespace less: its objects are deleted, the collector's policy is updated",
    async () => {
      project.editStack((config) => {
        delete config["mesh-tracing:namespaces"]!["scan"];
      });
      expect(await steps()).toEqual([
        "delete ConfigMap otel-environment-scan",
        `delete ${patched("scan")}`,
        "delete NetworkPolicy network-policies-scan-allow-jaeger-egress",
        "update NetworkPolicy network-policies-istio-system-allow-tracing-ingress",
      ]);
    },
    2 * minutes,
  );

  test(
    "another version of Jaeger's chart: its objects are updated",
    async () => {
      const chart = path.join(project.directory, "..", "chart-of-tomorrow");
      fs.cpSync(path.join(project.directory, "..", "chart"), chart, { recursive: true });
      const file = path.join(chart, "Chart.yaml");
      const today = fs.readFileSync(file, "utf8");
      const tomorrow = today.replace(/^(version|appVersion): .*$/gm, "$1: 99.0.0");
      expect(tomorrow).not.toBe(today);
      fs.writeFileSync(file, tomorrow);
      project.editStack((config) =>
        Object.assign(config["mesh-tracing:jaeger"]!, { chart: { path: chart } }),
      );
      const found = await steps();
      expect(found).toContain("update Deployment jaeger-chart:istio-system/jaeger");
      expect(found.filter((step) => !/^update \w+ jaeger-chart:/.test(step))).toEqual([]);
      if (isStandIn) expect(found).toHaveLength(1);
    },
    2 * minutes,
  );

  test(
    "traces in OpenSearch instead of memory: the Deployment is updated, the way to the store comes",
    async () => {
      project.editStack((config) => {
        Object.assign(config["mesh-tracing:jaeger"]!, {
          storage: { type: "opensearch", urls: ["https://opensearch.logging.svc:9200"] },
          replicas: 2,
        });
      });
      const found = await steps();
      const own = found.filter((step) => !step.includes(" jaeger-chart:"));
      expect(own).toEqual([
        "create JaegerScaling jaeger-scaling",
        "create NetworkPolicy network-policies-istio-system-allow-jaeger-storage",
        "create PodDisruptionBudget jaeger-scaling-budget",
      ]);
      const ofChart = found.filter((step) => step.includes(" jaeger-chart:"));
      expect(ofChart).toContain("update Deployment jaeger-chart:istio-system/jaeger");
      expect(ofChart.filter((step) => !/^(create|update) /.test(step))).toEqual([]);
      if (isStandIn) {
        expect(ofChart).toEqual([
          "create ConfigMap jaeger-chart:istio-system/user-config",
          "update Deployment jaeger-chart:istio-system/jaeger",
        ]);
      }
    },
    2 * minutes,
  );
});
