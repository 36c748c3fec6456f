/** The answer for a Service, from the answers for the workloads that it leads to. */
import { type Answer, type Protocol, type Reason, type ServiceProblem, type Verdict } from "./answers";
import { type ServiceAnswer, type ServiceResolution } from "./questions";
import { type Workload } from "./workloads";

/** Problems that leave no doubt: the connection leads nowhere. */
const deadEnds: ReadonlySet<ServiceProblem["kind"]> = new Set([
  "no-such-service-port",
  "selects-no-pods",
  "no-pod-has-port",
]);

/**
 * Combines answers: denied if any workload that the Service surely leads to is, else unknown if anything is.
 * @param ask whether a port of a workload can be reached
 */
export function answerForService(
  resolution: ServiceResolution,
  ask: (to: Workload, port: number, protocol: Protocol) => Answer,
): ServiceAnswer {
  const { problem, protocol, unknown } = resolution;
  const targets = resolution.targets.map((target) => {
    const { workload, port } = target;
    const isKnown = port !== undefined && target.unknown.length === 0;
    const unknown: Answer = { verdict: "unknown", because: target.unknown };
    return { target, answer: isKnown ? ask(workload, port, protocol) : unknown };
  });
  let because: readonly Reason[] | undefined;
  return {
    verdict: problem === undefined ? verdictOf(targets, unknown) : verdictOfProblem(problem, unknown),
    targets,
    get because() {
      const reasons = [...unknown, ...(problem === undefined ? [] : [problem])];
      return (because ??= distinct([...reasons, ...targets.flatMap(({ answer }) => answer.because)]));
    },
  };
}

function verdictOfProblem({ kind }: ServiceProblem, unknown: readonly Reason[]): Verdict {
  return deadEnds.has(kind) && unknown.length === 0 ? "denied" : "unknown";
}

function verdictOf(targets: readonly { readonly answer: Answer }[], unknown: readonly Reason[]): Verdict {
  const verdicts = targets.map(({ answer }) => answer.verdict);
  if (unknown.length > 0) return "unknown";
  if (verdicts.includes("denied")) return "denied";
  return verdicts.includes("unknown") ? "unknown" : "allowed";
}

/** Targets share the reasons of the source's side. */
function distinct(reasons: readonly Reason[]): Reason[] {
  return [...new Map(reasons.map((reason) => [reason.text, reason])).values()];
}
