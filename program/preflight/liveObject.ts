/** Objects as the API server returns them, as far as the check looks, and who manages them. */
import { type Manifest } from "../../components/manifest";
import { ownerLabels } from "../../mesh/labels";
import { helmNamespaceAnnotation, helmReleaseAnnotation } from "../../mesh/helmChart";
import { type ObjectId } from "./plan";

export interface ManagedFields {
  manager?: string;
  operation?: string;
  apiVersion?: string;
  fieldsType?: string;
  subresource?: string;
  time?: string;
  fieldsV1?: unknown;
}

export interface LiveObject {
  apiVersion?: string;
  kind?: string;
  metadata: {
    name: string;
    namespace?: string;
    labels?: Record<string, string>;
    annotations?: Record<string, string>;
    resourceVersion?: string;
    ownerReferences?: unknown[];
    managedFields?: ManagedFields[];
  };
  spec?: {
    clusterIP?: string;
    selector?: { matchLabels?: Record<string, string> } & Record<string, unknown>;
    targetRef?: unknown;
    targetRefs?: unknown[];
    template?: {
      metadata?: { annotations?: Record<string, string> };
      spec?: {
        containers?: { name: string; env?: { name: string; value?: string; valueFrom?: object }[] }[];
      };
    };
  };
}

/** Labels and annotations by which tools know what they manage. */
const marks = {
  labels: [
    "argocd.argoproj.io/instance",
    "kustomize.toolkit.fluxcd.io/name",
    "kustomize.toolkit.fluxcd.io/namespace",
    "helm.toolkit.fluxcd.io/name",
    "helm.toolkit.fluxcd.io/namespace",
  ],
  annotations: [
    "argocd.argoproj.io/tracking-id",
    "argocd.argoproj.io/installation-id",
    helmReleaseAnnotation,
    helmNamespaceAnnotation,
    "kubectl.kubernetes.io/last-applied-configuration",
  ],
} as const;

/** The marks of other tools on an object, by their place in its metadata. */
export function marksOn({ metadata }: LiveObject): { place: keyof typeof marks; key: string }[] {
  return (["labels", "annotations"] as const).flatMap((place) =>
    marks[place].filter((key) => key in (metadata[place] ?? {})).map((key) => ({ place, key })),
  );
}

/** A tool that has put its tracking mark on an object, or undefined. */
function trackerOf({ metadata }: LiveObject): string | undefined {
  const labels = metadata.labels ?? {};
  const annotations = metadata.annotations ?? {};
  const argo =
    annotations["argocd.argoproj.io/tracking-id"]?.split(":")[0] ?? labels["argocd.argoproj.io/instance"];
  if (argo !== undefined) return `the Argo CD application ${argo}`;
  const kustomization = labels["kustomize.toolkit.fluxcd.io/name"];
  if (kustomization !== undefined) return `the Flux Kustomization ${kustomization}`;
  const helmRelease = labels["helm.toolkit.fluxcd.io/name"];
  if (helmRelease !== undefined) return `the Flux HelmRelease ${helmRelease}`;
  const release = annotations[helmReleaseAnnotation];
  return release === undefined ? undefined : ofHelmRelease(release);
}

function ofHelmRelease(release: string): string {
  return `the Helm release ${release}`;
}

/** Who manages an object, as far as labels, annotations and field managers tell. */
export function ownerOf(object: LiveObject): string {
  const tracker = trackerOf(object);
  if (tracker !== undefined) return tracker;
  const { labels = {}, annotations = {}, managedFields = [] } = object.metadata;
  const stack = labels[ownerLabels.stack];
  if (stack !== undefined) return `the stack ${stack} of this project`;
  if ("kubectl.kubernetes.io/last-applied-configuration" in annotations) return "kubectl apply";
  if (isUnlabelled(object))
    return "a Pulumi program that gave it no label of a stack, such as an earlier version of this one";
  const last = [...managedFields].sort((a, b) => ((a.time ?? "") < (b.time ?? "") ? 1 : -1))[0];
  return last?.manager === undefined ? "an unknown owner" : `the field manager ${last.manager}`;
}

/** Whether Pulumi made an object that says of no stack and of no other tool that it is theirs. */
function isUnlabelled(object: LiveObject): boolean {
  const { labels = {}, managedFields = [] } = object.metadata;
  return (
    trackerOf(object) === undefined && !(ownerLabels.stack in labels) && managedFields.some(isByProvider)
  );
}

/** Whether an object may be a stack's own from before the stack labelled what it makes, which nothing tells for sure. */
export function mayBeOwn(object: LiveObject, planned: Manifest): boolean {
  const release = releaseOf(planned);
  if (release === undefined) return isUnlabelled(object);
  return (
    trackerOf(object) === ofHelmRelease(release) && !(ownerLabels.stack in (object.metadata.labels ?? {}))
  );
}

/** The release by which Helm itself installs an object for a stack; Helm's marks stay on it. */
export function releaseOf({ metadata }: Manifest): string | undefined {
  return metadata.annotations?.[helmReleaseAnnotation];
}

/**
 * Whether an object is a stack's own: it carries the label that the stack gives it, and no other tool's mark. The label
 * alone does not tell: manifests that this project rendered carry it too, and whoever applied them has put its own
 * mark beside it. Neither does who applied it: other Pulumi stacks use the same provider.
 */
export function isOwn(object: LiveObject, planned: Manifest): boolean {
  const tracker = trackerOf(object);
  const release = releaseOf(planned);
  if (tracker !== undefined && (release === undefined || tracker !== ofHelmRelease(release))) return false;
  const stack = planned.metadata.labels?.[ownerLabels.stack];
  return stack !== undefined && object.metadata.labels?.[ownerLabels.stack] === stack;
}

/** Whether an object has a stack's label and no other tool's mark. */
export function isLabelled(object: LiveObject, stack: string): boolean {
  return trackerOf(object) === undefined && object.metadata.labels?.[ownerLabels.stack] === stack;
}

/** Whether Pulumi's Kubernetes provider has set the fields. */
export function isByProvider({ manager = "" }: ManagedFields): boolean {
  return manager.startsWith("pulumi-kubernetes");
}

export function identity({ apiVersion = "", kind = "", metadata }: LiveObject): ObjectId {
  return { apiVersion, kind, namespace: metadata.namespace, name: metadata.name };
}

export function keyOf({ apiVersion, kind, namespace = "", name }: ObjectId): string {
  return [apiVersion, kind, namespace, name].join("|");
}

export function textOf({ kind, namespace, name }: ObjectId): string {
  return namespace === undefined ? `${kind} ${name}` : `${kind} ${namespace}/${name}`;
}
