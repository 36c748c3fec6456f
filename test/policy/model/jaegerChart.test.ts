import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { parseAllDocuments, stringify } from "yaml";
import { describe, expect, it } from "vitest";
import { type ChartRelease } from "../../../policy/model/charts";
import { jaegerChartObjects } from "../../../policy/model/jaegerChart";
import { type KubeObject } from "../../../policy/model/objects";
import { at, type Json, records } from "../../../policy/model/reading";

const release = (values: Json, more: Partial<ChartRelease> = {}): ChartRelease => ({
  chart: "jaeger",
  version: "4.11.1",
  release: "jaeger",
  namespace: "tracing",
  values,
  object: { apiVersion: "mesh-tracing/v1", kind: "HelmChart", metadata: { name: "jaeger" } },
  ...more,
});
const names = (objects: readonly KubeObject[]) =>
  objects.map(({ kind, metadata: { name } }) => `${kind} ${name}`);

describe("Jaeger's chart as it would render", () => {
  it("names everything as the chart does", () => {
    expect(names(jaegerChartObjects(release({})))).toEqual(["Deployment jaeger", "Service jaeger"]);
    expect(names(jaegerChartObjects(release({}, { release: "dev" })))).toEqual([
      "Deployment dev-jaeger",
      "Service dev-jaeger",
    ]);
    expect(names(jaegerChartObjects(release({ fullnameOverride: "traces" })))).toEqual([
      "Deployment traces",
      "Service traces",
    ]);
    expect(jaegerChartObjects(release({ jaeger: { enabled: false } }))).toEqual([]);
  });

  it("has the job that deletes old indices, where the values ask for it", () => {
    const values = {
      storage: { elasticsearch: { url: "https://os.logging.svc:9200", user: "me", password: "hunter2" } },
      esIndexCleaner: {
        enabled: true,
        numberOfDays: 30,
        cmdlineParams: { "index-prefix": "prod" },
        extraEnv: [{ name: "TIMEOUT", value: "60" }],
        podLabels: { team: "search" },
        podSecurityContext: { runAsNonRoot: true },
        securityContext: { allowPrivilegeEscalation: false },
      },
    };
    const [, , cleaner] = jaegerChartObjects(release(values));
    expect(cleaner).toEqual({
      apiVersion: "batch/v1",
      kind: "CronJob",
      metadata: { name: "jaeger-es-index-cleaner", namespace: "tracing" },
      spec: {
        jobTemplate: {
          spec: {
            template: {
              metadata: {
                labels: {
                  team: "search",
                  "app.kubernetes.io/name": "jaeger",
                  "app.kubernetes.io/instance": "jaeger",
                  "app.kubernetes.io/component": "es-index-cleaner",
                },
              },
              spec: {
                securityContext: { runAsUser: 1000, runAsNonRoot: true },
                containers: [
                  {
                    name: "jaeger-es-index-cleaner",
                    image: "jaegertracing/jaeger-es-index-cleaner",
                    args: ["30", "https://os.logging.svc:9200", "--index-prefix=prod"],
                    env: [
                      { name: "ES_USERNAME", value: "me" },
                      { name: "ES_PASSWORD", value: "hunter2" },
                      { name: "TIMEOUT", value: "60" },
                    ],
                    resources: {},
                    securityContext: { runAsUser: 1000, allowPrivilegeEscalation: false },
                  },
                ],
              },
            },
          },
        },
      },
    });
  });

  it("has one pod that is stopped before the next one starts, unless the values say otherwise", () => {
    const specOf = (jaeger: Json) => {
      const { replicas, strategy } = jaegerChartObjects(release({ jaeger }))[0]?.["spec"] as Json;
      return { replicas, strategy };
    };
    expect(specOf({})).toEqual({ replicas: 1, strategy: { type: "Recreate" } });
    expect(specOf({ replicas: 3, strategy: { type: "RollingUpdate" } })).toEqual({
      replicas: 3,
      strategy: { type: "RollingUpdate" },
    });
    expect(specOf({ replicas: null })).toEqual({ strategy: { type: "Recreate" } });
  });

  it("reads the sections of its version: values of older charts are lost on 4.x", () => {
    const values = { allInOne: { enabled: true, resources: { limits: { memory: "512Mi" } } } };
    const limit = (version: string) =>
      at(
        records(
          at(jaegerChartObjects(release(values, { version }))[0]?.["spec"], "template", "spec", "containers"),
        )[0],
        "resources",
      );
    expect(limit("0.71.10")).toEqual({ limits: { memory: "512Mi" } });
    expect(limit("4.11.1")).toEqual({});
    const old = jaegerChartObjects(release(values, { version: "0.71.10" }));
    expect(names(old)).toEqual(["Deployment jaeger", "Service jaeger-collector", "Service jaeger-query"]);
    expect(at(old[1]?.["spec"], "clusterIP")).toBe("None");
    expect(jaegerChartObjects(release({}, { version: "0.71.10" }))).toEqual([]);
  });
});

