/** Collectors among the workloads, with what their configuration says, as far as it is in the input. */
import { remembered } from "../../../mesh/maps";
import { kinds } from "../../../mesh/kinds";
import { appLabels } from "../../../mesh/labels";
import { ports } from "../../../mesh/ports";
import { controllerOf } from "../../reachability";
import { workloadsBehind } from "../collectorService";
import { type ServicePlace } from "../collector";
import { kindIn, namespaceOf, type ObjectIndex } from "../objects";
import { at, type Json, number, record, records, shown, textMap, texts } from "../reading";
import { type TracingModel } from "../tracingModel";
import { containersOf, type Workload, workloadOf } from "../workloads";
import { collectorImage, isJaegerImage, runsCollector, tempoImage } from "./images";
import { mountedFiles, onlyFile, parsedConfig } from "./configFiles";
import { isJaeger1, jaeger1Fix, jaeger1Receivers } from "./jaeger1";
import { readOtelConfig } from "./otelConfig";
import { type CollectorProgram } from "./program";
import { withVariables } from "./references";
import { tempoFix, tempoReceivers } from "./tempo";

/** Those whose tags are versions of the collector itself. */
const upstreamImage = /(?:^|\/)(?:opentelemetry-collector|otelcol)(?:-contrib|-k8s)?:v?0\.(\d+)/;

/** Since then receivers without an address listen on localhost. */
const localSince = { collector: 104, tempo: 2.07 };

/**
 * The pods that a Service which is not in the input is taken to lead to: those of the operator's collector that it
 * belongs to, else those of the only collector in its namespace; undefined if there are none or several.
 */
export function takenBehind(model: TracingModel, place: ServicePlace): Workload | undefined {
  const [operated] = programsBehind(model, place) ?? [];
  if (operated !== undefined) return operated.workload;
  const found = model.workloads.filter(
    (workload) => workload.namespace === place.namespace && runsCollector(workload),
  );
  return found.length === 1 ? found[0] : undefined;
}

/** Every collector whose configuration is known. */
export const programsOf = remembered((model: TracingModel): readonly CollectorProgram[] => [
  ...model.workloads
    .filter((workload) => !isOperated(model, workload))
    .flatMap((workload) =>
      containersOf(workload).flatMap((container) => readContainer(model, workload, container) ?? []),
    ),
  ...operated(model),
]);

function readContainer(
  model: TracingModel,
  workload: Workload,
  container: Json,
): CollectorProgram | undefined {
  const image = shown(container["image"]);
  const args = [...texts(container["command"]), ...texts(container["args"])];
  const file = (isMeant: (config: Json) => boolean) =>
    onlyFile(mountedFiles(workload, container, model.index), args, isMeant);
  const tempo = tempoImage.exec(image);
  if (tempo !== null) {
    const found = file((config) => at(config, "distributor", "receivers") !== undefined);
    if (found === undefined) return undefined;
    const { major, minor } = tempo.groups ?? {};
    const version = major === undefined ? undefined : Number(major) + Number(minor) / 100;
    return {
      ...nothing,
      workload,
      object: found.object,
      receivers: tempoReceivers(
        found.config,
        version === undefined ? undefined : version >= localSince.tempo,
      ),
      fixFor: tempoFix,
    };
  }
  if (isJaegerImage(image) && isJaeger1(image)) {
    const receivers = jaeger1Receivers(container);
    return (
      receivers && {
        ...nothing,
        workload,
        object: workload.object,
        receivers,
        fixFor: jaeger1Fix,
      }
    );
  }
  const isJaeger = isJaegerImage(image);
  if (!isJaeger && !collectorImage.test(image)) return undefined;
  // What is set beside the file is not read.
  if (/(^| )--set[= ](receivers|exporters|processors|service)\b/.test(args.join(" "))) return undefined;
  if (isJaeger && !args.some((arg) => arg.startsWith("--config")))
    return jaeger2(workload, container, model.index);
  const found = file((config) => at(config, "service", "pipelines") !== undefined);
  if (found === undefined) return undefined;
  const minor = number(upstreamImage.exec(image)?.[1]);
  const isLocal = isJaeger || (minor === undefined ? undefined : minor >= localSince.collector);
  return {
    workload,
    object: found.object,
    ...readOtelConfig(withVariables(found.config, container, workload, model.index), isLocal, minor),
  };
}

/** Jaeger 2 without a file: with what its chart was given, or as its image has it, open to everybody. */
function jaeger2(workload: Workload, container: Json, index: ObjectIndex): CollectorProgram {
  const given = parsedConfig(container["mesh-tracing/userconfig"]);
  const endpoint = (port: number) => ({ endpoint: `0.0.0.0:${port}` });
  const builtIn = {
    receivers: {
      otlp: { protocols: { grpc: endpoint(ports.otlpGrpc), http: endpoint(ports.otlpHttp) } },
      zipkin: endpoint(ports.zipkin),
    },
    exporters: { jaeger_storage_exporter: {} },
    service: {
      pipelines: { traces: { receivers: ["otlp", "zipkin"], exporters: ["jaeger_storage_exporter"] } },
    },
  };
  const config = given === undefined || !("service" in given) ? builtIn : given;
  return {
    workload,
    object: workload.object,
    ...readOtelConfig(withVariables(config, container, workload, index), true),
  };
}

