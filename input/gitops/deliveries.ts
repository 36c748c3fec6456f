/** What Argo CD and Flux are told to take from directories of the repository that is read. */
import * as fs from "node:fs";
import * as path from "node:path";
import { groupOf, type Kind, kinds } from "../../mesh/kinds";
import { at, type Json, record, records, text } from "../../policy/model/reading";
import { directoriesAbove } from "../files/argoValues";
import { type Sourced } from "../kustomize/build";
import { type Choice, choiceOf } from "./choice";

/** One directory that one object delivers. */
export interface Delivery {
  /** The object: `Application argocd/shop`. */
  by: string;
  /** Where it was read. */
  file: string;
  /** As the object says it. */
  path: string;
  /** Absolute. */
  directory: string;
  /** The namespace it delivers to, if it says so. */
  namespace?: string;
  /** Whether its namespace replaces those of objects, as kustomize's does. */
  isForced: boolean;
  /** Which files are taken where the directory has no kustomization, by their paths below it. */
  takes: Choice;
  /** Whether kustomizations further down are built, where the directory has none. */
  buildsBelow: boolean;
}

/** A directory, and from which repository its object means to take it. */
type Meant = Omit<Delivery, "directory" | "by" | "file"> & { repository: string };

interface Found extends Delivery {
  repository: string;
  root: string;
}

/**
 * Deliveries of directories that are there. Paths are alike in many repositories: of several that are meant, the one
 * is here that most of the objects beside it name.
 * @param given what is read, as it was named
 */
export function deliveriesOf(objects: readonly Sourced[], given: readonly string[]): Delivery[] {
  const urls = new Map(objects.flatMap(({ object }) => urlOf(object)));
  const found = objects.flatMap(({ object, file }): Found[] => {
    const meant = isOf(kinds.argoApplication, object)
      ? ofApplication(object)
      : isOf(kinds.fluxKustomization, object)
        ? ofFlux(object, urls)
        : [];
    return meant.flatMap((one) => {
      const place = placeOf(one.path, file, given);
      return place === undefined ? [] : [{ ...one, ...place, by: nameOf(record(object)), file }];
    });
  });
  const here = repositoriesHere(found);
  return found.filter(({ root, repository }) => here.get(root) === repository);
}

function isOf({ name, apiVersions: [served] }: Kind, object: unknown): object is Json {
  return at(object, "kind") === name && groupOf(text(at(object, "apiVersion")) ?? "") === groupOf(served);
}

function nameOf(object: Json): string {
  const { namespace, name } = record(object["metadata"]);
  return `${text(object["kind"])} ${[text(namespace), text(name)].filter((part) => part !== undefined).join("/")}`;
}

/** Charts and plugins make other objects than those that lie there. */
function ofApplication(object: Json): Meant[] {
  const spec = record(object["spec"]);
  const sources = records(spec["sources"]).length > 0 ? records(spec["sources"]) : [record(spec["source"])];
  return sources.flatMap((source) => {
    const inside = text(source["path"]);
    if (inside === undefined || ["chart", "helm", "plugin"].some((key) => source[key] !== undefined))
      return [];
    const takes = choiceOf(record(source["directory"]));
    if (takes === undefined) return [];
    const forced = text(at(source, "kustomize", "namespace"));
    const namespace = forced ?? text(at(spec, "destination", "namespace"));
    return [
      {
        path: inside,
        repository: repositoryOf(text(source["repoURL"]) ?? ""),
        ...(namespace === undefined ? {} : { namespace }),
        isForced: forced !== undefined,
        takes,
        buildsBelow: false,
      },
    ];
  });
}

/** @see https://fluxcd.io/flux/components/kustomize/kustomizations/#target-namespace */
function ofFlux(object: Json, urls: ReadonlyMap<string, string>): Meant[] {
  const spec = record(object["spec"]);
  const source = record(spec["sourceRef"]);
  const own = text(at(object, "metadata", "namespace")) ?? "default";
  const name = `${text(source["kind"])} ${text(source["namespace"]) ?? own}/${text(source["name"])}`;
  const namespace = text(spec["targetNamespace"]);
  return [
    {
      path: text(spec["path"]) ?? ".",
      repository: repositoryOf(urls.get(name) ?? name),
      ...(namespace === undefined ? {} : { namespace }),
      isForced: namespace !== undefined,
      takes: () => true,
      buildsBelow: true,
    },
  ];
}

function urlOf(object: unknown): [string, string][] {
  if (!isOf(kinds.fluxGitRepository, object)) return [];
  const { namespace, name } = record(object["metadata"]);
  const url = text(at(object, "spec", "url"));
  return url === undefined
    ? []
    : [[`${kinds.fluxGitRepository.name} ${text(namespace) ?? "default"}/${text(name)}`, url]];
}

/** The name alone: forks, mirrors and examples keep it, and an address is written in many ways. */
function repositoryOf(url: string): string {
  const last = url.replace(/\/+$/, "").split(/[/:]/).at(-1) ?? "";
  return last.replace(/\.git$/, "").toLowerCase();
}

/** The directory that a path means, from the top of the repository; where that is unknown, from the highest one. */
function placeOf(
  inside: string,
  file: string,
  given: readonly string[],
): { directory: string; root: string } | undefined {
  const top = given.find((one) => path.resolve(file).startsWith(path.resolve(one))) ?? path.dirname(file);
  const above = directoriesAbove(file, top).reverse();
  const roots = fs.existsSync(path.join(above[0] ?? "", ".git")) ? above.slice(0, 1) : above;
  for (const root of roots) {
    const directory = path.join(root, inside).replace(/(?<=.)\/+$/, "");
    if (directory !== root && !directory.startsWith(root + path.sep)) return undefined;
    if (fs.statSync(directory, { throwIfNoEntry: false })?.isDirectory() !== true) continue;
    return fs.existsSync(path.join(directory, "Chart.yaml")) ? undefined : { directory, root };
  }
  return undefined;
}

/** The repository that lies under each root; none where two are named equally often. */
function repositoriesHere(found: readonly Found[]): ReadonlyMap<string, string> {
  const counts = new Map<string, Map<string, number>>();
  for (const { root, directory, repository } of found) {
    // Every repository has a root.
    const weight = directory === root ? 0 : 1;
    const known = counts.get(root) ?? new Map<string, number>();
    counts.set(root, known.set(repository, (known.get(repository) ?? 0) + weight));
  }
  return new Map(
    Array.from(counts, ([root, named]): [string, string] | undefined => {
      const [[first, most] = ["", 0], [, next] = ["", -1]] = [...named].sort(([, a], [, b]) => b - a);
      return most > next ? [root, first] : undefined;
    }).filter((entry) => entry !== undefined),
  );
}
