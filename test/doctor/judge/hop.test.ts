/** Verdicts by counters: the outage this project is for, and what was measured on real proxies. */
import { describe, expect, it } from "vitest";
import { isBroken, isDoomed, judgeHop, type Samples } from "../../../doctor/judge/hop";
import { type Counters } from "../../../doctor/parse/envoyClusters";

const counters = (some: Partial<Counters> = {}): Counters => ({
  endpoints: 1,
  requests: 0,
  succeeded: 0,
  failed: 0,
  connections: 0,
  open: 0,
  connectFailures: 0,
  ...some,
});

function judge(first: Counters | undefined, second = first, policies: Samples["policies"] = "open"): string {
  const { verdict, evidence } = judgeHop({ first, second, seconds: 6, policies });
  return `${verdict}: ${evidence}`;
}

const delivered = (requests: number): Counters =>
  counters({ requests, succeeded: requests, connections: 1, open: 1 });

describe("the outage by hand", () => {
  const dropped = counters({ failed: 4, connectFailures: 4, open: 1, connections: 5 });
  it.each<[string, Counters, Samples["policies"], string]>([
    ["A: the gateway's spans", delivered(61), "open", "delivering: 61 requests"],
    ["B: the sidecar's spans", dropped, "closed", "blocked: 0 requests, 4 failed, 4 connect failures"],
    ["C: the application's spans", delivered(109), "open", "delivering: 109 requests"],
    ["B after the fix", delivered(38), "open", "delivering: 38 requests"],
  ])("%s", (_, total, policies, said) => {
    expect(judge(total, total, policies)).toBe(said);
  });
});

describe("what was measured", () => {
  it.each<[string, Counters | undefined, Counters | undefined, Samples["policies"], string]>([
    ["no cluster", undefined, undefined, "open", "no endpoint: the proxy has no cluster for it"],
    [
      "no endpoint",
      counters({ endpoints: 0 }),
      undefined,
      "open",
      "no endpoint: the proxy's cluster has no endpoint (0 requests)",
    ],
    ["nothing sent", counters(), undefined, "open", "no traffic yet: 0 requests"],
    [
      "dropped, by counters alone",
      counters({ failed: 2, connectFailures: 2, open: 1 }),
      undefined,
      "unknown",
      "blocked: 0 requests, 2 failed, 2 connect failures",
    ],
    [
      "refused: nothing listens",
      counters({ failed: 2, connectFailures: 2 }),
      undefined,
      "open",
      "refused: 0 requests, 2 failed, 2 connect failures",
    ],
    [
      "the first attempt is under way",
      counters({ open: 1, connections: 1 }),
      undefined,
      "closed",
      "no traffic yet: 0 requests",
    ],
    [
      "dropped before, and the next attempt is under way",
      counters({ connections: 1, connectFailures: 1 }),
      counters({ connections: 2, connectFailures: 1, open: 1 }),
      "unknown",
      "blocked: 0 requests, 1 connect failure; within 6 s 0 requests",
    ],
    [
      "TCP: failed once, opens another one now",
      counters({ connections: 2, connectFailures: 1 }),
      counters({ connections: 3, connectFailures: 1, open: 1 }),
      "open",
      "no traffic yet: 0 requests, 1 connect failure; within 6 s 0 requests",
    ],
    [
      "worked once, dropped now",
      delivered(61),
      counters({ requests: 61, succeeded: 61, connections: 2, failed: 1, connectFailures: 1, open: 1 }),
      "unknown",
      "blocked: 61 requests, 1 failed, 1 connect failure; within 6 s 0 requests, 1 failed, 1 connect failure",
    ],
    [
      "dropped once, works now",
      counters({ requests: 0, failed: 9, connectFailures: 9 }),
      counters({ requests: 2, succeeded: 2, failed: 9, connectFailures: 9, connections: 1, open: 1 }),
      "open",
      "delivering: 2 requests, 9 failed, 9 connect failures; within 6 s 2 requests",
    ],
    [
      "requests that are turned away",
      counters({ requests: 4, failed: 4, connections: 1 }),
      counters({ requests: 6, failed: 6, connections: 1 }),
      "open",
      "refused: 6 requests, 6 failed; within 6 s 2 requests, 2 failed",
    ],
    [
      "half of the endpoints do not take them",
      counters({ endpoints: 2, requests: 10, succeeded: 5, failed: 5 }),
      undefined,
      "open",
      "refused: 10 requests, 5 successful, 5 failed",
    ],
    [
      "one request of many failed",
      counters({ requests: 100, succeeded: 99, failed: 1 }),
      undefined,
      "open",
      "delivering: 100 requests, 99 successful, 1 failed",
    ],
    [
      "TCP: a connection that stays open",
      counters({ connections: 1, open: 1 }),
      undefined,
      "open",
      "delivering: 0 requests",
    ],
    [
      "TCP: a connection that a policy must be dropping",
      counters({ connections: 1, open: 1 }),
      undefined,
      "closed",
      "no traffic yet: 0 requests",
    ],
    [
      "the proxy started anew",
      delivered(61),
      delivered(2),
      "open",
      "delivering: 2 requests; within 6 s 2 requests",
    ],
  ])("%s", (_, first, second, policies, said) => {
    expect(judge(first, second ?? first, policies)).toBe(said);
  });

  it("one sample speaks for itself", () => {
    expect(judgeHop({ first: delivered(3), second: undefined, seconds: 0, policies: "open" })).toEqual({
      verdict: "delivering",
      evidence: "3 requests",
    });
  });
});

it("broken and doomed are two things", () => {
  expect(
    ["delivering", "blocked", "refused", "no endpoint", "no traffic yet", "not checked"].map((verdict) =>
      isBroken({ verdict } as never),
    ),
  ).toEqual([false, true, true, true, false, false]);
  expect(isDoomed({ verdict: "delivering", policies: "closed" })).toBe(true);
  expect(isDoomed({ verdict: "delivering", policies: "open" })).toBe(false);
  expect(isDoomed({ verdict: "blocked", policies: "closed" })).toBe(false);
});
