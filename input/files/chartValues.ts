/** Charts that are there as values: those that this project rendered, and those of istiod. */
import * as fs from "node:fs";
import * as path from "node:path";
import { defaultRootNamespace } from "../../mesh/names";
import { helmChartMeta } from "../../policy/model/charts";
import { isRecord, record } from "../../policy/model/reading";

const header = /^#\s+helm template (\S+) (.+) --namespace (\S+) --values /m;

/**
 * The chart that a file of values is for, as the object that the model reads; undefined if nobody can tell. This
 * project's own have a header that `engine/output.ts` writes.
 */
export function chartOf(file: string, text: string, values: unknown): unknown {
  if (!/^(chart-.+\.values|mesh-values)\.yaml$/.test(path.basename(file))) return istiodValues(file, values);
  const [, release, reference, namespace] = header.exec(text.slice(0, 2000)) ?? [];
  if (release === undefined || reference === undefined || namespace === undefined) return undefined;
  return helmChart(release, namespace, reference.split(" "), values);
}

/**
 * Values of istiod's chart that a script gives to `helm`, or of a chart around it: told by what they configure.
 * The defaults in a chart itself configure nothing.
 */
function istiodValues(file: string, values: unknown): unknown {
  if (!isRecord(values) || "kind" in values || !/\.ya?ml$/.test(file)) return undefined;
  const isWhole = isRecord(values["meshConfig"]);
  const own = isWhole ? values : record(values["istiod"]);
  if (!isRecord(own["meshConfig"])) return undefined;
  if (isWhole && fs.existsSync(path.join(path.dirname(file), "Chart.yaml"))) return undefined;
  const chart = helmChart(path.basename(file), defaultRootNamespace, ["istiod"], own);
  return { ...chart, spec: { ...chart.spec, isLoose: true } };
}

/** @param reference what follows the release in `helm template`: chart, repository, version */
export function helmChart(release: string, namespace: string, reference: readonly string[], values: unknown) {
  const version = reference.indexOf("--version");
  return {
    ...helmChartMeta,
    metadata: { name: release, namespace },
    spec: {
      chart: reference[0],
      ...(version === -1 ? {} : { version: reference[version + 1] }),
      values: values ?? {},
    },
  };
}
