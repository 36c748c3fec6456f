/** Why a part cannot be applied to a Deployment of others. */
import { patchManager } from "../../components/metadata";
import { sharedMeshConfigEnv } from "../../mesh/meshConfig";
import { at, record } from "../../mesh/plainObjects";
import { type LiveObject, textOf } from "./liveObject";
import { type PatchTarget } from "./plan";

/** Each reason with its way out. */
export function patchBlockers(target: PatchTarget, object: LiveObject | undefined, stack: string): string[] {
  const text = textOf(target);
  if (object === undefined) {
    return [`${text} is not in the cluster: deploy it first, or change ${target.configKey}`];
  }
  const shared = target.variables.find(({ name }) => name === sharedMeshConfigEnv);
  const containers = object.spec?.template?.spec?.containers ?? [];
  const container = containers.find(({ name }) => name === target.container);
  if (container === undefined) {
    const names = containers.map(({ name }) => name).join(", ");
    const way = shared === undefined ? `set ${target.configKey}.container` : `set ${target.configKey} false`;
    return [`${text} has no container ${target.container} (it has ${names}): ${way}`];
  }
  const others = variablesOfOthers(object, target.container, stack);
  const liveValue = (variable: string): string | undefined =>
    container.env?.find(({ name }) => name === variable)?.value;
  if (shared !== undefined) {
    const value = liveValue(shared.name);
    return value === undefined || value === shared.value || !others.has(shared.name)
      ? []
      : [
          `${text} already reads the shared mesh config ${value}: set istio.sharedConfigMap ${value} and take it over, ` +
            "or set istio.delivery values",
        ];
  }
  const taken = target.variables
    .filter(({ name, value }) => others.has(name) && (value === undefined || liveValue(name) !== value))
    .map(({ name }) => name);
  return taken.length === 0
    ? []
    : [
        `${text} sets ${taken.join(", ")} in its own manifest, and a variable cannot have two sources: remove them ` +
          `there, or run kubectl -n ${target.namespace} set env deployment/${target.name} -c ${target.container} ` +
          taken.map((variable) => `${variable}-`).join(" "),
      ];
}

/** Names of the container's variables that field managers other than this stack have set. */
function variablesOfOthers(object: LiveObject, container: string, stack: string): Set<string> {
  const path = ["f:spec", "f:template", "f:spec", "f:containers", `k:{"name":"${container}"}`, "f:env"];
  return new Set(
    (object.metadata.managedFields ?? [])
      .filter(({ manager }) => manager !== patchManager(stack))
      .flatMap(({ fieldsV1 }) => Object.keys(record(at(fieldsV1, ...path))))
      .flatMap((key) => /^k:\{"name":"(.*)"\}$/.exec(key)?.[1] ?? []),
  );
}
