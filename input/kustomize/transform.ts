/** What a kustomization sets in every object that it builds: namespace, names, labels, images, replicas. */
import { type Kind, kindOf, kinds } from "../../mesh/kinds";
import { isRecord, type Json, number, record, records, text } from "../../policy/model/reading";
import { type Kustomization, type Labels } from "./kustomization";

/** Objects of one build, as this kustomization leaves them. */
export function transformed(objects: readonly unknown[], by: Kustomization): unknown[] {
  const renamed = new Map<string, string>();
  const results = objects.map((object) => (isRecord(object) ? one(object, by, renamed) : object));
  return renamed.size === 0 ? results : results.map((object) => withReferences(object, renamed));
}

function one(object: Json, by: Kustomization, renamed: Map<string, string>): Json {
  const kind = kindOfObject(object);
  let result = inNamespace(object, by.namespace);
  if (by.namespaceIfNone !== undefined) result = inNamespaceIfNone(result, by.namespaceIfNone);
  result = withName(result, kind, by, renamed);
  for (const labels of by.labels) result = withLabels(result, kind, labels);
  if (Object.keys(by.annotations).length > 0) {
    result = put(result, ["metadata", "annotations"], by.annotations);
    if (hasTemplate(kind))
      result = put(result, [...kind.template, "metadata", "annotations"], by.annotations);
  }
  if (by.replicas.length > 0) result = scaled(result, by);
  return by.images.length > 0 && kind?.template !== undefined
    ? (withImages(result, by.images) as Json)
    : result;
}

/** A Namespace takes the name; objects of the cluster have none. */
export function inNamespace(object: Json, namespace: string | undefined): Json {
  if (namespace === undefined) return object;
  const kind = kindOfObject(object);
  if (kind === kinds.namespace) return put(object, ["metadata"], { name: namespace });
  return kind?.isClusterScoped === true ? object : put(object, ["metadata"], { namespace });
}

/** The same for an object that names no namespace of its own. */
export function inNamespaceIfNone(object: Json, namespace: string): Json {
  return lacksNamespace(object) ? put(object, ["metadata"], { namespace }) : object;
}

/** Whether an object is of a namespace and does not say of which. */
export function lacksNamespace(object: unknown): boolean {
  if (!isRecord(object) || text(record(object["metadata"])["namespace"]) !== undefined) return false;
  const kind = kindOfObject(object);
  return kind?.isClusterScoped !== true && kind?.hasUnknownScope !== true;
}

function kindOfObject(object: Json): Kind | undefined {
  return kindOf(text(object["apiVersion"]) ?? "", text(object["kind"]) ?? "");
}

function withName(
  object: Json,
  kind: Kind | undefined,
  { namePrefix, nameSuffix }: Kustomization,
  renamed: Map<string, string>,
): Json {
  const name = text(record(object["metadata"])["name"]);
  if (namePrefix + nameSuffix === "" || name === undefined || kind === kinds.namespace) return object;
  const after = `${namePrefix}${name}${nameSuffix}`;
  if (kind === kinds.configMap || kind === kinds.secret) renamed.set(`${kind.name} ${name}`, after);
  return put(object, ["metadata"], { name: after });
}

function withLabels(object: Json, kind: Kind | undefined, { pairs, inSelectors, inTemplates }: Labels): Json {
  let result = put(object, ["metadata", "labels"], pairs);
  if (inTemplates && hasTemplate(kind)) result = put(result, [...kind.template, "metadata", "labels"], pairs);
  if (!inSelectors) return result;
  if (kind === kinds.service) result = put(result, ["spec", "selector"], pairs);
  if (kind?.needsSelector === true) result = put(result, ["spec", "selector", "matchLabels"], pairs);
  return kind === kinds.networkPolicy
    ? put(result, ["spec"], ofPolicy(record(result["spec"]), pairs))
    : result;
}

/** Kustomize adds labels to selectors of pods in policies that have labels already, and to no others. */
function ofPolicy(spec: Json, pairs: Json): Json {
  const labelled = (selector: unknown): unknown =>
    isRecord(selector) && isRecord(selector["matchLabels"])
      ? put(selector, ["matchLabels"], pairs)
      : selector;
  const peers = (rules: unknown, field: string): unknown =>
    Array.isArray(rules)
      ? records(rules).map((rule) =>
          Array.isArray(rule[field])
            ? {
                ...rule,
                [field]: records(rule[field]).map((peer) =>
                  "podSelector" in peer ? { ...peer, podSelector: labelled(peer["podSelector"]) } : peer,
                ),
              }
            : rule,
        )
      : rules;
  return {
    ...spec,
    ...("podSelector" in spec ? { podSelector: labelled(spec["podSelector"]) } : {}),
    ...("ingress" in spec ? { ingress: peers(spec["ingress"], "from") } : {}),
    ...("egress" in spec ? { egress: peers(spec["egress"], "to") } : {}),
  };
}

function scaled(object: Json, { replicas }: Kustomization): Json {
  const name = text(record(object["metadata"])["name"]);
  const count = number(replicas.find((entry) => entry["name"] === name)?.["count"]);
  return count === undefined || !("spec" in object) ? object : put(object, ["spec"], { replicas: count });
}

/** `image` of whatever has one, under any field: containers of pods are not all in one place. */
function withImages(value: unknown, images: readonly Json[]): unknown {
  if (Array.isArray(value)) return (value as unknown[]).map((item) => withImages(item, images));
  if (!isRecord(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [
      key,
      key === "image" && typeof inner === "string" ? imageOf(inner, images) : withImages(inner, images),
    ]),
  );
}

function imageOf(image: string, images: readonly Json[]): string {
  const [, name = image, rest = ""] = /^(.+?)((?::[^/@:]+)?(?:@.+)?)$/.exec(image) ?? [];
  const entry = images.find((candidate) => candidate["name"] === name || candidate["name"] === image);
  if (entry === undefined) return image;
  const tag = entry["newTag"];
  const digest = text(entry["digest"]);
  const version =
    digest !== undefined
      ? `@${digest}`
      : typeof tag === "string" || typeof tag === "number"
        ? `:${tag}`
        : rest;
  return `${text(entry["newName"]) ?? name}${version}`;
}

/** Fields that name a ConfigMap or a Secret, and how. */
const references: Readonly<Record<string, readonly [kind: Kind, name: string]>> = {
  configMapRef: [kinds.configMap, "name"],
  configMapKeyRef: [kinds.configMap, "name"],
  configMap: [kinds.configMap, "name"],
  secretRef: [kinds.secret, "name"],
  secretKeyRef: [kinds.secret, "name"],
  secret: [kinds.secret, "secretName"],
};

function withReferences(value: unknown, renamed: ReadonlyMap<string, string>): unknown {
  if (Array.isArray(value)) return (value as unknown[]).map((item) => withReferences(item, renamed));
  if (!isRecord(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => {
      const [kind, field = ""] = Object.hasOwn(references, key) ? (references[key] ?? []) : [];
      const name = kind === undefined ? undefined : renamed.get(`${kind.name} ${text(record(inner)[field])}`);
      return [key, name === undefined ? withReferences(inner, renamed) : { ...record(inner), [field]: name }];
    }),
  );
}

function hasTemplate(kind: Kind | undefined): kind is Kind & { template: readonly string[] } {
  return (kind?.template?.length ?? 0) > 0;
}

/** The object with fields set at a path, whatever is there or not. */
function put(object: Json, [key, ...rest]: readonly string[], fields: Json): Json {
  if (key === undefined) return { ...object, ...fields };
  return { ...object, [key]: put(record(object[key]), rest, fields) };
}
