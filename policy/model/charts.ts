/**
 * Helm releases that the objects ask somebody else to install: Argo CD Applications, Flux HelmReleases and
 * charts that were handed over as values.
 */
import { lineOfError, parseKubernetesYaml } from "../../mesh/kubernetesYaml";
import { mergeDeep } from "../../mesh/plainObjects";
import { kinds, typeMeta } from "../../mesh/kinds";
import { type KubeObject, namespaceOf, type ObjectIndex } from "./objects";
import { at, isRecord, type Json, record, records, text } from "./reading";

export interface ChartRelease {
  /** The chart's name without its source: `istiod`, `jaeger`. */
  chart: string;
  version?: string;
  /** The release's name. */
  release: string;
  namespace: string;
  /** What is set over the chart's own values. */
  values: Json;
  /** Why the values may not be all there are. */
  incomplete?: string;
  /** What is wrong with values that are written as text, and are none. */
  unreadable?: string;
  /** Whether nothing but a file of values tells of the release. */
  isLoose?: boolean;
  /** The object that asks for the release. */
  object: KubeObject;
}

/**
 * A Pulumi `Chart` that was not templated is given as an object of this kind: `metadata` has the release's name
 * and namespace, `spec` has `chart`, `version` and `values`.
 */
export const helmChartMeta = typeMeta(kinds.helmChart);

export function chartReleases(index: ObjectIndex): ChartRelease[] {
  const releases = [
    ...index.of(kinds.helmChart).map(fromHelmChart),
    ...index.of(kinds.argoApplication).flatMap(fromArgo),
    ...index.of(kinds.fluxHelmRelease).map((object) => fromFlux(object, index)),
  ];
  // What is known to be installed comes first.
  return releases.sort((a, b) => Number(a.isLoose ?? false) - Number(b.isLoose ?? false));
}

function fromHelmChart(object: KubeObject): ChartRelease {
  const spec = record(object["spec"]);
  return {
    chart: chartName(text(spec["chart"]) ?? ""),
    version: text(spec["version"]),
    release: object.metadata.name,
    namespace: namespaceOf(object),
    values: record(spec["values"]),
    ...(spec["isLoose"] === true
      ? {
          isLoose: true,
          incomplete: `whether istiod gets the values of ${object.metadata.name} is not in the input`,
        }
      : {}),
    object,
  };
}

/** Argo CD: parameters win over `valuesObject`, that over `values`, that over value files. */
function fromArgo(object: KubeObject): ChartRelease[] {
  const spec = record(object["spec"]);
  const sources = records(spec["sources"]).length > 0 ? records(spec["sources"]) : [record(spec["source"])];
  return sources.flatMap((source) => {
    const chart = text(source["chart"]);
    if (chart === undefined) return [];
    const helm = record(source["helm"]);
    const inline = isRecord(helm["valuesObject"]) ? helm["valuesObject"] : parsedValues(helm["values"]);
    const unreadable = isRecord(helm["valuesObject"]) ? undefined : whyUnreadable(helm["values"]);
    const values = records(helm["parameters"]).reduce<Json>(
      (merged, parameter) => mergeDeep(merged, atPath(text(parameter["name"]) ?? "", parameter["value"])),
      inline,
    );
    return [
      {
        chart: chartName(chart),
        version: text(source["targetRevision"]),
        release: text(helm["releaseName"]) ?? object.metadata.name,
        namespace: text(at(spec, "destination", "namespace")) ?? "default",
        values,
        ...(Array.isArray(helm["valueFiles"]) && helm["valueFiles"].length > 0
          ? { incomplete: "its valueFiles are not part of the input" }
          : {}),
        ...(unreadable === undefined ? {} : { incomplete: `its values are ${unreadable}`, unreadable }),
        object,
      },
    ];
  });
}

