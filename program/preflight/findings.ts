/** What the check finds when it compares what a stack plans with what a cluster has. */
import { type StackConfig } from "../../config/stack";
import { objectNames } from "../../mesh/names";
import { adoptionMistakes } from "./adoption";
import { type ClusterFacts } from "./facts";
import { identity, isOwn, keyOf, type LiveObject, mayBeOwn, ownerOf, textOf } from "./liveObject";
import { type Foreign, obstacle } from "./ownership";
import { patchBlockers } from "./patchBlockers";
import { type Plan } from "./plan";
import { missingNamespaces, notServed } from "./requirements";

/** What the check found. */
export interface Findings {
  /** What makes the deployment impossible or harmful, each with its way out. */
  blockers: string[];
  /** Objects of others under the names of this stack's objects, which are not to be taken over. */
  foreign: Foreign[];
  /** Those that are taken over. */
  adopted: Foreign[];
  /** What another tool must do before or after its objects are taken over. */
  letGo: string[];
}

/** @param adopting names of the objects that the stack takes over from others */
export function findings(
  config: StackConfig,
  plan: Plan,
  facts: ClusterFacts,
  adopting: readonly string[] = [],
): Findings {
  const live = new Map(facts.objects.map((object) => [keyOf(identity(object)), object]));
  const all = plan.creates.flatMap((planned): Foreign[] => {
    const object = live.get(keyOf(planned));
    return object === undefined || isOwn(object, planned.manifest) ? [] : [{ planned, object }];
  });
  const obstacles = new Map(all.map((one) => [one, obstacle(one, config)]));
  const foreign = all.filter((one) => obstacles.get(one) === undefined);
  const adopted = foreign.filter(({ planned }) => adopting.includes(textOf(planned)));
  const extraTelemetries = facts.telemetries.filter(
    (telemetry) => telemetry.metadata.name !== objectNames.telemetry && isMeshWide(telemetry),
  );
  return {
    blockers: [
      ...missingNamespaces(config, plan, facts),
      ...facts.unserved.flatMap((kind) => notServed(config, kind)),
      // An installation is told of once, whatever it is made of.
      ...[...obstacles.values()].flatMap((one, index, every) =>
        one === undefined || every.findIndex((other) => other?.id === one.id) < index ? [] : [one.text],
      ),
      ...plan.patches.flatMap((target) => patchBlockers(target, live.get(keyOf(target)), config.stack)),
      ...adoptionMistakes(adopting, plan, foreign),
      // Of another name, so nothing takes it over; the step that adopts the rest only warns, so that its owner
      // can go on until then.
      ...(adopting.length > 0 ? [] : extraTelemetries.map(secondTelemetry)),
    ],
    foreign: foreign.filter((one) => !adopted.includes(one)),
    adopted,
    letGo: [
      ...adopted.map(
        ({ planned, object }) =>
          `${textOf(planned)}: ${ownerOf(object)}` +
          (mayBeOwn(object, planned.manifest)
            ? "; where that was another program, it must stop managing it, without deleting it"
            : " must stop managing it, without deleting it"),
      ),
      ...(adopting.length > 0 ? extraTelemetries : []).map(
        (telemetry) =>
          `${textOf(identity(telemetry))}: ${ownerOf(telemetry)} must delete it, because Istio honours only the ` +
          `oldest mesh-wide Telemetry: ${deletion(telemetry)}`,
      ),
    ],
  };
}

function secondTelemetry(telemetry: LiveObject): string {
  return (
    `${textOf(identity(telemetry))}: ${ownerOf(telemetry)} manages a second mesh-wide Telemetry, and Istio honours ` +
    `only the oldest: ${deletion(telemetry)}`
  );
}

function deletion({ metadata }: LiveObject): string {
  return `kubectl -n ${metadata.namespace} delete telemetry ${metadata.name}`;
}

function isMeshWide({ spec }: LiveObject): boolean {
  return (
    spec?.selector === undefined && spec?.targetRef === undefined && (spec?.targetRefs ?? []).length === 0
  );
}
