/** The reasons of an answer: slower than the verdict, and only computed when somebody reads them. */
import {
  describeRef,
  type IsolatingPolicy,
  type NearestRule,
  type Protocol,
  type Reason,
  type Side,
} from "./answers";
import { assumesPodsInBlock, matchesAnyPeer } from "./ends";
import { allows, type Connection, type Isolating, type Isolation } from "./isolation";
import { type Rule } from "./networkPolicies";
import { coversAnyPort } from "./ports";
import { Doubt, type Truth } from "./truth";

/** One side of a connection, with the names that texts use. */
export interface SideOfConnection {
  readonly side: Side;
  readonly isolation: Isolation;
  readonly connection: Connection;
  /** The pods of this side. */
  readonly local: string;
  /** The other end. */
  readonly remote: string;
}

/** Why one side allows a connection, denies it, or why nobody can say. */
export function explainSide(context: SideOfConnection): Reason[] {
  const { side, isolation, connection, local } = context;
  const truth = allows(isolation, connection);
  const isolated = isolation.policies.map((isolating): Reason => {
    const isCertain = isolating.applies === true;
    const text = `${describeRef(isolating.policy.ref)} ${isCertain ? "isolates" : "may isolate"} ${side} of ${local}`;
    return { kind: "isolated", side, policy: isolating.policy.ref, certain: isCertain, text };
  });
  if (truth instanceof Doubt) {
    const unknown = truth.causes.map((cause): Reason => ({ kind: "unknown", side, cause, text: cause.text }));
    return [...isolated, ...unknown];
  }
  if (!truth) return [...isolated, noRule(context)];
  if (isolated.length === 0) {
    return [{ kind: "not-isolated", side, text: `no NetworkPolicy isolates ${side} of ${local}` }];
  }
  return [...isolated, ...allowedBy(context)];
}

function allowedBy({ side, isolation, connection, remote }: SideOfConnection): Reason[] {
  return isolation.policies.flatMap(({ policy, rules }) =>
    knownRules(rules).flatMap((rule): Reason[] => {
      const { peer, port } = judge(rule, connection);
      if (peer !== true || port !== true) return [];
      const where = pathOf(side, rule);
      const text = `${where} of ${describeRef(policy.ref)} allows ${portText(connection)} ${toward(side)} ${remote}`;
      const base = { side, policy: policy.ref, rule: rule.index };
      const reason: Reason = { kind: "allowed-by", ...base, path: where, text };
      if (!assumesPodsInBlock(rule.peers, connection.remote)) return [reason];
      const note = `assumed: ${remote} has an IPv4 address and the network plugin counts pods to 0.0.0.0/0 (Cilium does not)`;
      return [reason, { kind: "assumption", ...base, text: note }];
    }),
  );
}

function noRule({ side, isolation, connection, local, remote }: SideOfConnection): Reason {
  const isolating = isolation.policies
    .filter(({ applies }) => applies === true)
    .map((entry): IsolatingPolicy => ({
      policy: entry.policy.ref,
      nearest: nearestRule(entry, side, connection),
    }));
  const { port, protocol } = connection;
  const near = isolating.flatMap(({ policy, nearest }) =>
    nearest === undefined
      ? []
      : [
          `${nearest.path} of ${describeRef(policy)} ${
            nearest.matches === "peer"
              ? "has that peer, but not that port"
              : "has that port, but not that peer"
          }`,
        ],
  );
  const text = [
    `no rule allows ${side} of ${local} ${toward(side)} ${remote} on ${portText(connection)}`,
    ...near,
  ].join("; ");
  return { kind: "no-rule", side, port, protocol, isolating, text };
}

/** A rule for this very peer is nearer than one for this very port, and that nearer than one for any. */
function nearestRule({ rules }: Isolating, side: Side, connection: Connection): NearestRule | undefined {
  let best: { rank: number; nearest: NearestRule } | undefined;
  for (const rule of knownRules(rules)) {
    const { peer, port } = judge(rule, connection);
    if ((peer === true) === (port === true)) continue;
    const matches = peer === true ? "peer" : "port";
    const explicit = (matches === "peer" ? rule.peers : rule.ports) !== undefined;
    const rank = (explicit ? 2 : 0) + (matches === "peer" ? 1 : 0);
    if (best !== undefined && best.rank >= rank) continue;
    best = { rank, nearest: { rule: rule.index, path: pathOf(side, rule), matches, explicit } };
  }
  return best?.nearest;
}

function judge(rule: Rule, { remote, namedPorts, port, protocol }: Connection): { peer: Truth; port: Truth } {
  return {
    peer: matchesAnyPeer(rule.peers, remote),
    port: coversAnyPort(rule.ports, namedPorts, port, protocol),
  };
}

function knownRules(rules: readonly Rule[] | Doubt): readonly Rule[] {
  return rules instanceof Doubt ? [] : rules;
}

function pathOf(side: Side, rule: Rule): string {
  return `spec.${side}[${rule.index}]`;
}

function portText({ protocol, port }: { protocol: Protocol; port: number }): string {
  return `${protocol} ${port}`;
}

function toward(side: Side): string {
  return side === "egress" ? "to" : "from";
}
