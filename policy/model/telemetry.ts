/**
 * Which Telemetry and which provider the mesh traces with.
 * @see https://istio.io/latest/docs/reference/config/telemetry/
 */
import { kinds } from "../../mesh/kinds";
import { mergeDeep } from "../../mesh/plainObjects";
import { compare } from "../../mesh/stableOrder";
import { type KubeObject, namespaceOf, type ObjectIndex } from "./objects";
import { at, isRecord, type Json, list, number, record, records, text, texts } from "./reading";
import { type MeshConfig, type MeshProvider } from "./meshConfig";

/** The mesh-wide Telemetries: Istio uses the oldest and ignores every other one whole. */
export interface MeshTelemetry {
  /** In the order istiod would take them; the first is in use. */
  meshWide: readonly KubeObject[];
  /** Whether ages are known, so that the order is certain. */
  ordered: boolean;
}

/** What turns tracing on or off, and how many requests are traced. */
export interface TracingInUse {
  /** `unknown` where the mesh config is not in the input and could turn it on. */
  state: "on" | "off" | "unknown";
  /** Why it is off or unknown, or what turns it on. */
  reason: string;
  /** Name of the provider, as the Telemetry or the mesh config has it. */
  providerName?: string;
  /** The provider's definition; undefined if the mesh config has none. */
  provider?: MeshProvider;
  /** `host:port` of the legacy configuration, where no provider is used. */
  legacyAddress?: string;
  /** Percentage of requests that are traced. */
  sampling: number;
  /** What sets the percentage; undefined for Istio's default. */
  samplingFrom?: KubeObject;
  /** The object that chooses the provider. */
  from?: KubeObject;
}

/** Istio traces one request in a hundred unless told otherwise. */
const defaultSampling = 1;

/** Telemetries of a namespace that are not for some workloads only. */
export function namespaceWide(telemetries: readonly KubeObject[]): KubeObject[] {
  return telemetries.filter((telemetry) => !isForWorkloads(telemetry)).sort(byAge);
}

export function isForWorkloads({ spec }: KubeObject): boolean {
  const labels = at(spec, "selector", "matchLabels");
  return (
    (isRecord(labels) && Object.keys(labels).length > 0) ||
    list(at(spec, "targetRefs")).length > 0 ||
    isRecord(at(spec, "targetRef"))
  );
}

export function readMeshTelemetry(index: ObjectIndex, rootNamespace: string): MeshTelemetry {
  const meshWide = namespaceWide(
    index.of(kinds.telemetry).filter((object) => namespaceOf(object) === rootNamespace),
  );
  return { meshWide, ordered: meshWide.every((telemetry) => ageOf(telemetry) !== undefined) };
}

export function readTracing({ meshWide }: MeshTelemetry, mesh: MeshConfig): TracingInUse {
  const [inUse] = meshWide;
  const own = meshWide.slice(0, 1).flatMap(entriesOf);
  const entries = own.map(({ entry }) => entry);
  const byTelemetry = providerOf(entries);
  const byDefault = texts(at(mesh.values, "defaultProviders", "tracing"))[0];
  // Of several Telemetries it may be another one that was meant to name the provider.
  const meant = meshWide.find((telemetry) => providerOf(tracingEntries(telemetry)) !== undefined);
  const providerName =
    byTelemetry ?? byDefault ?? providerOf(meant === undefined ? [] : tracingEntries(meant));
  const sampling = samplingOf(own, mesh);
  if (providerName !== undefined) {
    const chooser = byTelemetry !== undefined || byDefault === undefined ? meant : mesh.sources.at(-1);
    return {
      state: "on",
      reason: `provider ${providerName}`,
      providerName,
      provider: findProvider(mesh, providerName),
      from: chooser,
      ...sampling,
    };
  }
  const legacyAddress = text(at(mesh.values, "defaultConfig", "tracing", "zipkin", "address"));
  if (legacyAddress !== undefined && entries.length === 0 && mesh.values["enableTracing"] !== false) {
    const from = mesh.sources.at(-1);
    return { state: "on", reason: "defaultConfig.tracing", legacyAddress, from, ...sampling };
  }
  if (mesh.incomplete !== undefined && meshWide.length > 0) {
    return { state: "unknown", reason: mesh.incomplete, from: inUse, ...sampling };
  }
  return { state: "off", reason: "nothing names a tracing provider", from: inUse, ...sampling };
}

