import * as pulumi from "@pulumi/pulumi";
import { NetworkPolicy } from "@pulumi/kubernetes/networking/v1/networkPolicy";
import { type StoragePlace } from "../config/stack";
import { jaegerAppLabel, objectNames } from "../mesh/constants";
import { byKey } from "../mesh/stableOrder";
import { objectMeta } from "./metadata";
import {
  type EgressRule,
  jaegerEgressSpec,
  meshEgressSpec,
  type MeshEgressArgs,
  storageEgressSpec,
  tracingIngressSpec,
} from "./networkPolicySpecs";

/** A traced namespace as the policies see it. */
export interface TracedNamespace {
  /**
   * Who isolates the namespace's egress.
   * - `existing`: policies of others do; this stack adds the way to the collector
   * - `restricted`: this stack does, and adds what a namespace of the mesh needs besides
   * - `none`: nobody does; no policy is added, because any would isolate it
   */
  isolation: "existing" | "restricted" | "none";
  /** More rules of egress, for a `restricted` namespace. @default [] */
  extraEgress: readonly EgressRule[];
}

export interface TracingNetworkPoliciesArgs extends Omit<MeshEgressArgs, "tracedNamespaces" | "extraEgress"> {
  /** The stack's name, for the owner labels. */
  stack: string;
  /** Namespace of Jaeger's pods. A change replaces the ingress policy. */
  jaegerNamespace: string;
  /** Helm release of Jaeger, which its pods and its store's jobs carry as a label. */
  jaegerRelease: string;
  /** Where Jaeger's store is, if that is not in its pod. A change updates. @default Jaeger's egress is left as it is */
  storage?: StoragePlace;
  /** The traced namespaces by name. */
  namespaces: Readonly<Record<string, TracedNamespace>>;
  /** Namespaces of the gateways, which send spans too. */
  gatewayNamespaces: readonly string[];
  /** Pods of the gateway that leads people to the UI. @default every pod of the gateways' namespaces may */
  uiGateway?: { namespace: string; podLabels: Readonly<Record<string, string>> };
  /** Namespace of Kiali, which reads traces. @default none */
  kialiNamespace?: string;
  /** Labels of Kiali's pods where this stack installs them. @default every pod of its namespace */
  kialiPodLabels?: Readonly<Record<string, string>>;
  /** Namespace of the Prometheus that scrapes Jaeger. @default none */
  prometheusNamespace?: string;
}

/** One NetworkPolicy of a stack. */
export interface PolicyManifest {
  metadata: ReturnType<typeof objectMeta>;
  spec:
    | ReturnType<typeof jaegerEgressSpec>
    | ReturnType<typeof meshEgressSpec>
    | ReturnType<typeof storageEgressSpec>
    | ReturnType<typeof tracingIngressSpec>;
}

/** Every policy of a stack, the collector's first, then by namespace. */
export function networkPolicies(args: TracingNetworkPoliciesArgs): PolicyManifest[] {
  const namespaces = byKey(args.namespaces);
  const tracedNamespaces = Object.keys(namespaces);
  const manifest = (namespace: string, name: string, spec: PolicyManifest["spec"]): PolicyManifest => ({
    metadata: objectMeta(args.stack, namespace, name),
    spec,
  });
  return [
    manifest(
      args.jaegerNamespace,
      objectNames.tracingIngress,
      tracingIngressSpec({ ...args, tracedNamespaces }),
    ),
    ...(args.storage === undefined
      ? []
      : [
          manifest(
            args.jaegerNamespace,
            objectNames.jaegerStorage,
            storageEgressSpec({
              podLabels: { "app.kubernetes.io/instance": args.jaegerRelease, ...jaegerAppLabel },
              storage: args.storage,
              dns: args.dns,
            }),
          ),
        ]),
    ...Object.entries(namespaces).flatMap(([namespace, { isolation, extraEgress }]) => [
      ...(isolation === "none"
        ? []
        : [manifest(namespace, objectNames.jaegerEgress, jaegerEgressSpec(args))]),
      ...(isolation === "restricted"
        ? [
            manifest(
              namespace,
              objectNames.meshEgress,
              meshEgressSpec({ ...args, tracedNamespaces, extraEgress }),
            ),
          ]
        : []),
    ]),
  ];
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
  constructor(name: string, args: TracingNetworkPoliciesArgs, opts?: pulumi.ComponentResourceOptions) {
    super("mesh-tracing:network:TracingNetworkPolicies", name, {}, opts);
    for (const policy of networkPolicies(args)) {
      const { namespace, name: policyName } = policy.metadata;
      new NetworkPolicy(`${name}-${namespace}-${policyName}`, policy, { parent: this });
    }
    this.registerOutputs({});
  }
}
