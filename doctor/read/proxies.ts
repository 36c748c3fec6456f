/** Asks one proxy of each workload for its counters. */
import { istioContainers } from "../../mesh/names";
import { type LivePod } from "../live/pods";
import { attempt, type Attempt, type Reach } from "../live/reach";
import { type Clusters, parseClusters, requestsTo } from "../parse/envoyClusters";

export interface ProxySample {
  pod: LivePod;
  clusters: Clusters;
  /** Requests to anything but collectors since the proxy started; undefined where only collectors were asked for. */
  requests?: number;
  /** Milliseconds since 1970. */
  time: number;
}

export interface ProxyQuestion {
  pod: LivePod;
  /** Who is asked instead if it has gone meanwhile. */
  other?: LivePod;
  /** Whether all requests are to be counted, as of a gateway. */
  countsRequests: boolean;
}

/** What Envoys that do not know the filter answer with everything. */
function pathOf(ports: ReadonlySet<number>): string {
  const filter = `^outbound[|_.]+(${[...ports].join("|")})[|_.]`;
  return `clusters?filter=${encodeURIComponent(filter)}`;
}

/** @param ports of the collectors' Services */
async function sampleProxy(
  reach: Reach,
  { pod, other, countsRequests }: ProxyQuestion,
  ports: ReadonlySet<number>,
): Promise<Attempt<ProxySample>> {
  const path = countsRequests ? "clusters" : pathOf(ports);
  const answer = await attempt(() =>
    reach.run(pod, istioContainers.proxy, ["pilot-agent", "request", "GET", path]),
  );
  if (!("value" in answer)) {
    if (answer.obstacle !== "gone" || other === undefined) return answer;
    return sampleProxy(reach, { pod: other, countsRequests }, ports);
  }
  const clusters = parseClusters(answer.value, ports);
  if (clusters === undefined) return { why: "the answer does not come from Envoy", obstacle: "broken" };
  return {
    value: {
      pod,
      clusters,
      ...(countsRequests ? { requests: requestsTo(answer.value, ports) } : {}),
      time: Date.now(),
    },
  };
}

/** Samples of many proxies, each workload's by its key. */
export async function sampleProxies(
  reach: Reach,
  questions: ReadonlyMap<string, ProxyQuestion>,
  ports: ReadonlySet<number>,
  onAnswer: () => void = () => undefined,
): Promise<Map<string, Attempt<ProxySample>>> {
  const entries = await Promise.all(
    Array.from(questions, async ([key, question]) => {
      const sample = await sampleProxy(reach, question, ports);
      onAnswer();
      return [key, sample] as const;
    }),
  );
  return new Map(entries);
}
