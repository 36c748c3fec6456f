import * as pulumi from "@pulumi/pulumi";
import { NetworkPolicy } from "@pulumi/kubernetes/networking/v1/networkPolicy";
import { type StackConfig, type StoragePlace } from "../config/stack";
import { uiGatewaysOf } from "../config/uiGateway";
import { appLabels, jaegerAppLabel, kialiAppLabel, kialiPodLabels } from "../mesh/labels";
import { objectNames } from "../mesh/names";
import { byKey, sortedSet } from "../mesh/stableOrder";
import {
  jaegerEgressSpec,
  meshEgressSpec,
  type MeshEgressArgs,
  networkPolicy,
  storageEgressSpec,
  type TracingIngressArgs,
  tracingIngressSpec,
} from "./networkPolicySpecs";

export interface TracingNetworkPoliciesArgs extends Omit<MeshEgressArgs, "tracedNamespaces" | "extraEgress"> {
  /** The stack's name, for the owner labels. */
  stack: string;
  /** Namespace of Jaeger's pods. A change replaces the ingress policy. */
  jaegerNamespace: string;
  /** Helm release of Jaeger, which its pods and its store's jobs carry as a label. */
  jaegerRelease: string;
  /** Where Jaeger's store is, if that is not in its pod. A change updates. @default Jaeger's egress is left as it is */
  storage?: StoragePlace;
  /** The traced namespaces. Where nobody isolates egress no policy is added, because any would isolate it. */
  namespaces: Readonly<Record<string, Pick<StackConfig["namespaces"][string], "isolation" | "extraEgress">>>;
  /** Namespaces of the gateways, which send spans too. */
  gatewayNamespaces: readonly string[];
  /** Pods of the gateways that lead people to the UI. */
  uiGateways: TracingIngressArgs["uiGateways"];
  /** Kiali, which reads traces. @default none */
  kiali?: TracingIngressArgs["kiali"];
  /** The Prometheus that scrapes Jaeger, its pods if they are known. @default none */
  prometheus?: TracingIngressArgs["prometheus"];
}

export function argsFrom(config: StackConfig): TracingNetworkPoliciesArgs {
  const { stack, istio, jaeger, kiali, prometheus, gateways, egress } = config;
  return {
    ...egress,
    stack,
    jaegerNamespace: jaeger.namespace,
    jaegerRelease: jaeger.release,
    storage: "place" in jaeger.storage ? jaeger.storage.place : undefined,
    rootNamespace: istio.rootNamespace,
    namespaces: config.namespaces,
    gatewayNamespaces: gateways.map(({ namespace }) => namespace),
    uiGateways: jaeger.host === undefined ? [] : uiGatewaysOf(config),
    kiali: kiali && {
      namespace: kiali.namespace,
      podLabels: kiali.podLabels ?? (kiali.install === undefined ? kialiAppLabel : kialiPodLabels),
      asksByGrpc: kiali.install !== undefined,
    },
    prometheus,
  };
}

/** Every policy of a stack as `namespace-name`, the collector's first, then by namespace. */
export function manifests(args: TracingNetworkPoliciesArgs) {
  const namespaces = byKey(args.namespaces);
  const tracedNamespaces = sortedSet(Object.keys(namespaces));
  const { stack, jaegerNamespace, storage, dns } = args;
  const policies = [
    networkPolicy(
      stack,
      jaegerNamespace,
      objectNames.tracingIngress,
      tracingIngressSpec({ ...args, tracedNamespaces }),
    ),
    ...(storage === undefined
      ? []
      : [
          networkPolicy(
            stack,
            jaegerNamespace,
            objectNames.jaegerStorage,
            storageEgressSpec({
              podLabels: { [appLabels.instance]: args.jaegerRelease, ...jaegerAppLabel },
              storage,
              dns,
            }),
          ),
        ]),
    ...Object.entries(namespaces).flatMap(([namespace, { isolation, extraEgress }]) => [
      ...(isolation === "none"
        ? []
        : [networkPolicy(stack, namespace, objectNames.jaegerEgress, jaegerEgressSpec(args))]),
      ...(isolation === "restricted"
        ? [
            networkPolicy(
              stack,
              namespace,
              objectNames.meshEgress,
              meshEgressSpec({ ...args, tracedNamespaces, extraEgress }),
            ),
          ]
        : []),
    ]),
  ];
  return Object.fromEntries(
    policies.map((policy) => [`${policy.metadata.namespace}-${policy.metadata.name}`, policy]),
  );
}

/**
 * The NetworkPolicies of the trace path, at both ends: `allow-jaeger-egress` in traced namespaces,
 * `allow-tracing-ingress` at the collector, `allow-mesh-egress` where this stack isolates a namespace, and
 * `allow-jaeger-storage` where Jaeger keeps its traces elsewhere.
 *
 * @example
 * new TracingNetworkPolicies("network-policies", { …, namespaces: {
 *   bank: { isolation: "existing", extraEgress: [] },
 *   shop: { isolation: "restricted", extraEgress: [] },
 *   sandbox: { isolation: "none", extraEgress: [] },
 * } });
 */
export class TracingNetworkPolicies extends pulumi.ComponentResource {
  static readonly type = "mesh-tracing:network:TracingNetworkPolicies";

  constructor(name: string, args: TracingNetworkPoliciesArgs, opts?: pulumi.ComponentResourceOptions) {
    super(TracingNetworkPolicies.type, name, {}, opts);
    for (const [suffix, policy] of Object.entries(manifests(args))) {
      new NetworkPolicy(`${name}-${suffix}`, policy, { parent: this });
    }
    this.registerOutputs({});
  }
}
