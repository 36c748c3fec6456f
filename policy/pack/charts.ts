/** What a stack says of the mesh without an object for it: Helm releases, and mesh configuration for others. */
import { type Finding } from "../../findings/finding";
import { helmChartMeta } from "../model/charts";
import { type KubeObject } from "../model/objects";
import { at, isRecord, record, text } from "../model/reading";
import { meshConfigKey } from "../../mesh/meshConfig";
import { type Resource, type ResourceObject } from "./resources";
import { isUnknown, plainProps } from "./unknowns";

const releaseType = "kubernetes:helm.sh/v3:Release";
const chartType = "kubernetes:helm.sh/v4:Chart";
const meshTracingType = "mesh-tracing:mesh:MeshTracing";

/** Names by which a chart is taken for a part of tracing. */
const tracingChart = /jaeger|istio/i;

/** Releases, which are opaque to Pulumi, as the model takes them. */
export function releasesOf(resources: readonly Resource[]): ResourceObject[] {
  return resources.filter(({ type }) => type === releaseType).flatMap(asRelease);
}

/** Charts without children, as far as the engine hands out their inputs. */
export function chartsOf(resources: readonly Resource[]): ResourceObject[] {
  return resources
    .filter((resource) => resource.type === chartType && !isRendered(resource, resources))
    .flatMap(asRelease);
}

function asRelease({ urn, name, props: proxied }: Resource): ResourceObject[] {
  const props = plainProps(proxied);
  if (text(props["chart"]) === undefined || isUnknown(props["chart"])) return [];
  return [pseudoChart(urn, { ...props, name: text(props["name"]) ?? name })];
}

/**
 * A v4 Chart with an input that is not known yet has no children in a preview, and the engine hands out none of
 * its inputs: nothing of it can be judged. Only charts that tracing is made of are demanded.
 */
export function unrenderedCharts(resources: readonly Resource[]): { finding: Finding; urn: string }[] {
  return resources
    .filter(
      (resource) =>
        resource.type === chartType &&
        !isRendered(resource, resources) &&
        asRelease(resource).length === 0 &&
        isForTracing(resource),
    )
    .map(({ urn, name }) => ({
      urn,
      finding: {
        rule: "known-inputs",
        level: "error",
        kind: "Chart",
        namespace: "",
        name,
        message:
          `Chart ${name} has no objects in this preview: one of its inputs is not known yet, so that nothing ` +
          "can be said about what it deploys; plain values are required",
        fix: "",
      },
    }));
}

/**
 * The mesh configuration that this project hands to istiod's owner, as the values it will be in. Where the stack
 * has mesh configuration itself, that is what counts.
 */
export function handedOutMeshConfig(
  resources: readonly Resource[],
  objects: readonly ResourceObject[],
): ResourceObject[] {
  const hasOwn = objects.some(
    ({ object }) => object.kind === "ConfigMap" && at(object["data"], meshConfigKey) !== undefined,
  );
  if (hasOwn) return [];
  return resources
    .filter(({ type }) => type === meshTracingType)
    .flatMap(({ urn, props }) => {
      const meshConfig = plainProps(props)["meshConfig"];
      if (!isRecord(meshConfig)) return [];
      return [
        pseudoChart(urn, {
          name: "istiod",
          namespace: rootNamespaceOf(objects),
          chart: "istiod",
          values: { meshConfig },
        }),
      ];
    });
}

function pseudoChart(urn: string, props: Record<string, unknown>): ResourceObject {
  const { name, namespace, chart, version, values } = props;
  const object: KubeObject = {
    ...helmChartMeta,
    metadata: { name: text(name) ?? "", namespace: text(namespace) ?? "default" },
    spec: { chart, version, values: record(values) },
  };
  return { object, urn, patch: false };
}

function isRendered({ urn }: Resource, resources: readonly Resource[]): boolean {
  return resources.some(({ parent }) => parent?.urn === urn);
}

function isForTracing({ name, urn }: Resource): boolean {
  return urn.includes("::mesh-tracing:") || tracingChart.test(name);
}

/** Where this stack puts its mesh-wide Telemetry. */
function rootNamespaceOf(objects: readonly ResourceObject[]): string | undefined {
  const telemetry = objects.find(({ object }) => object.kind === "Telemetry");
  return text(telemetry?.object.metadata.namespace);
}
