import * as pulumi from "@pulumi/pulumi";
import { Namespace } from "@pulumi/kubernetes/core/v1/namespace";
import { meshLabels } from "../mesh/labels";
import { type StackConfig } from "../config/stack";
import { byKey, mapValues } from "../mesh/stableOrder";
import { ownerLabelsOf } from "./metadata";

export interface NamespacesArgs {
  /** The stack's name, for the owner labels. */
  stack: string;
  /** Name of each namespace to create, with its labels. Changing labels updates; renaming replaces. */
  namespaces: Readonly<Record<string, Readonly<Record<string, string>>>>;
}

/** The namespaces that any section says to create, with the labels that what is in them needs. */
export function argsFrom({
  stack,
  istio,
  jaeger,
  kiali,
  otelOperator,
  namespaces,
  certManager,
}: StackConfig): NamespacesArgs {
  const injection: Record<string, string> =
    istio.revision === undefined
      ? { [meshLabels.injection]: "enabled" }
      : { [meshLabels.revision]: istio.revision };
  const gateway = istio.install?.gateway;
  const restricted = { "pod-security.kubernetes.io/enforce": "restricted" };
  const operator = otelOperator?.install;
  const traced = Object.entries(namespaces).filter(([, { create }]) => create);
  return {
    stack,
    namespaces: {
      ...(operator?.createNamespace ? { [operator.namespace]: restricted } : {}),
      ...(jaeger.createNamespace ? { [jaeger.namespace]: restricted } : {}),
      ...(kiali?.install?.createNamespace ? { [kiali.namespace]: restricted } : {}),
      ...(certManager?.install.createNamespace ? { [certManager.install.namespace]: {} } : {}),
      ...(gateway?.createNamespace ? { [gateway.namespace]: injection } : {}),
      // After Jaeger's: it may share the root namespace, whose other pods need more than `restricted` allows.
      ...(istio.createNamespace ? { [istio.rootNamespace]: {} } : {}),
      ...Object.fromEntries(traced.map(([name]) => [name, injection])),
    },
  };
}

export function manifests({ stack, namespaces }: NamespacesArgs) {
  return mapValues(byKey(namespaces), (name, labels) => ({
    apiVersion: "v1" as const,
    kind: "Namespace" as const,
    metadata: { name, labels: byKey({ ...ownerLabelsOf(stack), ...labels }) },
  }));
}

/**
 * The namespaces that a stack says to create; all others are used as they are.
 *
 * `pulumi destroy` leaves them in the cluster: deleting a namespace deletes everything in it, and what is in
 * it besides tracing is not this stack's.
 *
 * @example
 * new Namespaces("namespaces", { stack: "dev", namespaces: { shop: { "istio-injection": "enabled" } } });
 */
export class Namespaces extends pulumi.ComponentResource {
  static readonly type = "mesh-tracing:namespaces:Namespaces";

  constructor(name: string, args: NamespacesArgs, opts?: pulumi.ComponentResourceOptions) {
    super(Namespaces.type, name, {}, opts);
    for (const [namespace, manifest] of Object.entries(manifests(args))) {
      new Namespace(`${name}-${namespace}`, manifest, { parent: this, retainOnDelete: true });
    }
    this.registerOutputs({});
  }
}
