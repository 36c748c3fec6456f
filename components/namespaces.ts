import * as pulumi from "@pulumi/pulumi";
import { Namespace } from "@pulumi/kubernetes/core/v1/namespace";
import { byKey } from "../mesh/stableOrder";
import { ownerLabelsOf } from "./metadata";

export interface NamespacesArgs {
  /** The stack's name, for the owner labels. */
  stack: string;
  /** Name of each namespace to create, with its labels. Changing labels updates; renaming replaces. */
  namespaces: Readonly<Record<string, Readonly<Record<string, string>>>>;
}

/** The manifest of a namespace this stack creates. */
export function namespaceManifest(stack: string, name: string, labels: Readonly<Record<string, string>>) {
  return { metadata: { name, labels: byKey({ ...ownerLabelsOf(stack), ...labels }) } };
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
  constructor(name: string, args: NamespacesArgs, opts?: pulumi.ComponentResourceOptions) {
    super("mesh-tracing:namespaces:Namespaces", name, {}, opts);
    for (const [namespace, labels] of Object.entries(byKey(args.namespaces))) {
      new Namespace(`${name}-${namespace}`, namespaceManifest(args.stack, namespace, labels), {
        parent: this,
        retainOnDelete: true,
      });
    }
    this.registerOutputs({});
  }
}
