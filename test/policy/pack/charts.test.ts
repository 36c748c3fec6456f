import { describe, expect, it } from "vitest";
import { chartsOf, handedOutMeshConfig, releasesOf, unrenderedCharts } from "../../../policy/pack/charts";
import { objectOf, type Resource } from "../../../policy/pack/resources";
import { meshConfig } from "../../../docs/generate/sample/mesh";
import { resource, resourceOf, unknown } from "./stack";

const chartType = "kubernetes:helm.sh/v4:Chart";
const values = { jaeger: { resources: { limits: { memory: "512Mi" } } } };
const inputs = { name: "jaeger", namespace: "istio-system", chart: "jaeger", version: "4.11.1", values };
const pseudo = {
  apiVersion: "mesh-tracing/v1",
  kind: "HelmChart",
  metadata: { name: "jaeger", namespace: "istio-system" },
  spec: { chart: "jaeger", version: "4.11.1", values },
};

const objects = (found: readonly { object: unknown }[]): unknown[] => found.map(({ object }) => object);

/** A chart and one object of it. */
function rendered(name: string, props: object): Resource[] {
  const chart = resource(chartType, name, props);
  return [
    chart,
    resource("kubernetes:core/v1:Service", `${name}:x`, {}, { parent: chart as Resource["parent"] }),
  ];
}

describe("releases", () => {
  it("are what Pulumi cannot look into", () => {
    const release = resource("kubernetes:helm.sh/v3:Release", "jaeger-release", inputs);
    expect(objects(releasesOf([release]))).toEqual([pseudo]);
    expect(releasesOf([release])[0]?.urn).toBe(release.urn);
  });

  it("have the resource's name and no namespace where nothing says another", () => {
    const release = resource("kubernetes:helm.sh/v3:Release", "jaeger", {
      chart: "jaeger",
      name: unknown,
      values: 1,
    });
    expect(objects(releasesOf([release]))).toEqual([
      { ...pseudo, metadata: { name: unknown, namespace: "default" }, spec: { chart: "jaeger", values: {} } },
    ]);
  });

  it.each([{}, { chart: unknown }])("say nothing without a known chart: %j", (props) => {
    expect(releasesOf([resource("kubernetes:helm.sh/v3:Release", "jaeger", props)])).toEqual([]);
  });
});

describe("charts", () => {
  it("speak through their objects, once they have some", () => {
    expect(chartsOf(rendered("jaeger", inputs))).toEqual([]);
    expect(unrenderedCharts(rendered("jaeger", {}))).toEqual([]);
  });

  it("speak through their inputs before, where the engine hands them out", () => {
    const chart = resource(chartType, "jaeger-chart", inputs);
    expect(objects(chartsOf([chart]))).toEqual([pseudo]);
    expect(unrenderedCharts([chart])).toEqual([]);
  });

  it.each(["jaeger-chart", "istiod", "my-Jaeger"])("of tracing must not be empty: %s", (name) => {
    const chart = resource(chartType, name, {});
    expect(unrenderedCharts([chart])).toEqual([
      {
        urn: chart.urn,
        finding: {
          rule: "known-inputs",
          level: "error",
          kind: "Chart",
          namespace: "",
          name,
          message:
            `Chart ${name} has no objects in this preview: one of its inputs is not known yet, so that nothing can ` +
            "be said about what it deploys; plain values are required",
          fix: "",
        },
      },
    ]);
  });

  it("of this project must not be empty, whatever they are called", () => {
    const urn = "urn:pulumi:dev::shop::mesh-tracing:jaeger:Jaeger$kubernetes:helm.sh/v4:Chart::backend";
    expect(unrenderedCharts([resource(chartType, "backend", {}, { urn })])).toHaveLength(1);
  });

  it("of others may be", () => {
    expect(unrenderedCharts([resource(chartType, "redis", {})])).toEqual([]);
  });
});

describe("mesh configuration that is handed out", () => {
  const component = resource("mesh-tracing:mesh:MeshTracing", "mesh", { meshConfig: meshConfig() });
  const telemetry = resourceOf({
    apiVersion: "telemetry.istio.io/v1",
    kind: "Telemetry",
    metadata: { name: "mesh-default", namespace: "istio-config" },
  });
  const found = (...resources: Resource[]) =>
    handedOutMeshConfig(
      resources,
      resources.flatMap((item) => objectOf(item) ?? []),
    );

  it("is taken for what istiod's owner will have, in the mesh's root namespace", () => {
    expect(objects(found(component, telemetry))).toEqual([
      {
        apiVersion: "mesh-tracing/v1",
        kind: "HelmChart",
        metadata: { name: "istiod", namespace: "istio-config" },
        spec: { chart: "istiod", values: { meshConfig: meshConfig() } },
      },
    ]);
  });

  it("counts for nothing where the stack has mesh configuration itself", () => {
    const shared = resourceOf({
      apiVersion: "v1",
      kind: "ConfigMap",
      metadata: { name: "x" },
      data: { mesh: "{}" },
    });
    expect(found(component, telemetry, shared)).toEqual([]);
  });

  it.each([{}, { meshConfig: unknown }])("is nothing where it is not known: %j", (props) => {
    expect(found(resource("mesh-tracing:mesh:MeshTracing", "mesh", props))).toEqual([]);
  });

  it("is found among other things, with mesh configuration of other kinds and in a namespace that is not said", () => {
    const other = resourceOf({
      apiVersion: "v1",
      kind: "Other",
      metadata: { name: "x" },
      data: { mesh: "{}" },
    });
    const settings = resourceOf({
      apiVersion: "v1",
      kind: "ConfigMap",
      metadata: { name: "x" },
      data: { a: "{}" },
    });
    const [config, ...more] = found(
      resource("mesh-tracing:other:Other", "x", { meshConfig: {} }),
      other,
      settings,
      component,
    );
    expect(more).toEqual([]);
    expect(config?.object.metadata).toEqual({ name: "istiod", namespace: "default" });
    expect(config).toMatchObject({ urn: component.urn, patch: false });
  });
});

describe("what is no chart", () => {
  const service = resource("kubernetes:core/v1:Service", "jaeger", inputs);

  it("is no release and no chart, whatever its inputs", () => {
    expect(releasesOf([service])).toEqual([]);
    expect(chartsOf([service])).toEqual([]);
    expect(unrenderedCharts([service])).toEqual([]);
    expect(chartsOf([resource("kubernetes:helm.sh/v3:Release", "jaeger", inputs)])).toEqual([]);
  });
});
