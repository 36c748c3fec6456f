/** The namespaces that objects get from whoever delivers them. */
import * as path from "node:path";
import { count, enumerate } from "../../findings/words";
import { getOrMake, groupBy } from "../../mesh/maps";
import { sortedSet } from "../../mesh/stableOrder";
import { isRecord } from "../../policy/model/reading";
import { type Item } from "../kustomize/build";
import { type Kustomization } from "../kustomize/kustomization";
import { inNamespace, inNamespaceIfNone, lacksNamespace } from "../kustomize/transform";
import { type Delivery } from "./deliveries";

export interface Placed {
  /** Kustomizations as they are built for whoever delivers them. */
  kustomizations: Kustomization[];
  /** The object of a file that no kustomization of a delivery builds, everywhere where it is delivered to. */
  placed: (object: unknown, file: string) => unknown[];
  /** Objects whose namespace nobody can tell. */
  warnings: () => string[];
}

/** @param built what a kustomization builds before anybody gives it a namespace */
export function placing(
  deliveries: readonly Delivery[],
  kustomizations: readonly Kustomization[],
  built: (one: Kustomization) => readonly Item[],
): Placed {
  const directories = new Map(kustomizations.map((one) => [path.resolve(one.directory), one]));
  const disputes = new Disputes();
  const byDirectory: ReadonlyMap<string, readonly Delivery[]> = groupBy(
    deliveries,
    ({ directory }) => directory,
  );

  const given = kustomizations.map((one) => {
    const directory = path.resolve(one.directory);
    const by = ancestorsOf(directory).flatMap((above) =>
      above === directory
        ? (byDirectory.get(above) ?? [])
        : (byDirectory.get(above) ?? []).filter(
            ({ buildsBelow }) => buildsBelow && highestBelow(above, directory) === one,
          ),
    );
    const chosen = agreed(by);
    if (chosen === undefined) {
      const isForced = by.some((delivery) => delivery.isForced);
      disputes.add(by, built(one).filter(({ object }) => isForced || lacksNamespace(object)).length);
    }
    const namespace = chosen?.namespace;
    if (namespace === undefined) return one;
    return chosen?.isForced === true ? { ...one, namespace } : { ...one, namespaceIfNone: namespace };
  });

  /** The first kustomization on the way down, which is built as a whole. */
  function highestBelow(above: string, directory: string): Kustomization | undefined {
    const between = ancestorsOf(directory).filter((one) => one.length > above.length);
    return between.map((one) => directories.get(one)).findLast((one) => one !== undefined);
  }

  const takers = (file: string): Delivery[] => {
    const place = path.resolve(file);
    const directory = path.dirname(place);
    return ancestorsOf(directory).flatMap((above) =>
      (byDirectory.get(above) ?? []).filter(
        ({ takes, buildsBelow }) =>
          !directories.has(above) &&
          takes(path.relative(above, place).split(path.sep).join("/")) &&
          !(buildsBelow && highestBelow(above, directory) !== undefined),
      ),
    );
  };
  const known = new Map<string, Delivery[]>();
  const placed = (object: unknown, file: string): unknown[] => {
    const by = getOrMake(known, file, () => takers(file));
    if (by.length === 0 || !isRecord(object)) return [object];
    const chosen = agreed(by);
    if (chosen?.isForced === true)
      return [chosen.namespace === undefined ? object : inNamespace(object, chosen.namespace)];
    const isForced = chosen === undefined && by.some((delivery) => delivery.isForced);
    if (!isForced && !lacksNamespace(object)) return [object];
    const namespaces = sortedSet(by.flatMap(({ namespace }) => namespace ?? []));
    // Whoever says none means a namespace that nobody here knows.
    if (isForced || (namespaces.length > 0 && by.some(({ namespace }) => namespace === undefined))) {
      disputes.add(by, 1);
      return [object];
    }
    return namespaces.length === 0
      ? [object]
      : namespaces.map((namespace) => inNamespaceIfNone(object, namespace));
  };
  return { kustomizations: given, placed, warnings: () => disputes.lines() };
}

/** What all deliveries say; undefined where they differ, and nothing where there are none. */
function agreed(by: readonly Delivery[]): Pick<Delivery, "namespace" | "isForced"> | undefined {
  const [first, ...rest] = by;
  if (first === undefined) return { isForced: false };
  if (rest.some(({ namespace }) => namespace !== first.namespace)) return undefined;
  return { namespace: first.namespace, isForced: by.every(({ isForced }) => isForced) };
}

/** The directory and all above it. */
function ancestorsOf(directory: string): string[] {
  const parent = path.dirname(directory);
  return parent === directory ? [directory] : [directory, ...ancestorsOf(parent)];
}

/** Deliveries of the same objects to different namespaces. */
class Disputes {
  private readonly known = new Map<string, { by: readonly Delivery[]; objects: number }>();

  add(by: readonly Delivery[], objects: number): void {
    if (objects === 0) return;
    const key = sortedSet(by.map((one) => `${one.by} ${one.file} ${one.directory}`)).join("\n");
    getOrMake(this.known, key, () => ({ by, objects: 0 })).objects += objects;
  }

  lines(): string[] {
    return Array.from(this.known.values(), ({ by, objects }) => {
      const each = by.map((one) => `${one.by} (${one.file}) to ${one.namespace ?? "none"}`);
      const directory = by[0]?.path ?? "";
      return (
        `${count(objects, "object")} of ${directory} ${objects === 1 ? "is" : "are"} delivered to different ` +
        `namespaces: by ${enumerate(sortedSet(each), 3)}; judged as the files say, without a namespace as in default`
      );
    });
  }
}