/** The provider of a name; Istio compares names without regard to case. */
export function findProvider(mesh: MeshConfig, name: string): MeshProvider | undefined {
  return mesh.providers.find((provider) => provider.name.toLowerCase() === name.toLowerCase());
}

export function tracingEntries({ spec }: KubeObject): readonly Json[] {
  return records(at(spec, "tracing"));
}

function entriesOf(telemetry: KubeObject): { telemetry: KubeObject; entry: Json }[] {
  return tracingEntries(telemetry).map((entry) => ({ telemetry, entry }));
}

/** The provider that entries choose: of each entry the first, of the entries the last. */
export function providerOf(entries: readonly Json[]): string | undefined {
  const names = entries.map((entry) => text(record(records(entry["providers"])[0])["name"]));
  return names.filter((name) => name !== undefined).at(-1);
}

/** The last rate that is set. */
function samplingOf(
  own: readonly { telemetry: KubeObject; entry: Json }[],
  mesh: MeshConfig,
): Pick<TracingInUse, "sampling" | "samplingFrom"> {
  const rates = own.flatMap(({ telemetry, entry }) => {
    const sampling = number(entry["randomSamplingPercentage"]);
    return sampling === undefined ? [] : [{ sampling, samplingFrom: telemetry }];
  });
  const inherited = number(at(mesh.values, "defaultConfig", "tracing", "sampling"));
  return (
    rates.at(-1) ??
    (inherited === undefined
      ? { sampling: defaultSampling }
      : { sampling: inherited, samplingFrom: mesh.sources.at(-1) })
  );
}

/**
 * What a proxy traces with, in one direction of its requests: Telemetries of the mesh, of its namespace and of its
 * workload, in this order, over the mesh config.
 * @param mode `CLIENT` for what it sends and for gateways, `SERVER` for what arrives at a sidecar
 * @param proxyConfig what an annotation of the pod sets over the mesh config's `defaultConfig`
 */
export function tracingOfProxy(
  telemetries: readonly KubeObject[],
  mesh: MeshConfig,
  mode: "CLIENT" | "SERVER",
  proxyConfig: { values: Json; from: KubeObject } | undefined,
): TracingInUse {
  const all = telemetries.flatMap(entriesOf);
  const own = all.filter(({ entry }) => {
    const wanted = at(entry, "match", "mode");
    return wanted !== (mode === "CLIENT" ? "SERVER" : "CLIENT");
  });
  const sampling = samplingOf(own, mesh);
  const isOff = own
    .map(({ entry }) => entry["disableSpanReporting"])
    .filter((value) => value !== undefined)
    .at(-1);
  const chooser = own.filter(({ entry }) => providerOf([entry]) !== undefined).at(-1);
  const byDefault = texts(at(mesh.values, "defaultProviders", "tracing"))[0];
  const providerName = chooser === undefined ? byDefault : providerOf([chooser.entry]);
  if (isOff === true) return { state: "off", reason: "disableSpanReporting is true", ...sampling };
  if (providerName !== undefined) {
    const from = chooser?.telemetry ?? mesh.sources.at(-1);
    const provider = findProvider(mesh, providerName);
    return { state: "on", reason: `provider ${providerName}`, providerName, provider, from, ...sampling };
  }
  const address = legacyAddressOf(mergeDeep(mesh.values["defaultConfig"], proxyConfig?.values), mesh);
  if (address === undefined || all.length > 0) {
    const state = mesh.incomplete === undefined ? "off" : "unknown";
    return { state, reason: mesh.incomplete ?? "nothing names a tracing provider", ...sampling };
  }
  const from =
    legacyAddressOf(record(proxyConfig?.values), mesh) === undefined
      ? mesh.sources.at(-1)
      : proxyConfig?.from;
  return {
    state: "on",
    reason: "tracing of the proxy's configuration",
    legacyAddress: address,
    from,
    ...sampling,
  };
}

/** The tracer of a proxy's own configuration, which counts where no Telemetry and no default provider says anything. */
function legacyAddressOf(proxyConfig: Json, mesh: MeshConfig): string | undefined {
  if (mesh.values["enableTracing"] === false) return undefined;
  return text(at(proxyConfig, "tracing", "zipkin", "address"));
}

function ageOf(object: KubeObject): string | undefined {
  return text(object.metadata["creationTimestamp"]);
}

/** Oldest first, then by name, as istiod sorts; objects without an age keep the order of their names. */
function byAge(a: KubeObject, b: KubeObject): number {
  return compare(ageOf(a) ?? "", ageOf(b) ?? "") || compare(a.metadata.name, b.metadata.name);
}
