/** What the rules say of a rendered stack: the same that they say of its files. */
import { helmChart } from "../input/files/chartValues";
import { meshConfigKey } from "../mesh/meshConfig";
import { type Rendered } from "../engine/manifests";
import { type RenderedStack } from "../engine/render";
import { helmChartMeta } from "../policy/model/charts";
import { checkAll } from "../policy/checkAll";
import { type Finding } from "../findings/finding";
import { stackOptions } from "../program/stackOptions";
import { filesOf, type RenderedFile } from "../engine/output";

/** @param rendering the stack's files, which findings name */
export function findingsOf(
  { rendered, config, outputs }: RenderedStack,
  rendering: readonly RenderedFile[] = filesOf(rendered),
): Finding[] {
  const files = new Map<unknown, string>();
  const objects = rendering.map(({ path, rendered: item }) => {
    const object = objectOf(item);
    files.set(object, path);
    return object;
  });
  return checkAll([...objects, ...meshConfigForIstiod(objects, outputs, config.istio.rootNamespace)], {
    ...stackOptions(config),
    fileOf: (object) => files.get(object),
  });
}

function objectOf(item: Rendered): unknown {
  if (item.type === "manifest") return item.manifest;
  const { release, namespace, reference, values } = item.chart;
  return helmChart(release, namespace, reference, values);
}

/**
 * Mesh config that istiod's owner is asked to install, as if they had done so; none where the stack does it, or where
 * it is among the objects already.
 */
export function meshConfigForIstiod(
  objects: readonly unknown[],
  outputs: Readonly<Record<string, unknown>>,
  rootNamespace: string,
): unknown[] {
  const values = outputs["meshValues"];
  if (values === undefined || objects.some(hasMeshConfig)) return [];
  return [helmChart("istiod", rootNamespace, ["istiod"], values)];
}

function hasMeshConfig(object: unknown): boolean {
  const { kind, data, spec } = object as { kind?: unknown; data?: Json; spec?: Json };
  if (kind === helmChartMeta.kind) return spec?.["chart"] === "istiod";
  return kind === "ConfigMap" && data?.[meshConfigKey] !== undefined;
}

type Json = Record<string, unknown>;
