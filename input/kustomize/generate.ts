/** What kustomizations make that no manifest says: ConfigMaps, and releases of charts. */
import * as path from "node:path";
import { mergeDeep } from "../../mesh/plainObjects";
import { kinds, typeMeta } from "../../mesh/kinds";
import { type Json, record, text, texts } from "../../policy/model/reading";
import { helmChart } from "../files/chartValues";
import { type Kustomization, valuesIn } from "./kustomization";

/** The text of a file, if it can be read. */
export type TextOf = (file: string) => string | undefined;

/** What `configMapGenerator` makes, without the hash that kustomize adds to the name and to what refers to it. */
export function configMapOf(entry: Json, { directory }: Kustomization, textOf: TextOf): Json | undefined {
  const name = text(entry["name"]);
  if (name === undefined) return undefined;
  const data: [string, string][] = [];
  for (const given of texts(entry["files"])) {
    const [, key, file = given] = /^([^=]+)=(.+)$/.exec(given) ?? [];
    const content = textOf(path.join(directory, file));
    if (content === undefined) return undefined;
    data.push([key ?? path.basename(file), content]);
  }
  const envs = [...texts(entry["envs"]), ...texts([entry["env"]])].map((file) =>
    textOf(path.join(directory, file)),
  );
  if (envs.some((content) => content === undefined)) return undefined;
  const lines = envs
    .flatMap((content = "") => content.split(/\r?\n/))
    .filter((line) => !/^\s*(#|$)/.test(line));
  for (const line of [...texts(entry["literals"]), ...lines]) {
    const [, key, value = ""] = /^([^=]+)=([^]*)$/.exec(line) ?? [];
    if (key !== undefined) data.push([key.trim(), value.replace(/^(["'])([^]*)\1$/, "$2")]);
  }
  const namespace = text(entry["namespace"]);
  return {
    ...typeMeta(kinds.configMap),
    metadata: { name, ...(namespace === undefined ? {} : { namespace }) },
    data: Object.fromEntries(data),
  };
}

/** A chart of `helmCharts`, as the release that it becomes; not what the chart's templates make. */
export function chartOfEntry(entry: Json, by: Kustomization, textOf: TextOf): unknown {
  const name = text(entry["name"]);
  if (name === undefined) return undefined;
  const files = [...texts([entry["valuesFile"]]), ...texts(entry["additionalValuesFiles"])];
  const values = files
    .map((file) => record(valuesIn(textOf(path.join(by.directory, file)) ?? "")[0]))
    .reduce<Json>((merged, next) => mergeDeep(merged, next), {});
  const version = text(entry["version"]);
  return helmChart(
    text(entry["releaseName"]) ?? name,
    text(entry["namespace"]) ?? by.namespace ?? "default",
    [name, ...(version === undefined ? [] : ["--version", version])],
    mergeDeep(values, entry["valuesInline"]),
  );
}
