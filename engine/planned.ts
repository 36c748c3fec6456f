/**
 * What the program registers for a stack, without running it: the components say it themselves, and a test holds
 * the program to it. Pulumi's runtime takes a millisecond and 200 KB a resource, this takes next to none.
 */
import { parts } from "../components";
import { chartInputs } from "../components/chart";
import { isChart, isPatch, type Manifest } from "../components/manifest";
import { type StackConfig } from "../config/stack";
import { sortedDeep } from "../mesh/stableOrder";
import { certManagerType, chartType, type RegisteredResource, secretPlaceholder } from "./manifests";

/** Every component of a stack, each followed by what it makes. */
export function plannedResources(config: StackConfig, project: string): RegisteredResource[] {
  const root = `urn:pulumi:${config.stack}::${project}::`;
  return Object.values(parts).flatMap(({ name, Component, made }): RegisteredResource[] => {
    const manifests = made(config);
    if (manifests === undefined) return [];
    const parent = `${root}${Component.type}::${name}`;
    const component = { urn: parent, type: Component.type, name, parent: "", custom: false, inputs: {} };
    const inside = Object.entries(manifests).map(([suffix, manifest]): RegisteredResource => {
      const type = typeOf(manifest, Component.type);
      const logical = `${name}-${suffix}`;
      return {
        urn: `${root}${Component.type}$${type}::${logical}`,
        type,
        name: logical,
        parent,
        // The one component among them is another program's.
        custom: type !== chartType && type !== certManagerType,
        inputs: sortedDeep(inputsOf(manifest, type)) as Record<string, unknown>,
      };
    });
    return [component, ...inside];
  });
}

function typeOf(manifest: Manifest, component: string): string {
  if (isChart(manifest)) return component === parts.certManager.Component.type ? certManagerType : chartType;
  const { apiVersion, kind } = manifest;
  const group = apiVersion.includes("/") ? apiVersion : `core/${apiVersion}`;
  return `kubernetes:${group}:${kind}${isPatch(manifest) ? "Patch" : ""}`;
}

function inputsOf(manifest: Manifest, type: string): object {
  if (isChart(manifest)) {
    const inputs = chartInputs(manifest);
    return type === certManagerType ? { helmOptions: inputs } : inputs;
  }
  // The values of Secrets are made by Pulumi, so that they are in no manifest.
  return manifest.kind === "Secret" ? { ...manifest, stringData: secretPlaceholder } : manifest;
}
