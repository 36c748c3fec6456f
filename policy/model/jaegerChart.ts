/**
 * Jaeger's workload and Service as its Helm chart would render them, for inputs that have the chart's values
 * but not its manifests. Only what rules ask about.
 * @see https://github.com/jaegertracing/helm-charts/tree/main/charts/jaeger
 */
import { type ChartRelease } from "./charts";
import { type KubeObject } from "./objects";
import { at, type Json, mergeDeep, number, record, records, text, textMap } from "./reading";

/** Ports of the chart's Service that matter for tracing; the pod listens on the same numbers. */
const servicePorts = [
  { name: "http-zipkin", port: 9411, appProtocol: "http" },
  { name: "otlp-grpc", port: 4317, appProtocol: "grpc" },
  { name: "otlp-http", port: 4318, appProtocol: "http" },
  { name: "http-query", port: 16686 },
  { name: "grpc-query", port: 16685 },
  { name: "internal-metrics", port: 8888, appProtocol: "http" },
] as const;

const defaultPodSecurityContext: Json = { fsGroup: 10001, runAsGroup: 10001, runAsUser: 10001 };

/** Where a release of the chart puts its pod's settings: one section since 4.0, `allInOne` before. */
interface Layout {
  settings: Json;
  services: { suffix: string; headless: boolean; ports: readonly number[] }[];
}

/** The Deployment and the Services of a release; none where the chart makes something else of its values. */
export function jaegerChartObjects(release: ChartRelease): KubeObject[] {
  const layout = layoutOf(release);
  if (layout === undefined) return [];
  const fullname = fullnameOf(release);
  const selector = {
    "app.kubernetes.io/name": text(release.values["nameOverride"]) ?? "jaeger",
    "app.kubernetes.io/instance": release.release,
    "app.kubernetes.io/component": "all-in-one",
  };
  const metadata = (suffix: string) => ({ name: `${fullname}${suffix}`, namespace: release.namespace });
  const ports = servicePorts.map(({ port }) => ({ containerPort: port, protocol: "TCP" }));
  const deployment: KubeObject = {
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: metadata(""),
    spec: {
      ...replicasOf(layout.settings),
      strategy: { type: "Recreate", ...record(layout.settings["strategy"]) },
      selector: { matchLabels: selector },
      template: {
        metadata: { labels: { ...textMap(layout.settings["podLabels"]), ...selector } },
        spec: podSpec(release, layout.settings, ports),
      },
    },
  };
  const services = layout.services.map(({ suffix, headless, ports: numbers }): KubeObject => ({
    apiVersion: "v1",
    kind: "Service",
    metadata: metadata(suffix),
    spec: {
      type: text(at(layout.settings, "service", "type")) ?? "ClusterIP",
      ...(headless ? { clusterIP: "None" } : {}),
      selector,
      ports: servicePorts
        .filter(({ port }) => numbers.includes(port))
        .map((port) => ({ ...port, targetPort: port.port, protocol: "TCP" })),
    },
  }));
  return [deployment, ...services, ...indexCleaner(release, fullname)];
}

/** One, unless the values say otherwise; `null` takes the chart's own number away. */
function replicasOf({ replicas = 1 }: Json): Json {
  return replicas === null ? {} : { replicas };
}

/** The job that deletes old indices. */
function indexCleaner({ namespace, release, values }: ChartRelease, fullname: string): KubeObject[] {
  const settings = record(values["esIndexCleaner"]);
  if (settings["enabled"] !== true) return [];
  const url = text(at(values, "storage", "elasticsearch", "url")) ?? "http://elasticsearch-master:9200";
  const flags = Object.entries(record(settings["cmdlineParams"])).map(
    ([key, value]) => `--${key}=${String(value)}`,
  );
  const container = {
    name: `${fullname}-es-index-cleaner`,
    image: "jaegertracing/jaeger-es-index-cleaner",
    args: [String(number(settings["numberOfDays"]) ?? 7), url, ...flags],
    env: [...cleanerCredentials(values), ...records(settings["extraEnv"])],
    resources: record(settings["resources"]),
    securityContext: mergeDeep({ runAsUser: 1000 }, settings["securityContext"]),
  };
  const labels = {
    ...textMap(settings["podLabels"]),
    "app.kubernetes.io/name": text(values["nameOverride"]) ?? "jaeger",
    "app.kubernetes.io/instance": release,
    "app.kubernetes.io/component": "es-index-cleaner",
  };
  const pod = {
    containers: [container],
    securityContext: mergeDeep({ runAsUser: 1000 }, settings["podSecurityContext"]),
  };
  return [
    {
      apiVersion: "batch/v1",
      kind: "CronJob",
      metadata: { name: `${fullname}-es-index-cleaner`, namespace },
      spec: { jobTemplate: { spec: { template: { metadata: { labels }, spec: pod } } } },
    },
  ];
}

function cleanerCredentials(values: Json): Json[] {
  const settings = record(at(values, "storage", "elasticsearch"));
  return [
    ["ES_USERNAME", settings["user"]],
    ["ES_PASSWORD", settings["password"]],
  ].flatMap(([name, value]) => (text(value) === undefined ? [] : [{ name, value }]));
}

function podSpec(release: ChartRelease, settings: Json, ports: readonly unknown[]): Json {
  const userconfig = record(release.values["userconfig"]);
  return {
    containers: [
      {
        name: "jaeger",
        image: "jaegertracing/jaeger",
        args: Array.isArray(settings["args"]) ? (settings["args"] as unknown[]) : [],
        env: records(settings["extraEnv"]),
        ports,
        resources: record(settings["resources"]),
        securityContext: record(settings["securityContext"]),
        // The chart mounts the configuration from a ConfigMap of a fixed name; here it is beside the container.
        ...(Object.keys(userconfig).length > 0 ? { "mesh-tracing/userconfig": userconfig } : {}),
      },
    ],
    securityContext: mergeDeep(defaultPodSecurityContext, settings["podSecurityContext"]),
  };
}

function layoutOf({ version, values }: ChartRelease): Layout | undefined {
  const major = Number(/^v?(\d+)\./.exec(version ?? "")?.[1] ?? 4);
  if (major >= 4) {
    const settings = record(values["jaeger"]);
    if (settings["enabled"] === false) return undefined;
    return {
      settings,
      services: [{ suffix: "", headless: false, ports: servicePorts.map(({ port }) => port) }],
    };
  }
  const settings = record(values["allInOne"]);
  if (settings["enabled"] !== true) return undefined;
  return {
    settings,
    services: [
      { suffix: "-collector", headless: true, ports: [9411, 4317, 4318] },
      { suffix: "-query", headless: true, ports: [16686, 16685] },
    ],
  };
}

function fullnameOf({ release, values }: ChartRelease): string {
  const given = text(values["fullnameOverride"]);
  if (given !== undefined && given !== "") return given;
  const name = text(values["nameOverride"]) ?? "jaeger";
  return release.includes(name) ? release : `${release}-${name}`;
}
