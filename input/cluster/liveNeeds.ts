/** What of a cluster matters to the rules, and what that refers to. */
import { objectNames } from "../../mesh/names";
import { appLabels, istiodLabels, kialiPodLabels } from "../../mesh/labels";
import { runsCollector } from "../../policy/model/collectors/images";
import { type Kind, kindOf, kinds } from "../../mesh/kinds";
import { type KubeObject, namespaceOf, ObjectIndex } from "../../policy/model/objects";
import { at, record, records, text } from "../../policy/model/reading";
import { isStoodFor, workloadOf } from "../../policy/model/workloads";

/** An object that is read by its name. */
export interface Reference {
  kind: Kind;
  namespace: string;
  name: string;
}

/** The objects that no other one of them stands for, such as a Deployment for its ReplicaSets and their Pods. */
export function withoutStoodFor(objects: readonly unknown[]): KubeObject[] {
  const index = new ObjectIndex(objects);
  return index.all.filter((object) => !isStoodFor(object, index));
}

/**
 * ConfigMaps: all of where istiod runs and of the root namespace, elsewhere those that variables come from,
 * Kiali's, and those that collectors mount. Others may hold what is nobody's business.
 * @param isLookedAt whether variables of a namespace's workloads matter
 */
export function neededConfigMaps(
  objects: readonly KubeObject[],
  rootNamespace: string,
  isLookedAt: (namespace: string) => boolean,
): { namespaces: string[]; references: Reference[] } {
  const namespaces = new Set([rootNamespace]);
  const references = new Map<string, Reference>();
  for (const object of objects) {
    const namespace = namespaceOf(object);
    const workload = workloadOf(object);
    const { labels, pod } = workload;
    if (labels["app"] === istiodLabels.app) namespaces.add(namespace);
    if (labels[appLabels.name] === kialiPodLabels[appLabels.name]) {
      const name = labels[appLabels.instance] ?? objectNames.kiali;
      references.set(`${namespace}/${name}`, { kind: kinds.configMap, namespace, name });
    }
    const containers = [...records(pod["containers"]), ...records(pod["initContainers"])];
    const files = runsCollector(workload) ? mounted(pod) : [];
    const variables = isLookedAt(namespace) ? containers.flatMap(configMapsOf) : [];
    for (const name of [...variables, ...files]) {
      references.set(`${namespace}/${name}`, { kind: kinds.configMap, namespace, name });
    }
  }
  const elsewhere = [...references.values()].filter(({ namespace }) => !namespaces.has(namespace));
  return { namespaces: [...namespaces], references: elsewhere };
}

function configMapsOf(container: Readonly<Record<string, unknown>>): string[] {
  const whole = records(container["envFrom"]).map((source) => at(source, "configMapRef", "name"));
  const keys = records(container["env"]).map((entry) => at(entry, "valueFrom", "configMapKeyRef", "name"));
  return [...whole, ...keys].filter((name): name is string => typeof name === "string");
}

function mounted(spec: Readonly<Record<string, unknown>>): string[] {
  return records(spec["volumes"])
    .flatMap((volume) => [volume, ...records(at(volume, "projected", "sources"))])
    .flatMap((source) => text(at(source, "configMap", "name")) ?? []);
}

/** Services whose endpoints somebody else makes: only those tell where such a Service leads. */
export function servicesWithoutSelector(objects: readonly KubeObject[]): Reference[] {
  return objects.flatMap((object) => {
    const isBare =
      kindOf(object.apiVersion, object.kind) === kinds.service &&
      Object.keys(record(at(object, "spec", "selector"))).length === 0 &&
      at(object, "spec", "type") !== "ExternalName";
    const namespace = text(at(object, "metadata", "namespace"));
    const name = text(at(object, "metadata", "name"));
    if (!isBare || namespace === undefined || name === undefined) return [];
    return [{ kind: kinds.endpoints, namespace, name }];
  });
}
