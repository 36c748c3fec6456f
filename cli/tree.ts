/** The rendered resources as people read them: a tree of components. */
import pc from "picocolors";
import { type Rendered } from "../engine/manifests";
import { type RegisteredResource } from "../engine/run";

/** A line a component with its number of objects, and under it a line an object. */
export function resourceTree(
  resources: readonly RegisteredResource[],
  rendered: readonly Rendered[],
): string {
  const components = resources.filter(({ custom, type }) => !custom && type.startsWith("mesh-tracing:"));
  return components
    .map((component) => ({ component, objects: rendered.filter(({ parent }) => parent === component.urn) }))
    .filter(({ objects }) => objects.length > 0)
    .map(({ component, objects }) => {
      const title = `${pc.bold(component.type.split(":").at(-1))} ${component.name} (${objects.length})`;
      const twigs = objects.map(
        (item, index) => `${index === objects.length - 1 ? "└─" : "├─"} ${label(item)}`,
      );
      return [title, ...twigs].join("\n");
    })
    .join("\n");
}

function label(item: Rendered): string {
  if (item.type === "chart") {
    const { release, namespace, reason } = item.chart;
    return `Helm chart ${namespace}/${release} ${pc.yellow(`(values only: ${reason})`)}`;
  }
  const { kind, metadata } = item.manifest;
  const place = metadata.namespace === undefined ? metadata.name : `${metadata.namespace}/${metadata.name}`;
  const note = item.patch ? " (patch)" : item.withheld === undefined ? "" : " (without its values)";
  return `${kind} ${place}${note === "" ? "" : pc.dim(note)}`;
}
