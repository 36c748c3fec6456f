/**
 * Puts back what others changed in the stack's own objects, and takes over what the stack is told to. The state is
 * refreshed before every operation (`Pulumi.yaml`), so that Pulumi sees what differs; but applying over fields that
 * others have set ends in a conflict. So those field managers lose their claim on these objects, right before the
 * update and for good, and nothing that forces stays anywhere. A preview changes nothing: it is told to force instead,
 * by an annotation that no update has.
 */
import * as pulumi from "@pulumi/pulumi";
import { type Manifest } from "../../components/manifest";
import { controllerFields } from "../../mesh/controllerFields";
import { projectName } from "../../mesh/names";
import { type Cluster } from "../../input/cluster/cluster";
import { differs, driftOf, type Drift, withoutClaims } from "./drift";
import { type ClusterFacts } from "./facts";
import {
  identity,
  isOwn,
  keyOf,
  type LiveObject,
  type ManagedFields,
  marksOn,
  releaseOf,
  textOf,
} from "./liveObject";
import { type Foreign } from "./ownership";
import { type ObjectId, type Plan } from "./plan";
import { type PortRepair, portRepairs } from "./ports";

/** Lets the provider apply fields that others have set, of this object alone. */
const forceAnnotation = "pulumi.com/patchForce";

/** An object from which field managers lose their claim. */
export interface Claimed {
  object: LiveObject;
  stay: readonly ManagedFields[];
  /** Whether the marks of other tools go, too. */
  isAdopted?: true;
  /** Whether anything is applied to the object. */
  isChanged: boolean;
  /** Ports that must be put back before anything can be applied. */
  ports: readonly PortRepair[];
}

/** What is put back. */
export interface Restored {
  claimed: Claimed[];
  /** A line for each field of others. */
  lines: string[];
}

/** What is put back of the stack's own manifests, and what is taken over. */
export function restored(plan: Plan, { objects }: ClusterFacts, adopted: readonly Foreign[]): Restored {
  const live = new Map(objects.map((object) => [keyOf(identity(object)), object]));
  const all: Restored = {
    // What Helm installs for the stack is taken over by Helm itself, as long as its marks are there.
    claimed: adopted
      .filter(({ planned }) => releaseOf(planned.manifest) === undefined)
      .map(({ planned, object }) => ({
        object,
        // The state that controllers report is none of the former owner's.
        stay: (object.metadata.managedFields ?? []).filter(({ subresource = "" }) => subresource !== ""),
        isChanged: true,
        isAdopted: true,
        ports: portRepairs(planned.manifest, object),
      })),
    lines: [],
  };
  for (const { manifest, release } of plan.creates) {
    const object = live.get(keyOf(identity(manifest)));
    // Of a chart's object only what it is called is known here.
    if (object === undefined || release !== undefined) continue;
    const { claimed, lines } = restoredOf(manifest, object);
    all.claimed.push(...claimed);
    all.lines.push(...lines);
  }
  return all;
}

/** What is put back of one object; nothing of somebody else's. */
function restoredOf(planned: Manifest, object: LiveObject): Restored {
  if (!isOwn(object, planned)) return { claimed: [], lines: [] };
  const stay = withoutClaims(planned, object);
  return {
    claimed:
      stay === undefined
        ? []
        : [{ object, stay, isChanged: differs(planned, object), ports: portRepairs(planned, object) }],
    lines: driftOf(planned, object).map((one) => `${textOf(identity(object))}: ${textOfDrift(one)}`),
  };
}

function textOfDrift({ field, manager, time }: Drift): string {
  return `${field} was changed by ${manager}${time === undefined ? "" : ` at ${time}`}`;
}

/**
 * Takes the claims away.
 * @throws ClusterError if an object has changed since it was read, or may not be changed
 */
