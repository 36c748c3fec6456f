/**
 * Values of Argo CD Applications that lie in files of the same repository, put where the Application could have
 * them itself. Files of other repositories, and of charts, stay what is not known.
 */
import * as fs from "node:fs";
import * as path from "node:path";
import { mergeDeep } from "../../mesh/plainObjects";
import { at, isRecord, type Json, record, records, text, texts } from "../../policy/model/reading";
import { valuesIn as yamlIn } from "../kustomize/kustomization";
import { largestFile } from "./walk";

/** An Application with its value files merged into its values; the same object if there is nothing to merge. */
export function withValueFiles(object: unknown, file: string, top: string): unknown {
  const spec = record(at(object, "spec"));
  const isApplication =
    at(object, "kind") === "Application" && (text(at(object, "apiVersion")) ?? "").startsWith("argoproj.io/");
  if (!isApplication) return object;
  const sources = records(spec["sources"]);
  const refs = new Map(sources.map((source) => [text(source["ref"]), source]));
  const merged = (source: Json): Json => mergedSource(source, refs, file, top);
  const changed = {
    ...(isRecord(spec["source"]) ? { source: merged(spec["source"]) } : {}),
    ...(sources.length === 0 ? {} : { sources: sources.map(merged) }),
  };
  const same =
    changed.source === spec["source"] &&
    (changed.sources ?? []).every((one, index) => one === sources[index]);
  return same ? object : { ...record(object), spec: { ...spec, ...changed } };
}

function mergedSource(
  source: Json,
  refs: ReadonlyMap<string | undefined, Json>,
  file: string,
  top: string,
): Json {
  const helm = record(source["helm"]);
  const files = texts(helm["valueFiles"]);
  if (files.length === 0 || text(source["chart"]) === undefined) return source;
  const left: string[] = [];
  let values: Json = {};
  for (const given of files) {
    const [, ref, inside = ""] = /^\$([\w-]+)\/(.+)$/.exec(given) ?? [];
    const found = ref !== undefined && refs.has(ref) ? valuesIn(inside, file, top) : undefined;
    if (found === undefined) left.push(given);
    else values = mergeDeep(values, found);
  }
  if (left.length === files.length) return source;
  const inline = isRecord(helm["valuesObject"])
    ? helm["valuesObject"]
    : yamlIn(text(helm["values"]) ?? "")[0];
  const { values: _, valueFiles: __, ...rest } = helm;
  const more = left.length === 0 ? {} : { valueFiles: left };
  return { ...source, helm: { ...rest, valuesObject: mergeDeep(values, inline), ...more } };
}

/** Values of a file whose path begins at the top of the repository that the Application lies in. */
function valuesIn(inside: string, file: string, top: string): Json | undefined {
  for (const directory of directoriesAbove(file, top)) {
    const place = path.join(directory, inside);
    if (!place.startsWith(directory + path.sep)) return undefined;
    const stats = fs.statSync(place, { throwIfNoEntry: false });
    if (stats?.isFile() !== true || stats.size > largestFile) continue;
    const [value] = yamlIn(fs.readFileSync(place, "utf8"));
    return isRecord(value) ? value : undefined;
  }
  return undefined;
}

/** From the file's directory up to the top of its repository; where none is, to the directory that is read. */
export function directoriesAbove(file: string, top: string): string[] {
  const directories: string[] = [];
  let directory = path.dirname(path.resolve(file));
  for (;;) {
    directories.push(directory);
    const parent = path.dirname(directory);
    if (fs.existsSync(path.join(directory, ".git"))) return directories;
    if (parent === directory) break;
    directory = parent;
  }
  const end = path.resolve(top);
  return directories.filter((one) => one === end || one.startsWith(end + path.sep));
}
