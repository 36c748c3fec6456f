/** What components make: plain Kubernetes manifests, before anybody registers them. */
import { fieldManagerAnnotation } from "../mesh/labels";

/** A Kubernetes object, or the part of somebody else's that is applied to it. */
export interface Manifest {
  apiVersion: string;
  kind: string;
  metadata: {
    name: string;
    namespace?: string;
    labels?: Readonly<Record<string, string>>;
    annotations?: Readonly<Record<string, string>>;
  };
  spec?: object;
  data?: Readonly<Record<string, string>>;
}

/** Whether a manifest is a part that is applied to an object of others: only those name a field manager. */
export function isPatch({ metadata }: Manifest): boolean {
  return metadata.annotations?.[fieldManagerAnnotation] !== undefined;
}
