/** Workloads whose pods a change replaces: their template is another one. */
import { isDeepStrictEqual } from "node:util";
import { kindOf, type Kind, kinds } from "../mesh/kinds";
import { sortedSet } from "../mesh/stableOrder";
import { identityOf, type KubeObject } from "../policy/model/objects";
import { at } from "../policy/model/reading";
import { type TracingModel } from "../policy/model/tracingModel";
import { describe, type ObjectChange } from "./objects";

/** Kinds that replace their pods as soon as the template changes; jobs and ReplicaSets do not. */
const rolling: ReadonlySet<Kind | undefined> = new Set([
  kinds.deployment,
  kinds.statefulSet,
  kinds.daemonSet,
  kinds.rollout,
  kinds.knativeService,
]);

/**
 * `Deployment shop/web`, …
 * @param changes of objects that decide about traces
 */
export function restartsOf(
  changes: readonly ObjectChange[],
  before: TracingModel,
  after: TracingModel,
): string[] {
  // A part of an object is named as the object.
  const own = changes.filter(isRestart).map(({ id: { patch: _, ...id } }) => describe(id));
  return sortedSet([...own, ...ofCharts(before, after)]);
}

function isRestart({ id, before, after }: ObjectChange): boolean {
  const [old, now] = [templateOf(before), templateOf(after)];
  // A part of somebody else's object that comes or goes changes an object that stays.
  if (id.patch !== true && (before === undefined || after === undefined)) return false;
  return !isDeepStrictEqual(old, now);
}

/** Undefined for what has no pods to replace. */
function templateOf(object: KubeObject | undefined): unknown {
  const kind = object === undefined ? undefined : kindOf(object.apiVersion, object.kind);
  return kind?.template !== undefined && rolling.has(kind) ? at(object, ...kind.template) : undefined;
}

/** Of charts that the model knows only the values change in the input. */
function ofCharts(before: TracingModel, after: TracingModel): string[] {
  const charts = (model: TracingModel): Map<string, KubeObject> =>
    new Map(
      model.index.all
        .filter((object) => model.isInferred(object))
        .map((object) => [identityOf(object), object]),
    );
  const old = charts(before);
  return [...charts(after)]
    .filter(([key, now]) => old.has(key) && !isDeepStrictEqual(templateOf(old.get(key)), templateOf(now)))
    .map(
      ([
        ,
        {
          kind,
          metadata: { namespace, name },
        },
      ]) => `${kind} ${String(namespace)}/${name}`,
    );
}
