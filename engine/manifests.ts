/** From registered resources to the Kubernetes manifests they stand for. */
import { byKey, compare } from "../mesh/stableOrder";

/** A resource as the program registers it. */
export interface RegisteredResource {
  urn: string;
  /** Pulumi's type token, `kubernetes:core/v1:Service`. */
  type: string;
  /** The logical name. */
  name: string;
  /** URN of the component it belongs to; empty at the top. */
  parent: string;
  /** False for components. */
  custom: boolean;
  /** Inputs as plain values; secrets are replaced by {@link secretPlaceholder}. */
  inputs: Record<string, unknown>;
}

/** Stands where a secret was: secrets are never written or printed. */
export const secretPlaceholder = "[secret]";

/** A Kubernetes object. */
export interface Manifest {
  apiVersion: string;
  kind: string;
  metadata: { name: string; namespace?: string } & Record<string, unknown>;
  [field: string]: unknown;
}

/** A chart that was not templated, described so that somebody else can. */
export interface ChartReference {
  release: string;
  namespace: string;
  /** What follows `helm template`: chart, version, repository. */
  reference: string[];
  values: Record<string, unknown>;
  /** Why it was not templated. */
  reason: string;
}

/** Turns the inputs of a Chart resource into manifests, or into a reference where that is not possible. */
export interface HelmCharts {
  template(inputs: Record<string, unknown>): Promise<{ manifests: Manifest[] } | ChartReference>;
}

/** One thing that is written. */
export type Rendered = {
  /** URN of the resource, or of the chart that it comes from. */
  urn: string;
  /** URN of the component it belongs to. */
  parent: string;
} & (
  | {
      type: "manifest";
      manifest: Manifest;
      /** Whether only some fields of an object of others are applied. */ patch: boolean;
      /** Keys of a Secret whose values are not in the manifest, because secrets are never written. */
      withheld?: string[];
    }
  | { type: "chart"; chart: ChartReference }
);

export const chartType = "kubernetes:helm.sh/v4:Chart";

/** A component of another program, which makes a Helm release of what its `helmOptions` say. */
export const certManagerType = "kubernetes-cert-manager:index:CertManager";

/** Every manifest of a run, charts templated where that is possible, in a stable order. */
export async function manifestsOf(
  resources: readonly RegisteredResource[],
  charts: HelmCharts,
): Promise<Rendered[]> {
  const rendered: Rendered[] = [];
  for (const resource of resources) {
    const { urn, parent, type, inputs } = resource;
    const chart = type === certManagerType ? inputs["helmOptions"] : type === chartType ? inputs : undefined;
    if (chart !== undefined) {
      const result = await charts.template(chart as Record<string, unknown>);
      if ("reason" in result) rendered.push({ urn, parent, type: "chart", chart: result });
      else {
        rendered.push(
          ...result.manifests.map((manifest) => ({
            urn,
            parent,
            type: "manifest" as const,
            manifest: ordered(manifest),
            patch: false,
          })),
        );
      }
    } else if (resource.custom && type.startsWith("kubernetes:")) {
      const patch = type.endsWith("Patch");
      const { manifest, withheld } = withoutSecretValues(ordered(inputs as Manifest));
      rendered.push({
        urn,
        parent,
        type: "manifest",
        manifest,
        patch,
        ...(withheld.length === 0 ? {} : { withheld }),
      });
    }
  }
  return rendered.sort((a, b) => compare(sortKey(a), sortKey(b)));
}

/** The fields in the order people expect; what is inside them keeps its own. */
function ordered({ apiVersion, kind, metadata, ...rest }: Manifest): Manifest {
  return { apiVersion, kind, metadata: byKey(metadata) as Manifest["metadata"], ...byKey(rest) };
}

/**
 * A Secret without the values that stand for secrets: whoever applies the file must not get a placeholder for a
 * password, and a key that the cluster has already stays as it is.
 */
function withoutSecretValues(manifest: Manifest): { manifest: Manifest; withheld: string[] } {
  if (manifest.kind !== "Secret" || manifest.apiVersion !== "v1") return { manifest, withheld: [] };
  const withheld: string[] = [];
  const kept = (value: unknown, name: string): boolean => {
    if (value === secretPlaceholder) withheld.push(name);
    return value !== secretPlaceholder;
  };
  const fields = Object.entries(manifest).flatMap(([field, value]): [string, unknown][] => {
    if (field !== "data" && field !== "stringData") return [[field, value]];
    if (!kept(value, field)) return [];
    const entries = Object.entries(value as object).filter(([key, inner]) => kept(inner, key));
    return entries.length === 0 ? [] : [[field, Object.fromEntries(entries)]];
  });
  return { manifest: Object.fromEntries(fields) as unknown as Manifest, withheld };
}

function sortKey(item: Rendered): string {
  if (item.type === "chart") return [item.chart.namespace, "chart", item.chart.release].join("/");
  const { apiVersion, kind, metadata } = item.manifest;
  return [metadata.namespace ?? "", kind, metadata.name, apiVersion].join("/");
}
