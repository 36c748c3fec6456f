/** What of a cluster matters to the rules, and what that refers to. */
import { isJaegerImage } from "../../policy/model/jaeger";
import { at, record, records, text } from "../../policy/model/reading";

/** An object that is read by its name. */
export interface Reference {
  kind: "ConfigMap" | "Endpoints";
  namespace: string;
  name: string;
}

/** Controllers whose pods are what their template says, so that the template is enough. */
const controllers = new Set([
  "CronJob",
  "DaemonSet",
  "Deployment",
  "Job",
  "ReplicaSet",
  "ReplicationController",
  "StatefulSet",
]);

/** Whether no other object that is read stands for this one. */
export function ownsItself(object: unknown): boolean {
  return !records(at(object, "metadata", "ownerReferences")).some(
    (owner) => owner["controller"] === true && controllers.has(text(owner["kind"]) ?? ""),
  );
}

/**
 * ConfigMaps: all of where istiod runs and of the root namespace, elsewhere those that variables come from,
 * Kiali's, and those that Jaeger mounts. Others may hold what is nobody's business.
 */
export function neededConfigMaps(
  objects: readonly unknown[],
  rootNamespace: string,
): { namespaces: string[]; references: Reference[] } {
  const namespaces = new Set([rootNamespace]);
  const references = new Map<string, Reference>();
  for (const object of objects) {
    const namespace = text(at(object, "metadata", "namespace")) ?? "default";
    const template = podSpec(object);
    const labels = record(template.labels);
    if (labels["app"] === "istiod") namespaces.add(namespace);
    if (labels["app.kubernetes.io/name"] === "kiali") {
      const name = text(labels["app.kubernetes.io/instance"]) ?? "kiali";
      references.set(`${namespace}/${name}`, { kind: "ConfigMap", namespace, name });
    }
    const containers = [...records(template.spec["containers"]), ...records(template.spec["initContainers"])];
    const isJaeger = containers.some((container) => isJaegerImage(container["image"]));
    for (const name of [...containers.flatMap(configMapsOf), ...(isJaeger ? mounted(template.spec) : [])]) {
      references.set(`${namespace}/${name}`, { kind: "ConfigMap", namespace, name });
    }
  }
  const elsewhere = [...references.values()].filter(({ namespace }) => !namespaces.has(namespace));
  return { namespaces: [...namespaces], references: elsewhere };
}

function podSpec(object: unknown): { labels: unknown; spec: Readonly<Record<string, unknown>> } {
  const spec = at(object, "spec");
  const template = at(spec, "jobTemplate", "spec", "template") ?? at(spec, "template") ?? object;
  return { labels: at(template, "metadata", "labels"), spec: record(at(template, "spec")) };
}

function configMapsOf(container: Readonly<Record<string, unknown>>): string[] {
  const whole = records(container["envFrom"]).map((source) => at(source, "configMapRef", "name"));
  const keys = records(container["env"]).map((entry) => at(entry, "valueFrom", "configMapKeyRef", "name"));
  return [...whole, ...keys].filter((name): name is string => typeof name === "string");
}

function mounted(spec: Readonly<Record<string, unknown>>): string[] {
  return records(spec["volumes"]).flatMap((volume) => text(at(volume, "configMap", "name")) ?? []);
}

/** Services whose endpoints somebody else makes: only those tell where such a Service leads. */
export function servicesWithoutSelector(objects: readonly unknown[]): Reference[] {
  return objects.flatMap((object) => {
    const isBare =
      at(object, "kind") === "Service" &&
      at(object, "apiVersion") === "v1" &&
      Object.keys(record(at(object, "spec", "selector"))).length === 0 &&
      at(object, "spec", "type") !== "ExternalName";
    const namespace = text(at(object, "metadata", "namespace"));
    const name = text(at(object, "metadata", "name"));
    if (!isBare || namespace === undefined || name === undefined) return [];
    return [{ kind: "Endpoints", namespace, name }];
  });
}
