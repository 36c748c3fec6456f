/** What the NetworkPolicies of this project say about those of others. */
import { ownerLabels } from "../../mesh/labels";
import { objectNames, projectName } from "../../mesh/names";
import { type KubeObject, namespaceOf } from "./objects";
import { at, record, textMap } from "./reading";

/**
 * Namespaces in which the only egress policy is the one by which a stack adds the way to its collector. A stack makes
 * it alone only where policies of others isolate the namespace (`isolation: existing`), and those are not here.
 */
export function namespacesThatOthersIsolate(policies: readonly KubeObject[]): string[] {
  const added = new Set<string>();
  const whole = new Set<string>();
  for (const policy of policies) {
    const namespace = namespaceOf(policy);
    if (isOwn(policy) && policy.metadata.name === objectNames.jaegerEgress) added.add(namespace);
    else if (isOfEgress(policy)) whole.add(namespace);
  }
  return [...added].filter((namespace) => !whole.has(namespace));
}

function isOwn({ metadata }: KubeObject): boolean {
  return textMap(metadata["labels"])[ownerLabels.partOf] === projectName;
}

function isOfEgress(policy: KubeObject): boolean {
  const types = at(policy, "spec", "policyTypes");
  return Array.isArray(types) ? types.includes("Egress") : "egress" in record(policy["spec"]);
}
