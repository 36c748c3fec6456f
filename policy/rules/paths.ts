/**
 * Asks for every traced pod and every target whether policies let the one reach the other, and turns what they
 * do not into one problem for each policy to change.
 */
import { appLabels, jaegerAppLabel, kialiPodLabels } from "../../mesh/labels";
import { ports } from "../../mesh/ports";
import {
  type CauseKind,
  type NearestRule,
  type NoRule,
  type ObjectRef as PolicyRef,
  type Reason,
  type Side,
  type UnknownReason,
  type Verdict,
} from "../reachability";
import { kinds, typeMeta } from "../../mesh/kinds";
import { ports as portNumbers } from "../../mesh/ports";
import { namespaceNameLabel } from "../../mesh/labels";
import { compare, sortedSet } from "../../mesh/stableOrder";
import { type KubeObject } from "../model/objects";
import { endOf, type Peer, type Target } from "../model/pathTargets";
import { at, type Json, list, number, record, records } from "../model/reading";
import { type Traced } from "../model/traced";
import { type TracingModel } from "../model/tracingModel";
import { describeWorkload } from "../model/workloads";
import { nameOf, type ObjectRef, type Problem } from "../rule";
import { enumerate, snippet } from "../snippet";
import { type Addition, additionFix, ruleOf, whatToChange } from "./pathFixes";
import { UnmodelledPolicies } from "./unmodelledPolicies";

/** What tells one audit of paths from another. */
export interface Purpose {
  /** What follows for the pods: `so that these spans are lost`. */
  consequence: string;
  /** Ports that policies for this purpose are known by. */
  kin: readonly number[];
  /** Names of a policy for this purpose, where none is there to be extended. */
  policyNames: Readonly<Record<Side, string>>;
  /** Doubts that rules of their own report: saying it once more would not help. */
  ignored: readonly CauseKind[];
}

/** Doubts about pods that are not in the input. */
const aboutPods: ReadonlySet<CauseKind> = new Set(["pod-labels", "pod-ports"]);

const tunnelPort = portNumbers.hbone;
const tunnel = "in the tunnel between ambient pods";

/** What one policy must let through in addition. */
interface Gap {
  side: Side;
  policy: PolicyRef;
  /** Whether another policy, which is not in the input, may let it through. */
  mayBeOpen: boolean;
  /** Whether only proxies miss it that may not be there. */
  isAssumed: boolean;
  subjects: Map<Traced, true>;
  /** Targets by name, with their ports and purposes. */
  wanted: Map<string, { target: Target; port: number }>;
  /** Lines by the place they go to. */
  additions: Map<string, Addition>;
}

interface Doubtful {
  /** What would have to be known, or the policy whose effect is not. */
  object: ObjectRef;
  reason: UnknownReason;
  target: Target;
  subjects: Map<Traced, true>;
}

export class PathAudit {
  private readonly gaps = new Map<string, Gap>();
  private readonly doubts = new Map<string, Doubtful>();
  private readonly unmodelled = new UnmodelledPolicies();
  private asked = 0;

  constructor(
    private readonly model: TracingModel,
    private readonly purpose: Purpose,
  ) {}

  /**
   * Asks one question.
   * @param alternatives other places of the same thing: one that is known to be open will do
   * @param isAssumed whether the sender may not be there: what is closed to it is a warning then
   * @returns the verdict; `unknown` also where only policies that are not in the input may still open the way
   */
  check(traced: Traced, target: Target, alternatives: readonly Target[] = [], isAssumed = false): Verdict {
    const from = endOf(this.model, traced);
    const { membership } = traced;
    this.asked++;
    const answer = target.ask(from, membership);
    if (answer.verdict === "allowed") return "allowed";
    if (alternatives.some((other) => other.ask(from, membership).verdict === "allowed")) return "allowed";
    if (answer.verdict === "unknown") {
      this.addDoubts(traced, target, answer.because);
      return "unknown";
    }
    const gaps = answer.because.flatMap((reason) =>
      reason.kind === "no-rule" ? [this.addGap(traced, target, reason, isAssumed)] : [],
    );
    return gaps.length > 0 && gaps.every((gap) => gap === "may be open") ? "unknown" : "denied";
  }

  problems(): Problem[] {
    return [
      ...[...this.gaps.values()].map((gap) => this.gapProblem(gap)),
      ...[...this.doubts.values()].map((doubt) => this.doubtProblem(doubt)),
      ...this.unmodelled.problems(this.asked),
    ];
  }

