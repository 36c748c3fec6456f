/**
 * Whether a Deployment has a patch already. Pulumi's Kubernetes provider compares lists by position: it holds
 * the first variable of a patch against the first one of the container, and where the application has variables
 * or containers of its own, which Kubernetes keeps in front, the patch looks different in every preview.
 */
import { isDeepStrictEqual } from "node:util";
import { fieldManagerAnnotation } from "../mesh/labels";
import { at, record } from "../mesh/plainObjects";

interface Variable {
  name: string;
  value?: string;
  valueFrom?: object;
}

/** What a patch says: annotations of the pods, and variables of one container. */
export interface DeploymentPatchManifest {
  metadata: { name: string; namespace: string; annotations: Readonly<Record<string, string>> };
  spec: {
    template: {
      metadata?: { annotations: Readonly<Record<string, string>> };
      spec?: { containers: readonly { name: string; env: readonly Variable[] }[] };
    };
  };
}

/** A Deployment as the API server returns it, as far as this looks. */
export interface LiveDeployment {
  metadata: { managedFields?: { manager?: string; operation?: string; fieldsV1?: unknown }[] };
  spec?: {
    template?: {
      metadata?: { annotations?: Record<string, string> };
      spec?: { containers?: { name: string; env?: Variable[] }[] };
    };
  };
}

/** The Deployments of the cluster; undefined for one that is not there or was not read. */
export type LiveDeployments = (namespace: string, name: string) => LiveDeployment | undefined;

/**
 * The option that keeps an applied patch out of a preview. Nothing is ignored while anything of the patch is
 * missing, different or left over in the cluster, so that a changed stack and a changed Deployment both show;
 * nor where the provider's comparison is right.
 * @returns `ignoreChanges` for the patch's container, or no option
 */
export function appliedPatchOptions(
  patch: DeploymentPatchManifest,
  deployments: LiveDeployments | undefined,
): { ignoreChanges?: string[] } {
  const live = deployments?.(patch.metadata.namespace, patch.metadata.name);
  if (live === undefined || comparesByPosition(patch, live) || !isApplied(patch, live)) return {};
  return { ignoreChanges: ["spec.template.spec.containers[0]"] };
}

/** Whether the container and its variables stand where the patch has them. */
function comparesByPosition(patch: DeploymentPatchManifest, live: LiveDeployment): boolean {
  return (patch.spec.template.spec?.containers ?? []).every(({ name, env }, index) => {
    const container = live.spec?.template?.spec?.containers?.[index];
    return (
      container?.name === name &&
      env.every((variable, position) => equal(container.env?.[position], variable))
    );
  });
}

/** Whether the Deployment has all of the patch, and nothing that an earlier version of it has left. */
function isApplied(patch: DeploymentPatchManifest, live: LiveDeployment): boolean {
  const pods = patch.spec.template;
  const annotations = pods.metadata?.annotations ?? {};
  const containers = pods.spec?.containers ?? [];
  const manager = patch.metadata.annotations[fieldManagerAnnotation];
  const owned = live.metadata.managedFields?.find(
    (fields) => fields.manager === manager && fields.operation === "Apply",
  );
  if (owned === undefined) return false;
  const ownedPods = at(owned.fieldsV1, "f:spec", "f:template");
  const ownedContainers = at(ownedPods, "f:spec", "f:containers");
  const livePods = live.spec?.template;
  return (
    haveSameKeys(
      at(ownedPods, "f:metadata", "f:annotations"),
      Object.keys(annotations).map((key) => `f:${key}`),
    ) &&
    haveSameKeys(
      ownedContainers,
      containers.map(({ name }) => byName(name)),
    ) &&
    containers.every(({ name, env }) =>
      haveSameKeys(
        at(ownedContainers, byName(name), "f:env"),
        env.map((variable) => byName(variable.name)),
      ),
    ) &&
    Object.entries(annotations).every(([key, value]) => livePods?.metadata?.annotations?.[key] === value) &&
    containers.every(({ name, env }) => {
      const own = livePods?.spec?.containers?.find((container) => container.name === name)?.env ?? [];
      return env.every((variable) => own.some((other) => equal(other, variable)));
    })
  );
}

/** How `managedFields` name an item of a list that is merged by name. */
function byName(name: string): string {
  return `k:${JSON.stringify({ name })}`;
}

/** Whether an entry of `managedFields` names exactly these items; `.` stands for the container of the items. */
function haveSameKeys(fields: unknown, expected: readonly string[]): boolean {
  const keys = Object.keys(record(fields)).filter((key) => key !== ".");
  return isDeepStrictEqual(keys.sort(), [...expected].sort());
}

/** As JSON: a client's objects have classes of their own, and fields that are undefined. */
function equal(one: unknown, other: unknown): boolean {
  return (
    one !== undefined && isDeepStrictEqual(JSON.parse(JSON.stringify(one)), JSON.parse(JSON.stringify(other)))
  );
}
