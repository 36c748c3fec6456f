import * as pulumi from "@pulumi/pulumi";
import { Chart } from "@pulumi/kubernetes/helm/v4/chart";
import { type ChartSource } from "../config";
import { traceIdPlace } from "../constants";
import { goMemoryLimit, maxTracesFor, parseMemory } from "../jaegerMemory";
import { chartArgs, mergeValues } from "./chart";
import { configHash, ownerLabelsOf } from "./metadata";

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
  /** How many traces the store keeps. @default what the memory limit holds */
  maxTraces?: number;
  /** CPU request, such as `100m`. */
  cpuRequest: string;
  /** CPU limit, such as `1`. */
  cpuLimit: string;
  /** Address of a log search with `{traceId}` in it, to which every trace links. @default no link */
  logSearch?: string;
  /** Chart values merged over the ones made here; the value given here wins. @default {} */
  values: Readonly<Record<string, unknown>>;
}

/** Labels of Jaeger's pods, by which Services select them. Stable since chart 4.0. */
export function jaegerPodLabels(release: string): Record<string, string> {
  return {
    "app.kubernetes.io/component": "all-in-one",
    "app.kubernetes.io/instance": release,
    "app.kubernetes.io/name": "jaeger",
  };
}

/**
 * The pod's hardening, which fulfils the restricted Pod Security Standard.
 * @see https://kubernetes.io/docs/concepts/security/pod-security-standards/#restricted
 */
const hardening = {
  pod: {
    fsGroup: 10001,
    runAsGroup: 10001,
    runAsNonRoot: true,
    runAsUser: 10001,
    seccompProfile: { type: "RuntimeDefault" },
  },
  container: {
    allowPrivilegeEscalation: false,
    capabilities: { drop: ["ALL"] },
    readOnlyRootFilesystem: true,
  },
} as const;

/**
 * The UI's configuration: a link from every trace to its logs. Logs carry the trace's id with all of its 32
 * digits, which the UI may show without leading zeros.
 * @see https://www.jaegertracing.io/docs/2.19/deployment/frontend-ui/#link-patterns
 */
export function uiConfig(logSearch: string) {
  const url = logSearch.replaceAll(traceIdPlace, "#{traceID | pad_start 32 0}");
  return { linkPatterns: [{ type: "traces", url, text: "Logs of this trace" }] };
}

/**
 * The chart's values.
 * @see https://github.com/jaegertracing/helm-charts/blob/main/charts/jaeger/values.yaml
 */
export function jaegerValues(args: Omit<JaegerArgs, "chart" | "namespace">): Record<string, unknown> {
  const limit = parseMemory(args.memoryLimit);
  if (limit === undefined) throw new Error(`memoryLimit ${args.memoryLimit} is no memory quantity`);
  const maxTraces = args.maxTraces ?? maxTracesFor(limit);
  const values = mergeValues(
    {
      commonLabels: ownerLabelsOf(args.stack),
      // Names the Service and the Deployment after the release, whatever the chart would compose.
      fullnameOverride: args.release,
      jaeger: {
        // The store of the default configuration is called some_storage; without a bound it keeps 100 000 traces.
        args: [
          `--set=extensions.jaeger_storage.backends.some_storage.memory.max_traces=${maxTraces}`,
          // The chart mounts the UI's configuration there and tells Jaeger nothing of it.
          ...(args.logSearch === undefined
            ? []
            : ["--set=extensions.jaeger_query.ui.config_file=/etc/jaeger/ui-config.json"]),
        ],
        extraEnv: [{ name: "GOMEMLIMIT", value: goMemoryLimit(limit) }],
        podLabels: {
          // A sidecar in front of the collector would trace the tracing and must not be needed for it.
          "sidecar.istio.io/inject": "false",
        },
        podSecurityContext: hardening.pod,
        resources: {
          limits: { cpu: args.cpuLimit, memory: args.memoryLimit },
          // The store fills up to its bound and stays there, so the request is the limit.
          requests: { cpu: args.cpuRequest, memory: args.memoryLimit },
        },
        securityContext: hardening.container,
        // Jaeger asks nothing of the Kubernetes API.
        serviceAccount: { automountServiceAccountToken: false },
      },
      ...(args.logSearch === undefined ? {} : { uiconfig: uiConfig(args.logSearch) }),
    },
    args.values,
  );
  // The chart mounts its ConfigMaps by subPath and puts no checksum on the pod: without this label a changed
  // configuration would not restart it.
  return mergeValues(values, { jaeger: { podLabels: { "mesh-tracing/config-hash": configHash(values) } } });
}

/**
 * Jaeger 2 as one pod that receives, keeps and shows traces: memory storage bounded by one memory limit,
 * restricted Pod Security Standard, no sidecar, no service-account token.
 *
 * @example <caption>What the dev stack has</caption>
 * new Jaeger("jaeger", { stack: "dev", namespace: "istio-system", release: "jaeger", memoryLimit: "512Mi",
 *   chart: { repository: "https://jaegertracing.github.io/helm-charts", version: "4.11.1" },
 *   cpuRequest: "100m", cpuLimit: "1", values: {} });
 *
 * @example <caption>Without access to the internet, with a value of the chart changed</caption>
 * new Jaeger("jaeger", { …, chart: { path: "./charts/jaeger-4.11.1.tgz" },
 *   values: { jaeger: { nodeSelector: { pool: "observability" } } } });
 */
export class Jaeger extends pulumi.ComponentResource {
  constructor(name: string, args: JaegerArgs, opts?: pulumi.ComponentResourceOptions) {
    super("mesh-tracing:jaeger:Jaeger", name, {}, opts);
    new Chart(
      `${name}-chart`,
      {
        ...chartArgs(args.chart, "jaeger"),
        name: args.release,
        namespace: args.namespace,
        values: jaegerValues(args),
      },
      { parent: this },
    );
    this.registerOutputs({});
  }
}