  private addDoubts(traced: Traced, target: Target, because: readonly Reason[]): void {
    for (const reason of because) {
      if (reason.kind !== "unknown" || this.purpose.ignored.includes(reason.cause.kind)) continue;
      const { cause } = reason;
      if (cause.kind === "other-policy" && cause.object !== undefined) {
        const { name, purpose } = target;
        this.unmodelled.add(
          cause.object,
          this.asked,
          describeWorkload(traced.workload),
          purpose === "" ? name : `${name} (${purpose})`,
        );
        continue;
      }
      const guessed = aboutPods.has(cause.kind) ? target.guessed : undefined;
      if (guessed?.isReported) continue;
      // One problem for each thing that is not known, however many pods it matters for.
      const object = guessed?.object ?? this.doubtedObject(traced, reason, because);
      if (cause.kind === "pod-labels" && guessed === undefined && isForTracesOnly(object)) continue;
      const key = `${nameOf(object)} ${cause.kind} ${cause.object === undefined ? cause.text : (cause.path ?? "")}`;
      const known = this.doubts.get(key);
      if (known === undefined) {
        this.doubts.set(key, { object, reason, target, subjects: new Map([[traced, true]]) });
      } else known.subjects.set(traced, true);
    }
  }

  private doubtedObject(
    traced: Traced,
    { cause, side }: UnknownReason,
    because: readonly Reason[],
  ): ObjectRef {
    if (cause.object !== undefined) return asObject(cause.object);
    const isolated = because.find((reason) => reason.kind === "isolated" && reason.side === side);
    if (isolated?.kind !== "isolated") return traced.workload.object;
    return this.policyObject(isolated.policy) ?? asObject(isolated.policy);
  }

  private addGap(
    traced: Traced,
    target: Target,
    reason: NoRule,
    isAssumed: boolean,
  ): "may be open" | "closed" {
    const { side } = reason;
    const chosen = this.chooseRule(reason, target);
    if (chosen === undefined) return "closed";
    const { policy, nearest } = chosen;
    const key = `${side} ${policy.namespace}/${policy.name}`;
    let gap = this.gaps.get(key);
    if (gap === undefined) {
      gap = {
        side,
        policy,
        mayBeOpen: true,
        isAssumed: true,
        subjects: new Map(),
        wanted: new Map(),
        additions: new Map(),
      };
      this.gaps.set(key, gap);
    }
    const mayBeOpen = nearest === undefined && this.model.mayHaveOtherPolicies(policy.namespace ?? "");
    if (!mayBeOpen) gap.mayBeOpen = false;
    if (!isAssumed) gap.isAssumed = false;
    gap.subjects.set(traced, true);
    gap.wanted.set(`${target.name}:${reason.protocol}:${reason.port}`, { target, port: reason.port });
    const kind = nearest === undefined ? "rule" : nearest.matches === "peer" ? "ports" : "peers";
    const path = nearest?.path ?? `spec.${side}`;
    const peer = side === "egress" ? target.peer : { namespace: traced.workload.namespace, labels: {} };
    // A rule a peer: two peers in one rule would open each other's ports.
    const place = kind === "rule" ? `${path} ${side === "egress" ? peerKey(peer) : ""}` : `${path} ${kind}`;
    let addition = gap.additions.get(place);
    if (addition === undefined) {
      addition = { kind, path, ports: new Map(), peers: new Map() };
      gap.additions.set(place, addition);
    }
    addition.ports.set(`${reason.protocol} ${reason.port}`, { protocol: reason.protocol, port: reason.port });
    addition.peers.set(peerKey(peer), peer);
    return mayBeOpen ? "may be open" : "closed";
  }

  /** The policy to change, and the rule in it that needs least; no rule if it needs one of its own. */
  private chooseRule({ isolating, side }: NoRule, target: Target) {
    const ranked = isolating
      .map(({ policy, nearest }) => {
        const rules = records(at(this.policyObject(policy)?.["spec"], side));
        const fits = nearest?.explicit === true && this.fits(nearest, rules[nearest.rule], side);
        const rank = fits
          ? nearest.matches === "peer"
            ? 4
            : 3
          : rules.some((rule) => this.isKin(rule))
            ? 2
            : 0;
        const place = fits ? nearest : this.likelyRule(rules, side, target);
        return { policy, nearest: place, rank: rank + (rules.length > 0 ? 0.5 : 0) };
      })
      .sort((a, b) => b.rank - a.rank);
    return ranked[0];
  }

  /**
   * The rule that was meant for pods that are not in the input: it names their namespace, and lists no ports but
   * those of this purpose.
   */
  private likelyRule(rules: readonly Json[], side: Side, { guessed, peer }: Target): NearestRule | undefined {
    if (guessed === undefined || side !== "egress") return undefined;
    const rule = rules.findIndex(
      (candidate) =>
        listsOnly(candidate, this.purpose.kin) &&
        records(candidate["to"]).some(
          (to) => at(to, "namespaceSelector", "matchLabels", namespaceNameLabel) === peer.namespace,
        ),
    );
    return rule === -1 ? undefined : { rule, path: `spec.egress[${rule}]`, matches: "peer", explicit: true };
  }

