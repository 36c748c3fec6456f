/** Everything rules ask about: the input's objects as the mesh and its tracing see them. */
import { getOrMake, remembered } from "../../mesh/maps";
import { defaultDns, type DnsPlace } from "../../mesh/dns";
import { istiodLabels } from "../../mesh/labels";
import { istioContainers } from "../../mesh/names";
import { type Version } from "../../mesh/istioVersions";
import { kinds } from "../../mesh/kinds";
import { Cluster, type Workload as ClusterWorkload } from "../reachability";
import { type Options } from "./options";
import { type ChartRelease, chartReleases, mayMake } from "./charts";
import { type Collector, readCollector } from "./collector";
import { collectorChartObjects } from "./collectorChart";
import { type Environment, environmentsOf } from "./environment";
import { type Instrumented, instrumentationOf } from "./instrumentation";
import { jaegerChartObjects } from "./jaegerChart";
import { type MeshConfig, type MeshConfigs, readMeshConfigs } from "./meshConfig";
import { identityOf, kindIn, type KubeObject, ObjectIndex } from "./objects";
import { applyPatches } from "./patches";
import { namespacesThatOthersIsolate } from "./ownPolicies";
import { at, records, text, textMap } from "./reading";
import { type MeshTelemetry, readMeshTelemetry, readTracing, type TracingInUse } from "./telemetry";
import { otherSenders, type Traced, tracedWorkloads } from "./traced";
import { collectorsOf, tracingsOf } from "./senderTracing";
import { markUnknowns, type Unknown, unknownValue } from "./unknowns";
import { isIstiodImage, readIstioVersion } from "./istioVersion";
import { type Workload, workloadOf, workloadsOf } from "./workloads";

export class TracingModel {
  private readonly environments = new Map<Workload, Environment[]>();
  private lazyCluster: Cluster | undefined;
  private lazyTraced: readonly Traced[] | undefined;

  private constructor(
    readonly options: Options,
    /** Whole objects: patches applied, Jaeger's chart as what it renders. */
    readonly index: ObjectIndex,
    /** Workloads of which only some fields are in the input. */
    readonly partial: readonly KubeObject[],
    /** What had no kind or no name. */
    readonly nameless: readonly unknown[],
    /** Values that are not known yet. */
    readonly unknowns: readonly Unknown[],
    readonly charts: readonly ChartRelease[],
    readonly workloads: readonly Workload[],
    readonly meshes: MeshConfigs,
    readonly telemetry: MeshTelemetry,
    readonly tracing: TracingInUse,
    readonly collector: Collector | undefined,
    readonly istioVersion: Version | undefined,
    /** Objects that a chart makes, as far as its values tell, and the object that asks for it. */
    private readonly inferred: ReadonlyMap<unknown, KubeObject>,
    private readonly namespaces: ReadonlyMap<string, KubeObject>,
    private readonly originals: ReadonlyMap<unknown, unknown>,
  ) {}

  /** Reads the input once; nothing in it makes this fail. */
  static from(input: Iterable<unknown>, options: Options = {}): TracingModel {
    const { objects, unknowns, originals } = markUnknowns([...input], options.isUnknown);
    const read = new ObjectIndex(objects);
    const { objects: whole, partial } = applyPatches(read);
    const charts = chartReleases(read);
    const made = inferred(charts, whole);
    const added = [...made.keys()];
    // Most inputs have neither patches nor charts: they are indexed once.
    const index = whole === read.all && added.length === 0 ? read : new ObjectIndex([...whole, ...added]);
    const workloads = workloadsOf(index);
    const istiods = [...index.of(kinds.deployment), ...partial].filter(isIstiod);
    const version = readIstioVersion(index, charts, istiods, workloads, options.istioVersion);
    const meshes = readMeshConfigs(index, charts, istiods, options.rootNamespace, version);
    const mesh = meshes.main;
    const telemetry = readMeshTelemetry(index, mesh.rootNamespace);
    const tracing = readTracing(telemetry, mesh);
    return new TracingModel(
      options,
      index,
      partial,
      read.nameless,
      unknowns,
      charts,
      workloads,
      meshes,
      telemetry,
      tracing,
      readCollector(index, tracing, options.collector),
      version,
      made,
      new Map(index.of(kinds.namespace).map((object) => [object.metadata.name, object])),
      originals,
    );
  }

  /** The mesh config of the default revision of istiod. */
  get mesh(): MeshConfig {
    return this.meshes.main;
  }

  /** Every collector that proxies send spans to, the mesh's own first. */
  get collectors(): readonly Collector[] {
    this.lazyCollectors ??= [
      ...new Set([
        ...(this.collector === undefined ? [] : [this.collector]),
        ...this.senders.flatMap((sender) => collectorsOf(this, sender)),
      ]),
    ];
    return this.lazyCollectors;
  }
  private lazyCollectors: readonly Collector[] | undefined;

  /** The NetworkPolicies' view of the same objects. */
  get cluster(): Cluster {
    // A policy counts whatever it is called: the API server makes up a name, or says what is wrong with it.
    this.lazyCluster ??= Cluster.from([...this.index.all, ...this.nameless.filter(isPolicy)], {
      isUnknown: (value) => value === unknownValue,
    });
    return this.lazyCluster;
  }

