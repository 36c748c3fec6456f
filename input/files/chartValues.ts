/** Values of charts that this project rendered: told by the header that `engine/output.ts` writes. */
import * as path from "node:path";
import { helmChartMeta } from "../../policy/model/charts";

const header = /^#\s+helm template (\S+) (.+) --namespace (\S+) --values /m;

/** The chart that a file of values is for, as the object that the model reads; undefined if it is none of ours. */
export function chartOf(file: string, text: string, values: unknown): unknown {
  if (!/^(chart-.+\.values|mesh-values)\.yaml$/.test(path.basename(file))) return undefined;
  const [, release, reference, namespace] = header.exec(text.slice(0, 2000)) ?? [];
  if (release === undefined || reference === undefined || namespace === undefined) return undefined;
  return helmChart(release, namespace, reference.split(" "), values);
}

/** @param reference what follows the release in `helm template`: chart, repository, version */
export function helmChart(
  release: string,
  namespace: string,
  reference: readonly string[],
  values: unknown,
): unknown {
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
