/**
 * The OpenTelemetry Collector as its Helm chart would render it, for inputs that have the chart's values but not its
 * manifests. Only what rules ask about.
 * @see https://github.com/open-telemetry/opentelemetry-helm-charts/tree/main/charts/opentelemetry-collector
 */
import { isRecord, mergeDeep } from "../../mesh/plainObjects";
import { type Kind, kinds, typeMeta } from "../../mesh/kinds";
import { appLabels } from "../../mesh/labels";
import { ports } from "../../mesh/ports";
import { type ChartRelease } from "./charts";
import { type KubeObject } from "./objects";
import { at, type Json, number, record, text, textMap } from "./reading";

/** By the chart's `mode`, without which it renders nothing: what makes the pods, and how they are marked. */
const modes: ReadonlyMap<unknown, { kind: Kind; component: string }> = new Map([
  ["deployment", { kind: kinds.deployment, component: "standalone-collector" }],
  ["statefulset", { kind: kinds.statefulSet, component: "statefulset-collector" }],
  ["daemonset", { kind: kinds.daemonSet, component: "agent-collector" }],
]);

/** The chart writes the pod's own address, which others reach as well as any. */
const anyAddress = (port: number): Json => ({ endpoint: `0.0.0.0:${port}` });

const defaultConfig: Json = {
  exporters: { debug: {} },
  processors: { batch: {}, memory_limiter: {} },
  receivers: {
    jaeger: {
      protocols: { grpc: anyAddress(ports.jaegerModel), thrift_http: anyAddress(ports.jaegerThrift) },
    },
    otlp: { protocols: { grpc: anyAddress(ports.otlpGrpc), http: anyAddress(ports.otlpHttp) } },
    zipkin: anyAddress(ports.zipkin),
  },
  service: {
    pipelines: {
      traces: {
        exporters: ["debug"],
        processors: ["memory_limiter", "batch"],
        receivers: ["otlp", "jaeger", "zipkin"],
      },
    },
  },
};

/** Processors that presets define and put into pipelines. */
const ofPresets: Json = {
  k8sattributes: {},
  k8s_attributes: {},
  resourcedetection: {},
  resource_detection: {},
};

const portOf = (port: number, more: Json = {}): Json => ({
  enabled: true,
  containerPort: port,
  servicePort: port,
  ...more,
});
const defaultPorts: Json = {
  otlp: portOf(ports.otlpGrpc, { appProtocol: "grpc" }),
  "otlp-http": portOf(ports.otlpHttp),
  "jaeger-thrift": portOf(ports.jaegerThrift),
  "jaeger-grpc": portOf(ports.jaegerModel),
  zipkin: portOf(ports.zipkin),
  metrics: portOf(ports.metrics, { enabled: false }),
};

/** None where values that are not in the input may say something else. */
export function collectorChartObjects(given: ChartRelease): KubeObject[] {
  const { release, chart, namespace: own, values, incomplete } = given;
  const mode = modes.get(values["mode"]);
  if (mode === undefined || incomplete !== undefined) return [];
  const isAgent = mode.kind === kinds.daemonSet;
  const name = text(values["nameOverride"]) || chart;
  const fullname =
    text(values["fullnameOverride"]) || (release.includes(name) ? release : `${release}-${name}`);
  const namespace = text(values["namespaceOverride"]) || own;
  const metadata = { name: `${fullname}${isAgent ? "-agent" : ""}`, namespace };
  const selector = { [appLabels.name]: name, [appLabels.instance]: release, component: mode.component };
  const open = openPorts(values);
  const configMap = record(values["configMap"]);
  const { enabled: isScaled, maxReplicas } = record(values["autoscaling"]);
  const pod = {
    hostNetwork: values["hostNetwork"] === true,
    containers: [
      {
        name: chart,
        image: imageOf(record(values["image"])),
        args: ["--config=/conf/relay.yaml"],
        ports: open.map(({ name, containerPort, hostPort = containerPort, protocol }) => ({
          name,
          containerPort,
          protocol,
          ...(isAgent ? { hostPort } : {}),
        })),
        env: values["extraEnvs"],
        envFrom: values["extraEnvsFrom"],
        resources: record(values["resources"]),
        volumeMounts: [{ name: "config", mountPath: "/conf" }],
      },
    ],
    volumes: [{ name: "config", configMap: { name: text(configMap["existingName"]) || metadata.name } }],
  };
  const workload = {
    ...typeMeta(mode.kind),
    metadata,
    spec: {
      ...(isAgent
        ? {}
        : { replicas: number(isScaled === true ? (maxReplicas ?? 10) : values["replicaCount"]) ?? 1 }),
      selector: { matchLabels: selector },
      template: { metadata: { labels: { ...selector, ...textMap(values["podLabels"]) } }, spec: pod },
    },
  };
  const config = {
    ...typeMeta(kinds.configMap),
    metadata,
    data: { "relay.yaml": JSON.stringify(configOf(values)) },
  };
  const service = record(values["service"]);
  const { type = "ClusterIP", clusterIP, internalTrafficPolicy = isAgent ? "Local" : "Cluster" } = service;
  return [
    workload,
    ...(text(configMap["existingName"]) || configMap["create"] === false ? [] : [config]),
    ...((service["enabled"] ?? !isAgent) === true
      ? [
          {
            ...typeMeta(kinds.service),
            metadata: { name: fullname, namespace },
            spec: {
              type,
              internalTrafficPolicy,
              ...(text(clusterIP) ? { clusterIP } : {}),
              selector,
              ports: open.map(({ name, containerPort, servicePort, protocol, appProtocol }) => ({
                name,
                port: servicePort ?? containerPort,
                targetPort: containerPort,
                protocol,
                ...(appProtocol === undefined ? {} : { appProtocol }),
              })),
            },
          },
        ]
      : []),
  ];
}

/** What others may send to; ports that only the chart knows are none of spans. */
function openPorts(values: Json): Json[] {
  return Object.entries(mergeDeep(defaultPorts, values["ports"]))
    .map(([name, port]): Json => ({ name, protocol: "TCP", ...record(port) }))
    .filter(({ enabled, containerPort }) => enabled === true && containerPort !== undefined);
}

/** Without a tag where the chart's own version decides. */
function imageOf({ repository, tag }: Json): string {
  return `${text(repository) || "otel/opentelemetry-collector"}${text(tag) ? `:${text(tag)}` : ""}`;
}

function configOf(values: Json): Json {
  const alternate = record(values["alternateConfig"]);
  const config =
    Object.keys(alternate).length > 0
      ? alternate
      : withoutRemoved(mergeDeep(defaultConfig, values["config"]), defaultConfig);
  const hasPresets = Object.values(record(values["presets"])).some(
    (preset) => at(preset, "enabled") === true,
  );
  return hasPresets ? { ...config, processors: { ...ofPresets, ...record(config["processors"]) } } : config;
}

/** `null` takes a value of the chart's own away. */
function withoutRemoved(value: Json, defaults: Json): Json {
  return Object.fromEntries(
    Object.entries(value).flatMap(([key, inner]) => {
      const before = defaults[key];
      if (inner === null && before !== undefined) return [];
      return [[key, isRecord(inner) && isRecord(before) ? withoutRemoved(inner, before) : inner]];
    }),
  );
}
