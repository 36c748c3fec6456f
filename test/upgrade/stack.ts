/** The running stack that the tests change, and what its resources are called. */
import { run, stackOf } from "../fixtures/stack";
import { type Changes, changesBetween } from "./changes";

export const sections = {
  istio: { version: "1.31", delivery: "shared" },
  tracing: { sampling: 100 },
  jaeger: { host: "jaeger.example.com" },
  gateways: [{ namespace: "edge" }],
  namespaces: {
    bank: { isolation: "existing", deployments: { ledger: {} } },
    shop: { isolation: "restricted", deployments: { cart: {} } },
  },
  externalServices: { pay: { hosts: ["api.example.com"] } },
};

/** Who may come to Jaeger's pods. */
export const ingress = "NetworkPolicy network-policies-istio-system-allow-tracing-ingress";

export const chart = "Chart jaeger-chart";
export const telemetry = "Telemetry mesh-telemetry";
export const sharedConfig = "ConfigMap mesh-shared-config";
export const configMaps = ["ConfigMap otel-environment-bank", "ConfigMap otel-environment-shop"];
export const patches = [
  "DeploymentPatch otel-environment-bank/ledger",
  "DeploymentPatch otel-environment-shop/cart",
];

/** Changes with the configuration of Jaeger, and rolls its pod. */
export const configHash = 'values.jaeger.podLabels["mesh-tracing/config-hash"]';

/** Changes with what an application is told, and rolls its pods. */
export const environmentHash = 'spec.template.metadata.annotations["mesh-tracing/otel-environment-hash"]';

/** The same paths for several resources. */
export function each(resources: readonly string[], paths: readonly string[]): Changes["changed"] {
  return Object.fromEntries(resources.map((resource) => [resource, [...paths]]));
}

/** Entries of the list of namespaces in a policy's rule, such as `ingress[0].from[0]`. */
export function listed(peer: string, ...entries: number[]): string[] {
  return entries.map((entry) => `spec.${peer}.namespaceSelector.matchExpressions[0].values[${entry}]`);
}

/** What changes when sections of the running stack are replaced. @param before sections it has from the start */
export async function changesOf(after: object, before: object = {}): Promise<Changes> {
  const old = await run(stackOf({ ...sections, ...before }));
  return changesBetween(old, await run(stackOf({ ...sections, ...before, ...after })));
}
