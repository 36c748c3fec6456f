/**
 * What the proxy of each pod traces with, and where its spans go: by the revision of istiod that configures it, the
 * Telemetries of the mesh, its namespace and its workload, and its own annotation.
 * @see https://github.com/istio/istio/blob/master/pilot/pkg/model/telemetry.go (Tracing, applicableTelemetries)
 */
import { getOrMake, groupBy, remembered } from "../../mesh/maps";
import { parseKubernetesYaml } from "../../mesh/kubernetesYaml";
import { kinds } from "../../mesh/kinds";
import { meshLabels } from "../../mesh/labels";
import { type Collector, readCollector } from "./collector";
import { namespaceIsMeshed } from "./injection";
import { type MeshConfig } from "./meshConfig";
import { type KubeObject, namespaceOf } from "./objects";
import { at, isRecord, type Json, records, textMap } from "./reading";
import {
  isForWorkloads,
  namespaceWide,
  tracingEntries,
  type TracingInUse,
  tracingOfProxy,
} from "./telemetry";
import { type Traced } from "./traced";
import { type TracingModel } from "./tracingModel";
import { type Workload } from "./workloads";

export interface SenderTracing {
  mesh: MeshConfig;
  tracing: TracingInUse;
  /** Undefined where it traces nothing, or nobody can say where to. */
  collector: Collector | undefined;
}

/** Annotation of pods with a configuration of their proxy. */
const proxyConfigAnnotation = "proxy.istio.io/config";

class SenderTracings {
  private readonly byNamespace: ReadonlyMap<string, readonly KubeObject[]>;
  private readonly collectors = new Map<string, Collector>();
  private readonly read = new Map<string, readonly SenderTracing[]>();
  private readonly byWorkload = new WeakMap<Workload, readonly SenderTracing[]>();

  constructor(private readonly model: TracingModel) {
    const all = model.index.of(kinds.telemetry);
    this.byNamespace = groupBy(
      all.filter((telemetry) => tracingEntries(telemetry).length > 0 || !isForWorkloads(telemetry)),
      namespaceOf,
    );
  }

  /** One or, where a proxy traces what it sends and what arrives with different providers, two. */
  of({ workload, membership }: Traced): readonly SenderTracing[] {
    if (membership !== "sidecar" && membership !== "gateway") return [];
    return getOrMake(this.byWorkload, workload, () => this.ofProxy(workload, membership));
  }

  private ofProxy(workload: Workload, membership: "sidecar" | "gateway"): readonly SenderTracing[] {
    const mesh = meshOf(this.model, workload);
    const telemetries = this.telemetriesOf(workload, mesh);
    const proxyConfig = proxyConfigOf(workload);
    const isWaypoint = workload.labels["gateway.istio.io/managed"] === "istio.io-mesh-controller";
    const modes =
      membership === "gateway" && !isWaypoint ? (["CLIENT"] as const) : (["CLIENT", "SERVER"] as const);
    const key = JSON.stringify([
      mesh.sources.map(({ kind, metadata }) => [kind, metadata.namespace, metadata.name]),
      telemetries.map(({ metadata }) => [metadata.namespace, metadata.name]),
      proxyConfig?.values,
      modes,
    ]);
    let known = this.read.get(key);
    if (known === undefined) {
      const all = this.isAsMesh(telemetries, mesh, proxyConfig)
        ? [{ mesh, tracing: this.model.tracing, collector: this.model.collector }]
        : modes.map((mode): SenderTracing => {
            const tracing = tracingOfProxy(telemetries, mesh, mode, proxyConfig);
            return { mesh, tracing, collector: this.collectorOf(tracing) };
          });
      known = all.filter(
        (one, position) =>
          all.findIndex(
            ({ tracing, collector }) =>
              collector === one.collector &&
              tracing.state === one.tracing.state &&
              tracing.providerName === one.tracing.providerName,
          ) === position,
      );
      this.read.set(key, known);
    }
    return known;
  }

  /** Whether nothing but what holds for the whole mesh holds for a proxy. */
  private isAsMesh(telemetries: readonly KubeObject[], mesh: MeshConfig, proxyConfig: unknown): boolean {
    const { meshes, telemetry } = this.model;
    return (
      mesh === meshes.main &&
      proxyConfig === undefined &&
      telemetries.every(
        (one) =>
          telemetry.meshWide.includes(one) &&
          tracingEntries(one).every((entry) => entry["match"] === undefined),
      )
    );
  }

