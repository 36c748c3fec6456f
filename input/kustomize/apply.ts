/**
 * What kustomizations make of the objects of their resources: generated ConfigMaps, and objects with their patches.
 * Not more: names, labels and namespaces that kustomize sets are kustomize's to build.
 */
import * as path from "node:path";
import { at, isRecord, type Json, record, records, text, texts } from "../../policy/model/reading";
import { isKustomization, type Kustomization, type Patch, valueIn } from "./kustomization";
import { mergeStrategically, Misfit, patchJson } from "./patching";

/** An object, and the file it was read from. */
export interface Sourced {
  object: unknown;
  file: string;
}

export interface Applied {
  /** The object that stands for another one, by that; undefined if it is deleted. */
  replaced: Map<unknown, unknown>;
  /** Objects that kustomizations make, with the file of each. */
  generated: Sourced[];
  /** Files of patches that changed something. */
  used: Set<string>;
  warnings: string[];
}

/** @param textOf text of a file that was read, or that a kustomization names */
export function applyKustomizations(
  kustomizations: readonly Kustomization[],
  objects: readonly Sourced[],
  textOf: (file: string) => string | undefined,
): Applied {
  const applied: Applied = { replaced: new Map(), generated: [], used: new Set(), warnings: [] };
  const all = new Map(kustomizations.map((one) => [path.resolve(one.directory), one]));
  const reach = new Map(kustomizations.map((one) => [one, filesOf(one, all)]));
  const patchers = new Map<unknown, { by: Kustomization; patch: Patch; content: unknown }[]>();
  for (const by of kustomizations) {
    for (const entry of by.generators) {
      const object = configMapOf(entry, by, textOf);
      if (object !== undefined) applied.generated.push({ object, file: by.file });
    }
    for (const patch of by.patches) {
      const content = valueIn(patch.content ?? textOf(patch.file ?? "") ?? "");
      if (!isRecord(content) && !Array.isArray(content)) continue;
      for (const { object, file } of objects) {
        if (!(reach.get(by)?.files.has(path.resolve(file)) ?? false) || !fits(object, patch, content))
          continue;
        patchers.set(object, [...(patchers.get(object) ?? []), { by, patch, content }]);
      }
    }
  }
  for (const [object, patches] of patchers) {
    const owners = [...new Set(patches.map(({ by }) => by))];
    if (!isChain(owners, reach)) {
      const files = owners.map(({ file }) => file).join(", ");
      applied.warnings.push(
        `${nameOf(object)} is patched by alternative kustomizations, so it is judged without their patches: ${files}`,
      );
      continue;
    }
    // What a kustomization builds from is patched before it patches itself.
    const order = (one: Kustomization): number => reach.get(one)?.kustomizations.size ?? 0;
    const sorted = [...patches].sort((a, b) => order(a.by) - order(b.by));
    try {
      const result = sorted.reduce<unknown>((value, { content }) => patched(value, content), object);
      applied.replaced.set(object, result);
      for (const { patch } of patches) if (patch.file !== undefined) applied.used.add(patch.file);
    } catch (error) {
      if (!(error instanceof Misfit)) throw error;
      const files = sorted.map(({ by, patch }) => patch.file ?? by.file).join(", ");
      applied.warnings.push(`${nameOf(object)} is judged without its patches (${files}): ${error.message}`);
    }
  }
  return applied;
}

function patched(value: unknown, content: unknown): unknown {
  if (value === undefined) return undefined;
  return Array.isArray(content)
    ? patchJson(value, records(content))
    : mergeStrategically(record(value), record(content));
}

interface Reach {
  files: Set<string>;
  kustomizations: Set<Kustomization>;
}

/** Files that a kustomization builds from, directly and by others. */
function filesOf(start: Kustomization, all: ReadonlyMap<string, Kustomization>): Reach {
  const reach: Reach = { files: new Set(), kustomizations: new Set([start]) };
  for (const one of reach.kustomizations) {
    for (const resource of one.resources) {
      const place = path.resolve(resource);
      const next = all.get(isKustomization(place) ? path.dirname(place) : place);
      if (next === undefined) reach.files.add(place);
      else reach.kustomizations.add(next);
    }
  }
  return reach;
}

/** Whether each of some kustomizations builds from the one before: then one object comes out, else several. */
function isChain(owners: readonly Kustomization[], reach: ReadonlyMap<Kustomization, Reach>): boolean {
  return owners.every((a) =>
    owners.every(
      (b) => reach.get(a)?.kustomizations.has(b) === true || reach.get(b)?.kustomizations.has(a) === true,
    ),
  );
}

/** Whether a patch is for an object: by its target, or by what it says of itself. */
function fits(object: unknown, { target }: Patch, content: unknown): boolean {
  const own = identityOf(object);
  if (own.kind === undefined) return false;
  if (target !== undefined) {
    // Selectors of labels and annotations would need what kustomize sets.
    if (target["labelSelector"] !== undefined || target["annotationSelector"] !== undefined) return false;
    return (["group", "version", "kind", "name", "namespace"] as const).every((field) => {
      const wanted = text(target[field]);
      return wanted === undefined || wanted === own[field] || matches(wanted, own[field] ?? "");
    });
  }
  const wanted = identityOf(content);
  const isHere = wanted.namespace === undefined || wanted.namespace === own.namespace;
  return wanted.kind === own.kind && wanted.group === own.group && wanted.name === own.name && isHere;
}

/** Kustomize reads a target's fields as expressions over the whole; of others' expressions only simple ones are run. */
function matches(pattern: string, value: string): boolean {
  if (!/^[\w.*|-]{1,200}$/.test(pattern) || /\*{2}|\*\S*\*\S*\*/.test(pattern)) return false;
  return new RegExp(`^(?:${pattern})$`).test(value);
}

function identityOf(object: unknown) {
  const apiVersion = text(at(object, "apiVersion")) ?? "";
  const [group, version] = apiVersion.includes("/") ? apiVersion.split("/") : ["", apiVersion];
  return {
    group,
    version,
    kind: text(at(object, "kind")),
    name: text(at(object, "metadata", "name")),
    namespace: text(at(object, "metadata", "namespace")),
  };
}

function nameOf(object: unknown): string {
  const { kind, namespace, name } = identityOf(object);
  return `${kind} ${namespace === undefined ? "" : `${namespace}/`}${name}`;
}

/** What `configMapGenerator` makes, without the hash that kustomize adds to the name and to what refers to it. */
function configMapOf(
  entry: Json,
  { directory, namespace }: Kustomization,
  textOf: (file: string) => string | undefined,
): unknown {
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
  const place = text(entry["namespace"]) ?? namespace;
  return {
    apiVersion: "v1",
    kind: "ConfigMap",
    metadata: { name, ...(place === undefined ? {} : { namespace: place }) },
    data: Object.fromEntries(data),
  };
}
