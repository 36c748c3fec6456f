/**
 * The mesh configuration as istiod has it: its defaults, under the shared ConfigMap, under the ConfigMap
 * `istio`, whichever of the many ways of installing Istio wrote the latter.
 * @see https://istio.io/latest/docs/reference/config/istio.mesh.v1alpha1/
 */
import { isDeepStrictEqual } from "node:util";
import { lineOfError, parseKubernetesYaml } from "../../mesh/kubernetesYaml";
import { mergeDeep } from "../../mesh/plainObjects";
import { ports } from "../../mesh/ports";
import { kinds } from "../../mesh/kinds";
import { meshLabels, ownerLabels } from "../../mesh/labels";
import { meshConfigKey, sharedMeshConfigEnv } from "../../mesh/meshConfig";
import { hasFeature, type Version } from "../../mesh/istioVersions";
import { defaultRootNamespace, defaultTracerService, projectName } from "../../mesh/names";
import { compare } from "../../mesh/stableOrder";
import { type ChartRelease } from "./charts";
import { revisionTags } from "./revisionTags";
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
  /** ConfigMaps of it that istiod cannot read, and why. */
  unreadable: readonly { source: KubeObject; why: string }[];
  /** Other descriptions of a mesh config that say something else about tracing; empty if there are none. */
  disagreeing: readonly KubeObject[];
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
  /** Why nobody can read it. */
  unreadable?: string;
  /** The revision of istiod it is for; undefined for the default one. */
  revision?: string;
}

/** The mesh configs of all revisions of istiod. */
export interface MeshConfigs {
  /** That of the default revision, or of the only one there is. */
  main: MeshConfig;
  /** Those of others, where they have one of their own in the input. */
  byRevision: ReadonlyMap<string, MeshConfig>;
  /** Other names of revisions, by which labels may choose them. */
  tags: ReadonlyMap<string, string>;
}

export function readMeshConfigs(
  index: ObjectIndex,
  charts: readonly ChartRelease[],
  istiods: readonly KubeObject[],
  givenRoot: string | undefined,
  version: Version | undefined,
): MeshConfigs {
  const named = sharedName(index, charts, istiods);
  const tags = revisionTags(index, charts);
  const layers = ownLayers(index, charts, named, tags);
  const shared = sharedLayer(index, istiods, named);
  const [first] = layers;
  const read = (revision: string | undefined): MeshConfig =>
    meshConfigOf(
      layers.filter((layer) => layer.revision === revision),
      shared,
      givenRoot,
      defaultTracer(index, version),
    );
  const revisions = new Set(layers.flatMap(({ revision }) => revision ?? []));
  return {
    main: read(first?.revision),
    byRevision: new Map(
      [...revisions].filter((name) => name !== first?.revision).map((name) => [name, read(name)]),
    ),
    tags,
  };
}

/** @param own of one revision, best evidence first */
function meshConfigOf(
  [own, ...others]: readonly Layer[],
  shared: ReturnType<typeof sharedLayer>,
  givenRoot: string | undefined,
  defaults: Json,
): MeshConfig {
  const layers = [shared.layer, own].filter((layer) => layer !== undefined);
  const values = layers.reduce<Json>((merged, layer) => mergeLayers(merged, layer.values), defaults);
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
    unreadable: layers.flatMap(({ source, unreadable: why }) => (why === undefined ? [] : [{ source, why }])),
    disagreeing: others
      .filter((other) => own !== undefined && !isSameTracing(own, other))
      .map(({ source }) => source),
    rootNamespace:
      givenRoot ??
      text(values["rootNamespace"]) ??
      (own?.source.kind === "ConfigMap" ? namespaceOf(own.source) : defaultRootNamespace),
  };
}

/**
 * What istiod's owner wrote, as it is in the cluster or as what will become it, best evidence first: istiod's own
 * ConfigMap; a release of its chart, which somebody installs; the Sail operator's object; an IstioOperator, which
 * is a file for `istioctl` and may be one that nobody uses any more.
 * @param shared name of the ConfigMap that istiod reads beside its own
 */
function ownLayers(
  index: ObjectIndex,
  charts: readonly ChartRelease[],
  shared: string | undefined,
  tags: ReadonlyMap<string, string>,
): Layer[] {
  const revisions = new Set<unknown>([...revisionsOf(index, charts), ...tags.values()]);
  const releases = charts.filter(({ chart }) => chart === "istiod");
  const layers = [
    ...meshConfigMaps(index)
      .filter((object) => isOfIstiod(object, revisions) && object.metadata.name !== shared)
      // The default revision's first.
      .sort((a, b) => compare(a.metadata.name, b.metadata.name))
      .map((object): Layer => {
        return { ...configMapLayer(object), ...ofRevision(object.metadata.name.slice("istio-".length)) };
      }),
    ...releases.filter(({ isLoose }) => isLoose !== true).map(chartLayer),
    ...index.of(kinds.sailIstio).map((sail): Layer => ({
      source: sail,
      values: record(at(sail["spec"], "values", "meshConfig")),
      ...ofRevision(at(sail["spec"], "values", "revision")),
    })),
    ...index.of(kinds.istioOperator).map((operator): Layer => {
      const values = mergeDeep(
        at(operator["spec"], "values", "meshConfig"),
        at(operator["spec"], "meshConfig"),
      );
      return {
        source: operator,
        values: withLegacyTracer(values, at(operator["spec"], "values")),
        ...ofRevision(at(operator["spec"], "revision")),
      };
    }),
  ];
  // Values that no release names are somebody's only if nothing else is.
  return layers.length > 0 ? layers : releases.map(chartLayer);
}

