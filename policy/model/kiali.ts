/** Kiali as the input configures it: which traces it reads, and whether it requires a login. */
import { parseKubernetesYaml } from "../../mesh/kubernetesYaml";
import { ports } from "../../mesh/ports";
import { defaultRootNamespace, kialiDefaultTracing } from "../../mesh/names";
import { kinds, typeMeta } from "../../mesh/kinds";
import { appLabels, kialiPodLabels } from "../../mesh/labels";
import { type HypotheticalPod, type QuestionEnd } from "../reachability";
import { type ChartRelease } from "./charts";
import { placeOf, type ServicePlace } from "./collector";
import { type KubeObject, namespaceOf } from "./objects";
import { at, isRecord, type Json, number, record, text, textMap } from "./reading";
import { type TracingModel } from "./tracingModel";
import { type Workload, workloadKey } from "./workloads";

export interface Kiali {
  /** The object that has the configuration; findings about it are reported on it. */
  object: KubeObject;
  namespace: string;
  /** Name of its Deployment and Service. */
  instance: string;
  /** Kiali's configuration, as far as it is written. */
  config: Json;
  /** Kiali's version, `v2.29.0`, where something says it. */
  version?: string;
  /** Where in the object it is, for messages. */
  place: string;
  /** Its pods; where they are not in the input, what stands for them. */
  workload: Workload;
  /** The same as questions about paths name them. */
  end: QuestionEnd;
}

export interface KialiTracing {
  enabled: boolean;
  /** As written, or Kiali's default. */
  url: string;
  useGrpc: boolean;
  /** The Service that the address means; undefined where it means none of the cluster. */
  service?: ServicePlace & { port: number };
}

/** What Kiali assumes where it is told nothing. */
const { service, path } = kialiDefaultTracing;
const defaultTracingUrl = `http://${service}.${defaultRootNamespace}:${ports.queryGrpc}${path}`;

const configFile = "config.yaml";

/**
 * Every Kiali of the input: by its ConfigMap, by the values of its chart, or by a Kiali of its operator. One whose
 * values are partly elsewhere is left out, because nothing can be said about what is not there.
 */
export function kialisOf(model: TracingModel): Kiali[] {
  const configured = [
    ...model.index.of(kinds.configMap).flatMap(fromConfigMap),
    ...model.charts.flatMap(fromChart),
    ...model.index.of(kinds.kiali).map(fromResource),
  ];
  const seen = new Set<string>();
  return configured.flatMap((source) => {
    // The chart's own ConfigMap says more than its values do, and comes first.
    const key = `${source.namespace}/${source.instance}`;
    if (seen.has(key)) return [];
    seen.add(key);
    return [withPods(model, source)];
  });
}

type Source = Omit<Kiali, "workload" | "end">;

function fromConfigMap(object: KubeObject): Source[] {
  const labels = textMap(object.metadata["labels"]);
  const isKialis =
    object.metadata.name === "kiali" || labels[appLabels.name] === kialiPodLabels[appLabels.name];
  const config = isKialis ? parsed(at(object["data"], configFile)) : undefined;
  if (config === undefined) return [];
  return [
    {
      object,
      namespace: namespaceOf(object),
      instance: text(at(config, "deployment", "instance_name")) ?? object.metadata.name,
      config,
      version: labels[appLabels.version],
      place: `data["${configFile}"]`,
    },
  ];
}

function fromChart(release: ChartRelease): Source[] {
  const { chart, values, namespace, object, version } = release;
  if (release.incomplete !== undefined) return [];
  if (chart === "kiali-server") {
    return [{ ...fromConfig(object, namespace, values, "the chart's values"), version }];
  }
  if (chart !== "kiali-operator" || at(values, "cr", "create") !== true) return [];
  const config = record(at(values, "cr", "spec"));
  return [
    fromConfig(object, text(at(values, "cr", "namespace")) ?? namespace, config, "cr.spec of the values"),
  ];
}

function fromResource(object: KubeObject): Source {
  return fromConfig(object, namespaceOf(object), record(object["spec"]), "spec");
}

function fromConfig(object: KubeObject, namespace: string, config: Json, place: string): Source {
  return {
    object,
    namespace: text(at(config, "deployment", "namespace")) ?? namespace,
    instance: text(at(config, "deployment", "instance_name")) ?? "kiali",
    config,
    place,
  };
}

function withPods(model: TracingModel, source: Source): Kiali {
  const { namespace, instance, config } = source;
  const labels = {
    app: "kiali",
    [appLabels.partOf]: "kiali",
    ...textMap(at(config, "deployment", "pod_labels")),
    ...kialiPodLabels,
    [appLabels.instance]: instance,
  };
  const own = model.workloads.find(
    (workload) =>
      workload.namespace === namespace &&
      workload.labels[appLabels.name] === kialiPodLabels[appLabels.name] &&
      workload.labels[appLabels.instance] === instance,
  );
  const deployment: KubeObject = {
    ...typeMeta(kinds.deployment),
    metadata: { name: instance, namespace },
  };
  const absent: HypotheticalPod = { namespace, labels, labelsAreComplete: true };
  return {
    ...source,
    workload: own ?? { object: deployment, namespace, name: instance, pod: {}, labels, annotations: {} },
    end: (own && model.clusterWorkload(workloadKey(own.object))) ?? absent,
  };
}

/**
 * How it reads traces; undefined where it is told to read those of something else than Jaeger, and where it is of a
 * version 1 whose default is meant: that changed from one to the next.
 */
export function tracingOf({
  config,
  namespace,
  version,
}: Pick<Kiali, "config" | "namespace" | "version">): KialiTracing | undefined {
  const tracing = record(at(config, "external_services", "tracing"));
  if ((text(tracing["provider"]) ?? "jaeger") !== "jaeger") return undefined;
  if (tracing["enabled"] === undefined && /^v?1\./.test(version ?? "")) return undefined;
  // Empty text is set, and means that the address for browsers is used.
  const url =
    text(tracing["in_cluster_url"]) ||
    (text(tracing["internal_url"]) ?? defaultTracingUrl) ||
    (text(tracing["external_url"]) ?? text(tracing["url"]) ?? "");
  const service = serviceAt(url, namespace);
  return {
    enabled: tracing["enabled"] === true,
    url,
    useGrpc: tracing["use_grpc"] !== false,
    ...(service === undefined ? {} : { service }),
  };
}

function serviceAt(url: string, namespace: string): KialiTracing["service"] {
  const { protocol, hostname, port } = URL.canParse(url) ? new URL(url) : {};
  const place = hostname === undefined ? undefined : placeOf(hostname, namespace);
  if (place === undefined) return undefined;
  return { ...place, port: number(port) ?? (protocol === "https:" ? ports.https : 80) };
}

function parsed(file: unknown): Json | undefined {
  if (typeof file !== "string") return undefined;
  try {
    const value = parseKubernetesYaml(file);
    return isRecord(value) ? value : undefined;
  } catch {
    return undefined;
  }
}
