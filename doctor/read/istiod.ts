/** Asks istiod what it has and what its proxies took. */
import { istiodLabels } from "../../mesh/labels";
import { istioContainers } from "../../mesh/names";
import { ports } from "../../mesh/ports";
import { at, type Json, records } from "../../policy/model/reading";
import { type LivePod, type LivePods } from "../live/pods";
import { attempt, type Reach, Unreached } from "../live/reach";
import { type ConnectedProxy, isIstiodMetric, parseAdsz, parseMesh, parseSyncz } from "../parse/istiod";
import { parseMetrics, type Sample } from "../parse/prometheus";

export interface IstiodReading {
  pod: string;
  /** The mesh config that it works with. */
  mesh?: Json;
  proxies: ConnectedProxy[];
  metrics: Sample[];
  /** The same after everything else was asked; undefined if it did not answer any longer. */
  later?: Sample[];
  /** What it was asked for and did not answer, and why. */
  unanswered: { path: string; why: string }[];
}

export function istiodPods(pods: LivePods): LivePod[] {
  return pods.all.filter(
    ({ labels, object }) =>
      labels["app"] === istiodLabels.app &&
      records(at(object, "spec", "containers")).some(({ name }) => name === istioContainers.istiod),
  );
}

/** One istiod: each knows the proxies that are connected to it and no others. */
export async function readIstiod(reach: Reach, pod: LivePod): Promise<IstiodReading> {
  const unanswered: IstiodReading["unanswered"] = [];
  const ask = async (path: string): Promise<string | undefined> => {
    const answer = await attempt(() => askOne(reach, pod, path));
    if ("value" in answer) return answer.value;
    unanswered.push({ path, why: answer.why });
    return undefined;
  };
  const [mesh, syncz, adsz, metrics] = await Promise.all(
    ["/debug/mesh", "/debug/syncz", "/debug/adsz", "/metrics"].map(ask),
  );
  const tracing = adsz === undefined ? new Map<string, Json>() : parseAdsz(adsz);
  return {
    pod: `${pod.namespace}/${pod.name}`,
    mesh: mesh === undefined ? undefined : parseMesh(mesh),
    proxies: parseSyncz(syncz ?? "").map((proxy) => ({ ...proxy, tracing: tracing.get(proxy.pod) })),
    metrics: parseMetrics(metrics ?? "", isIstiodMetric),
    unanswered,
  };
}

/** Metrics alone, once more; undefined if it does not answer any longer. */
export async function readIstiodMetrics(reach: Reach, pod: LivePod): Promise<Sample[] | undefined> {
  const answer = await attempt(() => askOne(reach, pod, "/metrics"));
  return "value" in answer ? parseMetrics(answer.value, isIstiodMetric) : undefined;
}

/** Its debug endpoints are on the monitoring port, and open to whoever asks from its own pod, as a port-forward does. */
async function askOne(reach: Reach, pod: LivePod, path: string): Promise<string> {
  const { status, body } = await reach.get(pod, ports.istiodMonitoring, path);
  if (status !== 200) throw statusError(status);
  return body;
}

function statusError(status: number): Unreached {
  return new Unreached(status === 401 || status === 403 ? "forbidden" : "broken", `it answers ${status}`);
}
