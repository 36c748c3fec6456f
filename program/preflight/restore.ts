/**
 * Puts back what others changed in the stack's own objects, and takes over what the stack is told to. Pulumi compares
 * with what it remembers, so nothing would be applied, and over fields of others it would fail. Two annotations change
 * that for the objects concerned and for no other: one that is new, so that there is something to apply, and the one
 * that lets the provider win. They stay until the next time, so that the update after has nothing to do.
 */
import * as pulumi from "@pulumi/pulumi";
import { type Manifest } from "../../components/manifest";
import { driftOf, type Drift } from "./drift";
import { type ClusterFacts } from "./facts";
import { identity, isOwn, keyOf, ownerOf, textOf } from "./liveObject";
import { type Foreign } from "./ownership";
import { type Plan } from "./plan";

/** Says what was put back last. */
export const restoredAnnotation = "mesh-tracing/restored";

/** Lets the provider apply fields that others have set, of this object alone. */
const forceAnnotation = "pulumi.com/patchForce";

/** Annotations by the key of the object that gets them. */
export type Annotations = ReadonlyMap<string, Readonly<Record<string, string>>>;

/** What is put back. */
export interface Restored {
  annotations: Annotations;
  /** A line for each field of others. */
  lines: string[];
}

export function restored(plan: Plan, { objects }: ClusterFacts, adopted: readonly Foreign[]): Restored {
  const live = new Map(objects.map((object) => [keyOf(identity(object)), object]));
  const annotations = new Map<string, Readonly<Record<string, string>>>();
  const lines: string[] = [];
  for (const { planned, object } of adopted) {
    annotations.set(keyOf(planned), force(`taken over from ${ownerOf(object)}`));
  }
  for (const planned of plan.creates) {
    const object = live.get(keyOf(planned));
    if (object === undefined || !isOwn(object, planned.manifest)) continue;
    // Of a chart's object only what it is called is known here.
    const drift = planned.release === undefined ? driftOf(planned.manifest, object) : [];
    if (drift.length > 0) {
      annotations.set(keyOf(planned), force(drift.map(textOfDrift).join("; ")));
      lines.push(...drift.map((one) => `${textOf(planned)}: ${textOfDrift(one)}`));
    } else {
      const before = object.metadata.annotations?.[restoredAnnotation];
      if (before !== undefined) annotations.set(keyOf(planned), force(before));
    }
  }
  return { annotations, lines };
}

function force(text: string): Record<string, string> {
  return { [restoredAnnotation]: text, [forceAnnotation]: "true" };
}

function textOfDrift({ field, manager, time }: Drift): string {
  return `${field} was changed by ${manager}${time === undefined ? "" : ` at ${time}`}`;
}

/** Annotates the objects as they are registered, those of charts too. */
export function annotate(annotations: Annotations): void {
  if (annotations.size === 0) return;
  pulumi.runtime.registerResourceTransform(({ type, props, opts }) => {
    const added = annotationsFor(annotations, type, props);
    return added === undefined ? undefined : { props: added, opts };
  });
}

/** The inputs of a resource with its annotations; undefined if it gets none. */
export function annotationsFor(
  annotations: Annotations,
  type: string,
  props: Partial<Manifest>,
): Record<string, unknown> | undefined {
  if (!type.startsWith("kubernetes:") || type.endsWith("Patch")) return undefined;
  const { apiVersion, kind, metadata } = props;
  if (typeof apiVersion !== "string" || typeof kind !== "string" || typeof metadata?.name !== "string") {
    return undefined;
  }
  const own = annotations.get(keyOf(identity({ apiVersion, kind, metadata })));
  if (own === undefined) return undefined;
  return { ...props, metadata: { ...metadata, annotations: { ...metadata.annotations, ...own } } };
}
