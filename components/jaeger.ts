import * as pulumi from "@pulumi/pulumi";
import { Chart } from "@pulumi/kubernetes/helm/v4/chart";
import { configHashLabel, withoutSidecar } from "../mesh/labels";
import {
  chartConfigMaps,
  indexCleaner,
  jaegerPodLabels,
  maxTracesSetting,
  uiConfigFile,
} from "../mesh/jaegerChart";
import { type ChartSource, type JaegerStorage, type StackConfig } from "../config/stack";
import { defined } from "../mesh/plainObjects";
import { traceIdPlace } from "../mesh/urls";
import { goMemoryLimit, maxTracesFor, parseMemory } from "../mesh/jaegerMemory";
import { chartArgs, chartInputs, chartRelease, mergeValues } from "./chart";
import { hardening } from "./hardening";
import { storageValues } from "./jaegerStorageValues";
import { type Manifest } from "./manifest";
import { configHash, objectMeta, ownerLabelsOf } from "./metadata";

export interface JaegerArgs {
  /** The stack's name, for the owner labels. */
  stack: string;
  /** Namespace of the pod. A change replaces everything. */
  namespace: string;
  /** Helm release name: prefix of the chart's objects and `app.kubernetes.io/instance` of the pods. A change replaces everything. */
  release: string;
  /** Where the chart comes from. A change of version updates in place. */
  chart: ChartSource;
  /** Memory limit of the container, such as `512Mi`. `max_traces` and GOMEMLIMIT follow from it. */
  memoryLimit: string;
  /** Where traces are kept. A change rolls the pods. @default memory */
  storage?: JaegerStorage;
  /** How many pods there are; `autoscaled` leaves it to a HorizontalPodAutoscaler. @default 1 */
  replicas?: number | "autoscaled";
  /** How many traces the memory store keeps. @default what the memory limit holds */
  maxTraces?: number;
  /** CPU request, such as `100m`. */
  cpuRequest: string;
  /** CPU limit, such as `1`. */
  cpuLimit: string;
  /** Address of a log search with `{traceId}` in it, to which every trace links. @default no link */
  logSearch?: string;
  /** Parts of the image's name that differ from the chart's. A change rolls the pods. @default the chart's image */
  image?: { registry?: string; repository?: string; tag?: string; digest?: string };
  /** Names of the Secrets with which images are pulled, those of the store's jobs too. @default none */
  imagePullSecrets?: readonly string[];
  /** Labels of the nodes that pods run on. A change rolls the pods. @default any node */
  nodeSelector?: Readonly<Record<string, string>>;
  /** Taints of nodes that pods tolerate. A change rolls the pods. @default none */
  tolerations?: readonly object[];
  /** Affinity of the pods, as Kubernetes spells it. A change rolls the pods. @default none */
  affinity?: object;
  /** Chart values merged over the ones made here; the value given here wins. @default {} */
  values: Readonly<Record<string, unknown>>;
}

export function argsFrom({ stack, jaeger }: StackConfig): JaegerArgs {
  return { ...jaeger, stack, replicas: jaeger.autoscaling === undefined ? jaeger.replicas : "autoscaled" };
}

/**
 * The UI's configuration: a link from every trace to its logs. Logs carry the trace's id with all of its 32
 * digits, which the UI may show without leading zeros.
 * @see https://www.jaegertracing.io/docs/2.19/deployment/frontend-ui/#link-patterns
 */
function uiConfig(logSearch: string) {
  const url = logSearch.replaceAll(traceIdPlace, "#{traceID | pad_start 32 0}");
  return { linkPatterns: [{ type: "traces", url, text: "Logs of this trace" }] };
}

/**
 * The chart's values.
 * @see https://github.com/jaegertracing/helm-charts/blob/main/charts/jaeger/values.yaml
 */
