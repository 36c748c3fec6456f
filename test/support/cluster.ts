/** A cluster as the check before the first change sees it, made for a stack and then changed by a test. */
import { parseStack, type RawConfig, type StackConfig } from "../../config";
import { type ClusterFacts, findings, type Findings, type LiveObject } from "../../preflight/findings";
import { type ObjectId, type Plan, plannedObjects } from "../../preflight/plannedObjects";
import { wire } from "../../wiring";

/** A stack with its plan. */
export function planned(raw: RawConfig): { config: StackConfig; plan: Plan } {
  const config = parseStack(raw, "test");
  return { config, plan: plannedObjects(wire(config)) };
}

/** A Deployment with containers, as the API server returns it. */
export function deployment(
  namespace: string,
  name: string,
  containers: { name: string; env?: { name: string; value?: string }[] }[],
): LiveObject {
  return {
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: { name, namespace },
    spec: { template: { spec: { containers } } },
  };
}

/** The field manager that has set the given variables of a container. */
export function managing(manager: string, container: string, ...variables: string[]) {
  const env = Object.fromEntries(variables.map((variable) => [`k:{"name":"${variable}"}`, { ".": {} }]));
  const containers = { [`k:{"name":"${container}"}`]: { "f:env": env } };
  const fieldsV1 = { "f:spec": { "f:template": { "f:spec": { "f:containers": containers } } } };
  return { manager, fieldsV1 };
}

/** A cluster that has what the stack needs of others, and nothing that the stack makes. */
export function readyCluster({ config, plan }: ReturnType<typeof planned>): ClusterFacts {
  const install = config.istio.install?.gateway?.namespace;
  return {
    objects: plan.patches.map(({ namespace = "", name, container }) =>
      deployment(namespace, name, [{ name: container }]),
    ),
    telemetries: [],
    namespaces: new Set([
      config.istio.rootNamespace,
      config.jaeger.namespace,
      ...Object.keys(config.namespaces),
      ...(install === undefined ? [] : [install]),
      ...(config.ui === undefined ? [] : config.gateways.map(({ namespace }) => namespace)),
      ...(config.certManager === undefined ? [] : [config.certManager.install.namespace]),
      ...(config.otelOperator === undefined ? [] : [config.otelOperator.install.namespace]),
      ...(config.kiali?.install === undefined ? [] : [config.kiali.namespace]),
    ]),
    unserved: [],
  };
}

/** An object of the plan as it would be live, with whatever tells its owner. */
export function live(id: ObjectId, metadata: Partial<LiveObject["metadata"]> = {}, spec = {}): LiveObject {
  const { apiVersion, kind, namespace, name } = id;
  return { apiVersion, kind, metadata: { name, namespace, ...metadata }, spec };
}

/** What the check finds of a stack in a cluster that differs from a ready one. */
export function check(
  raw: RawConfig,
  change: (ready: ClusterFacts, plan: Plan) => Partial<ClusterFacts> = () => ({}),
  adopting = false,
): Findings {
  const stack = planned(raw);
  const ready = readyCluster(stack);
  return findings(stack.config, stack.plan, { ...ready, ...change(ready, stack.plan) }, adopting);
}
