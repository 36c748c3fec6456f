import { type Rendered } from "../../engine/manifests";
import { helmChartKind } from "../../policy/model/charts";

/** What was rendered as an object for the rules: a chart as the pseudo kind, for helm may be absent. */
export function objectOf(item: Rendered): unknown {
  if (item.type === "manifest") return item.manifest;
  const { release, namespace, reference, values } = item.chart;
  const [chart] = reference;
  const version = reference[reference.indexOf("--version") + 1];
  return { ...helmChartKind, metadata: { name: release, namespace }, spec: { chart, version, values } };
}
