/** Istio's version, from what the objects say of it. */
import { appLabels } from "../../mesh/labels";
import { istioContainers } from "../../mesh/names";
import { parseVersion, type Version } from "../../mesh/istioVersions";
import { kinds } from "../../mesh/kinds";
import { type KubeObject, type ObjectIndex } from "./objects";
import { type ChartRelease } from "./charts";
import { at, records, text } from "./reading";
import { containersOf, type Workload } from "./workloads";

/** Istio's version; undefined where nothing says it. */
export function readIstioVersion(
  index: ObjectIndex,
  charts: readonly ChartRelease[],
  istiods: readonly KubeObject[],
  workloads: readonly Workload[],
  given: string | undefined,
): Version | undefined {
  const candidates = function* (): Generator<string | undefined> {
    yield given;
    for (const istiod of istiods) {
      for (const container of records(at(istiod["spec"], "template", "spec", "containers"))) {
        yield tagOf(text(container["image"]));
      }
      yield text(at(istiod.metadata, "labels", appLabels.version));
    }
    for (const operator of index.of(kinds.istioOperator)) yield text(at(operator["spec"], "tag"));
    for (const sail of index.of(kinds.sailIstio)) yield text(at(sail["spec"], "version"));
    for (const chart of charts) if (chart.chart === "istiod") yield chart.version;
    for (const workload of workloads) {
      const proxy = containersOf(workload).find(({ name }) => name === istioContainers.proxy);
      yield tagOf(text(proxy?.["image"]));
    }
  };
  for (const candidate of candidates()) {
    const version = parseVersion(candidate);
    if (version !== undefined) return version;
  }
  return undefined;
}

/** Whether an image is istiod's, whatever its container is called: `docker.io/istio/pilot:1.28.3`. */
export function isIstiodImage(image: string | undefined): boolean {
  return /(^|\/)pilot[:@]/.test(image ?? "");
}

/** Tag of an image of Istio's: `1.28.3` of `docker.io/istio/pilot:1.28.3`. */
function tagOf(image: string | undefined): string | undefined {
  return /\/(?:pilot|proxyv2):([^@]+)/.exec(image ?? "")?.[1];
}
