/** Cilium's selectors of endpoints: labels of pods and of their namespaces under one roof. */
import { isRecord } from "../../mesh/plainObjects";
import { namespaceNameLabel } from "../../mesh/labels";
import { Field } from "./fields";
import { readSelector } from "./selectorFields";
import { type Selectors, type Subject } from "./selectors";

const namespaceKey = "io.kubernetes.pod.namespace";
const namespaceLabels = "io.cilium.k8s.namespace.labels.";

/** What a key is about, without its source (`k8s:app`); undefined if it is no label of Kubernetes. */
function placeOf(key: string): { of: "pods" | "namespaces"; key: string } | undefined {
  const plain = key.replace(/^(k8s|any):/, "");
  if (plain === namespaceKey) return { of: "namespaces", key: namespaceNameLabel };
  if (plain.startsWith(namespaceLabels)) {
    return { of: "namespaces", key: plain.slice(namespaceLabels.length) };
  }
  // `reserved:host`, identities of Cilium, service accounts: labels that only the cluster knows.
  return /:|^io\.(kubernetes|cilium)\./.test(plain) ? undefined : { of: "pods", key: plain };
}

/**
 * The pods that an `endpointSelector` means.
 * @returns an empty subject, which stands for all of them, where the selector asks for what manifests do not tell
 * @see https://docs.cilium.io/en/stable/security/policy/kubernetes/
 */
export function ciliumSubject(selector: Field, selectors: Selectors): Subject {
  const { object } = selector.source;
  const sorted = {
    pods: { matchLabels: {} as Record<string, unknown>, matchExpressions: [] as unknown[] },
    namespaces: { matchLabels: {} as Record<string, unknown>, matchExpressions: [] as unknown[] },
  };
  const { value } = selector;
  if (!isRecord(value)) return {};
  const labels = value.matchLabels ?? {};
  const expressions = value.matchExpressions ?? [];
  if (!isRecord(labels) || !Array.isArray(expressions)) return {};
  for (const [key, wanted] of Object.entries(labels)) {
    const place = placeOf(key);
    if (place === undefined) return {};
    // Whatever a policy with a namespace says of it, it is for its own.
    if (isOwnNamespace(place.key, object.namespace)) continue;
    sorted[place.of].matchLabels[place.key] = wanted;
  }
  for (const expression of expressions as unknown[]) {
    if (!isRecord(expression) || typeof expression.key !== "string") return {};
    const place = placeOf(expression.key);
    if (place === undefined) return {};
    if (isOwnNamespace(place.key, object.namespace)) continue;
    sorted[place.of].matchExpressions.push({ ...expression, key: place.key });
  }
  const read = (part: unknown) => readSelector(new Field(part, selector.source), selectors);
  return { pods: read(sorted.pods), namespaces: read(sorted.namespaces) };
}

function isOwnNamespace(key: string, namespace: string | undefined): boolean {
  return key === namespaceNameLabel && namespace !== undefined;
}
