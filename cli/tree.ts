/** The rendered resources as people read them: a tree of components. */
import { groupBy } from "../mesh/maps";
import { type outputColors } from "./colors";
import { type RegisteredResource, type Rendered } from "../engine/manifests";

type Colors = ReturnType<typeof outputColors>;

/** A line a component with its number of objects, and under it a line an object. */
export function resourceTree(
  resources: readonly RegisteredResource[],
  rendered: readonly Rendered[],
  paint: Colors,
): string {
  const components = resources.filter(({ custom, type }) => !custom && type.startsWith("mesh-tracing:"));
  const byParent = groupBy(rendered, ({ parent }) => parent);
  return components
    .map((component) => ({ component, objects: byParent.get(component.urn) ?? [] }))
    .filter(({ objects }) => objects.length > 0)
    .map(({ component, objects }) => {
      const title = `${paint.bold(component.type.split(":").at(-1))} ${component.name} (${objects.length})`;
      const twigs = objects.map(
        (item, index) => `${index === objects.length - 1 ? "└─" : "├─"} ${label(item, paint)}`,
      );
      return [title, ...twigs].join("\n");
    })
    .join("\n");
}

function label(item: Rendered, paint: Colors): string {
  if (item.type === "chart") {
    const { release, namespace, reason } = item.chart;
    return `Helm chart ${namespace}/${release} ${paint.yellow(`(values only: ${reason})`)}`;
  }
  const { kind, metadata } = item.manifest;
  const place = metadata.namespace === undefined ? metadata.name : `${metadata.namespace}/${metadata.name}`;
  const note = item.patch ? " (patch)" : item.withheld === undefined ? "" : " (without its values)";
  return `${kind} ${place}${note === "" ? "" : paint.dim(note)}`;
}
