/** What policies fail to allow: one problem per policy and side, whatever it closes. */
import { enumerate } from "../../findings/words";
import { snippet } from "../../findings/snippet";
import { kinds, typeMeta } from "../../mesh/kinds";
import { ports } from "../../mesh/ports";
import { compare, sortedSet } from "../../mesh/stableOrder";
import { record, records } from "../model/reading";
import { type Traced } from "../model/traced";
import { type TracingModel } from "../model/tracingModel";
import { type NoRule, type ObjectRef as PolicyRef, type Side } from "../reachability";
import { nameOf, type ObjectRef, type Problem } from "../rule";
import { getOrMake, groupBy } from "../../mesh/maps";
import { type Addition, additionFix, ruleOf, whatToChange } from "./additions";
import { choosePlacement, type Placement } from "./placement";
import { asObject, policyObject } from "./policyObjects";
import { type Purpose } from "./purpose";
import { describeSenders } from "./senders";
import { type Peer, type Target } from "./target";

/** What one policy fails to allow. */
interface Gap {
  side: Side;
  policy: PolicyRef;
  /** Whether a policy that is not in the input may allow it. */
  mayBeOpen: boolean;
  /** Whether only proxies that may not exist are affected. */
  isAssumed: boolean;
  /** Targets and their ports, each once, with who is kept from them. */
  missing: Map<string, Missing>;
  /** Lines to add, by the place they go to. */
  additions: Map<string, Addition>;
}

interface Missing {
  target: Target;
  port: number;
  senders: Set<Traced>;
}

export class Gaps {
  private readonly byPolicy = new Map<string, Gap>();

  constructor(
    private readonly model: TracingModel,
    private readonly purpose: Purpose,
  ) {}

  /**
   * Records that no rule lets a pod reach a target.
   * @param isAssumed whether the sender may not exist
   */
  add(sender: Traced, target: Target, reason: NoRule, isAssumed: boolean): "may be open" | "closed" {
    const placement = choosePlacement(reason, target, this.model, this.purpose);
    if (placement === undefined) return "closed";
    const { policy, extended } = placement;
    const gap = this.gapOf(policy, reason.side);
    // A rule to extend shows that this policy was meant to open the path.
    const mayBeOpen = extended === undefined && this.model.mayHaveOtherPolicies(policy.namespace ?? "");
    if (!mayBeOpen) gap.mayBeOpen = false;
    if (!isAssumed) gap.isAssumed = false;
    const { port, protocol } = reason;
    const key = `${target.name}:${protocol}:${port}`;
    const missing = gap.missing.get(key) ?? { target, port, senders: new Set() };
    gap.missing.set(key, missing);
    missing.senders.add(sender);
    const addition = additionIn(gap, placement, peerOf(sender, target, reason.side));
    addition.ports.set(`${protocol} ${port}`, { protocol, port });
    return mayBeOpen ? "may be open" : "closed";
  }

  problems(): Problem[] {
    return [...this.byPolicy.values()].map((gap) => this.problemOf(gap));
  }

  private gapOf(policy: PolicyRef, side: Side): Gap {
    const key = `${side} ${policy.namespace}/${policy.name}`;
    let gap = this.byPolicy.get(key);
    if (gap === undefined) {
      gap = {
        side,
        policy,
        mayBeOpen: true,
        isAssumed: true,
        missing: new Map(),
        additions: new Map(),
      };
      this.byPolicy.set(key, gap);
    }
    return gap;
  }

  private problemOf(gap: Gap): Problem {
    const { policy, mayBeOpen, isAssumed, missing } = gap;
    const object: ObjectRef = policyObject(this.model, policy) ?? asObject(policy);
    const isOptional = [...missing.values()].every(({ target }) => target.optional === true);
    const additions = [...gap.additions.values()].sort((a, b) => compare(a.path, b.path));
    return {
      object,
      says:
        `${whatIsClosed(gap)}, ${this.purpose.consequence}; ${enumerate(additions.map(whatToChange))}` +
        (mayBeOpen ? ", unless a policy that is not in the input allows it" : "") +
        (isAssumed ? ", if these pods have proxies, which depends on their namespaces' labels" : ""),
      fix: this.fixOf(gap, additions, object),
      ...(mayBeOpen || isOptional || isAssumed ? { level: "warning" as const } : {}),
    };
  }

