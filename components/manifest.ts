/** What components make: plain Kubernetes manifests, before anybody registers them. */
import { fieldManagerAnnotation } from "../mesh/labels";
import { helmChartKind } from "../mesh/helmChart";

/** A Kubernetes object, or the part of somebody else's that is applied to it. */
export interface Manifest {
  apiVersion: string;
  kind: string;
  metadata: {
    name: string;
    namespace?: string;
    labels?: Readonly<Record<string, string>>;
    annotations?: Readonly<Record<string, string>>;
  };
  spec?: object;
  data?: Readonly<Record<string, string>>;
}

/** Whether a manifest is a part that is applied to an object of others: only those name a field manager. */
export function isPatch({ metadata }: Manifest): boolean {
  return metadata.annotations?.[fieldManagerAnnotation] !== undefined;
}

/** A release of a chart: what is told to Helm, and what comes of it. */
export interface ChartRelease extends Manifest {
  metadata: { name: string; namespace: string };
  spec: {
    /** Where the chart is: its name in a repository, an address or a path. */
    chart: string;
    /** The chart's own name, wherever it is. */
    chartName: string;
    version?: string;
    repositoryOpts?: { repo: string };
    values: Readonly<Record<string, unknown>>;
    /**
     * Objects of the chart that tell whether a cluster has one already, or what it cannot do without. The chart is
     * templated by the provider alone, so that nobody else knows what it makes.
     */
    objects: readonly Manifest[];
  };
}

/** Whether a manifest stands for a chart's release. */
export function isChart(manifest: Manifest): manifest is ChartRelease {
  return manifest.kind === helmChartKind.kind && manifest.apiVersion === helmChartKind.apiVersion;
}
