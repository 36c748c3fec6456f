import { describe, expect, test } from "vitest";
import { jaegerValues } from "../../components/jaeger";
import { resource, run, runStackFile, stackOf } from "../fixtures/stack";

type Values = Record<string, unknown> & { jaeger: { podLabels: Record<string, string> } };

const args = {
  stack: "dev",
  release: "jaeger",
  memoryLimit: "512Mi",
  cpuRequest: "100m",
  cpuLimit: "1",
  values: {},
};
const hashKey = "mesh-tracing/config-hash";
const hashOf = (changes: object): string | undefined =>
  (jaegerValues({ ...args, ...changes }) as Values).jaeger.podLabels[hashKey];

/** What every stack's Jaeger has, whatever its size. */
const hardened = {
  podSecurityContext: {
    fsGroup: 10001,
    runAsGroup: 10001,
    runAsNonRoot: true,
    runAsUser: 10001,
    seccompProfile: { type: "RuntimeDefault" },
  },
  securityContext: {
    allowPrivilegeEscalation: false,
    capabilities: { drop: ["ALL"] },
    readOnlyRootFilesystem: true,
  },
  serviceAccount: { automountServiceAccountToken: false },
  podLabels: {
    "sidecar.istio.io/inject": "false",
    [hashKey]: expect.stringMatching(/^[0-9a-f]{16}$/) as string,
  },
};
/** What the pods of a shared store have besides. */
const spread = (topologyKey: string) => ({
  labelSelector: {
    matchLabels: {
      "app.kubernetes.io/component": "all-in-one",
      "app.kubernetes.io/instance": "jaeger",
      "app.kubernetes.io/name": "jaeger",
    },
  },
  maxSkew: 1,
  topologyKey,
  whenUnsatisfiable: "ScheduleAnyway",
});
const storedElsewhere = {
  strategy: { type: "RollingUpdate", rollingUpdate: { maxSurge: 1, maxUnavailable: 0 } },
  topologySpreadConstraints: [spread("topology.kubernetes.io/zone"), spread("kubernetes.io/hostname")],
};
const maxTraces = (number: number) => [
  `--set=extensions.jaeger_storage.backends.some_storage.memory.max_traces=${number}`,
];

