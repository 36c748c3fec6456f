/** Builds that nobody applies to one cluster: overlays of one base, of which one is judged. */
import * as path from "node:path";
import { isDeepStrictEqual } from "node:util";
import { groupBy } from "../../mesh/maps";
import { compare, sortedSet } from "../../mesh/stableOrder";
import { enumerate } from "../../findings/words";
import { type Build } from "./build";
import { identityOf } from "./targets";

export interface Choice {
  chosen: Build[];
  others: Build[];
  /** What was chosen, for whoever reads the result. */
  warnings: string[];
}

/** What most people run their users on. */
const production = /^(prod|production|prd|live)$/i;

/**
 * Of builds that make the same objects in different ways one is judged: that of the environment which most builds
 * are for, of several such the production, else the first by name. So it is the same one everywhere.
 */
export function choose(builds: readonly Build[]): Choice {
  const groups = groupsOf(builds).map((group) => namesIn(group));
  const scores = new Map<string, number>();
  const segments = builds.map(({ root }) => new Set(path.resolve(root.directory).split(path.sep)));
  for (const { name } of groups.flat()) {
    if (!scores.has(name)) scores.set(name, segments.filter((parts) => parts.has(name)).length);
  }
  const rank = (name: string): number => (scores.get(name) ?? 0) * 2 + (production.test(name) ? 1 : 0);
  const others = new Set<Build>();
  const told = new Map<string, { name: string; left: string[]; places: string[] }>();
  for (const group of groups) {
    const [best, ...rest] = [...group].sort((a, b) => rank(b.name) - rank(a.name) || compare(a.name, b.name));
    if (best === undefined) continue;
    for (const { build } of rest) others.add(build);
    const left = sortedSet(rest.map(({ name }) => name));
    const key = JSON.stringify([best.name, left]);
    const known = told.get(key) ?? { name: best.name, left, places: [] };
    told.set(key, known);
    known.places.push(best.build.root.directory);
  }
  return {
    chosen: builds.filter((build) => !others.has(build)),
    others: [...others],
    warnings: [...told.values()].map(
      ({ name, left, places }) =>
        `kustomizations that are alternatives: judged is ${name}, not ${enumerate(left)} (${enumerate(places, 2)}); ` +
        "for another one: kubectl kustomize DIRECTORY | npm run -s audit -- -",
    ),
  };
}

/** With so many of those that follow each build is compared: alternatives stand beside one another. */
const neighbours = 8;

/** Builds that make mostly the same objects, and not all of them alike. */
function groupsOf(builds: readonly Build[]): Build[][] {
  const made = builds.map((build) => new Map(build.items.map(({ object }) => [nameOf(object), object])));
  const makers = groupBy(
    made.flatMap((objects, index) => Array.from(objects.keys(), (name) => ({ name, index }))),
    ({ name }) => name,
  );
  const pairs = [...makers].flatMap(([name, all]) =>
    all.flatMap(({ index: a }, position) =>
      all.slice(position + 1, position + 1 + neighbours).map(({ index: b }) => ({ pair: `${a} ${b}`, name })),
    ),
  );
  const shared = groupBy(pairs, ({ pair }) => pair);
  const group = builds.map((_, index) => index);
  const leader = (index: number): number => {
    let at = index;
    while (group[at] !== at) at = group[at] ?? at;
    return at;
  };
  for (const [key, both] of shared) {
    const names = both.map(({ name }) => name);
    const [a = 0, b = 0] = key.split(" ").map(Number);
    const smaller = Math.min(made[a]?.size ?? 0, made[b]?.size ?? 0);
    const isOneOfBoth =
      names.length * 2 >= smaller &&
      names.some((name) => !isDeepStrictEqual(made[a]?.get(name), made[b]?.get(name)));
    if (isOneOfBoth) group[leader(b)] = leader(a);
  }
  const groups = groupBy(builds.keys(), leader);
  return [...groups.values()]
    .filter(({ length }) => length > 1)
    .map((indexes) => indexes.flatMap((index) => builds[index] ?? []));
}

/** What tells builds of a group apart: the part of their directories that they do not share. */
function namesIn(group: readonly Build[]): { name: string; build: Build }[] {
  const paths = group.map(({ root }) => path.resolve(root.directory).split(path.sep));
  const shortest = Math.min(...paths.map(({ length }) => length));
  const isShared = (at: number): boolean => paths.every((parts) => parts.at(at) === paths[0]?.at(at));
  let start = 0;
  while (start < shortest - 1 && isShared(start)) start++;
  let end = 0;
  while (end < shortest - start - 1 && isShared(-1 - end)) end++;
  return group.map((build, index) => {
    const parts = paths[index] ?? [];
    return { name: parts.slice(start, parts.length - end).join("/"), build };
  });
}

function nameOf(object: unknown): string {
  const { group, kind, namespace, name } = identityOf(object);
  return `${kind}.${group} ${namespace ?? "default"}/${name}`;
}
