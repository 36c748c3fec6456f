import { isRecord } from "../mesh/plainObjects";
import { type ChartSource } from "../config/stack";
import { helmChartKind } from "../mesh/helmChart";
import { byKey } from "../mesh/stableOrder";
import { type ChartRelease, type Manifest } from "./manifest";

/** What the Helm resources of Pulumi's Kubernetes provider take. */
export function chartInputs({ metadata, spec: { objects: _, chartName: __, ...spec } }: ChartRelease) {
  return { ...metadata, ...spec };
}

export function chartRelease(
  chart: ReturnType<typeof chartArgs>,
  metadata: ChartRelease["metadata"],
  values: Readonly<Record<string, unknown>>,
  objects: readonly Manifest[],
): ChartRelease {
  return { ...helmChartKind, metadata, spec: { ...chart, values, objects } };
}

/**
 * What `kubernetes.helm.v4.Chart` takes to find a chart.
 * @param source where charts come from; an `oci` address or a `path` may name the chart itself or, for
 *   projects of several charts, the place that holds them
 * @param chart the chart's name
 * @param place `within` if the source holds several charts
 * @see https://www.pulumi.com/registry/packages/kubernetes/api-docs/helm/v4/chart/
 */
export function chartArgs(
  source: ChartSource,
  chart: string,
  place: "itself" | "within" = "itself",
): { chart: string; chartName: string; version?: string; repositoryOpts?: { repo: string } } {
  const chartName = chart;
  const suffix = place === "within" ? `/${chart}` : "";
  if ("repository" in source) {
    return { chart, chartName, repositoryOpts: { repo: source.repository }, version: source.version };
  }
  if ("oci" in source) return { chart: `${source.oci}${suffix}`, chartName, version: source.version };
  return { chart: `${source.path}${suffix}`, chartName };
}

/**
 * Chart values with a user's values merged over them: objects deeply, anything else (lists too, as Helm does)
 * replaced by the user's. Keys sorted.
 */
export function mergeValues(base: unknown, over: unknown): Record<string, unknown> {
  const merged: Record<string, unknown> = isRecord(base) ? { ...base } : {};
  if (isRecord(over)) {
    for (const [key, value] of Object.entries(over)) {
      merged[key] = isRecord(value) ? mergeValues(merged[key], value) : value;
    }
  }
  return byKey(merged);
}