describe("what the chart makes", () => {
  const labels = {
    "app.kubernetes.io/name": "jaeger",
    "app.kubernetes.io/instance": "jaeger",
    "app.kubernetes.io/component": "all-in-one",
  };
  const tcp = (name: string, port: number, appProtocol?: string) => ({
    name,
    port,
    targetPort: port,
    protocol: "TCP",
    ...(appProtocol === undefined ? {} : { appProtocol }),
  });
  const zipkin = tcp("http-zipkin", 9411, "http");
  const grpc = tcp("otlp-grpc", 4317, "grpc");
  const http = tcp("otlp-http", 4318, "http");
  const query = [tcp("http-query", 16686), tcp("grpc-query", 16685)];

  it("is a pod with the values' settings, and one Service", () => {
    const values = {
      jaeger: {
        args: ["--set=a"],
        extraEnv: [{ name: "A", value: "1" }],
        resources: { limits: { memory: "512Mi" } },
        securityContext: { readOnlyRootFilesystem: true },
        podSecurityContext: { runAsUser: 1, runAsNonRoot: true },
        podLabels: { team: "mesh", "app.kubernetes.io/name": "never" },
        service: { type: "NodePort" },
      },
      userconfig: { extensions: {} },
    };
    expect(jaegerChartObjects(release(values))).toEqual([
      {
        apiVersion: "apps/v1",
        kind: "Deployment",
        metadata: { name: "jaeger", namespace: "tracing" },
        spec: {
          replicas: 1,
          strategy: { type: "Recreate" },
          selector: { matchLabels: labels },
          template: {
            metadata: { labels: { team: "mesh", ...labels } },
            spec: {
              containers: [
                {
                  name: "jaeger",
                  image: "jaegertracing/jaeger",
                  args: ["--set=a"],
                  env: [{ name: "A", value: "1" }],
                  ports: [9411, 4317, 4318, 16686, 16685, 8888].map((containerPort) => ({
                    containerPort,
                    protocol: "TCP",
                  })),
                  resources: { limits: { memory: "512Mi" } },
                  securityContext: { readOnlyRootFilesystem: true },
                  "mesh-tracing/userconfig": { extensions: {} },
                },
              ],
              securityContext: { fsGroup: 10001, runAsGroup: 10001, runAsUser: 1, runAsNonRoot: true },
            },
          },
        },
      },
      {
        apiVersion: "v1",
        kind: "Service",
        metadata: { name: "jaeger", namespace: "tracing" },
        spec: {
          type: "NodePort",
          selector: labels,
          ports: [zipkin, grpc, http, ...query, tcp("internal-metrics", 8888, "http")],
        },
      },
    ]);
  });

  it("has the chart's own settings where the values have none", () => {
    const [deployment, service] = jaegerChartObjects(release({ nameOverride: "traces" }, { release: "dev" }));
    const template = at(deployment?.["spec"], "template");
    const named = { ...labels, "app.kubernetes.io/name": "traces", "app.kubernetes.io/instance": "dev" };
    expect(deployment?.metadata.name).toBe("dev-traces");
    expect(at(template, "metadata", "labels")).toEqual(named);
    expect(records(at(template, "spec", "containers"))[0]).toMatchObject({
      args: [],
      env: [],
      resources: {},
    });
    expect(records(at(template, "spec", "containers"))[0]).not.toHaveProperty("mesh-tracing/userconfig");
    expect(at(template, "spec", "securityContext")).toEqual({
      fsGroup: 10001,
      runAsGroup: 10001,
      runAsUser: 10001,
    });
    expect(at(service?.["spec"], "type")).toBe("ClusterIP");
    expect(service?.["spec"]).not.toHaveProperty("clusterIP");
    expect(jaegerChartObjects(release({ fullnameOverride: "" }))[0]?.metadata.name).toBe("jaeger");
    expect(jaegerChartObjects(release({}, { release: "my-jaeger" }))[0]?.metadata.name).toBe("my-jaeger");
  });

  it("was two headless Services before 4.0", () => {
    const values = { allInOne: { enabled: true } };
    const services = jaegerChartObjects(release(values, { version: "v3.4.1" })).slice(1);
    expect(services.map(({ spec }) => spec)).toEqual([
      { type: "ClusterIP", clusterIP: "None", selector: labels, ports: [zipkin, grpc, http] },
      { type: "ClusterIP", clusterIP: "None", selector: labels, ports: query },
    ]);
    expect(jaegerChartObjects(release({ allInOne: { enabled: "true" } }, { version: "3.4.1" }))).toEqual([]);
    // A release without a version has the newest chart.
    for (const version of [undefined, "4.0.0", "10.0.0"])
      expect(names(jaegerChartObjects(release(values, { version })))).toEqual([
        "Deployment jaeger",
        "Service jaeger",
      ]);
  });
});