/** Flux: `values` wins over `valuesFrom`, of which a later entry wins over an earlier one. */
function fromFlux(object: KubeObject, index: ObjectIndex): ChartRelease {
  const spec = record(object["spec"]);
  const target = text(spec["targetNamespace"]);
  let values: Json = {};
  let incomplete: string | undefined;
  let unreadable: string | undefined;
  for (const reference of records(spec["valuesFrom"])) {
    const name = text(reference["name"]) ?? "";
    const isReadable = reference["kind"] === kinds.configMap.name;
    const source = isReadable ? index.get(kinds.configMap, namespaceOf(object), name) : undefined;
    const data = at(source?.["data"], text(reference["valuesKey"]) ?? "values.yaml");
    if (typeof data === "string") {
      const path = text(reference["targetPath"]);
      if (path !== undefined) values = mergeDeep(values, atPath(path, data));
      else {
        unreadable ??= whyUnreadable(data);
        values = mergeDeep(values, parsedValues(data));
      }
    } else if (reference["optional"] !== true) {
      incomplete = `its values from ${text(reference["kind"]) ?? "an object"} ${name} are not part of the input`;
    }
  }
  const chart = text(at(spec, "chart", "spec", "chart")) ?? ociChart(spec, object, index);
  return {
    chart: chartName(chart),
    version: text(at(spec, "chart", "spec", "version")),
    release:
      text(spec["releaseName"]) ??
      (target === undefined ? object.metadata.name : `${target}-${object.metadata.name}`),
    namespace: target ?? namespaceOf(object),
    values: mergeDeep(values, spec["values"]),
    ...(incomplete === undefined ? {} : { incomplete }),
    ...(unreadable === undefined ? {} : { incomplete: `its values are ${unreadable}`, unreadable }),
    object,
  };
}

/** A chart that Flux takes from an OCIRepository is named by the last part of its address. */
function ociChart(spec: Json, object: KubeObject, index: ObjectIndex): string {
  const name = text(at(spec, "chartRef", "name")) ?? "";
  const namespace = text(at(spec, "chartRef", "namespace")) ?? namespaceOf(object);
  const repository = index.get(kinds.fluxOciRepository, namespace, name);
  return text(at(repository?.["spec"], "url")) ?? name;
}

/** `oci://registry/charts/jaeger` and `./charts/jaeger-4.11.1.tgz` are both `jaeger`. */
function chartName(reference: string): string {
  const last = reference.replace(/\/+$/, "").split("/").at(-1) ?? "";
  return last.replace(/(-v?\d+\.\d+\.\d+[^/]*)?\.tgz$/, "").replace(/:.*$/, "");
}

/** Whether a chart may make a Service of this name: charts name what they make for the release or for themselves. */
export function mayMake({ release, chart, values }: ChartRelease, service: string): boolean {
  const named = [text(values["fullnameOverride"]), text(values["nameOverride"]), release, chart];
  return named.some((name) => name !== undefined && isNamedAfter(service, name));
}

/** Whether a name has all of another in it, at its beginning or end or between dashes. */
export function isNamedAfter(name: string, maker: string): boolean {
  return maker !== "" && `-${name}-`.includes(`-${maker}-`);
}

/** Values written as YAML text; text that is no map counts as no values. */
function parsedValues(value: unknown): Json {
  if (typeof value !== "string") return record(value);
  try {
    return record(parseKubernetesYaml(value));
  } catch {
    return {};
  }
}

/** What is wrong with values as text; undefined for none and for templates, which somebody else fills in. */
function whyUnreadable(value: unknown): string | undefined {
  if (typeof value !== "string" || /\{\{|\$\{/.test(value)) return undefined;
  try {
    return isRecord(parseKubernetesYaml(value) ?? {}) ? undefined : "not a YAML map";
  } catch (error) {
    const line = lineOfError(error, value);
    return `not valid YAML${line === undefined ? "" : ` (line ${line} of them)`}`;
  }
}

/** `{ meshConfig: { enableTracing: value } }` for the path `meshConfig.enableTracing`. */
function atPath(path: string, value: unknown): unknown {
  return path.split(".").reduceRight((inner, key) => ({ [key]: inner }), value);
}
