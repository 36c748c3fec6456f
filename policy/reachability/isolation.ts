/** Which policies isolate some pods in one direction, and whether these allow a connection. */
import { type Protocol, type Side } from "./answers";
import { type End, hostDoubt, isPod, matchesPeer, type PodClass } from "./ends";
import { unknownPlace } from "./objects";
import { type NetworkPolicy, type Peer, type Rule } from "./networkPolicies";
import { isFor, type OtherPolicy } from "./otherPolicies";
import { getOrMake, groupBy } from "../../mesh/maps";
import { coversAnyPort, type NamedPorts } from "./ports";
import { SelectorIndex } from "./selectors";
import { and, Doubt, or, type Truth } from "./truth";

/** A policy that isolates pods for sure, or may. */
export interface Isolating {
  readonly policy: NetworkPolicy;
  readonly applies: true | Doubt;
  readonly rules: readonly Rule[] | Doubt;
}

/** One item of a rule's peers, or the rule itself if it has none. */
interface Allowance {
  readonly isolating: Isolating;
  readonly rule: Pick<Rule, "ports">;
  readonly peer?: Peer;
}

/** Everything that restricts some pods in one direction. */
export interface Isolation {
  /** In the order of the input. */
  readonly policies: readonly Isolating[];
  /** Whether one of these isolates for sure. */
  readonly isCertain: boolean;
  /** Policies of other kinds that may decide, whatever NetworkPolicies say. */
  readonly overrides: readonly Doubt[];
  /** Policies of other kinds that may decide unless a NetworkPolicy isolates. */
  readonly baselines: readonly Doubt[];
  readonly allowances: SelectorIndex<Allowance>;
}

/** All policies of a cluster, by where they are. */
export class Policies {
  private readonly byNamespace = new Map<string, SelectorIndex<NetworkPolicy>>();
  private readonly unplaced: readonly NetworkPolicy[];
  /** By namespace; under `undefined` those for several. */
  private readonly othersByNamespace: ReadonlyMap<string | undefined, readonly OtherPolicy[]>;
  private readonly known: Readonly<Record<Side, Map<PodClass, Isolation>>> = {
    egress: new Map(),
    ingress: new Map(),
  };

  constructor(
    private readonly all: readonly NetworkPolicy[],
    private readonly others: readonly OtherPolicy[],
    /** Objects that may be anything. */
    private readonly unidentified: readonly Doubt[],
  ) {
    this.othersByNamespace = groupBy(others, ({ namespace }) => namespace);
    const groups = groupBy(all, ({ namespace }) => namespace);
    this.unplaced = groups.get(unknownPlace) ?? [];
    for (const [namespace, group] of groups) {
      this.byNamespace.set(namespace, new SelectorIndex(group, ({ selector }) => selector));
    }
  }

  /** What restricts some pods on one side. */
  isolationOf(pods: PodClass, side: Side): Isolation {
    return getOrMake(this.known[side], pods, () => this.computeIsolation(pods, side));
  }

  private computeIsolation(pods: PodClass, side: Side): Isolation {
    const policies: Isolating[] = [];
    for (const policy of this.candidates(pods)) {
      const applies = appliesTo(policy, pods, side);
      if (applies !== false) policies.push({ policy, applies, rules: policy[side].rules });
    }
    policies.sort((a, b) => a.policy.position - b.policy.position);
    const overrides = [...this.unidentified];
    const baselines: Doubt[] = [];
    for (const other of this.otherCandidates(pods)) {
      if (!other.sides.has(side) || isFor(other, pods.namespace, pods.labelSet) === false) continue;
      (other.isBaseline ? baselines : overrides).push(other.doubt);
    }
    const allowances = new SelectorIndex(policies.flatMap(allowancesOf), ({ peer }) =>
      peer !== undefined && "namespaces" in peer ? peer.namespaces : undefined,
    );
    const isCertain = policies.some(({ applies }) => applies === true);
    return { policies, isCertain, overrides, baselines, allowances };
  }

  private candidates({ namespace, labelSet }: PodClass): readonly NetworkPolicy[] {
    if (namespace.name === unknownPlace) return this.all;
    const own = this.byNamespace.get(namespace.name)?.candidates(labelSet) ?? [];
    return [...own, ...this.unplaced];
  }