export async function takeClaims(cluster: Cluster, claimed: readonly Claimed[]): Promise<void> {
  for (const { object, stay, isAdopted, ports } of claimed) {
    const marks = isAdopted === true ? marksOn(object) : [];
    const { apiVersion, kind, namespace, name } = identity(object);
    const patch = ({ metadata }: LiveObject, entries: readonly ManagedFields[], ...operations: object[]) =>
      cluster.patch(apiVersion, kind, namespace, name, [
        { op: "test", path: "/metadata/resourceVersion", value: metadata.resourceVersion },
        {
          op: "replace",
          path: "/metadata/managedFields",
          value: entries.length === 0 ? [nobody(apiVersion)] : entries,
        },
        ...operations,
      ]);
    await patch(
      object,
      stay,
      ...marks.map(({ place, key }) => ({ op: "remove", path: `/metadata/${place}/${pointer(key)}` })),
      ...ports.map(({ pointer: path, ports: value }) => ({ op: "replace", path, value })),
    );
    if (ports.length === 0) continue;
    // Whoever changes a field gets a claim on it, this program too.
    const changed = (await cluster.get(apiVersion, kind, namespace, name)) as LiveObject | undefined;
    if (changed === undefined) continue;
    await patch(
      changed,
      (changed.metadata.managedFields ?? []).filter(({ manager }) => manager !== projectName),
    );
  }
}

/**
 * An entry that owns nothing that is there. Of an object without any entry the API server says that everything belongs
 * to whoever was before the first apply, and that is a conflict, too.
 */
function nobody(apiVersion: string): ManagedFields {
  const fieldsV1 = { "f:metadata": { "f:annotations": { "f:mesh-tracing/taken-over": {} } } };
  return { manager: projectName, operation: "Update", apiVersion, fieldsType: "FieldsV1", fieldsV1 };
}

/** A key in a JSON pointer. */
function pointer(key: string): string {
  return key.replaceAll("~", "~0").replaceAll("/", "~1");
}

/** What the objects of charts need, which are known only when the provider registers them. */
export interface ChartObjects {
  /** The live object of an identity; undefined if there is none. */
  read(id: ObjectId): Promise<LiveObject | undefined>;
  /** Puts back, and tells. */
  restore(found: Restored): Promise<void>;
}

/**
 * Looks after every object as it is registered, those of charts too.
 * @param claimed what the stack's own manifests and adopted objects need
 */
export function lookAfter(
  plan: Plan,
  claimed: readonly Claimed[],
  charts: ChartObjects,
  isPreview: boolean,
): void {
  const known = new Set(plan.creates.filter(({ release }) => release === undefined).map(keyOf));
  const forced = new Map(
    claimed.filter(({ isChanged }) => isChanged).map((one) => [keyOf(identity(one.object)), one]),
  );
  pulumi.runtime.registerResourceTransform(async ({ type, props, opts }) => {
    const manifest = manifestOf(type, props);
    if (manifest === undefined) return undefined;
    const key = keyOf(identity(manifest));
    const ignoring = (fields: readonly string[]) => ({
      ...opts,
      ignoreChanges: [...(opts.ignoreChanges ?? []), ...fields],
    });
    const ignoreChanges = controllerFields[manifest.kind];
    if (ignoreChanges !== undefined) return { props, opts: ignoring(ignoreChanges) };
    let force = forced.get(key);
    if (force === undefined && !known.has(key)) {
      const object = await charts.read(identity(manifest));
      if (object !== undefined) {
        const found = restoredOf(manifest, object);
        force = found.claimed.find(({ isChanged }) => isChanged);
        await charts.restore(found);
      }
    }
    if (force === undefined || !isPreview) return undefined;
    // A preview does not put the ports back first, and the API server would refuse them.
    const fields = force.ports.map(({ field }) => field);
    return { props: withForce(manifest), opts: fields.length === 0 ? opts : ignoring(fields) };
  });
}

/** The manifest that a resource registers; undefined of what is no object of this stack. */
export function manifestOf(type: string, props: Partial<Manifest>): Manifest | undefined {
  if (!type.startsWith("kubernetes:") || type.endsWith("Patch")) return undefined;
  const { apiVersion, kind, metadata } = props;
  return typeof apiVersion === "string" && typeof kind === "string" && typeof metadata?.name === "string"
    ? (props as Manifest)
    : undefined;
}

/** The same with the annotation by which the provider forces. */
export function withForce(manifest: Manifest): Manifest {
  const { metadata } = manifest;
  return {
    ...manifest,
    metadata: { ...metadata, annotations: { ...metadata.annotations, [forceAnnotation]: "true" } },
  };
}
