/** What of others a stack needs in its cluster: namespaces, and kinds that somebody must have installed. */
import { type StackConfig } from "../../config/stack";
import { uiGatewayOf } from "../../config/uiGateway";
import { istioSince, versionText } from "../../mesh/istioVersions";
import { type ClusterFacts } from "./facts";
import { type Plan } from "./plan";

/** Namespaces that are missing, each with the setting that creates it. */
export function missingNamespaces(config: StackConfig, plan: Plan, { namespaces }: ClusterFacts): string[] {
  if (namespaces === undefined) return [];
  const created = new Set(plan.creates.filter(({ kind }) => kind === "Namespace").map(({ name }) => name));
  const ways: [string, string][] = [
    [
      config.istio.rootNamespace,
      config.istio.delivery === "managed"
        ? "create it, or set istio.createNamespace true"
        : "install Istio, or correct istio.rootNamespace",
    ],
    [config.jaeger.namespace, "create it, or set jaeger.createNamespace true"],
    ...Object.keys(config.namespaces).map((name): [string, string] => [
      name,
      `create it, or set namespaces.${name}.create true`,
    ]),
    ...(config.kiali?.install === undefined
      ? []
      : [
          [config.kiali.namespace, "create it, or set kiali.install.createNamespace true"] as [
            string,
            string,
          ],
        ]),
    ...(config.istio.install?.gateway === undefined
      ? []
      : [
          [
            config.istio.install.gateway.namespace,
            "create it, or set istio.install.gateway.createNamespace true",
          ] as [string, string],
        ]),
    ...uiNamespaces(config),
  ];
  if (config.otelOperator !== undefined) {
    ways.push([
      config.otelOperator.install.namespace,
      "create it, or set otelOperator.install.createNamespace true",
    ]);
  }
  return [...new Map(ways.reverse()).entries()]
    .reverse()
    .filter(([name]) => !namespaces.has(name) && !created.has(name))
    .map(([name, way]) => `namespace ${name} is not in the cluster: ${way}`);
}

function uiNamespaces(config: StackConfig): [string, string][] {
  const gateway = config.ui && uiGatewayOf(config);
  const install = config.certManager?.install;
  return [
    ...(gateway === undefined
      ? []
      : [[gateway.namespace, "install the gateway, or correct ui.gateway.namespace"] as [string, string]]),
    ...(install === undefined
      ? []
      : [
          [install.namespace, "create it, or set certManager.install.createNamespace true"] as [
            string,
            string,
          ],
        ]),
  ];
}

/** Which installation is missing; nothing where this stack brings the kind. */
export function notServed(config: StackConfig, kind: string): string[] {
  const missing = (way: string): string[] => [`the cluster does not serve ${kind}: ${way}`];
  if (kind.includes(".opentelemetry.io/")) {
    return config.otelOperator === undefined
      ? missing("install the OpenTelemetry Operator, or set otelOperator.install")
      : [];
  }
  if (kind.includes(".cert-manager.io/")) {
    return config.certManager === undefined
      ? missing("install cert-manager, or set certManager.install")
      : [];
  }
  if (kind.includes(".monitoring.coreos.com/")) {
    return missing("install the Prometheus Operator, or remove prometheus.podMonitor");
  }
  return config.istio.delivery === "managed"
    ? []
    : missing(
        `install Istio ${versionText(istioSince.traceIdInAccessLogs)} or newer, or set istio.delivery managed`,
      );
}
