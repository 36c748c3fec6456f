/** The pods the mesh traces, as far as the input tells or lets infer. */
import { kinds } from "../../mesh/kinds";
import { meshLabels, ownerLabels } from "../../mesh/labels";
import { sortedSet } from "../../mesh/stableOrder";
import { type KubeObject, namespaceOf } from "./objects";
import { runsCollector } from "./collectors/images";
import { type Labels, membershipOf, namespaceIsMeshed } from "./injection";
import { at, record, text, textMap, texts } from "./reading";
import { type TracingModel } from "./tracingModel";
import { type Workload, workloadOf } from "./workloads";

/** A workload that sends spans. */
export interface Traced {
  workload: Workload;
  /**
   * `ambient` pods have no proxy of their own, and `none` are not in the mesh: of both only the application sends
   * spans.
   */
  membership: "sidecar" | "gateway" | "ambient" | "none";
  /** Whether the labels of its namespace, which are not in the input, may keep the proxy away. @default false */
  isAssumed?: boolean;
}

/** Workloads that export their own spans, outside the mesh or where nobody says whether they are in it. */
export function otherSenders(model: TracingModel): Traced[] {
  const traced = new Set(model.traced.map(({ workload }) => workload.object));
  return model.workloads.flatMap((workload): Traced[] => {
    if (traced.has(workload.object)) return [];
    const membership = membershipOf(workload, model.namespaceLabels(workload.namespace));
    // Collectors are kept out of the mesh where it is not said, lest every delivery of spans be traced.
    if (membership === "unknown" && !runsCollector(workload))
      return [{ workload, membership: "sidecar", isAssumed: true }];
    return model.environmentsOf(workload).length === 0 ? [] : [{ workload, membership: "none" }];
  });
}

/**
 * Every traced workload. Where a namespace is known to be traced and none of its workloads is in the input,
 * a pod without labels stands for whatever runs there.
 */
export function tracedWorkloads(model: TracingModel): Traced[] {
  const own = stackNamespaces(model);
  const forced = new Set([...(model.options.traced ?? []), ...own]);
  const labelsOf = (namespace: string): Labels | undefined => {
    const labels = model.namespaceLabels(namespace);
    return forced.has(namespace) ? { [meshLabels.injection]: "enabled" } : labels;
  };
  const workloads = [...model.workloads, ...model.partial.map((object) => workloadOf(object, "partial"))];
  const traced = workloads.flatMap((workload): Traced[] => {
    const membership = membershipOf(workload, labelsOf(workload.namespace));
    return membership === "none" || membership === "unknown" ? [] : [{ workload, membership }];
  });
  const inhabited = new Set(workloads.map(({ namespace }) => namespace));
  const empty = sortedSet([
    ...forced,
    ...model.index
      .of(kinds.namespace)
      .filter((object) => namespaceIsMeshed(textMap(object.metadata["labels"])))
      .map((object) => object.metadata.name),
  ]).filter((namespace) => !inhabited.has(namespace));
  for (const namespace of empty) {
    const membership = namespaceIsMeshed(labelsOf(namespace) ?? {})
      ? memberIn(labelsOf(namespace) ?? {})
      : "sidecar";
    traced.push({ workload: hypotheticalPod(namespace, "namespace"), membership });
  }
  return [...traced, ...hypotheticalGateways(model, traced)];
}

function memberIn(labels: Labels): Traced["membership"] {
  return labels[meshLabels.dataplane] === "ambient" && labels[meshLabels.injection] === undefined
    ? "ambient"
    : "sidecar";
}

/**
 * Namespaces that this project's own objects trace, where the Namespace itself is another owner's and not in
 * the input: it puts its environment and its egress policies nowhere else.
 */
function stackNamespaces(model: TracingModel): string[] {
  const isOwn = (object: KubeObject): boolean =>
    at(object.metadata, "labels", ownerLabels.stack) !== undefined &&
    model.namespaceLabels(namespaceOf(object)) === undefined;
  return [
    ...model.index
      .of(kinds.configMap)
      .filter((object) => isOwn(object) && at(object["data"], "OTEL_PROPAGATORS") !== undefined),
    ...model.index.of(kinds.networkPolicy).filter(
      (object) =>
        isOwn(object) &&
        texts(at(object["spec"], "policyTypes")).includes("Egress") &&
        // Policies for some pods are those of the pods that keep and show traces.
        Object.keys(record(at(object["spec"], "podSelector"))).length === 0,
    ),
  ].map(namespaceOf);
}

/** Gateways whose pods are made elsewhere: by istiod for a Gateway of the Gateway API, by a chart, by a flag. */
function hypotheticalGateways(model: TracingModel, traced: readonly Traced[]): Traced[] {
  const known = new Set(
    traced.filter(({ membership }) => membership === "gateway").map(({ workload }) => workload.namespace),
  );
  const places = [
    ...(model.options.gateways ?? []),
    ...model.charts.filter(({ chart }) => chart === "gateway").map(({ namespace }) => namespace),
    ...model.index
      .of(kinds.gateway)
      .filter((gateway) => /^istio(-waypoint)?$/.test(text(at(gateway["spec"], "gatewayClassName")) ?? ""))
      .map(namespaceOf),
  ];
  return sortedSet(places)
    .filter((namespace) => !known.has(namespace))
    .map((namespace) => ({
      workload: hypotheticalPod(namespace, "gateway"),
      membership: "gateway" as const,
    }));
}

function hypotheticalPod(namespace: string, hypothetical: "namespace" | "gateway"): Workload {
  const object: KubeObject = { apiVersion: "v1", kind: "Namespace", metadata: { name: namespace } };
  return {
    object,
    namespace,
    name: namespace,
    pod: {},
    labels: {},
    annotations: {},
    hypothetical,
  };
}
