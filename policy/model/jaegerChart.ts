/**
 * Jaeger's workload and Service as its Helm chart would render them, for inputs that have the chart's values
 * but not its manifests. Only what rules ask about.
 * @see https://github.com/jaegertracing/helm-charts/tree/main/charts/jaeger
 */
import { mergeDeep } from "../../mesh/plainObjects";
import { kinds, typeMeta } from "../../mesh/kinds";
import { ports } from "../../mesh/ports";
import { appLabels } from "../../mesh/labels";
import {
  chartPorts,
  formerServices,
  indexCleaner,
  jaegerFullname,
  jaegerPodLabels,
} from "../../mesh/jaegerChart";
import { type ChartRelease } from "./charts";
import { type KubeObject } from "./objects";
import { at, type Json, number, record, records, text, textMap } from "./reading";

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
  const selector = { ...jaegerPodLabels(release.release), ...nameLabel(release.values) };
  const metadata = (suffix: string) => ({ name: `${fullname}${suffix}`, namespace: release.namespace });
  const podPorts = chartPorts.map(({ port }) => ({ containerPort: port, protocol: "TCP" }));
  const deployment: KubeObject = {
    ...typeMeta(kinds.deployment),
    metadata: metadata(""),
    spec: {
      ...replicasOf(layout.settings),
      strategy: { type: "Recreate", ...record(layout.settings["strategy"]) },
      selector: { matchLabels: selector },
      template: {
        metadata: { labels: { ...textMap(layout.settings["podLabels"]), ...selector } },
        spec: podSpec(release, layout.settings, podPorts),
      },
    },
  };
  const services = layout.services.map(({ suffix, headless, ports: numbers }): KubeObject => ({
    ...typeMeta(kinds.service),
    metadata: metadata(suffix),
    spec: {
      type: text(at(layout.settings, "service", "type")) ?? "ClusterIP",
      ...(headless ? { clusterIP: "None" } : {}),
      selector,
      ports: chartPorts
        .filter(({ port }) => numbers.includes(port))
        .map((port) => ({ ...port, targetPort: port.port, protocol: "TCP" })),
    },
  }));
  return [deployment, ...services, ...cleanerJobs(release, fullname)];
}

/** One, unless the values say otherwise; `null` takes the chart's own number away. */
function replicasOf({ replicas = 1 }: Json): Json {
  return replicas === null ? {} : { replicas };
}

/** The job that deletes old indices. */
function cleanerJobs({ namespace, release, values }: ChartRelease, fullname: string): KubeObject[] {
  const settings = record(values["esIndexCleaner"]);
  if (settings["enabled"] !== true) return [];
  const url =
    text(at(values, "storage", "elasticsearch", "url")) ?? `http://elasticsearch-master:${ports.searchStore}`;
  const flags = Object.entries(record(settings["cmdlineParams"])).map(
    ([key, value]) => `--${key}=${String(value)}`,
  );
  const container = {
    name: `${fullname}-${indexCleaner}`,
    image: "jaegertracing/jaeger-es-index-cleaner",
    args: [String(number(settings["numberOfDays"]) ?? 7), url, ...flags],
    env: [...cleanerCredentials(values), ...records(settings["extraEnv"])],
    resources: record(settings["resources"]),
    securityContext: mergeDeep({ runAsUser: 1000 }, settings["securityContext"]),
  };
  const labels = {
    ...textMap(settings["podLabels"]),
    ...jaegerPodLabels(release),
    ...nameLabel(values),
    [appLabels.component]: indexCleaner,
  };
  const pod = {
    containers: [container],
    securityContext: mergeDeep({ runAsUser: 1000 }, settings["podSecurityContext"]),
  };
  return [
    {
      ...typeMeta(kinds.cronJob),
      metadata: { name: `${fullname}-${indexCleaner}`, namespace },
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
      services: [{ suffix: "", headless: false, ports: chartPorts.map(({ port }) => port) }],
    };
  }
  const settings = record(values["allInOne"]);
  if (settings["enabled"] !== true) return undefined;
  return {
    settings,
    services: formerServices.map((service) => ({ ...service, headless: true })),
  };
}

function fullnameOf({ release, values }: ChartRelease): string {
  return jaegerFullname(release, text(values["fullnameOverride"]), text(values["nameOverride"]));
}

function nameLabel(values: Json): Record<string, string> {
  const name = text(values["nameOverride"]);
  return name === undefined ? {} : { [appLabels.name]: name };
}