  private otherCandidates({ namespace: { name } }: PodClass): readonly OtherPolicy[] {
    if (name === unknownPlace) return this.others;
    return [undefined, unknownPlace, name].flatMap((place) => this.othersByNamespace.get(place) ?? []);
  }
}

const placement = Doubt.of({
  kind: "placement",
  text: "whether the policy and the pods are in one namespace is not known",
});

function appliesTo(policy: NetworkPolicy, pods: PodClass, side: Side): Truth {
  let truth = and(policy[side].isolates, policy.selector.matches(pods.labelSet));
  if ([policy.namespace, pods.namespace.name].includes(unknownPlace)) truth = and(truth, placement);
  if (policy.flaw !== undefined) truth = and(truth, policy.flaw);
  const host = hostDoubt(pods);
  return host === false ? truth : and(truth, host);
}

function allowancesOf(isolating: Isolating): Allowance[] {
  // Rules that cannot be read may say anything.
  if (isolating.rules instanceof Doubt) return [{ isolating, rule: {}, peer: isolating.rules }];
  return isolating.rules.flatMap((rule): Allowance | Allowance[] => {
    if (rule.peers === undefined) return { isolating, rule };
    if (rule.peers instanceof Doubt) return { isolating, rule, peer: rule.peers };
    return rule.peers.map((peer) => ({ isolating, rule, peer }));
  });
}

/** The other end of a connection, and its destination's port. */
export interface Connection {
  readonly remote: End;
  /** Named ports of the destination; absent if it is an address. */
  readonly namedPorts: NamedPorts | undefined;
  readonly port: number;
  readonly protocol: Protocol;
}

/** Whether one side allows a connection. */
export function allows(isolation: Isolation, connection: Connection): Truth {
  const truth = allowsByPolicies(isolation, connection);
  const doubts = isolation.isCertain ? isolation.overrides : [...isolation.overrides, ...isolation.baselines];
  if (doubts.length > 0) return doubts.reduce((a, b) => Doubt.both(a, b));
  // What comes from a pod's own node, or goes there, always passes; the node may be this pod's own.
  return truth === false ? hostDoubt(connection.remote) : truth;
}

function allowsByPolicies(isolation: Isolation, connection: Connection): Truth {
  const { remote } = connection;
  const allowed = new Map<Isolating, Truth>();
  const labels = isPod(remote) ? remote.namespace.labelSet : undefined;
  for (const allowance of isolation.allowances.candidates(labels)) {
    const { isolating } = allowance;
    const before = allowed.get(isolating) ?? false;
    if (before === true) continue;
    const truth = or(before, allowsBy(allowance, connection));
    if (truth === true && isolating.applies === true) return true;
    if (truth !== false) allowed.set(isolating, truth);
  }
  return combine(isolation, allowed);
}

function allowsBy({ isolating, rule, peer }: Allowance, connection: Connection): Truth {
  const { namedPorts, port, protocol, remote } = connection;
  const covers = coversAnyPort(rule.ports, namedPorts, port, protocol);
  if (covers === false) return false;
  const truth = and(covers, peer === undefined ? true : matchesPeer(peer, remote));
  // A policy that an API server refuses allows nothing as it stands, but what it was meant to be may.
  return isolating.policy.flaw === undefined || truth === false ? truth : and(truth, isolating.policy.flaw);
}

/**
 * Traffic passes if no policy applies, or one applies and allows it. That is certain if each policy that may
 * apply allows it, and impossible if one surely applies and none may allow it.
 */
function combine({ policies, isCertain }: Isolation, allowed: ReadonlyMap<Isolating, Truth>): Truth {
  let doubt: Doubt | undefined;
  const add = (reason: Doubt) => (doubt = doubt === undefined ? reason : Doubt.both(doubt, reason));
  for (const isolating of policies) {
    const truth = allowed.get(isolating) ?? false;
    // Allowed by a policy that may not apply or not allow it, or denied by one that may not apply.
    if (isCertain ? truth !== false : truth !== true)
      add(and(isolating.applies, truth === false ? true : truth) as Doubt);
  }
  return doubt ?? !isCertain;
}