export function jaegerValues(args: Omit<JaegerArgs, "chart" | "namespace">): Record<string, unknown> {
  const limit = parseMemory(args.memoryLimit);
  if (limit === undefined) throw new Error(`memoryLimit ${args.memoryLimit} is not a memory quantity`);
  const { storage = { type: "memory" }, replicas = 1 } = args;
  const { image, imagePullSecrets, nodeSelector, tolerations, affinity } = args;
  const maxTraces = args.maxTraces ?? maxTracesFor(limit);
  const store = storageValues({ release: args.release, storage, replicas });
  const settings = [
    // Without a bound it keeps ten times what fits into the default limit.
    ...(storage.type === "memory" ? [maxTracesSetting(maxTraces)] : []),
    // The chart mounts the UI's configuration there and tells Jaeger nothing of it.
    ...(args.logSearch === undefined ? [] : [`extensions.jaeger_query.ui.config_file=${uiConfigFile}`]),
  ];
  const values = mergeValues(
    {
      ...store.chart,
      commonLabels: ownerLabelsOf(args.stack),
      // Names the Service and the Deployment after the release, whatever the chart would compose.
      fullnameOverride: args.release,
      jaeger: {
        ...(settings.length === 0 ? {} : { args: settings.map((setting) => `--set=${setting}`) }),
        extraEnv: [{ name: "GOMEMLIMIT", value: goMemoryLimit(limit) }, ...store.env],
        // A sidecar in front of the collector would trace the tracing and must not be needed for it.
        podLabels: withoutSidecar,
        podSecurityContext: hardening.pod,
        resources: {
          limits: { cpu: args.cpuLimit, memory: args.memoryLimit },
          // A memory store fills up to its bound and stays there, so the request is the limit.
          requests: { cpu: args.cpuRequest, memory: args.memoryLimit },
        },
        securityContext: hardening.container,
        // Jaeger asks nothing of the Kubernetes API.
        serviceAccount: { automountServiceAccountToken: false },
        ...store.jaeger,
        ...defined({ image, nodeSelector, tolerations, affinity }),
      },
      ...(imagePullSecrets === undefined ? {} : { global: { imagePullSecrets } }),
      ...(args.logSearch === undefined ? {} : { uiconfig: uiConfig(args.logSearch) }),
    },
    args.values,
  );
  // The chart mounts its ConfigMaps by subPath and puts no checksum on the pod: without this label a changed
  // configuration would not restart it. Of all else that pods are made of Kubernetes sees itself whether it changed,
  // and what they are not made of, such as their number, must not cost a memory store its traces.
  const mounted = { uiconfig: values["uiconfig"], userconfig: values["userconfig"] };
  return mergeValues(values, { jaeger: { podLabels: { [configHashLabel]: configHash(mounted) } } });
}

/** The release of the chart. */
export function manifests(args: JaegerArgs) {
  const { release, namespace } = args;
  const values = jaegerValues(args);
  return {
    chart: chartRelease(
      chartArgs(args.chart, "jaeger"),
      { name: release, namespace },
      values,
      chartObjects(args, values),
    ),
  };
}

/** What the chart makes of the values. */
function chartObjects(
  { stack, release, namespace }: JaegerArgs,
  values: Record<string, unknown>,
): Manifest[] {
  const meta = (name: string) => objectMeta(stack, namespace, name);
  const core = (kind: string, name: string) => ({ apiVersion: "v1", kind, metadata: meta(name) });
  const cleaner = `${release}-${indexCleaner}`;
  return [
    {
      apiVersion: "apps/v1",
      kind: "Deployment",
      metadata: meta(release),
      spec: { selector: { matchLabels: jaegerPodLabels(release) } },
    },
    core("Service", release),
    core("ServiceAccount", release),
    ...(values["uiconfig"] === undefined ? [] : [core("ConfigMap", chartConfigMaps.uiconfig)]),
    ...(values["userconfig"] === undefined ? [] : [core("ConfigMap", chartConfigMaps.userconfig)]),
    ...((values["esIndexCleaner"] as { enabled?: unknown } | undefined)?.enabled === true
      ? [
          { apiVersion: "batch/v1", kind: "CronJob", metadata: meta(cleaner) },
          core("ServiceAccount", cleaner),
        ]
      : []),
  ];
}

/**
 * Jaeger 2, every pod of which receives and shows traces: one pod that keeps them in memory bounded by one memory
 * limit or on a volume, or several that share a store. Restricted Pod Security Standard, no sidecar, no
 * service-account token.
 *
 * @example <caption>What the dev stack has</caption>
 * new Jaeger("jaeger", { stack: "dev", namespace: "istio-system", release: "jaeger", memoryLimit: "512Mi",
 *   chart: { repository: "https://jaegertracing.github.io/helm-charts", version: "4.11.1" },
 *   cpuRequest: "100m", cpuLimit: "1", values: {} });
 *
 * @example <caption>Without access to the internet, with a value of the chart changed</caption>
 * new Jaeger("jaeger", { …, chart: { path: "./charts/jaeger-4.11.1.tgz" },
 *   values: { jaeger: { nodeSelector: { pool: "observability" } } } });
 *
 * @example <caption>Three pods in front of an OpenSearch that is there already</caption>
 * new Jaeger("jaeger", { …, replicas: 3, storage: { type: "opensearch", retentionDays: 7,
 *   urls: ["https://opensearch.logging.svc:9200"], tls: { ca: { kind: "Secret", name: "ca", key: "ca.crt" } },
 *   place: { peers: [{ namespace: "logging" }], ports: [9200] } } });
 */
export class Jaeger extends pulumi.ComponentResource {
  static readonly type = "mesh-tracing:jaeger:Jaeger";

  constructor(name: string, args: JaegerArgs, opts?: pulumi.ComponentResourceOptions) {
    super(Jaeger.type, name, {}, opts);
    new Chart(`${name}-chart`, chartInputs(manifests(args).chart), { parent: this });
    this.registerOutputs({});
  }
}