  /** A rule for DNS to everywhere names the collector too, and one for many ports names its: neither is the place. */
  private fits({ matches }: NearestRule, rule: Json | undefined, side: Side): boolean {
    const listed = records(rule?.["ports"]);
    if (matches === "port")
      return listsOnly(rule, this.purpose.kin) || listed.some((port) => typeof port["port"] === "string");
    const isDns = listsOnly(rule, [ports.dns, ports.openShiftDns]);
    return (
      list(rule?.[side === "egress" ? "to" : "from"]).length > 0 &&
      (!isDns || this.purpose.kin.includes(ports.dns))
    );
  }

  private isKin(rule: Json): boolean {
    return records(rule["ports"]).some((port) => this.purpose.kin.includes(number(port["port"]) ?? 0));
  }

  private policyObject({ namespace, name }: PolicyRef): KubeObject | undefined {
    return this.model.index.get(kinds.networkPolicy, namespace ?? "default", name);
  }

  private gapProblem(gap: Gap): Problem {
    const { side, policy, mayBeOpen, wanted } = gap;
    const object: ObjectRef = this.policyObject(policy) ?? asObject(policy);
    const byTarget = new Map<string, string[]>();
    for (const { target, port } of wanted.values()) {
      const ports = byTarget.get(target.name) ?? [];
      const purpose = [target.purpose, ...(port === tunnelPort ? [tunnel] : [])].filter(
        (part) => part !== "",
      );
      ports.push(`${target.protocol} ${port}${purpose.length === 0 ? "" : ` (${purpose.join("; ")})`}`);
      byTarget.set(target.name, ports);
    }
    const missing = [...byTarget].map(([name, ports]) => `${name} on ${enumerate(ports)}`);
    const who = subjectsText([...gap.subjects.keys()]);
    const isOptional = [...wanted.values()].every(({ target }) => target.optional === true);
    const additions = [...gap.additions.values()].sort((a, b) => compare(a.path, b.path));
    const places = additions.map(whatToChange);
    return {
      object,
      says:
        (side === "egress"
          ? `isolates the egress of ${who} and does not let ${gap.subjects.size > 1 ? "them" : "it"} reach ${enumerate(missing)}`
          : `isolates the ingress of ${[...byTarget.keys()].join(", ")} and does not let ${who} reach it on ` +
            enumerate([...byTarget.values()].flat())) +
        `, ${this.purpose.consequence}; ${enumerate(places)}` +
        (mayBeOpen ? ", unless a policy that is not in the input allows it" : "") +
        (gap.isAssumed ? ", if these pods have proxies, which their namespaces' labels decide" : ""),
      fix: this.fixOf(gap, additions, object),
      ...(mayBeOpen || isOptional || gap.isAssumed ? { level: "warning" as const } : {}),
    };
  }

  /** Lines for the rules of the policy; a policy that allows nothing is left so, and gets one beside it. */
  private fixOf({ side, policy }: Gap, additions: readonly Addition[], object: ObjectRef): string {
    const spec = record(this.policyObject(policy)?.["spec"]);
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

  private doubtProblem({ object, reason, target, subjects }: Doubtful): Problem {
    const who = subjectsText([...subjects.keys()]);
    const purpose = target.purpose === "" ? "" : ` (${target.purpose})`;
    return {
      object,
      says:
        object === target.guessed?.object
          ? `is not in the input with its pods, so that nobody can tell whether policies let ${who} reach it${purpose}`
          : `leaves open whether ${who} can reach ${target.name}${purpose}: ${reason.text}; a path that is known to be open is required`,
      fix: "",
      level: "warning",
    };
  }
}

/** Whether a rule lists ports, and none but these. */
function listsOnly(rule: Json | undefined, numbers: readonly number[]): boolean {
  const listed = records(rule?.["ports"]);
  return (
    listed.length > 0 &&
    listed.every((port) => port["endPort"] === undefined && numbers.includes(number(port["port"]) ?? 0))
  );
}

/** Policies for the pods that keep or show traces: whatever labels other pods have, they are none of these. */
function isForTracesOnly(object: ObjectRef): boolean {
  const selector = at(object, "spec", "podSelector", "matchLabels", appLabels.name);
  const names: readonly unknown[] = [kialiPodLabels[appLabels.name], jaegerAppLabel[appLabels.name]];
  return object.kind === kinds.networkPolicy.name && names.includes(selector);
}

function peerKey({ namespace, labels, cidr = "" }: Peer): string {
  return `${namespace} ${JSON.stringify(labels)} ${cidr}`;
}

function subjectsText(subjects: readonly Traced[]): string {
  const names = sortedSet(subjects.map(({ workload }) => describeWorkload(workload)));
  return enumerate(names, 3);
}

function asObject({ apiVersion, kind, namespace, name }: PolicyRef): ObjectRef {
  return { apiVersion, kind, metadata: { name, namespace } };
}
