/** Which hops there should be, by the objects of the cluster. */
import { serviceHost } from "../../mesh/dns";
import { number, at } from "../../policy/model/reading";
import { type Traced } from "../../policy/model/traced";
import { type TracingModel } from "../../policy/model/tracingModel";
import { describeWorkload } from "../../policy/model/workloads";
import { endOf } from "../../policy/paths/target";
import { SpanTargets, type SpanWay } from "../../policy/paths/spanTargets";
import { type Reason, type Verdict } from "../../policy/reachability";
import { type Point } from "./hop";

export interface ExpectedHop {
  traced: Traced;
  /** `Deployment shop/cart`. */
  workload: string;
  way: SpanWay;
  point: Point;
  /** The host by which the proxy knows the receiver; undefined for receivers that are no Service. */
  host: string | undefined;
  /** What policies say of a new connection. */
  static: Verdict;
  /** Why, where it is closed. */
  because: readonly Reason[];
}

/** Workloads whose pods may run; what is scaled to nothing sends nothing. */
export function liveSenders(model: TracingModel, namespaces: readonly string[]): Traced[] {
  return model.senders.filter(({ workload }) => {
    if (workload.hypothetical !== undefined) return false;
    if (namespaces.length > 0 && !namespaces.includes(workload.namespace)) return false;
    return number(at(workload.object["spec"], "replicas")) !== 0;
  });
}

/** Every way of every sender. */
export function expectedHops(model: TracingModel, senders: readonly Traced[]): ExpectedHop[] {
  const targets = new SpanTargets(model);
  return senders.flatMap((traced) =>
    targets.of(traced).map((way): ExpectedHop => {
      const { verdict, because } = ask(model, traced, way);
      return {
        traced,
        workload: describeWorkload(traced.workload),
        way,
        point: pointOf(traced, way),
        host: way.place === undefined ? undefined : serviceHost(way.place.name, way.place.namespace),
        static: verdict,
        because,
      };
    }),
  );
}

function ask(
  model: TracingModel,
  traced: Traced,
  { target }: SpanWay,
): { verdict: Verdict; because: readonly Reason[] } {
  if (target === "nowhere") return { verdict: "denied", because: [] };
  if (target === "outside") return { verdict: "unknown", because: [] };
  const { verdict, because } = target.ask(endOf(model, traced), traced.membership);
  return { verdict, because: verdict === "allowed" ? [] : because };
}

function pointOf({ membership }: Traced, { isOfProxies }: SpanWay): Point {
  if (isOfProxies) return membership === "gateway" ? "A" : "B";
  return membership === "sidecar" ? "C" : "D";
}