function chartLayer({ object, values, incomplete }: ChartRelease): Layer {
  return {
    source: object,
    values: withLegacyTracer(record(values["meshConfig"]), values),
    incomplete,
    ...ofRevision(values["revision"]),
  };
}

/** Where versions before 1.22 trace to if nobody says anything, if it is there: whoever has it meant to trace. */
function defaultTracer(index: ObjectIndex, version: Version | undefined): Json {
  if (version === undefined || hasFeature(version, "noDefaultTracer")) return {};
  if (index.get(kinds.service, defaultRootNamespace, defaultTracerService) === undefined) return {};
  const address = `${defaultTracerService}.${defaultRootNamespace}:${ports.zipkin}`;
  return { defaultConfig: { tracing: { zipkin: { address } } } };
}

function ofRevision(revision: unknown): Pick<Layer, "revision"> {
  return typeof revision === "string" && revision !== "" && revision !== "default" ? { revision } : {};
}

/** What of a mesh config decides about spans. */
function tracingPart({ values }: Layer): Json {
  return {
    providers: values["extensionProviders"] ?? [],
    defaults: at(values, "defaultProviders", "tracing") ?? [],
    legacy: at(values, "defaultConfig", "tracing") ?? {},
    enabled: values["enableTracing"] ?? null,
  };
}

function isSameTracing(a: Layer, b: Layer): boolean {
  return isDeepStrictEqual(tracingPart(a), tracingPart(b));
}

/** Revisions of istiod that something else names: ConfigMaps are often called `istio-…` for other reasons. */
function revisionsOf(index: ObjectIndex, charts: readonly ChartRelease[]): unknown[] {
  return [
    ...index.of(kinds.namespace).map((object) => at(object.metadata, "labels", meshLabels.revision)),
    ...index.of(kinds.deployment).map((object) => at(object.metadata, "labels", meshLabels.revision)),
    ...index.of(kinds.configMap).map((object) => at(object.metadata, "labels", meshLabels.revision)),
    ...charts.map(({ values }) => values["revision"]),
  ];
}

/** `global.proxy.tracer` of istiod's chart writes the legacy tracing configuration. */
function withLegacyTracer(meshConfig: Json, values: unknown): Json {
  if (at(values, "global", "proxy", "tracer") !== "zipkin") return meshConfig;
  const address =
    text(at(values, "global", "tracer", "zipkin", "address")) ??
    `${defaultTracerService}.${text(at(values, "global", "istioNamespace")) ?? defaultRootNamespace}:${ports.zipkin}`;
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

/** Named as istiod's own are, for the default revision or for another that is known. */
function isOfIstiod({ metadata: { name } }: KubeObject, revisions: ReadonlySet<unknown>): boolean {
  return name === "istio" || (name.startsWith("istio-") && revisions.has(name.slice("istio-".length)));
}

/** Made by this project, beside istiod's own. */
function isOwn(object: KubeObject): boolean {
  return (
    object.metadata.name !== "istio" && at(object.metadata, "labels", ownerLabels.partOf) === projectName
  );
}

/** Value of the variable, wherever istiod is described. */
function sharedName(
  index: ObjectIndex,
  charts: readonly ChartRelease[],
  istiods: readonly KubeObject[],
): string | undefined {
  const inEnv = (env: unknown): unknown =>
    records(env).find(({ name }) => name === sharedMeshConfigEnv)?.["value"];
  const operators = index.of(kinds.istioOperator);
  const values = [
    ...charts.filter(({ chart }) => chart === "istiod").map((release): unknown => release.values),
    ...[...operators, ...index.of(kinds.sailIstio)].map(({ spec }) => at(spec, "values")),
  ];
  return [
    ...istiods
      .flatMap(({ spec }) => records(at(spec, "template", "spec", "containers")))
      .map(({ env }) => inEnv(env)),
    ...values.flatMap((value) => [
      at(value, "env", sharedMeshConfigEnv),
      at(value, "pilot", "env", sharedMeshConfigEnv),
    ]),
    ...operators.map(({ spec }) => inEnv(at(spec, "components", "pilot", "k8s", "env"))),
  ]
    .map(text)
    .find(Boolean);
}

function configMapLayer(source: KubeObject): Layer {
  const written = text(at(source["data"], meshConfigKey)) ?? "";
  try {
    const values = parseKubernetesYaml(written) ?? {};
    if (isRecord(values)) return { source, values };
    return {
      source,
      values: {},
      incomplete: `key ${meshConfigKey} of ConfigMap ${nameIn(source)} is not a YAML map`,
      unreadable: "it is not a YAML map",
    };
  } catch (error) {
    const line = lineOfError(error, written);
    return {
      source,
      values: {},
      incomplete: `key ${meshConfigKey} of ConfigMap ${nameIn(source)} is not valid YAML`,
      unreadable: `it is not valid YAML${line === undefined ? "" : ` (line ${line} of it)`}`,
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
  const builtIn = { values: { extensionProviders: builtInProviders }, source: undefined };
  for (const { source, values } of [builtIn, ...layers]) {
    for (const entry of records(values["extensionProviders"])) {
      const name = text(entry["name"]);
      if (name !== undefined) byName.set(name, { name, entry, source });
    }
  }
  return [...byName.values()];
}
