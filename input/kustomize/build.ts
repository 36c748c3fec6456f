/** What one kustomization builds out of the objects that were read, others of the input included. */
import * as path from "node:path";
import { groupBy } from "../../mesh/maps";
import { isRecord, type Json, record, records, text } from "../../policy/model/reading";
import { chartOfEntry, configMapOf, type TextOf } from "./generate";
import { isKustomization, type Kustomization, type Patch, valuesIn } from "./kustomization";
import { mergeStrategically, Misfit, patchJson } from "./patching";
import { fits, identityOf } from "./targets";
import { transformed } from "./transform";

/** An object, and the file it was read from. */
export interface Sourced {
  object: unknown;
  file: string;
}

export interface Item extends Sourced {
  /** The object as it was read; undefined for one that a kustomization makes. */
  source?: unknown;
}

/** Kustomizations within one another, at most: others' directories must not decide how deep this goes. */
const deepest = 100;

export interface Build {
  root: Kustomization;
  items: Item[];
  /** Files of patches that changed something. */
  used: Set<string>;
  /** Every file that it is built from. */
  files: Set<string>;
  warnings: string[];
}

export class Builder {
  private readonly byDirectory: ReadonlyMap<string, Kustomization>;
  private readonly byFile: ReadonlyMap<string, readonly Sourced[]>;
  private readonly known = new Map<Kustomization, Build>();

  constructor(
    private readonly kustomizations: readonly Kustomization[],
    objects: readonly Sourced[],
    private readonly textOf: TextOf,
  ) {
    this.byDirectory = new Map(kustomizations.map((one) => [path.resolve(one.directory), one]));
    this.byFile = groupBy(objects, ({ file }) => path.resolve(file));
  }

  /** Kustomizations that no other one of the input builds from, and that are no mere parts. */
  roots(): Kustomization[] {
    const parts = new Set(
      this.kustomizations.flatMap(({ resources, components }) =>
        [...resources, ...components].flatMap((place) => this.at(place) ?? []),
      ),
    );
    return this.kustomizations.filter((one) => !one.isComponent && !parts.has(one));
  }

  build(root: Kustomization, above: readonly Kustomization[] = []): Build {
    const known = this.known.get(root);
    if (known !== undefined) return known;
    const files = new Set([path.resolve(root.file)]);
    const build: Build = { root, items: [], used: new Set(), files, warnings: [] };
    build.items = this.itemsOf(root, [], build, above);
    this.known.set(root, build);
    return build;
  }

  private at(resource: string): Kustomization | undefined {
    const place = path.resolve(resource);
    return this.byDirectory.get(isKustomization(place) ? path.dirname(place) : place);
  }

  /** @param given what a component is applied to */
  private itemsOf(
    one: Kustomization,
    given: readonly Item[],
    build: Build,
    above: readonly Kustomization[],
  ): Item[] {
    // Kustomize refuses circles.
    if (above.includes(one) || above.length === deepest) return [...given];
    const inside = [...above, one];
    build.files.add(path.resolve(one.file));
    let items = [...given];
    for (const resource of new Set(one.resources)) {
      const next = this.at(resource);
      if (next === undefined) {
        const place = path.resolve(resource);
        build.files.add(place);
        const found = this.byFile.get(place) ?? [];
        items.push(...found.map(({ object, file }) => ({ object, file, source: object })));
      } else {
        const part = this.build(next, inside);
        for (const file of part.files) build.files.add(file);
        for (const file of part.used) build.used.add(file);
        build.warnings = [...new Set([...build.warnings, ...part.warnings])];
        items.push(...part.items);
      }
    }
    items = eachOnce(items);
    for (const component of new Set(one.components)) {
      const next = this.at(component);
      if (next !== undefined) items = this.itemsOf(next, items, build, inside);
    }
    items = this.withGenerated(items, one);
    for (const patch of one.patches) items = this.patched(items, patch, one, build);
    const objects = transformed(
      items.map(({ object }) => object),
      one,
    );
    return items.map((item, index) => ({ ...item, object: objects[index] }));
  }

  private withGenerated(items: Item[], one: Kustomization): Item[] {
    let result = items;
    for (const entry of one.generators) {
      const made = configMapOf(entry, one, this.textOf);
      if (made === undefined) continue;
      const name = text(record(made["metadata"])["name"]);
      const isOld = ({ object }: Item): boolean => {
        const own = identityOf(object);
        return own.kind === made["kind"] && own.name === name;
      };
      const old = result.find(isOld);
      if (old === undefined || entry["behavior"] === undefined || entry["behavior"] === "create") {
        result = [...result, { object: made, file: one.file }];
        continue;
      }
      const base: Json = record(old.object);
      const data =
        entry["behavior"] === "merge" ? { ...record(base["data"]), ...record(made["data"]) } : made["data"];
      result = result.map((item) => (item === old ? { ...item, object: { ...base, data } } : item));
    }
    const charts = one.charts.flatMap((entry) => chartOfEntry(entry, one, this.textOf) ?? []);
    return [...result, ...charts.map((object) => ({ object, file: one.file }))];
  }

  private patched(items: Item[], patch: Patch, by: Kustomization, build: Build): Item[] {
    if (patch.file !== undefined) build.files.add(path.resolve(patch.file));
    const contents = valuesIn(patch.content ?? this.textOf(patch.file ?? "") ?? "");
    return contents.reduce<Item[]>(
      (result, content) =>
        isRecord(content) || Array.isArray(content)
          ? result.flatMap((item) => this.withPatch(item, patch, content, by, build))
          : result,
      items,
    );
  }

  private withPatch(item: Item, patch: Patch, content: unknown, by: Kustomization, build: Build): Item[] {
    const { object, file, source } = item;
    // A patch may name an object as it was written, or as it is by now.
    if (!fits(object, patch, content) && !(source !== undefined && fits(source, patch, content)))
      return [item];
    try {
      const result = Array.isArray(content)
        ? patchJson(object, records(content))
        : mergeStrategically(record(object), withoutIdentity(record(content)));
      if (patch.file !== undefined) build.used.add(patch.file);
      return result === undefined ? [] : [{ ...item, object: result }];
    } catch (error) {
      if (!(error instanceof Misfit)) throw error;
      const { kind, namespace, name } = identityOf(object);
      build.warnings.push(
        `${kind} ${namespace === undefined ? "" : `${namespace}/`}${name} of ${file} is judged without a patch ` +
          `(${patch.file ?? by.file}): ${error.message}`,
      );
      return [item];
    }
  }
}

/** By its name and namespace a patch tells what it is for, and does not change them. */
function withoutIdentity(patch: Json): Json {
  const { name: _, namespace: __, ...metadata } = record(patch["metadata"]);
  const { apiVersion: ___, kind: ____, ...fields } = patch;
  return { ...fields, ...("metadata" in patch ? { metadata } : {}) };
}

/** What two parts of a build both have is there once; kustomize refuses the build. */
function eachOnce(items: readonly Item[]): Item[] {
  return [...new Map(items.map((item) => [item.source ?? item.object, item])).values()];
}
