/** One way that spans go, and what became of them there. */
import { type SpanProtocol } from "../../policy/paths/spanTargets";
import { count } from "../../findings/words";
import { between, type Counters } from "../parse/envoyClusters";

/**
 * - `delivering`: requests succeed
 * - `blocked`: connections are not answered, as where a policy drops them
 * - `refused`: connections or requests are turned away: nothing listens, or it does not take them
 * - `no endpoint`: there is nowhere to send to
 * - `no traffic yet`: nothing was sent, so nothing can be said
 * - `not checked`: nobody could be asked
 */
export const verdicts = [
  "delivering",
  "blocked",
  "refused",
  "no endpoint",
  "no traffic yet",
  "not checked",
] as const;
export type Verdict = (typeof verdicts)[number];

/**
 * The three points of a diagnosis by hand: A of a gateway's proxy, B of a sidecar, C of an application, whose requests
 * its sidecar carries. D are applications without a sidecar, whom nobody can ask.
 */
export type Point = "A" | "B" | "C" | "D";

export interface Hop {
  point: Point;
  namespace: string;
  /** `Deployment shop/cart`. */
  workload: string;
  /** The pod that was asked. */
  pod?: string;
  protocol: SpanProtocol;
  /** `Service istio-system/jaeger`. */
  receiver: string;
  port?: number;
  verdict: Verdict;
  /** What was seen, in one line. */
  evidence: string;
  /** Requests since the proxy started. */
  requests?: number;
  /** What the policies of the cluster say of new connections. */
  policies: "open" | "closed" | "unknown";
  /** Why it is broken: findings of the rules, or what was ruled out. */
  causes: string[];
}

export function isBroken({ verdict }: Pick<Hop, "verdict">): boolean {
  return verdict === "blocked" || verdict === "refused" || verdict === "no endpoint";
}

/** Works today, and no pod that starts from now on will: an open connection survives a policy that closes the way. */
export function isDoomed({ verdict, policies }: Pick<Hop, "verdict" | "policies">): boolean {
  return policies === "closed" && (verdict === "delivering" || verdict === "no traffic yet");
}

export interface Samples {
  first: Counters | undefined;
  second: Counters | undefined;
  seconds: number;
  policies: Hop["policies"];
}

export interface Judgement {
  verdict: Verdict;
  evidence: string;
}

/** The verdict on one cluster of a proxy, by counters alone; policies only tell two kinds of failure apart. */
export function judgeHop({ first, second, seconds, policies }: Samples): Judgement {
  const total = second ?? first;
  if (total === undefined) return { verdict: "no endpoint", evidence: "the proxy has no cluster for it" };
  const sees = described(total);
  if (total.endpoints === 0) {
    return { verdict: "no endpoint", evidence: `the proxy's cluster has no endpoint (${sees})` };
  }
  const since = second === undefined ? undefined : between(first, second);
  const recent = since === undefined || isSilent(since) ? undefined : since;
  const evidence = recent === undefined ? sees : `${sees}; within ${seconds} s ${described(recent)}`;
  // What has happened between the samples speaks; without it, what has happened since the proxy started.
  const speaks = recent === undefined || (isUnderWay(recent) && hasOnlyFailed(total)) ? total : recent;
  if (isDelivering(speaks)) {
    const lost = speaks.requests - speaks.succeeded;
    // Half and half is one endpoint of two that does not take them.
    if (lost > 0 && speaks.failed > 0 && speaks.failed >= speaks.succeeded)
      return { verdict: "refused", evidence };
    return { verdict: "delivering", evidence };
  }
  if (speaks.connectFailures > 0 || (speaks.requests === 0 && speaks.failed > 0)) {
    return { verdict: isDropped(total, speaks, policies) ? "blocked" : "refused", evidence };
  }
  if (speaks.requests > 0 && speaks.failed > 0) return { verdict: "refused", evidence };
  // TCP, where the proxy does not know requests: a connection that stays open is one that is taken.
  if (speaks.requests === 0 && speaks.connections > 0 && total.open > 0) {
    // A connection that is being opened counts as open: only one that has been open for long enough says something.
    const isOld = (first?.open ?? 0) > 0 && (second?.open ?? 0) > 0 && seconds > 0;
    if (isOld && recent === undefined && policies !== "closed") return { verdict: "delivering", evidence };
  }
  return { verdict: "no traffic yet", evidence };
}

function isSilent({ requests, failed, connections, connectFailures }: Counters): boolean {
  return requests === 0 && failed === 0 && connections === 0 && connectFailures === 0;
}

/** Only attempts to connect, of which nobody knows the end. */
function isUnderWay({ requests, failed, connectFailures }: Counters): boolean {
  return requests === 0 && failed === 0 && connectFailures === 0;
}

/** Whether every connection whose end is known has failed. */
function hasOnlyFailed({ requests, connections, open, connectFailures }: Counters): boolean {
  return requests === 0 && connectFailures > 0 && connections - open <= connectFailures;
}

function isDelivering({ requests, succeeded, failed, connectFailures }: Counters): boolean {
  if (succeeded > 0) return true;
  // Requests that are under way have neither succeeded nor failed.
  return requests > 0 && failed === 0 && connectFailures === 0;
}

/** Dropped packets are waited for, a refusal comes at once. */
function isDropped(total: Counters, recent: Counters, policies: Hop["policies"]): boolean {
  if (policies === "closed") return true;
  // The next attempt is under way: it waits for an answer that does not come.
  return total.open > 0 && recent.requests === 0;
}

function described(counters: Counters): string {
  const { requests, succeeded, failed, connectFailures } = counters;
  return [
    `${count(requests, "request")}`,
    ...(succeeded > 0 && succeeded !== requests ? [`${succeeded} successful`] : []),
    ...(failed > 0 ? [`${failed} failed`] : []),
    ...(connectFailures > 0 ? [count(connectFailures, "connect failure")] : []),
  ].join(", ");
}
