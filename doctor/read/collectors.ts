/** Asks collectors for their own metrics. */
import { getOrMake } from "../../mesh/maps";
import { type LiveCollector, metricsPorts } from "../backend/find";
import { type LivePod, memoryLimitOf, restartsOf } from "../live/pods";
import { attempt, type Attempt, type Reach, Unreached } from "../live/reach";
import { type CollectorReading, parseCollector } from "../parse/collector";

export interface CollectorState {
  receiver: string;
  /** By pod, `namespace/name`. */
  pods: {
    pod: string;
    metrics: Attempt<CollectorReading>;
    restarts: number;
    outOfMemory: boolean;
    limit?: number;
  }[];
}

/** Most pods of one collector that are asked. */
const mostPods = 10;

export function readCollectors(
  reach: Reach,
  collectors: readonly LiveCollector[],
): Promise<CollectorState[]> {
  // Services of one collector for several protocols lead to the same pods.
  const read = new Map<string, Promise<Attempt<CollectorReading>>>();
  return Promise.all(
    collectors.map(async ({ receiver, pods }): Promise<CollectorState> => ({
      receiver,
      pods: await Promise.all(
        pods.slice(0, mostPods).map(async (pod) => {
          const name = `${pod.namespace}/${pod.name}`;
          const metrics = getOrMake(read, name, () => readPod(reach, pod));
          return { pod: name, metrics: await metrics, ...restartsOf(pod), limit: memoryLimitOf(pod) };
        }),
      ),
    })),
  );
}

async function readPod(reach: Reach, pod: LivePod): Promise<Attempt<CollectorReading>> {
  return attempt(async () => {
    let last: Unreached = new Unreached("refused", "no port of it is known to have metrics");
    for (const port of metricsPorts(pod)) {
      const answer = await attempt(() => reach.get(pod, port, "/metrics"));
      if (!("value" in answer)) {
        last = new Unreached(answer.obstacle ?? "broken", `port ${port}: ${answer.why}`);
        // The next port of a pod that does not answer would cost as much time again.
        if (["forbidden", "gone", "late"].includes(answer.obstacle ?? "")) break;
        continue;
      }
      const reading = answer.value.status === 200 ? parseCollector(answer.value.body) : undefined;
      if (reading !== undefined) return reading;
      last = new Unreached(
        "broken",
        `port ${port} has no metrics of a collector (status ${answer.value.status})`,
      );
    }
    throw last;
  });
}
