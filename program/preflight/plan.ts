/** What a stack will do to a cluster: the objects it makes, and the parts it applies to those of others. */
import { manifestsOf } from "../../components";
import { isChart, isPatch, type Manifest } from "../../components/manifest";
import { type StackConfig } from "../../config/stack";
import { instrumentationPrefix } from "../../mesh/instrumentation";
import { sharedMeshConfigEnv } from "../../mesh/meshConfig";

/** An object by its identity in a cluster. */
export interface ObjectId {
  apiVersion: string;
  kind: string;
  namespace?: string;
  name: string;
}

/** A Deployment of somebody else that this stack adds variables to. */
export interface PatchTarget extends ObjectId {
  /** Container that gets the variables, or the SDK. */
  container: string;
  /** The variables, each with its value where that is written out and not read from a ConfigMap. */
  variables: { name: string; value?: string }[];
  /** The key of the stack file that asks for it. */
  configKey: string;
}

/** An object that a stack makes and owns. */
export interface PlannedObject extends ObjectId {
  /** The object, as far as it is known. */
  manifest: Manifest;
  /** Release of the chart that makes it. @default none: the stack itself does */
  release?: string;
}

/** What a stack will create and patch. */
export interface Plan {
  creates: PlannedObject[];
  patches: PatchTarget[];
}

/** The plan that follows from a stack's manifests. */
export function planOf(config: StackConfig): Plan {
  const plan: Plan = { creates: [], patches: [] };
  for (const manifest of manifestsOf(config)) {
    if (isChart(manifest)) {
      const release = manifest.metadata.name;
      plan.creates.push(
        ...manifest.spec.objects.map((object) => ({ ...identity(object), manifest: object, release })),
      );
    } else if (isPatch(manifest)) plan.patches.push(patchTarget(manifest));
    else plan.creates.push({ ...identity(manifest), manifest });
  }
  return plan;
}

function identity({ apiVersion, kind, metadata: { namespace, name } }: Manifest): ObjectId {
  return { apiVersion, kind, ...(namespace === undefined ? {} : { namespace }), name };
}

function patchTarget(patch: Manifest): PatchTarget {
  const { template } = patch.spec as {
    template: {
      metadata?: { annotations?: Record<string, string> };
      spec?: { containers: { name: string; env: { name: string; value?: string }[] }[] };
    };
  };
  const [changed] = template.spec?.containers ?? [];
  const variables = (changed?.env ?? []).map(({ name, value }) => ({ name, value }));
  const { namespace, name } = patch.metadata;
  return {
    ...identity(patch),
    container:
      changed?.name ?? template.metadata?.annotations?.[`${instrumentationPrefix}container-names`] ?? name,
    variables,
    configKey: variables.some((variable) => variable.name === sharedMeshConfigEnv)
      ? "istio.patchIstiod"
      : `namespaces.${namespace}.deployments.${name}`,
  };
}
