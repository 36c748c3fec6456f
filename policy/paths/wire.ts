/**
 * What policies see of a connection. Between pods in ambient mode it is a tunnel to port 15008 of the receiving
 * pod, whatever port is asked for inside it; a NetworkPolicy that opens the port inside opens nothing.
 * @see https://istio.io/latest/docs/ambient/usage/networkpolicy/
 */
import { ports } from "../../mesh/ports";
import {
  type Answer,
  type HypotheticalPod,
  type QuestionEnd,
  type Reason,
  type ServiceQuestion,
} from "../reachability";
import { type Membership, membershipOf, namespaceInjects, namespaceIsMeshed } from "../model/injection";
import { type TracingModel } from "../model/tracingModel";
import { workloadKey } from "../model/workloads";

const text =
  `proxies reach pods in ambient mode by port ${ports.hbone} if istiod lets them (profile ambient), else by the ` +
  "port itself, and policies treat the two differently";
const mayBeTunnelled: Reason = { kind: "unknown", cause: { kind: "wire-port", text }, text };

/** Answers for pods of the mesh, as the network sees them. */
export class Wire {
  private lazyAmbient: ReadonlySet<string> | undefined;

  constructor(private readonly model: TracingModel) {}

  /** Whether pods may connect through a port of a Service. */
  askService(from: QuestionEnd, sender: Membership, question: ServiceQuestion): Answer {
    const { cluster } = this.model;
    return this.ask(sender, this.ambient.size > 0, (isTunnelled) =>
      cluster.canReachService({
        from,
        ...question,
        ...(isTunnelled && {
          wirePort: ({ ref }, port) => (this.ambient.has(ref) ? ports.hbone : port),
        }),
      }),
    );
  }

  /** Whether pods may open a port of pods that are not in the input. */
  askPods(from: QuestionEnd, sender: Membership, to: HypotheticalPod, port: number): Answer {
    const { cluster } = this.model;
    const labels = this.model.namespaceLabels(to.namespace);
    const isAmbient = labels !== undefined && namespaceIsMeshed(labels) && !namespaceInjects(labels);
    return this.ask(sender, isAmbient, (isTunnelled) =>
      cluster.canReach({ from, to, port: isTunnelled ? ports.hbone : port }),
    );
  }

  /** @param mayBeAmbient whether any pod that is asked for is in ambient mode */
  private ask(sender: Membership, mayBeAmbient: boolean, question: (isTunnelled: boolean) => Answer): Answer {
    if (sender === "ambient" && mayBeAmbient) return question(true);
    const plain = question(false);
    if ((sender !== "sidecar" && sender !== "gateway") || !mayBeAmbient) return plain;
    return question(true).verdict === plain.verdict
      ? plain
      : { verdict: "unknown", because: [mayBeTunnelled] };
  }

  /** Workloads whose pods take what is for them out of the tunnel. */
  private get ambient(): ReadonlySet<string> {
    this.lazyAmbient ??= new Set(
      this.model.workloads
        .filter(
          (workload) => membershipOf(workload, this.model.namespaceLabels(workload.namespace)) === "ambient",
        )
        .map(({ object }) => workloadKey(object)),
    );
    return this.lazyAmbient;
  }
}
