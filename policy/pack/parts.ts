/**
 * Patch resources: some fields of an object of somebody else. A rule that took a part for the whole would call
 * it broken, so a part is folded into its whole where the stack has it, and left out where it has not.
 */
import { groupBy } from "../../mesh/maps";
import { mergeDeep } from "../../mesh/plainObjects";
import { type Kind, kindOf, kinds } from "../../mesh/kinds";
import { groupOf, type KubeObject } from "../model/objects";
import { isPartial } from "../model/patches";
import { type Json, record, text } from "../model/reading";
import { type ResourceObject } from "./resources";

/** Kinds that are maps of settings: every key of a part means what it says without the others. */
const additive: ReadonlySet<Kind | undefined> = new Set([kinds.configMap, kinds.namespace]);

/** Whole objects with the stack's patches in them, and the parts that can be judged by themselves. */
export function foldPatches(resources: readonly ResourceObject[]): ResourceObject[] {
  const isPart = ({ object, patch }: ResourceObject): boolean => patch && !isLive(object);
  const parts = groupBy(resources.filter(isPart), ({ object }) => identityOf(object));
  const folded: ResourceObject[] = [];
  for (const resource of resources) {
    if (isPart(resource)) {
      // The model folds partial workloads itself, as server-side apply would.
      if (isPartial(resource.object)) folded.push(resource);
      continue;
    }
    const key = identityOf(resource.object);
    const own = (parts.get(key) ?? []).filter(({ object }) => !isPartial(object));
    parts.delete(key);
    folded.push({
      ...resource,
      object: own.reduce((whole, { object }) => merged(whole, object), resource.object),
    });
  }
  for (const [first, ...others] of parts.values()) {
    if (!additive.has(kindOf(first.object.apiVersion, first.object.kind))) continue;
    folded.push({
      ...first,
      object: others.reduce((part, { object }) => merged(part, object), first.object),
    });
  }
  return folded;
}

/** Identity of an object as findings name it, whatever its version is. */
export function identityOf(object: KubeObject): string {
  const namespace = text(object.metadata.namespace) ?? "";
  return [groupOf(object), object.kind, namespace, object.metadata.name].join("/");
}

/** With a cluster at hand the provider answers a patch with the whole object as it would become. */
function isLive({ metadata }: KubeObject): boolean {
  return typeof metadata["uid"] === "string" && metadata["uid"] !== "";
}

function merged(base: KubeObject, over: KubeObject): KubeObject {
  return mergeFields(base, over) as unknown as KubeObject;
}

function mergeFields(base: unknown, over: unknown): Json {
  return mergeDeep(base, over, (before, value, key) =>
    key === "ports" && Array.isArray(value) && Array.isArray(before) ? mergePorts(before, value) : value,
  );
}

/** The one list of a Service that server-side apply merges, by number and protocol. */
function mergePorts(base: readonly unknown[], over: readonly unknown[]): unknown[] {
  const key = (port: unknown): string =>
    JSON.stringify([record(port)["port"], record(port)["protocol"] ?? "TCP"]);
  const ports = new Map(base.map((port) => [key(port), port]));
  for (const port of over) ports.set(key(port), mergeFields(ports.get(key(port)), port));
  return [...ports.values()];
}
