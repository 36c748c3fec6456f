/** How much of a mesh was judged: which paths of spans, and what had to be assumed about them. */
import { type Judged } from "../../findings/judged";
import { type TracingModel } from "../model/tracingModel";
import { askSpanPaths } from "./spanPaths";

export function judgementOf(model: TracingModel): Judged {
  const { paths } = askSpanPaths(model);
  const number = (verdict: string): number => paths.filter((path) => path.verdict === verdict).length;
  return {
    senders: new Set(paths.map(({ traced }) => traced)).size,
    open: number("allowed"),
    closed: number("denied"),
    unknown: number("unknown"),
    assumptions: assumptionsOf(model),
  };
}

function assumptionsOf(model: TracingModel): string[] {
  const places = (kind: "namespace" | "gateway"): string[] =>
    model.traced.flatMap(({ workload }) => (workload.hypothetical === kind ? [workload.namespace] : []));
  const [namespaces, gateways] = [places("namespace"), places("gateway")];
  const { incomplete } = model.mesh;
  return [
    ...(namespaces.length === 0
      ? []
      : [`namespaces without workloads in the input have pods without labels: ${namespaces.join(", ")}`]),
    ...(gateways.length === 0
      ? []
      : [`gateways run where they are not in the input: ${gateways.join(", ")}`]),
    ...(incomplete === undefined ? [] : [`more may be configured: ${incomplete}`]),
  ];
}
