/**
 * The mesh configuration as istiod has it: its defaults, under the shared ConfigMap, under the ConfigMap
 * `istio`, whichever of the many ways of installing Istio wrote the latter.
 * @see https://istio.io/latest/docs/reference/config/istio.mesh.v1alpha1/
 */
import { parse } from "yaml";
import { mergeDeep } from "../../mesh/plainObjects";
import { ports } from "../../mesh/ports";
import { kinds } from "../../mesh/kinds";
import { ownerLabels } from "../../mesh/labels";
import { meshConfigKey, sharedMeshConfigEnv } from "../../mesh/meshConfig";
import { defaultRootNamespace, projectName } from "../../mesh/names";
import { compare } from "../../mesh/stableOrder";
import { type ChartRelease } from "./charts";
import { type KubeObject, namespaceOf, type ObjectIndex } from "./objects";
import { at, isRecord, type Json, record, records, text } from "./reading";

/** Providers that every istiod knows without being told. */
const builtInProviders: readonly Json[] = [
  { name: "prometheus", prometheus: {} },
  { name: "stackdriver", stackdriver: {} },
  { name: "envoy", envoyFileAccessLog: { path: "/dev/stdout" } },
];

export interface MeshConfig {
  /** All layers merged. */
  values: Json;
  /** Providers of all layers by name, a later layer's over an earlier one's. */
  providers: readonly MeshProvider[];
  /** Objects of the layers, lowest first; empty if the input has none. */
  sources: readonly KubeObject[];
  /** Why more may be configured than the input says; undefined if all of it is there. */
  incomplete?: string;
  /** ConfigMaps of mesh configuration that istiod is not told to read. */
  unread: readonly KubeObject[];
  rootNamespace: string;
}

export interface MeshProvider {
  name: string;
  /** The provider's entry: its name and one key for its type. */
  entry: Json;
  /** Object that defines it; none for Istio's own. */
  source?: KubeObject;
}

interface Layer {
  source: KubeObject;
  values: Json;
  incomplete?: string;
}

/** Reads the mesh config of the primary revision. */
export function readMeshConfig(
  index: ObjectIndex,
  charts: readonly ChartRelease[],
  istiods: readonly KubeObject[],
  givenRoot: string | undefined,
): MeshConfig {
  const named = sharedName(index, charts, istiods);
  const own = ownLayer(index, charts, named);
  const shared = sharedLayer(index, istiods, named);
  const layers = [shared.layer, own].filter((layer) => layer !== undefined);
  const values = layers.reduce<Json>((merged, layer) => mergeLayers(merged, layer.values), {});
  return {
    values,
    providers: mergeProviders(layers),
    sources: layers.map((layer) => layer.source),
    incomplete:
      layers.find((layer) => layer.incomplete !== undefined)?.incomplete ??
      shared.missing ??
      (own === undefined
        ? "the mesh config of istiod's owner (ConfigMap istio) is not in the input"
        : undefined),
    unread: shared.unread,
    rootNamespace:
      givenRoot ??
      text(values["rootNamespace"]) ??
      (own?.source.kind === "ConfigMap" ? namespaceOf(own.source) : defaultRootNamespace),
  };
}

/**
 * What istiod's owner wrote: the ConfigMap itself, or else what will become it.
 * @param shared name of the ConfigMap that istiod reads beside its own
 */
function ownLayer(
  index: ObjectIndex,
  charts: readonly ChartRelease[],
  shared: string | undefined,
): Layer | undefined {
  const configMaps = meshConfigMaps(index)
    .filter((object) => isOfIstiod(object) && object.metadata.name !== shared)
    // The default revision's first; of several revisions one stands for the mesh.
    .sort((a, b) => compare(a.metadata.name, b.metadata.name));
  const [configMap] = configMaps;
  if (configMap !== undefined) return configMapLayer(configMap);

  const [operator] = index.of(kinds.istioOperator);
  if (operator !== undefined) {
    const values = mergeDeep(
      at(operator["spec"], "values", "meshConfig"),
      at(operator["spec"], "meshConfig"),
    );
    return { source: operator, values: withLegacyTracer(values, at(operator["spec"], "values")) };
  }
  const [sail] = index.of(kinds.sailIstio);
  if (sail !== undefined) {
    return { source: sail, values: record(at(sail["spec"], "values", "meshConfig")) };
  }
  const chart = charts.find((release) => release.chart === "istiod");
  if (chart === undefined) return undefined;
  return {
    source: chart.object,
    values: withLegacyTracer(record(chart.values["meshConfig"]), chart.values),
    ...(chart.incomplete === undefined ? {} : { incomplete: chart.incomplete }),
  };
}

