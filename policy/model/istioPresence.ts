/** Whether the input says anything of a mesh of Istio's: platforms without one hear nothing about Telemetries. */
import { groupOf, isIstioGroup, kinds } from "../../mesh/kinds";
import { meshLabels } from "../../mesh/labels";
import { istioCharts } from "../../mesh/names";
import { record } from "./reading";
import { type TracingModel } from "./tracingModel";

export function hasIstio({ charts, index, mesh, options, traced, workloads }: TracingModel): boolean {
  return (
    mesh.sources.length > 0 ||
    traced.length > 0 ||
    options.gateways !== undefined ||
    charts.some(({ chart }) => istioCharts.includes(chart)) ||
    index.all.some(({ apiVersion }) => isIstioGroup(groupOf(apiVersion))) ||
    index.of(kinds.namespace).some(({ metadata }) => isOfMesh(metadata["labels"])) ||
    workloads.some(({ labels }) => isOfMesh(labels))
  );
}

/** Labels that only a mesh reads; also those that keep a proxy away. */
function isOfMesh(labels: unknown): boolean {
  return Object.values(meshLabels).some((name) => record(labels)[name] !== undefined);
}