const chart = process.env["MESH_TRACING_JAEGER_CHART"] ?? "";

function helmRuns(): boolean {
  try {
    execFileSync("helm", ["version"], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
}

describe("the chart itself", () => {
  const values = {
    fullnameOverride: "jaeger",
    jaeger: {
      args: ["--set=extensions.jaeger_storage.backends.some_storage.memory.max_traces=10000"],
      extraEnv: [{ name: "GOMEMLIMIT", value: "410MiB" }],
      podLabels: { "sidecar.istio.io/inject": "false" },
      podSecurityContext: { runAsNonRoot: true },
      resources: { limits: { memory: "512Mi" } },
      replicas: 2,
      securityContext: { allowPrivilegeEscalation: false },
      strategy: { type: "RollingUpdate" },
    },
    esIndexCleaner: {
      enabled: true,
      cmdlineParams: { "es.tls.enabled": "true" },
      podSecurityContext: { runAsNonRoot: true },
      securityContext: { readOnlyRootFilesystem: true },
    },
    storage: { elasticsearch: { url: "https://os.logging.svc:9200" } },
  };
  const isHere = existsSync(chart) && helmRuns();
  it.skipIf(!isHere)(
    `renders the same${isHere ? "" : ` (skipped: needs helm on PATH, and the chart in MESH_TRACING_JAEGER_CHART)`}`,
    () => {
      const flags = ["--namespace", "tracing", "--kube-version", "1.34.0", "--values", "-"];
      const output = execFileSync("helm", ["template", "jaeger", chart, ...flags], {
        input: stringify(values),
      });
      const rendered = parseAllDocuments(output.toString()).map((document) => document.toJS() as KubeObject);
      const [deployment, service, cleaner] = jaegerChartObjects(release(values));
      const real = (kind: string) => rendered.find((object) => object.kind === kind);
      const podOf = (object: KubeObject | undefined) => at(object?.["spec"], "template", "spec");
      const fields = ["args", "env", "resources", "securityContext"];
      const container = (object: KubeObject | undefined) => {
        const [own] = records(at(podOf(object), "containers"));
        return fields.map((field) => own?.[field]);
      };
      expect(container(deployment)).toEqual(container(real("Deployment")));
      expect(at(podOf(deployment), "securityContext")).toEqual(
        at(podOf(real("Deployment")), "securityContext"),
      );
      const labels = (object: KubeObject | undefined) =>
        at(object?.["spec"], "template", "metadata", "labels");
      expect(labels(deployment)).toEqual(labels(real("Deployment")));
      expect(at(service?.["spec"], "selector")).toEqual(at(real("Service")?.["spec"], "selector"));
      const { replicas, strategy } = deployment?.["spec"] as Json;
      expect(real("Deployment")?.["spec"]).toMatchObject({ replicas, strategy });
      const jobOf = (object: KubeObject | undefined) =>
        at(object?.["spec"], "jobTemplate", "spec", "template");
      const cleaners = (object: KubeObject | undefined) => {
        const [own] = records(at(jobOf(object), "spec", "containers"));
        return ["name", "args", "resources", "securityContext"].map((field) => own?.[field] ?? {});
      };
      expect(cleaner?.metadata.name).toBe(real("CronJob")?.metadata.name);
      expect(cleaners(cleaner)).toEqual(cleaners(real("CronJob")));
      expect(at(jobOf(cleaner), "metadata")).toEqual(at(jobOf(real("CronJob")), "metadata"));
      expect(at(jobOf(cleaner), "spec", "securityContext")).toEqual(
        at(jobOf(real("CronJob")), "spec", "securityContext"),
      );
      // Of the Service's ports the chart has more, which have nothing to do with tracing today.
      const ports = (object: KubeObject | undefined) => records(at(object?.["spec"], "ports"));
      const shown = ({ name, port, targetPort, appProtocol }: Json) => ({
        name,
        port,
        targetPort,
        appProtocol,
      });
      expect(ports(real("Service")).map(shown)).toEqual(expect.arrayContaining(ports(service).map(shown)));
    },
  );
});