/** `global.proxy.tracer` of istiod's chart writes the legacy tracing configuration. */
function withLegacyTracer(meshConfig: Json, values: unknown): Json {
  if (at(values, "global", "proxy", "tracer") !== "zipkin") return meshConfig;
  const address =
    text(at(values, "global", "tracer", "zipkin", "address")) ??
    `zipkin.${text(at(values, "global", "istioNamespace")) ?? defaultRootNamespace}:${ports.zipkin}`;
  return mergeDeep({ defaultConfig: { tracing: { zipkin: { address } } } }, meshConfig);
}

/** The ConfigMap that istiod is told to read beside its own. */
function sharedLayer(
  index: ObjectIndex,
  istiods: readonly KubeObject[],
  named: string | undefined,
): { layer?: Layer; missing?: string; unread: KubeObject[] } {
  const own = meshConfigMaps(index).filter(isOwn);
  if (named !== undefined) {
    const found = meshConfigMaps(index).find((object) => object.metadata.name === named);
    return {
      ...(found === undefined
        ? { missing: `the ConfigMap ${named} that istiod reads as shared mesh config is not in the input` }
        : { layer: configMapLayer(found) }),
      unread: own.filter((object) => object !== found),
    };
  }
  // Without istiod in the input, this project's ConfigMap is taken for what istiod's owner was asked to name.
  const [assumed] = istiods.length === 0 ? own : [];
  return assumed === undefined ? { unread: own } : { layer: configMapLayer(assumed), unread: [] };
}

/** ConfigMaps that hold mesh config, or something in its place. */
function meshConfigMaps(index: ObjectIndex): KubeObject[] {
  return index.of(kinds.configMap).filter((object) => typeof at(object["data"], meshConfigKey) === "string");
}

/** Named as istiod's own are, for the default revision or another. */
function isOfIstiod({ metadata: { name } }: KubeObject): boolean {
  return name === "istio" || name.startsWith("istio-");
}

/** Made by this project, beside istiod's own. */
function isOwn(object: KubeObject): boolean {
  return !isOfIstiod(object) && at(object.metadata, "labels", ownerLabels.partOf) === projectName;
}

/** Value of the variable, wherever istiod is described. */
function sharedName(
  index: ObjectIndex,
  charts: readonly ChartRelease[],
  istiods: readonly KubeObject[],
): string | undefined {
  for (const istiod of istiods) {
    for (const container of records(at(istiod["spec"], "template", "spec", "containers"))) {
      const variable = records(container["env"]).find(({ name }) => name === sharedMeshConfigEnv);
      if (text(variable?.["value"])) return text(variable?.["value"]);
    }
  }
  const values = [
    ...charts.filter(({ chart }) => chart === "istiod").map((release): unknown => release.values),
    ...index.of(kinds.istioOperator).map((object) => at(object["spec"], "values")),
    ...index.of(kinds.sailIstio).map((object) => at(object["spec"], "values")),
  ];
  for (const value of values) {
    const name =
      text(at(value, "env", sharedMeshConfigEnv)) ?? text(at(value, "pilot", "env", sharedMeshConfigEnv));
    if (name !== undefined) return name;
  }
  for (const object of index.of(kinds.istioOperator)) {
    const env = records(at(object["spec"], "components", "pilot", "k8s", "env"));
    const name = text(env.find((variable) => variable["name"] === sharedMeshConfigEnv)?.["value"]);
    if (name !== undefined) return name;
  }
  return undefined;
}

function configMapLayer(source: KubeObject): Layer {
  try {
    const values: unknown = parse(text(at(source["data"], meshConfigKey)) ?? "");
    if (isRecord(values) || values === null) return { source, values: record(values) };
    return {
      source,
      values: {},
      incomplete: `key ${meshConfigKey} of ConfigMap ${nameIn(source)} is no YAML map`,
    };
  } catch {
    return {
      source,
      values: {},
      incomplete: `key ${meshConfigKey} of ConfigMap ${nameIn(source)} is not valid YAML`,
    };
  }
}

function nameIn(object: KubeObject): string {
  return `${namespaceOf(object)}/${object.metadata.name}`;
}

/** A layer over another: fields replace fields, but the proxies' defaults and default providers merge. */
function mergeLayers(base: Json, over: Json): Json {
  const result: Record<string, unknown> = { ...base, ...over };
  for (const key of ["defaultConfig", "defaultProviders"]) {
    if (isRecord(base[key]) && isRecord(over[key])) result[key] = { ...base[key], ...over[key] };
  }
  return result;
}

function mergeProviders(layers: readonly Layer[]): MeshProvider[] {
  const byName = new Map<string, MeshProvider>();
  for (const entry of builtInProviders)
    byName.set(String(entry["name"]), { name: String(entry["name"]), entry });
  for (const { source, values } of layers) {
    for (const entry of records(values["extensionProviders"])) {
      const name = text(entry["name"]);
      if (name !== undefined) byName.set(name, { name, entry, source });
    }
  }
  return [...byName.values()];
}