  /** A workload as the NetworkPolicies' view has it; undefined for kinds it does not know. */
  clusterWorkload(ref: string): ClusterWorkload | undefined {
    this.lazyClusterWorkloads ??= new Map(this.cluster.workloads.map((workload) => [workload.ref, workload]));
    return this.lazyClusterWorkloads.get(ref);
  }
  private lazyClusterWorkloads: Map<string, ClusterWorkload> | undefined;

  /** Pods that the mesh traces. */
  get traced(): readonly Traced[] {
    this.lazyTraced ??= tracedWorkloads(this);
    return this.lazyTraced;
  }

  /** Everything that sends spans: what the mesh traces, and what exports its own spans beside it. */
  get senders(): readonly Traced[] {
    this.lazySenders ??= [...this.traced, ...otherSenders(this)];
    return this.lazySenders;
  }
  private lazySenders: readonly Traced[] | undefined;

  /** Whether anything is said to be traced: most rules have nothing to say about a mesh without tracing. */
  get isTracing(): boolean {
    if (this.tracing.state === "on" || this.collector !== undefined) return true;
    return this.senders.some((sender) =>
      tracingsOf(this, sender).some(({ tracing }) => tracing.state === "on"),
    );
  }

  /** Labels of a namespace; undefined if it is not in the input. */
  namespaceLabels(name: string): Readonly<Record<string, string>> | undefined {
    const object = this.namespaces.get(name);
    return object === undefined ? undefined : textMap(object.metadata["labels"]);
  }

  /** Environments of a workload's containers that have an SDK. */
  environmentsOf(workload: Workload): readonly Environment[] {
    return getOrMake(this.environments, workload, () =>
      environmentsOf(workload, this.index, this.instrumentationOf(workload).injected),
    );
  }

  /** SDKs that the OpenTelemetry Operator adds to a workload's pods. */
  instrumentationOf(workload: Workload): Instrumented {
    const annotations = textMap(this.namespaces.get(workload.namespace)?.metadata["annotations"]);
    return instrumentationOf(workload, this.index, annotations);
  }

  /**
   * Whether policies of a namespace may be missing from the input: the caller says so, or the input has nothing
   * of the namespace but what is added to it.
   */
  mayHaveOtherPolicies(namespace: string): boolean {
    if (this.isIsolatedByOthers(namespace)) return true;
    return !this.namespaces.has(namespace) && !this.wholeNamespaces.has(namespace);
  }

  /**
   * Whether a namespace is governed by policies of others that are not in the input: the caller says which are, or
   * a stack of this project did when it was rendered.
   */
  isIsolatedByOthers(namespace: string): boolean {
    if (this.options.isComplete === true) return false;
    this.lazyIsolatedByOthers ??= new Set(
      this.options.otherPolicies ?? namespacesThatOthersIsolate(this.index.of(kinds.networkPolicy)),
    );
    return this.lazyIsolatedByOthers.has(namespace);
  }
  private lazyIsolatedByOthers: ReadonlySet<string> | undefined;

  private get wholeNamespaces(): ReadonlySet<string> {
    return (this.lazyWholeNamespaces ??= new Set(this.workloads.map(({ namespace }) => namespace)));
  }
  private lazyWholeNamespaces: Set<string> | undefined;

  /** Whether an object is not in the input itself, but what a chart makes of values that are. */
  isInferred(object: unknown): boolean {
    return this.inferred.has(object);
  }

  /** Whether a chart of which only the values are read may make a Service. */
  isMadeByChart(namespace: string, service: string): boolean {
    return this.charts.some(
      (release) =>
        release.namespace === namespace && mayMake(release, service) && chartObjects(release).length === 0,
    );
  }

  /** Where DNS is asked, unless its pods are in the input. */
  get dns(): DnsPlace {
    return { ...defaultDns, ...this.options.dns };
  }

  /** File an object was read from, where the caller knows. */
  fileOf(object: unknown): string | undefined {
    const written = this.inferred.get(object) ?? object;
    return this.options.fileOf?.((this.originals.get(written) ?? written) as KubeObject);
  }
}

function isPolicy(value: unknown): boolean {
  const role = kindIn(value)?.role;
  return role === "policy" || role === "other-policy";
}

/** What a chart makes, where that is known by its values. */
const chartObjects = remembered((release: ChartRelease): KubeObject[] => {
  if (release.chart === "jaeger") return jaegerChartObjects(release);
  return release.chart === "opentelemetry-collector" ? collectorChartObjects(release) : [];
});

/** Jaeger and collectors as their charts render them, unless that is in the input too. */
function inferred(
  charts: readonly ChartRelease[],
  whole: readonly KubeObject[],
): ReadonlyMap<KubeObject, KubeObject> {
  const objects = charts.flatMap((release) =>
    chartObjects(release).map((object) => [object, release.object] as const),
  );
  if (objects.length === 0) return new Map();
  const names = new Set(whole.map(identityOf));
  return new Map(objects.filter(([object]) => !names.has(identityOf(object))));
}

/** Also the part of istiod that a patch applies. */
function isIstiod(object: KubeObject): boolean {
  const { labels, name } = workloadOf(object);
  const containers = records(at(object["spec"], "template", "spec", "containers"));
  return (
    (labels["app"] === istiodLabels.app || name === "istiod" || name.startsWith("istiod-")) &&
    containers.some(({ name, image }) => name === istioContainers.istiod || isIstiodImage(text(image)))
  );
}
