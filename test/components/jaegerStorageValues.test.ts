import { describe, expect, test } from "vitest";
import { resource, run, runStackFile, stackOf } from "../fixtures/stack";

type Values = Record<string, unknown> & { jaeger: Record<string, unknown> };

/** The values of the chart of a stack with these settings. */
async function valuesOf(jaeger: object): Promise<Values> {
  const { inputs } = resource(await run(stackOf({ jaeger })), "jaeger-chart");
  return inputs["values"] as Values;
}

const urls = ["https://opensearch.logging.svc:9200/"];
const credentialsSecret = { name: "store", usernameKey: "user", passwordKey: "pass" };
const fromSecret = (name: string, key: string) => ({
  name,
  valueFrom: { secretKeyRef: { name: "store", key } },
});
const opensearch = (settings: object = {}) => ({ storage: { type: "opensearch", urls, ...settings } });

describe("the job that deletes old indices", () => {
  test("of prod: hardened, with the password from its Secret and the authority that signed the certificate", async () => {
    const { values } = resource(await runStackFile("prod"), "jaeger-chart").inputs as { values: Values };
    expect({ esIndexCleaner: values["esIndexCleaner"], storage: values["storage"] }).toEqual({
      esIndexCleaner: {
        enabled: true,
        activeDeadlineSeconds: 3600,
        schedule: "55 23 * * *",
        numberOfDays: 7,
        cmdlineParams: {
          "es.tls.enabled": "true",
          "es.tls.ca": "/etc/jaeger-store/ca/ca.crt",
          "index-prefix": "prod",
        },
        extraEnv: [
          {
            name: "ES_USERNAME",
            valueFrom: { secretKeyRef: { name: "jaeger-opensearch", key: "username" } },
          },
          {
            name: "ES_PASSWORD",
            valueFrom: { secretKeyRef: { name: "jaeger-opensearch", key: "password" } },
          },
        ],
        extraSecretMounts: [
          {
            name: "store-ca",
            mountPath: "/etc/jaeger-store/ca/ca.crt",
            readOnly: true,
            secretName: "opensearch-ca",
            subPath: "ca.crt",
          },
        ],
        extraConfigmapMounts: [],
        podLabels: { "sidecar.istio.io/inject": "false" },
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
          runAsUser: 10001,
        },
        resources: {
          limits: { cpu: "500m", memory: "128Mi" },
          requests: { cpu: "10m", memory: "64Mi" },
        },
      },
      storage: {
        type: "elasticsearch",
        elasticsearch: { url: "https://opensearch.logging.svc.cluster.local:9200" },
      },
    });
  });

  test("asks the first address, without the slash at its end, and trusts the system's authorities", async () => {
    const { esIndexCleaner, storage } = await valuesOf(opensearch({ retentionDays: 90 }));
    expect(storage).toMatchObject({ elasticsearch: { url: "https://opensearch.logging.svc:9200" } });
    expect(esIndexCleaner).toMatchObject({
      cmdlineParams: { "es.tls.enabled": "true" },
      extraEnv: [],
      extraSecretMounts: [],
      numberOfDays: 90,
    });
  });

  test("takes the authority from a ConfigMap, and the name in the certificate", async () => {
    const tls = { caConfigMap: { name: "trust", key: "bundle.pem" }, serverName: "os.example.com" };
    const { esIndexCleaner } = await valuesOf(opensearch({ tls }));
    expect(esIndexCleaner).toMatchObject({
      cmdlineParams: { "es.tls.server-name": "os.example.com", "es.tls.ca": "/etc/jaeger-store/ca/ca.crt" },
      extraConfigmapMounts: [{ configMap: "trust", subPath: "bundle.pem", name: "store-ca" }],
      extraSecretMounts: [],
    });
  });

  test("speaks http where the stack says so", async () => {
    const clear = { urls: ["http://os.logging.svc:9200"], tls: { enabled: false } };
    const { esIndexCleaner } = await valuesOf(opensearch(clear));
    expect(esIndexCleaner).toMatchObject({ cmdlineParams: {} });
    expect(Object.keys((esIndexCleaner as { cmdlineParams: object }).cmdlineParams)).toEqual([]);
  });

  test.each([["memory"], ["badger"], [{ type: "cassandra", contactPoints: ["cassandra.db.svc"] }]])(
    "is not there for %j",
    async (storage) => {
      expect(await valuesOf({ storage })).not.toHaveProperty("esIndexCleaner");
    },
  );
});

describe("Jaeger's pods", () => {
  test("of a search engine read the password from a file, under the key of the Secret", async () => {
    const { jaeger } = await valuesOf(opensearch({ credentialsSecret }));
    expect(jaeger["extraEnv"]).toEqual([
      { name: "GOMEMLIMIT", value: "410MiB" },
      fromSecret("JAEGER_STORE_USERNAME", "user"),
    ]);
    expect(jaeger["extraVolumes"]).toEqual([
      {
        name: "store-credentials",
        secret: { secretName: "store", items: [{ key: "pass", path: "password" }] },
      },
    ]);
  });

  test("of Cassandra get it as a variable", async () => {
    const storage = { type: "cassandra", contactPoints: ["cassandra.db.svc"], credentialsSecret };
    const { jaeger } = await valuesOf({ storage });
    expect(jaeger["extraEnv"]).toEqual([
      { name: "GOMEMLIMIT", value: "410MiB" },
      fromSecret("JAEGER_STORE_USERNAME", "user"),
      fromSecret("JAEGER_STORE_PASSWORD", "pass"),
    ]);
    expect(jaeger["extraVolumes"]).toEqual([]);
  });

  test("take the authority from a ConfigMap", async () => {
    const { jaeger } = await valuesOf(opensearch({ tls: { caConfigMap: { name: "trust" } } }));
    expect(jaeger["extraVolumes"]).toEqual([
      { name: "store-ca", configMap: { name: "trust", items: [{ key: "ca.crt", path: "ca.crt" }] } },
    ]);
    expect(jaeger["extraVolumeMounts"]).toEqual([
      { name: "store-ca", mountPath: "/etc/jaeger-store/ca", readOnly: true },
    ]);
  });

  test.each<[string, object, unknown]>([
    ["two by default", opensearch(), 2],
    ["as many as the stack says", { ...opensearch(), replicas: 5 }, 5],
    ["one, if it says so", { ...opensearch(), replicas: 1 }, 1],
    ["what the autoscaler says", { ...opensearch(), autoscaling: { max: 4 } }, null],
    ["one with a disk", { storage: "badger" }, 1],
    ["the chart's one in memory", {}, undefined],
  ])("are %s", async (_, jaeger, replicas) => {
    expect((await valuesOf(jaeger)).jaeger["replicas"]).toBe(replicas);
  });

  test("with a disk are stopped before the next one starts", async () => {
    const { jaeger } = await valuesOf({ release: "traces", storage: "badger" });
    expect(jaeger).toMatchObject({
      strategy: { type: "Recreate" },
      extraVolumes: [{ name: "badger", persistentVolumeClaim: { claimName: "traces-badger" } }],
      extraVolumeMounts: [{ name: "badger", mountPath: "/badger" }],
      podSecurityContext: { fsGroup: 10001 },
    });
    expect(jaeger).not.toHaveProperty("args");
  });

  test("have no password of the store in any value", async () => {
    const values = JSON.stringify(await valuesOf(opensearch({ credentialsSecret })));
    expect(values).not.toMatch(/"password":"(?!\$\{env:)/);
  });
});