  private telemetriesOf({ namespace, labels }: Workload, mesh: MeshConfig): KubeObject[] {
    const root = mesh.rootNamespace;
    const own = this.byNamespace.get(namespace) ?? [];
    const [ofMesh] = namespaceWide(this.byNamespace.get(root) ?? []);
    const [ofNamespace] = namespace === root ? [] : namespaceWide(own);
    const selecting = own.filter((telemetry) => isForWorkloads(telemetry) && selects(telemetry, labels));
    return [ofMesh, ofNamespace, ...selecting].filter((telemetry) => telemetry !== undefined);
  }

  /** The same object for the same collector. */
  private collectorOf(tracing: TracingInUse): Collector | undefined {
    const { index, options, collector: main } = this.model;
    if (tracing.state !== "on") return options.collector === undefined ? undefined : main;
    const found = readCollector(index, tracing, options.collector);
    if (found === undefined) return undefined;
    const keyOf = ({ written, protocol, isOtlpHttp }: Collector): string =>
      `${written} ${protocol} ${isOtlpHttp}`;
    if (main !== undefined && keyOf(main) === keyOf(found)) return main;
    return getOrMake(this.collectors, keyOf(found), () => found);
  }
}

/** Gateways of the Gateway API are named by targetRefs, all others chosen by labels. */
function selects({ spec }: KubeObject, labels: Readonly<Record<string, string>>): boolean {
  const targets = [...records(at(spec, "targetRefs")), ...records([at(spec, "targetRef")])];
  const gateway = labels["gateway.networking.k8s.io/gateway-name"];
  if (targets.length > 0)
    return targets.some(
      ({ kind, name }) => kind === kinds.gateway.name && name !== undefined && name === gateway,
    );
  if (gateway !== undefined) return false;
  return Object.entries(textMap(at(spec, "selector", "matchLabels"))).every(
    ([key, value]) => labels[key] === value,
  );
}

function proxyConfigOf({ annotations, object }: Workload): { values: Json; from: KubeObject } | undefined {
  const written = annotations[proxyConfigAnnotation];
  if (written === undefined) return undefined;
  try {
    const values = parseKubernetesYaml(written);
    return isRecord(values) && values["tracing"] !== undefined ? { values, from: object } : undefined;
  } catch {
    return undefined;
  }
}

/** The revision, or its tag, that configures a pod's proxy: a label of the pod wins over one of its namespace. */
export function revisionOf(model: TracingModel, { labels, namespace }: Workload): string {
  const ofNamespace = model.namespaceLabels(namespace) ?? {};
  const byNamespace =
    ofNamespace[meshLabels.injection] === undefined ? ofNamespace[meshLabels.revision] : undefined;
  return labels[meshLabels.revision] ?? byNamespace ?? "default";
}

/** The mesh config of the revision that configures a pod's proxy. */
export function meshOf(model: TracingModel, workload: Workload): MeshConfig {
  const { main, byRevision, tags } = model.meshes;
  const named = revisionOf(model, workload);
  return byRevision.get(tags.get(named) ?? named) ?? main;
}

/** The mesh configs of what a Telemetry is for; where that is nobody of the input, that of the default revision. */
export function meshesFor(model: TracingModel, telemetry: KubeObject): readonly MeshConfig[] {
  const meshes = new Set(workloadsOf(model, telemetry).map((workload) => meshOf(model, workload)));
  return meshes.size === 0 ? [model.mesh] : [...meshes];
}

/** Whether a namespace is known to have no proxies. */
export function isUnmeshed(model: TracingModel, namespace: string): boolean {
  const labels = model.namespaceLabels(namespace);
  if (labels === undefined || namespaceIsMeshed(labels)) return false;
  return !model.traced.some(({ workload }) => workload.namespace === namespace);
}

/** The workloads of the mesh that a namespace's Telemetry is for. */
export function workloadsOf(model: TracingModel, telemetry: KubeObject): Workload[] {
  return model.traced
    .map(({ workload }) => workload)
    .filter(
      (workload) =>
        workload.namespace === namespaceOf(telemetry) &&
        (!isForWorkloads(telemetry) || selects(telemetry, workload.labels)),
    );
}

const senderTracingsOf = remembered((model: TracingModel) => new SenderTracings(model));

/** What the proxy of a pod traces with; empty for pods without one. */
export function tracingsOf(model: TracingModel, sender: Traced): readonly SenderTracing[] {
  return senderTracingsOf(model).of(sender);
}

/** Where the proxy of a pod sends its spans; empty for pods without one, and for those that trace nothing. */
export function collectorsOf(model: TracingModel, sender: Traced): readonly Collector[] {
  return [...new Set(tracingsOf(model, sender).flatMap(({ collector }) => collector ?? []))];
}
