/** Which ports of a collector are asked for metrics, and when no more are. */
import { expect, it } from "vitest";
import { type LivePod } from "../../../doctor/live/pods";
import { type Obstacle, type Reach, Unreached } from "../../../doctor/live/reach";
import { readCollectors } from "../../../doctor/read/collectors";

const pod = {
  namespace: "istio-system",
  name: "jaeger-0",
  object: { spec: { containers: [{ name: "jaeger", image: "jaegertracing/jaeger:2.19.0" }] } },
} as unknown as LivePod;

async function asked(obstacle: Obstacle): Promise<number> {
  let questions = 0;
  const reach: Reach = {
    run: () => Promise.reject(new Error("not asked")),
    get: () => {
      questions += 1;
      return Promise.reject(new Unreached(obstacle, "no"));
    },
  };
  await readCollectors(reach, [{ receiver: "Service istio-system/jaeger", pods: [pod] }] as never);
  return questions;
}

it("a port that nothing listens on is followed by the next one", async () => {
  expect(await asked("refused")).toBeGreaterThan(1);
});

it.each(["late", "forbidden", "gone"] as const)("one that is %s is the last", async (obstacle) => {
  expect(await asked(obstacle)).toBe(1);
});