  /** Lines for the rules of the policy; a policy that allows nothing stays as it is and gets another one beside it. */
  private fixOf({ side, policy }: Gap, additions: readonly Addition[], object: ObjectRef): string {
    const spec = record(policyObject(this.model, policy)?.["spec"]);
    if (records(spec[side]).length > 0) {
      return additions.map((addition) => additionFix(addition, side, nameOf(object))).join("\n");
    }
    return snippet(`add beside ${nameOf(object)}`, {
      ...typeMeta(kinds.networkPolicy),
      metadata: { name: this.purpose.policyNames[side], namespace: policy.namespace },
      spec: {
        podSelector: spec["podSelector"] ?? {},
        policyTypes: [side === "egress" ? "Egress" : "Ingress"],
        [side]: additions.map((addition) => ruleOf(addition, side)),
      },
    });
  }
}

/** The peer a rule has to select: the target on the sender's side, the sender's namespace on the target's. */
function peerOf({ workload }: Traced, target: Target, side: Side): Peer {
  return side === "egress" ? target.peer : { namespace: workload.namespace, labels: {} };
}

/** The addition of a policy that a peer belongs to, with the peer in it. */
function additionIn({ additions, side }: Gap, { extended }: Placement, peer: Peer): Addition {
  const kind = extended === undefined ? "rule" : extended.matches === "peer" ? "ports" : "peers";
  const path = extended?.path ?? `spec.${side}`;
  const peerKey = `${peer.namespace} ${JSON.stringify(peer.labels)} ${peer.cidr ?? ""}`;
  // A new egress rule has one peer: two in one rule would open each other's ports.
  const place = kind === "rule" && side === "egress" ? `${path} ${kind} ${peerKey}` : `${path} ${kind}`;
  const addition = getOrMake(additions, place, (): Addition => ({
    kind,
    path,
    ports: new Map(),
    peers: new Map(),
  }));
  addition.peers.set(peerKey, peer);
  return addition;
}

function whatIsClosed({ side, missing }: Gap): string {
  const all = [...missing.values()];
  if (side === "ingress") {
    const names = sortedSet(all.map(({ target }) => target.name)).join(", ");
    const ways = bySenders(all).map(
      (group) => `from ${describeSenders(group[0].senders)} on ${portsOf(group)}`,
    );
    return `blocks ingress to ${names} ${enumerate(ways)}`;
  }
  const ways = bySenders(all).map((group) => {
    const targets = [...groupBy(group, ({ target }) => target.name)].map(
      ([name, own]) => `${name} on ${portsOf(own)}`,
    );
    return `from ${describeSenders(group[0].senders)} to ${enumerate(targets)}`;
  });
  return `blocks egress ${enumerate(ways)}`;
}

/** What is closed to the same workloads, together: who loses which spans must be told apart. */
function bySenders(all: readonly Missing[]): [Missing, ...Missing[]][] {
  const number = new Map<Traced, number>();
  const idOf = (sender: Traced): number => {
    const known = number.get(sender) ?? number.size;
    number.set(sender, known);
    return known;
  };
  // They are asked about in one order.
  return [...groupBy(all, ({ senders }) => [...senders].map(idOf).join()).values()];
}

function portsOf(group: readonly Missing[]): string {
  return enumerate(group.map(({ target, port }) => portText(target, port)));
}

/** `TCP 9411 (spans of proxies, Zipkin)`. */
function portText({ protocol, purpose }: Target, port: number): string {
  const tunnel = port === ports.hbone ? "in the tunnel between ambient pods" : "";
  const notes = [purpose, tunnel].filter((note) => note !== "");
  return `${protocol} ${port}${notes.length === 0 ? "" : ` (${notes.join("; ")})`}`;
}
