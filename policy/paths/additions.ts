/** The lines that open a path: ports or peers for an existing rule, or a new rule. */
import { type Side } from "../reachability";
import { namespaceNameLabel } from "../../mesh/labels";
import { sortedSet } from "../../mesh/stableOrder";
import { type Peer, peerSpec } from "./target";
import { type Json } from "../model/reading";
import { snippet } from "../../findings/snippet";
import { enumerate } from "../../findings/words";

export interface Addition {
  kind: "ports" | "peers" | "rule";
  /** `spec.egress[0]`; `spec.egress` for a whole rule. */
  path: string;
  ports: Map<string, { protocol: string; port: number }>;
  peers: Map<string, Peer>;
}

/** What to change in a policy, for its message. */
export function whatToChange({ kind, path, ports }: Addition): string {
  const numbers = enumerate([...ports.values()].map(({ protocol, port }) => `${protocol} ${port}`));
  if (kind === "ports") return `add ${numbers} to ${path}`;
  if (kind === "peers") return `allow the ${path.includes("egress") ? "destination" : "sender"} in ${path}`;
  return `add a rule for ${numbers}`;
}

/** The lines to add, under a comment that says where. */
export function additionFix(addition: Addition, side: Side, policy: string): string {
  const { kind, path } = addition;
  const rule = ruleOf(addition, side);
  if (kind === "ports") return snippet(`add to ${path}.ports of ${policy}`, rule["ports"]);
  const field = side === "egress" ? "to" : "from";
  if (kind === "peers") return snippet(`add to ${path}.${field} of ${policy}`, rule[field]);
  return snippet(`add to ${path} of ${policy}`, [rule]);
}

/** The rule that allows what is missing. */
export function ruleOf({ ports, peers }: Addition, side: Side): Json {
  const portList = [...ports.values()].map(({ protocol, port }) => ({ protocol, port }));
  return side === "egress"
    ? { to: [...peers.values()].map(peerSpec), ports: portList }
    : { from: [namespacesSpec([...peers.values()])], ports: portList };
}

/** All pods of some namespaces. */
function namespacesSpec(peers: readonly Peer[]): object {
  const names = sortedSet(peers.map(({ namespace }) => namespace));
  return {
    namespaceSelector:
      names.length === 1
        ? { matchLabels: { [namespaceNameLabel]: names[0] } }
        : { matchExpressions: [{ key: namespaceNameLabel, operator: "In", values: names }] },
  };
}
