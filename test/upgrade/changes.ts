/** What a changed stack file does to the resources of a stack: an `up` of the second run on the state of the first. */
import { type ProgramRun, type RegisteredResource } from "../fixtures/program";
import { isReplacedBy } from "./replacement";

/** Resources as `Kind logical-name`, sorted. */
export interface Changes {
  added: string[];
  removed: string[];
  /** Paths of the properties that differ, `spec.hosts[1]`, by resource. */
  changed: Record<string, string[]>;
  /** Of those paths, the ones for which the resource is deleted and made again. */
  replaced: Record<string, string[]>;
}

/** No change at all; a test names what differs from it. */
export const none: Changes = { added: [], removed: [], changed: {}, replaced: {} };

/** Pulumi knows a resource by its URN: another URN is another resource. */
export function changesBetween(before: ProgramRun, after: ProgramRun): Changes {
  const [old, now] = [byUrn(before), byUrn(after)];
  const changes: Changes = { added: [], removed: [], changed: {}, replaced: {} };
  for (const [urn, resource] of now) if (!old.has(urn)) changes.added.push(label(resource));
  for (const [urn, resource] of old) if (!now.has(urn)) changes.removed.push(label(resource));
  for (const [urn, { inputs }] of old) {
    const resource = now.get(urn);
    if (resource === undefined) continue;
    const paths = differences(inputs, resource.inputs);
    const replacing = paths.filter((path) => isReplacedBy(resource, path));
    if (paths.length > 0) changes.changed[label(resource)] = paths;
    if (replacing.length > 0) changes.replaced[label(resource)] = replacing;
  }
  changes.added.sort();
  changes.removed.sort();
  return changes;
}

/** Every resource but the stack itself. Two of one URN are an error that Pulumi reports. */
function byUrn({ resources }: ProgramRun): Map<string, RegisteredResource> {
  const found = new Map<string, RegisteredResource>();
  for (const resource of resources) {
    if (resource.type === "pulumi:pulumi:Stack") continue;
    if (found.has(resource.urn)) throw new Error(`two resources have the URN ${resource.urn}`);
    found.set(resource.urn, resource);
  }
  return found;
}

/** `kubernetes:core/v1:ConfigMap` called `x` as `ConfigMap x`. */
export function label({ type, name }: Pick<RegisteredResource, "type" | "name">): string {
  return `${type.split(":").at(-1)} ${name}`;
}

/** Paths at which two values differ, down to what is no map and no list, sorted. */
export function differences(before: unknown, after: unknown, at = ""): string[] {
  if (JSON.stringify(before) === JSON.stringify(after)) return [];
  if (Array.isArray(before) && Array.isArray(after)) {
    const longer = before.length > after.length ? before : after;
    return longer.flatMap((_, index) => differences(before[index], after[index], `${at}[${index}]`));
  }
  if (!isMap(before) || !isMap(after)) return [at];
  return [...new Set([...Object.keys(before), ...Object.keys(after)])]
    .sort()
    .flatMap((key) => differences(before[key], after[key], joined(at, key)));
}

/** As Pulumi writes it: keys that are no plain words in brackets. */
function joined(at: string, key: string): string {
  if (!/^[A-Za-z_]\w*$/.test(key)) return `${at}["${key}"]`;
  return at === "" ? key : `${at}.${key}`;
}

function isMap(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
