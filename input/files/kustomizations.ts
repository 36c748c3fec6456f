/** Kustomizations, as far as reading their directories without building them goes. */
import * as path from "node:path";
import { load, YAMLException } from "js-yaml";
import { at, records, text, texts } from "../../policy/model/reading";

export function isKustomization(file: string): boolean {
  return /^kustomization(\.ya?ml)?$/i.test(path.basename(file));
}

/** The files that a kustomization changes objects by: they look like objects, but hold only what changes. */
export function patchFilesOf(file: string, content: string): string[] {
  const kustomization = parsed(content);
  const paths = [
    ...records(at(kustomization, "patches")).map((patch) => patch["path"]),
    ...records(at(kustomization, "patchesJson6902")).map((patch) => patch["path"]),
    ...texts(at(kustomization, "patchesStrategicMerge")),
  ];
  return paths.flatMap((given) => text(given) ?? []).map((given) => path.join(path.dirname(file), given));
}

/** What is not valid is kustomize's to tell. */
function parsed(content: string): unknown {
  try {
    return load(content);
  } catch (error) {
    if (error instanceof YAMLException) return undefined;
    throw error;
  }
}
