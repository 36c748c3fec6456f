/**
 * What somebody changed by hand in the stack's own objects. Pulumi does not see it: it compares with what it
 * remembers of its last update, and applying over it ends in a conflict of field managers.
 */
import { type Manifest } from "../../components/manifest";
import { isByProvider, type LiveObject, type ManagedFields } from "./liveObject";

/** One change of somebody else's. */
export interface Drift {
  /** Field as Kubernetes spells it, `spec.egress`. */
  field: string;
  /** Field manager that changed it, and when, if that is known. */
  manager: string;
  time?: string;
}

type Path = readonly string[];

/** What of a manifest is not so in the cluster, because others have set it or taken it away. */
export function driftOf(planned: Manifest, live: LiveObject): Drift[] {
  const others = (live.metadata.managedFields ?? []).filter(
    (entry) => !isByProvider(entry) && (entry.subresource ?? "") === "",
  );
  const own = (live.metadata.managedFields ?? []).filter(isByProvider);
  if (others.length === 0) return [];
  const { metadata, apiVersion: _, kind: __, ...rest } = planned;
  const fields = { metadata: { labels: metadata.labels ?? {} }, ...rest };
  return differences(fields, live, []).flatMap((path) => {
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

/** Paths at which the cluster does not have what is planned; lists are taken as a whole. */
function differences(planned: unknown, live: unknown, path: Path): Path[] {
  if (Array.isArray(planned)) return covers(planned, live) ? [] : [path];
  if (typeof planned === "object" && planned !== null) {
    return Object.entries(planned).flatMap(([key, value]) =>
      value === undefined
        ? []
        : differences(value, (live as Record<string, unknown> | undefined)?.[key], [...path, key]),
    );
  }
  return covers(planned, live) ? [] : [path];
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
    const next: unknown = (fields as Record<string, unknown>)[`f:${key}`];
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
    .map((key, index) => (/^\w+$/.test(key) ? `${index === 0 ? "" : "."}${key}` : `["${key}"]`))
    .join("");
}

/** Clients hand times out as they like. */
function timeOf(time: unknown): string {
  return time instanceof Date ? time.toISOString() : String(time);
}
