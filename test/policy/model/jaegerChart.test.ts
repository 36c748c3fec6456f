import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { parseAllDocuments, stringify } from "yaml";
import { describe, expect, it } from "vitest";
import { type ChartRelease } from "../../../policy/model/charts";
import { jaegerChartObjects } from "../../../policy/model/jaegerChart";
import { type KubeObject } from "../../../policy/model/objects";
import { at, type Json, records } from "../../../policy/model/reading";

const release = (values: Json, more: Partial<ChartRelease> = {}): ChartRelease => ({
  chart: "jaeger",
  version: "4.11.1",
  release: "jaeger",
  namespace: "tracing",
  values,
  object: { apiVersion: "mesh-tracing/v1", kind: "HelmChart", metadata: { name: "jaeger" } },
  ...more,
});
const names = (objects: readonly KubeObject[]) =>
  objects.map(({ kind, metadata: { name } }) => `${kind} ${name}`);

describe("Jaeger's chart as it would render", () => {
  it("names everything as the chart does", () => {
    expect(names(jaegerChartObjects(release({})))).toEqual(["Deployment jaeger", "Service jaeger"]);
    expect(names(jaegerChartObjects(release({}, { release: "dev" })))).toEqual([
      "Deployment dev-jaeger",
      "Service dev-jaeger",
    ]);
    expect(names(jaegerChartObjects(release({ fullnameOverride: "traces" })))).toEqual([
      "Deployment traces",
      "Service traces",
    ]);
    expect(jaegerChartObjects(release({ jaeger: { enabled: false } }))).toEqual([]);
  });

  it("reads the sections of its version: values of older charts are lost on 4.x", () => {
    const values = { allInOne: { enabled: true, resources: { limits: { memory: "512Mi" } } } };
    const limit = (version: string) =>
      at(
        records(
          at(jaegerChartObjects(release(values, { version }))[0]?.["spec"], "template", "spec", "containers"),
        )[0],
        "resources",
      );
    expect(limit("0.71.10")).toEqual({ limits: { memory: "512Mi" } });
    expect(limit("4.11.1")).toEqual({});
    const old = jaegerChartObjects(release(values, { version: "0.71.10" }));
    expect(names(old)).toEqual(["Deployment jaeger", "Service jaeger-collector", "Service jaeger-query"]);
    expect(at(old[1]?.["spec"], "clusterIP")).toBe("None");
    expect(jaegerChartObjects(release({}, { version: "0.71.10" }))).toEqual([]);
  });
});

const chart = process.env["MESH_TRACING_JAEGER_CHART"] ?? "";

function helmRuns(): boolean {
  try {
    execFileSync("helm", ["version"], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
}

describe("the chart itself", () => {
  const values = {
    fullnameOverride: "jaeger",
    jaeger: {
      args: ["--set=extensions.jaeger_storage.backends.some_storage.memory.max_traces=10000"],
      extraEnv: [{ name: "GOMEMLIMIT", value: "410MiB" }],
      podLabels: { "sidecar.istio.io/inject": "false" },
      podSecurityContext: { runAsNonRoot: true },
      resources: { limits: { memory: "512Mi" } },
      securityContext: { allowPrivilegeEscalation: false },
    },
  };
  const isHere = existsSync(chart) && helmRuns();
  it.skipIf(!isHere)(
    `renders the same${isHere ? "" : ` (skipped: needs helm on PATH, and the chart in MESH_TRACING_JAEGER_CHART)`}`,
    () => {
      const flags = ["--namespace", "tracing", "--kube-version", "1.34.0", "--values", "-"];
      const output = execFileSync("helm", ["template", "jaeger", chart, ...flags], {
        input: stringify(values),
      });
      const rendered = parseAllDocuments(output.toString()).map((document) => document.toJS() as KubeObject);
      const [deployment, service] = jaegerChartObjects(release(values));
      const real = (kind: string) => rendered.find((object) => object.kind === kind);
      const podOf = (object: KubeObject | undefined) => at(object?.["spec"], "template", "spec");
      const fields = ["args", "env", "resources", "securityContext"];
      const container = (object: KubeObject | undefined) => {
        const [own] = records(at(podOf(object), "containers"));
        return fields.map((field) => own?.[field]);
      };
      expect(container(deployment)).toEqual(container(real("Deployment")));
      expect(at(podOf(deployment), "securityContext")).toEqual(
        at(podOf(real("Deployment")), "securityContext"),
      );
      const labels = (object: KubeObject | undefined) =>
        at(object?.["spec"], "template", "metadata", "labels");
      expect(labels(deployment)).toEqual(labels(real("Deployment")));
      expect(at(service?.["spec"], "selector")).toEqual(at(real("Service")?.["spec"], "selector"));
      // Of the Service's ports the chart has more, which have nothing to do with tracing today.
      const ports = (object: KubeObject | undefined) => records(at(object?.["spec"], "ports"));
      const shown = ({ name, port, targetPort, appProtocol }: Json) => ({
        name,
        port,
        targetPort,
        appProtocol,
      });
      expect(ports(real("Service")).map(shown)).toEqual(expect.arrayContaining(ports(service).map(shown)));
    },
  );
});
