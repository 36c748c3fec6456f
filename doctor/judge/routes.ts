/** Calls that the routes of gateways lead to expect. */
import { kinds } from "../../mesh/kinds";
import { placeOf, type ServicePlace } from "../../policy/model/collector";
import { workloadsBehind } from "../../policy/model/collectorService";
import { bindingsOf, destinationsOf, knownGateways, podsOf } from "../../policy/model/istioGateways";
import { type KubeObject, namespaceOf } from "../../policy/model/objects";
import { at, records, text } from "../../policy/model/reading";
import { type TracingModel } from "../../policy/model/tracingModel";
import { describeWorkload, type Workload } from "../../policy/model/workloads";
import { type ExpectedCall } from "../graph/graph";

/** From each gateway to the workloads that its routes lead to. */
export function routedCalls(model: TracingModel): ExpectedCall[] {
  const calls = new Map<string, ExpectedCall>();
  const add = (from: readonly Workload[], to: readonly Workload[]): void => {
    for (const gateway of from) {
      for (const workload of to) {
        const call = { from: describeWorkload(gateway), to: describeWorkload(workload) };
        calls.set(`${call.from} > ${call.to}`, call);
      }
    }
  };
  for (const route of model.index.of(kinds.virtualService)) {
    const gateways = bindingsOf(model, route).flatMap(({ gateway }) =>
      gateway === undefined ? [] : podsOf(model, gateway),
    );
    add(
      gateways,
      destinationsOf(route).flatMap(({ host }) => behind(model, placeOf(host, namespaceOf(route)))),
    );
  }
  for (const route of model.index.of(kinds.httpRoute)) {
    add(
      parentsOf(model, route),
      backendsOf(route).flatMap((place) => behind(model, place)),
    );
  }
  return [...calls.values()];
}

/** Pods that istiod makes for a Gateway of the Gateway API carry its name. */
function parentsOf(model: TracingModel, route: KubeObject): Workload[] {
  return records(at(route["spec"], "parentRefs")).flatMap((reference) => {
    const namespace = text(reference["namespace"]) ?? namespaceOf(route);
    return knownGateways(model).filter(
      (workload) =>
        workload.namespace === namespace &&
        workload.labels["gateway.networking.k8s.io/gateway-name"] === reference["name"],
    );
  });
}

function backendsOf(route: KubeObject): ServicePlace[] {
  return records(at(route["spec"], "rules"))
    .flatMap((rule) => records(rule["backendRefs"]))
    .flatMap((reference) => {
      const name = text(reference["name"]);
      return name === undefined
        ? []
        : [{ name, namespace: text(reference["namespace"]) ?? namespaceOf(route) }];
    });
}

function behind(model: TracingModel, place: ServicePlace | undefined): Workload[] {
  return workloadsBehind(model, place && model.index.get(kinds.service, place.namespace, place.name));
}