describe("the chart of Jaeger", () => {
  test("of the dev stack: bounded memory, hardened, no sidecar, no token", async () => {
    const { inputs } = resource(await runStackFile("dev"), "jaeger-chart");
    expect(inputs).toEqual({
      chart: "jaeger",
      repositoryOpts: { repo: "https://jaegertracing.github.io/helm-charts" },
      version: "4.11.1",
      name: "jaeger",
      namespace: "istio-system",
      values: {
        commonLabels: { "app.kubernetes.io/part-of": "mesh-tracing", "mesh-tracing/stack": "dev" },
        fullnameOverride: "jaeger",
        jaeger: {
          ...hardened,
          args: maxTraces(10_000),
          extraEnv: [{ name: "GOMEMLIMIT", value: "410MiB" }],
          resources: {
            limits: { cpu: "1", memory: "512Mi" },
            requests: { cpu: "100m", memory: "512Mi" },
          },
        },
      },
    });
  });

  test("of the prod stack: as many pods as there is work, each with what it needs of OpenSearch", async () => {
    const { inputs } = resource(await runStackFile("prod"), "jaeger-chart");
    const { userconfig, esIndexCleaner, storage, ...values } = inputs["values"] as Values;
    expect({ ...inputs, values }).toEqual({
      chart: "jaeger",
      repositoryOpts: { repo: "https://jaegertracing.github.io/helm-charts" },
      version: "4.11.1",
      name: "jaeger",
      namespace: "observability",
      values: {
        commonLabels: { "app.kubernetes.io/part-of": "mesh-tracing", "mesh-tracing/stack": "prod" },
        fullnameOverride: "jaeger",
        jaeger: {
          ...hardened,
          ...storedElsewhere,
          extraEnv: [
            { name: "GOMEMLIMIT", value: "819MiB" },
            {
              name: "JAEGER_STORE_USERNAME",
              valueFrom: { secretKeyRef: { name: "jaeger-opensearch", key: "username" } },
            },
          ],
          extraVolumes: [
            {
              name: "store-credentials",
              secret: {
                secretName: "jaeger-opensearch",
                items: [{ key: "password", path: "password" }],
              },
            },
            {
              name: "store-ca",
              secret: { secretName: "opensearch-ca", items: [{ key: "ca.crt", path: "ca.crt" }] },
            },
          ],
          extraVolumeMounts: [
            { name: "store-credentials", mountPath: "/etc/jaeger-store/credentials", readOnly: true },
            { name: "store-ca", mountPath: "/etc/jaeger-store/ca", readOnly: true },
          ],
          // Helm takes the chart's own number away for it, and the autoscaler's stays.
          replicas: null,
          resources: {
            limits: { cpu: "2", memory: "1Gi" },
            requests: { cpu: "500m", memory: "1Gi" },
          },
        },
      },
    });
    // What these are is told where they are made.
    expect([userconfig, esIndexCleaner, storage].every((value) => value !== undefined)).toBe(true);
  });

  test("comes from an archive on this machine where the stack says so", async () => {
    const jaeger = { chart: { path: "./charts/jaeger-4.11.1.tgz" }, release: "traces" };
    const { inputs } = resource(await run(stackOf({ jaeger })), "jaeger-chart");
    const { values, ...chart } = inputs;
    expect(chart).toEqual({
      chart: "./charts/jaeger-4.11.1.tgz",
      name: "traces",
      namespace: "istio-system",
    });
    expect(values).toMatchObject({ fullnameOverride: "traces" });
  });
});

describe("the values of the chart", () => {
  test("keep as many traces as the stack says", () => {
    expect(jaegerValues({ ...args, maxTraces: 1234 })).toMatchObject({ jaeger: { args: maxTraces(1234) } });
  });

  test("of the stack win over ours, objects deeply and lists whole", () => {
    const values = {
      jaeger: {
        args: ["--config=/etc/jaeger.yaml"],
        nodeSelector: { pool: "observability" },
        podLabels: { team: "platform", "sidecar.istio.io/inject": "true" },
        podSecurityContext: { runAsUser: 2000 },
        resources: { limits: { cpu: "4" } },
        securityContext: null,
      },
      userconfig: { service: {} },
    };
    expect(jaegerValues({ ...args, values })).toEqual({
      commonLabels: { "app.kubernetes.io/part-of": "mesh-tracing", "mesh-tracing/stack": "dev" },
      fullnameOverride: "jaeger",
      jaeger: {
        ...hardened,
        args: ["--config=/etc/jaeger.yaml"],
        extraEnv: [{ name: "GOMEMLIMIT", value: "410MiB" }],
        nodeSelector: { pool: "observability" },
        podLabels: { ...hardened.podLabels, team: "platform", "sidecar.istio.io/inject": "true" },
        podSecurityContext: { ...hardened.podSecurityContext, runAsUser: 2000 },
        resources: { limits: { cpu: "4", memory: "512Mi" }, requests: { cpu: "100m", memory: "512Mi" } },
        securityContext: null,
      },
      userconfig: { service: {} },
    });
  });

  test("have sorted keys, so that a diff shows only what changed", () => {
    const values = { userconfig: { b: 1, a: { d: 1, c: 1 } }, jaeger: { zone: 1, affinity: { b: 1, a: 1 } } };
    expect(JSON.stringify(jaegerValues({ ...args, values }))).toBe(
      JSON.stringify(sorted(jaegerValues({ ...args, values }))),
    );
  });

  test("are refused without a memory quantity", () => {
    expect(() => jaegerValues({ ...args, memoryLimit: "512MB" })).toThrow(
      "memoryLimit 512MB is not a memory quantity",
    );
  });
});

