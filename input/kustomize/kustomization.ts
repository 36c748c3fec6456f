/** Kustomizations, as far as reading goes without building: what they patch and what they generate. */
import * as path from "node:path";
import { load } from "js-yaml";
import { within } from "../files/bounds";
import { kubernetesSchema } from "../files/kubernetesYaml";
import { at, isRecord, type Json, records, text, texts } from "../../policy/model/reading";

/** A kustomization file, its paths resolved against its directory. */
export interface Kustomization {
  file: string;
  directory: string;
  namespace?: string;
  /** Files and directories it builds from. */
  resources: string[];
  patches: Patch[];
  generators: Json[];
}

/** A patch by its file, or as it stands in the kustomization. */
export interface Patch {
  file?: string;
  content?: string;
  target?: Json;
}

export function isKustomization(file: string): boolean {
  return /^kustomization(\.ya?ml)?$/i.test(path.basename(file));
}

/** Undefined for what is no kustomization: that is kustomize's to tell. */
export function readKustomization(file: string, content: string): Kustomization | undefined {
  const value = valueIn(content);
  if (!isRecord(value)) return undefined;
  const directory = path.dirname(file);
  const resolved = (given: unknown): string => path.join(directory, text(given) ?? "");
  const namespace = text(value["namespace"]);
  return {
    file,
    directory,
    ...(namespace === undefined ? {} : { namespace }),
    resources: ["resources", "bases", "components"].flatMap((key) => texts(value[key]).map(resolved)),
    patches: [
      ...[...records(value["patches"]), ...records(value["patchesJson6902"])].map((entry) => ({
        ...(text(entry["path"]) === undefined ? {} : { file: resolved(entry["path"]) }),
        ...(text(entry["patch"]) === undefined ? {} : { content: text(entry["patch"]) }),
        ...(isRecord(entry["target"]) ? { target: entry["target"] } : {}),
      })),
      // Older kustomizations name the file, or write the patch itself.
      ...texts(value["patchesStrategicMerge"]).map((given) =>
        given.includes("\n") ? { content: given } : { file: resolved(given) },
      ),
    ],
    generators: [...records(at(value, "configMapGenerator"))],
  };
}

/** The one value of a YAML text within bounds; undefined if there is none. */
export function valueIn(content: string): unknown {
  try {
    return within(content, load(content, { schema: kubernetesSchema }));
  } catch {
    return undefined;
  }
}