/** Of programs that pass nothing on. */
const nothing = readOtelConfig({}, undefined);

/** Whether the operator made a workload for a collector of the input, whose configuration is the one to change. */
function isOperated({ index }: TracingModel, { object, namespace }: Workload): boolean {
  const owner = controllerOf(object.metadata);
  const { openTelemetryCollector: kind } = kinds;
  return kindIn(owner) === kind && index.get(kind, namespace, shown(owner?.["name"])) !== undefined;
}

/** Collectors whose pods the OpenTelemetry Operator makes, with the labels and names that it gives. */
function operated({ index }: TracingModel): CollectorProgram[] {
  return index.of(kinds.openTelemetryCollector).flatMap((object) => {
    const config = parsedConfig(at(object["spec"], "config"));
    if (config === undefined || at(object["spec"], "mode") === "sidecar") return [];
    const namespace = namespaceOf(object);
    const labels = {
      // The one label of the object that wins over the operator's.
      [appLabels.name]: `${object.metadata.name}-collector`,
      ...textMap(object.metadata["labels"]),
      [appLabels.component]: "opentelemetry-collector",
      [appLabels.instance]: `${namespace}.${object.metadata.name}`,
      [appLabels.partOf]: "opentelemetry",
      "app.kubernetes.io/managed-by": "opentelemetry-operator",
    };
    const own = workloadOf(object);
    const workload: Workload = { ...own, labels: { ...labels }, hypothetical: "partial" };
    // The operator writes 0.0.0.0 where nothing is written.
    const { env, envFrom } = record(object["spec"]);
    const read = withVariables(config, { env, envFrom }, workload, index);
    return [{ workload, object, ...readOtelConfig(read, false) }];
  });
}

/** Every sender asks for the same few Services. */
const behindOf = remembered((_: TracingModel) => new Map<string, readonly CollectorProgram[] | undefined>());

/** The programs behind a Service; undefined if pods that it leads to are not known, or their configuration is not. */
export function programsBehind(
  model: TracingModel,
  place: { namespace: string; name: string },
): readonly CollectorProgram[] | undefined {
  const key = `${place.namespace}/${place.name}`;
  const known = behindOf(model);
  if (!known.has(key)) known.set(key, findProgramsBehind(model, place));
  return known.get(key);
}

function findProgramsBehind(
  model: TracingModel,
  place: { namespace: string; name: string },
): readonly CollectorProgram[] | undefined {
  const programs = programsOf(model);
  const byOperator = programs.filter(
    ({ object, workload }) =>
      object.kind === kinds.openTelemetryCollector.name &&
      workload.namespace === place.namespace &&
      [`${object.metadata.name}-collector`, `${object.metadata.name}-collector-headless`].includes(
        place.name,
      ),
  );
  if (byOperator.length > 0) return byOperator;
  const service = model.index.get(kinds.service, place.namespace, place.name);
  const workloads = workloadsBehind(model, service);
  const found = programs.filter(({ workload }) => workloads.includes(workload));
  return workloads.length > 0 && workloads.every((workload) => found.some((one) => one.workload === workload))
    ? found
    : undefined;
}

/** How many pods there are: a number, or `several` where an autoscaler or the nodes decide. */
export function replicasOf(
  { index }: TracingModel,
  { workload, object }: CollectorProgram,
): number | "several" {
  const target = workload.object;
  const spec = target["spec"];
  if (target.kind === kinds.daemonSet.name || at(spec, "mode") === "daemonset") return "several";
  const scalers = index
    .of(kinds.horizontalPodAutoscaler)
    .filter(
      (scaler) =>
        at(scaler["spec"], "scaleTargetRef", "name") === target.metadata.name &&
        namespaceOf(scaler) === workload.namespace,
    );
  const limits = [
    at(object["spec"], "autoscaler", "maxReplicas"),
    ...scalers.map((scaler) => at(scaler["spec"], "maxReplicas")),
  ];
  if (limits.some((limit) => Number(limit) > 1)) return "several";
  const replicas = at(spec, "replicas");
  return typeof replicas === "number" ? replicas : 1;
}

/** The port of a workload's containers that a name stands for. */
export function namedPort({ workload }: CollectorProgram, name: string): number | undefined {
  const port = containersOf(workload)
    .flatMap((container) => records(container["ports"]))
    .find((one) => one["name"] === name)?.["containerPort"];
  return typeof port === "number" ? port : undefined;
}
