/** Kustomizations, as far as reading goes without building: what they build from and what they do to it. */
import * as path from "node:path";
import { loadAll } from "js-yaml";
import { kubernetesSchema } from "../../mesh/kubernetesYaml";
import { within } from "../../mesh/yamlBounds";
import { at, isRecord, type Json, record, records, text, textMap, texts } from "../../policy/model/reading";

/** A kustomization file, its paths resolved against its directory. */
export interface Kustomization {
  file: string;
  directory: string;
  /** Whether it is only a part, for kustomizations that name it. */
  isComponent: boolean;
  namespace?: string;
  /** The namespace of objects that have none in the end: whoever applies them gives it. */
  namespaceIfNone?: string;
  namePrefix: string;
  nameSuffix: string;
  /** Files and directories it builds from. */
  resources: string[];
  /** Directories whose kustomizations are applied to what the resources give. */
  components: string[];
  patches: Patch[];
  generators: Json[];
  charts: Json[];
  labels: Labels[];
  annotations: Readonly<Record<string, string>>;
  images: readonly Json[];
  replicas: readonly Json[];
  /** Whether kustomize builds more than is read here: by charts, plugins, replacements, or from elsewhere. */
  isBeyond: boolean;
}

/** Fields that are read here, and those that change nothing of what is built. */
const understood = new Set([
  ...[
    "apiVersion",
    "kind",
    "metadata",
    "resources",
    "bases",
    "components",
    "namespace",
    "namePrefix",
    "nameSuffix",
  ],
  ...["patches", "patchesJson6902", "patchesStrategicMerge", "configMapGenerator", "labels", "commonLabels"],
  ...[
    "commonAnnotations",
    "images",
    "replicas",
    "generatorOptions",
    "secretGenerator",
    "sortOptions",
    "buildMetadata",
  ],
]);

/** `https://…`, `git@…` and `github.com/owner/name//path?ref=…`, none of which is fetched. */
const elsewhere = /^\w+:\/\/|^git@|[?]ref=|^github\.com\//;

/** A patch by its file, or as it stands in the kustomization. */
export interface Patch {
  file?: string;
  content?: string;
  target?: Json;
}

/** Labels for objects, and where else they go. */
export interface Labels {
  pairs: Readonly<Record<string, string>>;
  inSelectors: boolean;
  inTemplates: boolean;
}

export function isKustomization(file: string): boolean {
  return /^kustomization(\.ya?ml)?$/i.test(path.basename(file));
}

/** Undefined for what is no kustomization: that is kustomize's to tell. */
export function readKustomization(file: string, content: string): Kustomization | undefined {
  const [value] = valuesIn(content);
  if (!isRecord(value)) return undefined;
  const directory = path.dirname(file);
  const resolved = (given: unknown): string => path.join(directory, text(given) ?? "");
  const namespace = text(value["namespace"]);
  const common = textMap(value["commonLabels"]);
  return {
    file,
    directory,
    isComponent: value["kind"] === "Component",
    ...(namespace === undefined ? {} : { namespace }),
    namePrefix: text(value["namePrefix"]) ?? "",
    nameSuffix: text(value["nameSuffix"]) ?? "",
    resources: ["resources", "bases"].flatMap((key) => texts(value[key]).map(resolved)),
    components: texts(value["components"]).map(resolved),
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
    charts: [...records(value["helmCharts"])],
    labels: [
      ...records(value["labels"]).map((entry) => ({
        pairs: textMap(entry["pairs"]),
        inSelectors: entry["includeSelectors"] === true,
        inTemplates: entry["includeSelectors"] === true || entry["includeTemplates"] === true,
      })),
      ...(Object.keys(common).length === 0 ? [] : [{ pairs: common, inSelectors: true, inTemplates: true }]),
    ],
    annotations: textMap(record(value["commonAnnotations"])),
    images: records(value["images"]),
    replicas: records(value["replicas"]),
    isBeyond:
      Object.keys(value).some((key) => !understood.has(key)) ||
      ["resources", "bases", "components"].some((key) =>
        texts(value[key]).some((it) => elsewhere.test(it)),
      ) ||
      records(value["patches"]).some(
        ({ target }) =>
          isRecord(target) &&
          (target["labelSelector"] !== undefined || target["annotationSelector"] !== undefined),
      ),
  };
}

/** The values of a YAML text within bounds; none if it cannot be read. */
export function valuesIn(content: string): unknown[] {
  try {
    return loadAll(content, undefined, { schema: kubernetesSchema }).map((value) => within(content, value));
  } catch {
    return [];
  }
}
