/** Policies of kinds that are not modelled, and the paths they may affect: one problem per kind. */
import { getOrMake } from "../../mesh/maps";
import { mostNames } from "./senders";
import { groupOf } from "../../mesh/kinds";
import { sortedSet } from "../../mesh/stableOrder";
import { type ObjectRef as PolicyRef } from "../reachability";
import { type ObjectRef, type Problem } from "../rule";
import { enumerate } from "../../findings/words";

interface KindOfPolicy {
  policies: Map<string, PolicyRef>;
  paths: Set<number>;
  senders: Set<string>;
  targets: Set<string>;
}

export class UnmodelledPolicies {
  private readonly kinds = new Map<string, KindOfPolicy>();

  /** Records that a policy may affect a path, given by its number. */
  add(policy: PolicyRef, path: number, sender: string, target: string): void {
    const key = `${groupOf(policy.apiVersion)}/${policy.kind}`;
    const kind = getOrMake(this.kinds, key, () => ({
      policies: new Map(),
      paths: new Set(),
      senders: new Set(),
      targets: new Set(),
    }));
    kind.policies.set(`${policy.namespace ?? ""}/${policy.name}`, policy);
    kind.paths.add(path);
    kind.senders.add(sender);
    kind.targets.add(target);
  }

  /** @param asked the total number of paths */
  problems(asked: number): Problem[] {
    return [...this.kinds.values()].flatMap((kind) => {
      const [first, ...others] = kind.policies.values();
      return first === undefined ? [] : [problemOf(kind, first, others, asked)];
    });
  }
}

function problemOf(
  kind: KindOfPolicy,
  first: PolicyRef,
  others: readonly PolicyRef[],
  asked: number,
): Problem {
  const { apiVersion, kind: name, namespace } = first;
  const object: ObjectRef = { apiVersion, kind: name, metadata: { name: first.name, namespace } };
  const more = others.map((other) =>
    other.namespace === undefined ? other.name : `${other.namespace}/${other.name}`,
  );
  const who =
    more.length === 0
      ? `is of a kind that is not modelled (${apiVersion})`
      : `and ${more.length} more of its kind (${enumerate(more, mostNames)}) are not modelled (${apiVersion})`;
  const paths = kind.paths.size;
  return {
    object,
    says:
      `${who}, so it is unknown whether ${paths} of ${asked} ${asked === 1 ? "path" : "paths"} ${paths === 1 ? "is" : "are"} open, ` +
      `from ${enumerate(sortedSet([...kind.senders]), mostNames)} to ${enumerate(sortedSet([...kind.targets]), mostNames)}`,
    fix: "",
    level: "warning",
  };
}
