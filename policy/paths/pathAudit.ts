/**
 * Asks for every traced pod and every target whether policies let the one reach the other, and turns what they
 * do not into one problem for each policy to change.
 */
import { type Traced } from "../model/traced";
import { type TracingModel } from "../model/tracingModel";
import { describeWorkload } from "../model/workloads";
import { type Reason, type Verdict } from "../reachability";
import { type Problem } from "../rule";
import { Doubts } from "./doubts";
import { Gaps } from "./gaps";
import { type Purpose } from "./purpose";
import { describeTarget, endOf, type Target } from "./target";
import { UnmodelledPolicies } from "./unmodelledPolicies";

export class PathAudit {
  private readonly gaps: Gaps;
  private readonly doubts: Doubts;
  private readonly unmodelled = new UnmodelledPolicies();
  private asked = 0;

  constructor(
    private readonly model: TracingModel,
    private readonly purpose: Purpose,
  ) {
    this.gaps = new Gaps(model, purpose);
    this.doubts = new Doubts(model);
  }

  /**
   * Asks one question.
   * @param alternatives other places of the same thing: one that is known to be open will do
   * @param isAssumed whether the sender may not be there: what is closed to it is a warning then
   * @returns the verdict; `unknown` also where only policies that are not in the input may still open the way
   */
  check(sender: Traced, target: Target, alternatives: readonly Target[] = [], isAssumed = false): Verdict {
    this.asked++;
    const from = endOf(this.model, sender);
    // Its reasons are worked out when they are read, which most answers need not be.
    const answer = target.ask(from, sender.membership);
    if (answer.verdict === "allowed") return "allowed";
    const isOpen = (other: Target): boolean => other.ask(from, sender.membership).verdict === "allowed";
    if (alternatives.some(isOpen)) return "allowed";
    if (answer.verdict === "unknown") {
      this.addDoubts(sender, target, answer.because);
      return "unknown";
    }
    const gaps = answer.because.flatMap((reason) =>
      reason.kind === "no-rule" ? [this.gaps.add(sender, target, reason, isAssumed)] : [],
    );
    return gaps.length > 0 && gaps.every((gap) => gap === "may be open") ? "unknown" : "denied";
  }

  problems(): Problem[] {
    return [...this.gaps.problems(), ...this.doubts.problems(), ...this.unmodelled.problems(this.asked)];
  }

  private addDoubts(sender: Traced, target: Target, because: readonly Reason[]): void {
    const { ignored } = this.purpose;
    if (ignored === "all") return;
    for (const reason of because) {
      if (reason.kind !== "unknown" || ignored.includes(reason.cause.kind)) continue;
      const { kind, object } = reason.cause;
      if (kind === "other-policy" && object !== undefined) {
        this.unmodelled.add(object, this.asked, describeWorkload(sender.workload), describeTarget(target));
      } else this.doubts.add(sender, target, reason, because);
    }
  }
}
