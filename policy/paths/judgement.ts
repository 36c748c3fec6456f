/** How much of a mesh was judged: which paths of spans, and what had to be assumed about them. */
import { type Judged } from "../../findings/judged";
import { kinds } from "../../mesh/kinds";
import { sortedSet } from "../../mesh/stableOrder";
import { takenBehind } from "../model/collectors/programs";
import { hasIstio } from "../model/istioPresence";
import { type TracingModel } from "../model/tracingModel";
import { describeWorkload } from "../model/workloads";
import { askSpanPaths } from "./spanPaths";

export function judgementOf(model: TracingModel): Judged {
  const { paths, passedOn } = askSpanPaths(model);
  const all = [...paths, ...passedOn];
  const number = (verdict: string): number => all.filter((path) => path.verdict === verdict).length;
  const senders = [
    ...paths.map(({ traced }) => traced.workload),
    ...passedOn.map(({ collector }) => collector),
  ];
  return {
    senders: new Set(senders).size,
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
  // Platforms without Istio have no mesh config that could say more.
  const incomplete = hasIstio(model) ? model.mesh.incomplete : undefined;
  return [
    ...(namespaces.length === 0
      ? []
      : [`namespaces without workloads in the input have pods without labels: ${namespaces.join(", ")}`]),
    ...(gateways.length === 0
      ? []
      : [`gateways run where they are not in the input: ${gateways.join(", ")}`]),
    ...assumedServices(model),
    ...assumedPolicies(model),
    ...(incomplete === undefined ? [] : [`more may be configured: ${incomplete}`]),
  ];
}

/** Policies of others, where a stack of this project says that they are there. */
function assumedPolicies(model: TracingModel): string[] {
  const namespaces = sortedSet(model.traced.map(({ workload }) => workload.namespace)).filter((namespace) =>
    model.isIsolatedByOthers(namespace),
  );
  if (namespaces.length === 0) return [];
  return [`policies that are not in the input let DNS and istiod through: ${namespaces.join(", ")}`];
}

/** Services that are not in the input, and the collectors beside them that they are taken to lead to. */
function assumedServices(model: TracingModel): string[] {
  const said = askSpanPaths(model).paths.flatMap(({ receiver, place }) => {
    if (place === undefined || model.index.get(kinds.service, place.namespace, place.name) !== undefined)
      return [];
    const pods = takenBehind(model, place);
    return pods === undefined
      ? []
      : [`${receiver}, which is not in the input, leads to ${describeWorkload(pods)}`];
  });
  return sortedSet(said);
}