describe("a log search", () => {
  const logSearch = "https://logs.example.com/app?q=trace.id:{traceId}&again={traceId}";
  const configFile = "--set=extensions.jaeger_query.ui.config_file=/etc/jaeger/ui-config.json";

  test("is what every trace links to, by its id with all of its digits", () => {
    expect(jaegerValues({ ...args, logSearch })).toMatchObject({
      jaeger: { args: [...maxTraces(10_000), configFile] },
      uiconfig: {
        linkPatterns: [
          {
            type: "traces",
            url: "https://logs.example.com/app?q=trace.id:#{traceID | pad_start 32 0}&again=#{traceID | pad_start 32 0}",
            text: "Logs of this trace",
          },
        ],
      },
    });
  });

  test("leaves the rest of the UI's configuration to the stack, and the links too", () => {
    const uiconfig = { menu: [{ label: "Wiki", url: "https://wiki.example.com" }] };
    expect(
      Object.keys(jaegerValues({ ...args, logSearch, values: { uiconfig } })["uiconfig"] as object),
    ).toEqual(["linkPatterns", "menu"]);
    expect(jaegerValues({ ...args, logSearch, values: { uiconfig: { linkPatterns: [] } } })).toMatchObject({
      uiconfig: { linkPatterns: [] },
    });
  });

  test("that is not there leaves the UI as it is", () => {
    expect(jaegerValues(args)).not.toHaveProperty("uiconfig");
    expect(JSON.stringify(jaegerValues(args))).not.toContain("config_file");
  });
});

describe("the hash on Jaeger's pod", () => {
  test.each<[string, object]>([
    ["the configuration that the chart mounts", { values: { userconfig: { service: {} } } }],
    ["the UI's configuration", { values: { uiconfig: { a: 1 } } }],
    ["the log search", { logSearch: "https://logs.example.com/{traceId}" }],
    ["the store", { storage: { type: "badger", size: "1Gi", retentionDays: 1 } }],
  ])("changes with %s, so that the pod restarts", (_, changes) => {
    expect(hashOf(changes)).not.toBe(hashOf({}));
  });

  test.each<[string, object]>([
    ["what Kubernetes sees in the pod itself", { memoryLimit: "1Gi", cpuLimit: "2", maxTraces: 5 }],
    ["the number of pods", { replicas: 3 }],
    ["what is not of the pod", { values: { jaeger: { service: { annotations: { a: "b" } } } } }],
  ])("does not change with %s", (_, changes) => {
    expect(hashOf(changes)).toBe(hashOf({}));
  });

  test("does not change with the order of the stack's values", () => {
    const one = { values: { userconfig: { a: 1, b: 2 }, uiconfig: { c: 3 } } };
    const other = { values: { uiconfig: { c: 3 }, userconfig: { b: 2, a: 1 } } };
    expect(hashOf(one)).toBe(hashOf(other));
  });
});

/** A deep copy with the keys of every object in ascending order. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.keys(value)
      .sort()
      .map((key) => [key, sorted((value as Record<string, unknown>)[key])]),
  );
}

test("image, pull secrets and nodes are the chart's keys, and a user's values win over them", () => {
  const placed = {
    image: { registry: "registry.example.com", tag: "2.19.0" },
    imagePullSecrets: ["registry"],
    nodeSelector: { pool: "observability" },
    tolerations: [{ key: "observability", operator: "Exists" }],
    affinity: { nodeAffinity: {} },
  };
  const { imagePullSecrets, ...inside } = placed;
  expect(jaegerValues({ ...args, ...placed })).toMatchObject({
    global: { imagePullSecrets },
    jaeger: inside,
  });
  expect(jaegerValues(args)).not.toHaveProperty("global");
  const values = { jaeger: { image: { tag: "2.20.0" } } };
  expect(jaegerValues({ ...args, ...placed, values })).toMatchObject({
    jaeger: { image: { registry: "registry.example.com", tag: "2.20.0" } },
  });
});
