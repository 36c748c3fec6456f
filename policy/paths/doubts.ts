/** What is unknown about paths: one problem per unknown, however many pods it affects. */
import { getOrMake } from "../../mesh/maps";
import { kinds } from "../../mesh/kinds";
import { appLabels, jaegerAppLabel, kialiPodLabels } from "../../mesh/labels";
import { at } from "../model/reading";
import { type Traced } from "../model/traced";
import { type TracingModel } from "../model/tracingModel";
import { type CauseKind, type Reason, type UnknownReason } from "../reachability";
import { nameOf, type ObjectRef, type Problem } from "../rule";
import { asObject, policyObject } from "./policyObjects";
import { describeSenders } from "./senders";
import { describeTarget, type Target } from "./target";

interface Doubtful {
  /** The object that is incomplete, or the policy whose effect is unknown. */
  object: ObjectRef;
  reason: UnknownReason;
  target: Target;
  senders: Set<Traced>;
}

/** Doubts about pods that are not in the input. */
const aboutPods: ReadonlySet<CauseKind> = new Set(["pod-labels", "pod-ports"]);

export class Doubts {
  private readonly byCause = new Map<string, Doubtful>();

  constructor(private readonly model: TracingModel) {}

  /**
   * Records that something unknown decides whether a pod reaches a target.
   * @param because all reasons for the answer
   */
  add(sender: Traced, target: Target, reason: UnknownReason, because: readonly Reason[]): void {
    const { cause } = reason;
    const guessed = aboutPods.has(cause.kind) ? target.guessed : undefined;
    if (guessed?.isReported) return;
    const object = guessed?.object ?? this.doubtedObject(sender, reason, because);
    if (cause.kind === "pod-labels" && guessed === undefined && isForTracesOnly(object)) return;
    const what = cause.object === undefined ? cause.text : (cause.path ?? "");
    const key = `${nameOf(object)} ${cause.kind} ${what}`;
    getOrMake(this.byCause, key, () => ({ object, reason, target, senders: new Set() })).senders.add(sender);
  }

  problems(): Problem[] {
    return [...this.byCause.values()].map(({ object, reason, target, senders }) => ({
      object,
      says:
        object === target.guessed?.object
          ? `is not in the input with its pods, so it is unknown whether policies let ${describeSenders(senders)} ` +
            `reach it${target.purpose === "" ? "" : ` (${target.purpose})`}`
          : `does not show whether ${describeSenders(senders)} can reach ${describeTarget(target)}: ${reason.text}`,
      fix: "",
      level: "warning",
    }));
  }

  /** The incomplete object, else the policy whose effect depends on it, else the sending pods. */
  private doubtedObject(
    { workload }: Traced,
    { cause, side }: UnknownReason,
    because: readonly Reason[],
  ): ObjectRef {
    if (cause.object !== undefined) return asObject(cause.object);
    const isolated = because.find((reason) => reason.kind === "isolated" && reason.side === side);
    if (isolated?.kind !== "isolated") return workload.object;
    return policyObject(this.model, isolated.policy) ?? asObject(isolated.policy);
  }
}

/** Policies for the pods that store or show traces: other pods never carry these labels. */
function isForTracesOnly(object: ObjectRef): boolean {
  const selector = at(object, "spec", "podSelector", "matchLabels", appLabels.name);
  const names: readonly unknown[] = [kialiPodLabels[appLabels.name], jaegerAppLabel[appLabels.name]];
  return object.kind === kinds.networkPolicy.name && names.includes(selector);
}
