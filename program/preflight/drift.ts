/**
 * What somebody changed by hand in the stack's own objects. Pulumi does not see it: it compares with what it
 * remembers of its last update, and applying over it ends in a conflict of field managers.
 */
import { type Manifest } from "../../components/manifest";
import { projectName } from "../../mesh/names";
import { isByProvider, type LiveObject, type ManagedFields } from "./liveObject";

/** One change of somebody else's. */
export interface Drift {
  /** Field as Kubernetes spells it, `spec.egress`. */
  field: string;
  /** Field manager that changed it, and when, if that is known. */
  manager: string;
  time?: string;
}

/** Keys of an object, and of items of the lists that Kubernetes merges by name: `{"name":"jaeger"}`. */
type Path = readonly string[];

/** Lists that Kubernetes merges by the names of their items, so that others may add to them. */
const namedLists: ReadonlySet<string> = new Set(["containers", "initContainers", "env", "volumes"]);

/** What of a manifest is not so in the cluster, because others have set it or taken it away. */
export function driftOf(planned: Manifest, live: LiveObject): Drift[] {
  const { managedFields = [] } = live.metadata;
  const others = managedFields.filter(isOfOthers);
  const own = managedFields.filter(isByProvider);
  if (others.length === 0) return [];
  return differencesOf(planned, live).flatMap((path) => {
    const setBy = others.find((entry) => owns(entry, path));
    // What this stack still owns and what differs all the same is a change of the stack that is yet to be applied.
    const by = setBy ?? (own.some((entry) => owns(entry, path)) ? undefined : latest(others));
    if (by?.manager === undefined) return [];
    return [
      {
        field: textOf(path),
        manager: by.manager,
        ...(by.time === undefined ? {} : { time: timeOf(by.time) }),
      },
    ];
  });
}

/**
 * What the stack must take away from field managers before it can apply a manifest: the entries of others that have
 * changed its fields, and, where a run of the provider was broken off, those of all runs: each has a name of its own, and
 * which of them the state knows is not told here.
 * @returns the entries that stay; undefined if nothing is in the way
 */
export function withoutClaims(planned: Manifest, live: LiveObject): ManagedFields[] | undefined {
  const { managedFields = [] } = live.metadata;
  const paths = differencesOf(planned, live);
  const isBrokenOff = managedFields.filter(isByProvider).length > 1;
  const stay = managedFields.filter((entry) =>
    isByProvider(entry) ? !isBrokenOff : !isOfOthers(entry) || !paths.some((path) => owns(entry, path)),
  );
  return stay.length === managedFields.length ? undefined : stay;
}

/** Whether the cluster has not all that is planned. */
export function differs(planned: Manifest, live: LiveObject): boolean {
  return differencesOf(planned, live).length > 0;
}

/** Whether others have set anything of an object that is no state of it. */
export function isChangedByOthers({ metadata }: LiveObject): boolean {
  return (metadata.managedFields ?? []).some(isOfOthers);
}

/** What controllers say of an object's state is not the stack's; an entry of this project stands for nobody. */
function isOfOthers(entry: ManagedFields): boolean {
  return !isByProvider(entry) && entry.manager !== projectName && (entry.subresource ?? "") === "";
}

function differencesOf({ metadata, apiVersion: _, kind: __, ...rest }: Manifest, live: LiveObject): Path[] {
  return differences({ metadata: { labels: metadata.labels ?? {} }, ...rest }, live, []);
}

/** Paths at which the cluster does not have what is planned; lists are taken as a whole, but for named ones. */
function differences(planned: unknown, live: unknown, path: Path): Path[] {
  if (Array.isArray(planned)) {
    if (!namedLists.has(path.at(-1) ?? "") || !isNamed(planned)) return covers(planned, live) ? [] : [path];
    const items = Array.isArray(live) ? (live as unknown[]).filter((item) => isNamed([item])) : [];
    return planned.flatMap((item) =>
      differences(
        item,
        (items as typeof planned).find(({ name }) => name === item.name),
        [...path, JSON.stringify({ name: item.name })],
      ),
    );
  }
  if (typeof planned === "object" && planned !== null) {
    return Object.entries(planned).flatMap(([key, value]) =>
      value === undefined
        ? []
        : differences(value, (live as Record<string, unknown> | undefined)?.[key], [...path, key]),
    );
  }
  return covers(planned, live) ? [] : [path];
}

function isNamed(items: readonly unknown[]): items is { name: string }[] {
  return items.every((item) => typeof (item as { name?: unknown } | null)?.name === "string");
}

/** Whether a live value has everything of a planned one; the API server adds defaults. */
function covers(planned: unknown, live: unknown): boolean {
  if (Array.isArray(planned)) {
    return (
      Array.isArray(live) &&
      live.length === planned.length &&
      planned.every((item, index) => covers(item, live[index]))
    );
  }
  if (typeof planned === "object" && planned !== null) {
    const at = (live ?? {}) as Record<string, unknown>;
    return Object.entries(planned).every(([key, value]) => value === undefined || covers(value, at[key]));
  }
  return planned === live;
}

/** Whether a field manager has set a field, something around it or something in it. */
function owns({ fieldsV1 }: ManagedFields, path: Path): boolean {
  let fields: unknown = fieldsV1;
  for (const key of path) {
    if (typeof fields !== "object" || fields === null) return false;
    const next: unknown = (fields as Record<string, unknown>)[`${key.startsWith("{") ? "k" : "f"}:${key}`];
    if (next === undefined) return false;
    // An empty entry is the whole of the field.
    if (typeof next === "object" && next !== null && Object.keys(next).length === 0) return true;
    fields = next;
  }
  return true;
}

function latest(entries: readonly ManagedFields[]): ManagedFields | undefined {
  return [...entries].sort((a, b) => ((a.time ?? "") < (b.time ?? "") ? 1 : -1))[0];
}

function textOf(path: Path): string {
  return path
    .map((key, index) => {
      if (key.startsWith("{")) return `[${(JSON.parse(key) as { name: string }).name}]`;
      return /^\w+$/.test(key) ? `${index === 0 ? "" : "."}${key}` : `["${key}"]`;
    })
    .join("");
}

/** Clients hand times out as they like. */
function timeOf(time: unknown): string {
  return time instanceof Date ? time.toISOString() : String(time);
}
