/** Which objects a patch of a kustomization is for. */
import { at, type Json, text } from "../../policy/model/reading";

export interface Identity {
  group: string | undefined;
  version: string | undefined;
  kind: string | undefined;
  name: string | undefined;
  namespace: string | undefined;
}

/** Whether a patch is for an object: by its target, or by what it says of itself. */
export function fits(object: unknown, { target }: { target?: Json }, content: unknown): boolean {
  const own = identityOf(object);
  if (own.kind === undefined) return false;
  if (target !== undefined) {
    // Selectors of labels and annotations would need what kustomize sets.
    if (target["labelSelector"] !== undefined || target["annotationSelector"] !== undefined) return false;
    return (["group", "version", "kind", "name", "namespace"] as const).every((field) => {
      const wanted = text(target[field]);
      return wanted === undefined || wanted === own[field] || matches(wanted, own[field] ?? "");
    });
  }
  const wanted = identityOf(content);
  const isHere = wanted.namespace === undefined || wanted.namespace === own.namespace;
  return wanted.kind === own.kind && wanted.group === own.group && wanted.name === own.name && isHere;
}

/** Kustomize reads a target's fields as expressions over the whole; of others' expressions only simple ones are run. */
function matches(pattern: string, value: string): boolean {
  if (!/^[\w.*|-]{1,200}$/.test(pattern) || /\*{2}|\*\S*\*\S*\*/.test(pattern)) return false;
  return new RegExp(`^(?:${pattern})$`).test(value);
}

export function identityOf(object: unknown): Identity {
  const apiVersion = text(at(object, "apiVersion")) ?? "";
  const [group, version] = apiVersion.includes("/") ? apiVersion.split("/") : ["", apiVersion];
  return {
    group,
    version,
    kind: text(at(object, "kind")),
    name: text(at(object, "metadata", "name")),
    namespace: text(at(object, "metadata", "namespace")),
  };
}
