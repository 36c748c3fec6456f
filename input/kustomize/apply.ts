/**
 * What kustomizations make of the objects that were read. Kustomize builds more exactly; this needs no program, and
 * reads what it makes from the places where it was written.
 */
import * as path from "node:path";
import { choose } from "./alternatives";
import { Builder, type Item, type Sourced } from "./build";
import { type TextOf } from "./generate";
import { type Kustomization } from "./kustomization";

export interface Applied {
  /** What stands for an object that was read: one object for each kustomization that builds it, or none. */
  replaced: Map<unknown, unknown[]>;
  /** Objects that kustomizations make, with the file of each. */
  generated: Sourced[];
  /** Files of patches that changed something. */
  used: Set<string>;
  /** Files that only alternatives to what is judged are built from. */
  left: Set<string>;
  warnings: string[];
  /** What one kustomization builds, a part of another one or not. */
  built: (one: Kustomization) => readonly Item[];
}

/** @param textOf text of a file that was read, or that a kustomization names */
export function applyKustomizations(
  kustomizations: readonly Kustomization[],
  objects: readonly Sourced[],
  textOf: TextOf,
): Applied {
  const builder = new Builder(kustomizations, objects, textOf);
  const { chosen, others, warnings } = choose(builder.roots().map((root) => builder.build(root)));
  const judged = new Set(chosen.flatMap(({ files }) => [...files]));
  const left = new Set(others.flatMap(({ files }) => [...files]).filter((file) => !judged.has(file)));
  const replaced = new Map<unknown, unknown[]>();
  for (const { object, file } of objects) {
    const place = path.resolve(file);
    if (judged.has(place) || left.has(place)) replaced.set(object, []);
  }
  const generated: Sourced[] = [];
  for (const { object, file, source } of chosen.flatMap(({ items }) => items)) {
    if (source === undefined) generated.push({ object, file });
    else replaced.get(source)?.push(object);
  }
  return {
    replaced,
    generated,
    used: new Set(chosen.flatMap(({ used }) => [...used])),
    left,
    warnings: [...warnings, ...chosen.flatMap((build) => build.warnings)],
    built: (one) => builder.build(one).items,
  };
}
