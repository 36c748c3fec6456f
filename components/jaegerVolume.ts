import * as pulumi from "@pulumi/pulumi";
import { PersistentVolumeClaim } from "@pulumi/kubernetes/core/v1/persistentVolumeClaim";
import { type StackConfig } from "../config/stack";
import { badgerClaim } from "./jaegerStorageValues";
import { objectMeta } from "./metadata";

export interface JaegerVolumeArgs {
  /** The stack's name, for the owner labels. */
  stack: string;
  /** Namespace of Jaeger's pod. A change replaces the claim, and the traces stay with the old one. */
  namespace: string;
  /** Helm release of Jaeger. */
  release: string;
  /** Size of the volume, `10Gi`. May grow where the storage class allows it, never shrink. */
  size: string;
  /** Storage class. A change replaces the claim. @default the cluster's */
  storageClass?: string;
}

/** Nothing for a store that is not on a volume. */
export function argsFrom({ stack, jaeger }: StackConfig): JaegerVolumeArgs | undefined {
  const { storage } = jaeger;
  return storage.type === "badger" ? { ...jaeger, ...storage, stack } : undefined;
}

export function manifests({ stack, namespace, release, size, storageClass }: JaegerVolumeArgs) {
  const meta = objectMeta(stack, namespace, badgerClaim(release));
  return {
    claim: {
      apiVersion: "v1" as const,
      kind: "PersistentVolumeClaim" as const,
      // Many storage classes make the volume only for the pod that uses it, which comes after the claim.
      metadata: { ...meta, annotations: { "pulumi.com/skipAwait": "true" } },
      spec: {
        accessModes: ["ReadWriteOnce"],
        resources: { requests: { storage: size } },
        ...(storageClass === undefined ? {} : { storageClassName: storageClass }),
      },
    },
  };
}

/**
 * The volume of a badger store. `pulumi destroy` leaves it, because the traces are on it.
 *
 * @example
 * new JaegerVolume("jaeger-volume", { stack: "dev", namespace: "istio-system", release: "jaeger", size: "10Gi" });
 */
export class JaegerVolume extends pulumi.ComponentResource {
  static readonly type = "mesh-tracing:jaeger:JaegerVolume";

  constructor(name: string, args: JaegerVolumeArgs, opts?: pulumi.ComponentResourceOptions) {
    super(JaegerVolume.type, name, {}, opts);
    const { claim } = manifests(args);
    new PersistentVolumeClaim(`${name}-claim`, claim, { parent: this, retainOnDelete: true });
    this.registerOutputs({});
  }
}
