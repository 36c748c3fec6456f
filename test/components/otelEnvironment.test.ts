import { describe, expect, test } from "vitest";
import { otelVariables } from "../../components/otelVariables";
import { resource, run, runStackFile, stackOf } from "../fixtures/stack";

const labels = (stack: string) => ({
  "app.kubernetes.io/part-of": "mesh-tracing",
  "mesh-tracing/stack": stack,
});
const hashKey = "mesh-tracing/otel-environment-hash";
const devVariables = {
  OTEL_BSP_MAX_EXPORT_BATCH_SIZE: "512",
  OTEL_BSP_MAX_QUEUE_SIZE: "2048",
  OTEL_BSP_SCHEDULE_DELAY: "1000",
  OTEL_ENABLED: "true",
  OTEL_EXPORTER_OTLP_ENDPOINT: "http://jaeger-collector-clusterip.istio-system.svc.cluster.local:4317",
  OTEL_EXPORTER_OTLP_PROTOCOL: "grpc",
  OTEL_LOGS_EXPORTER: "none",
  OTEL_METRICS_EXPORTER: "none",
  OTEL_PROPAGATORS: "b3,tracecontext,baggage",
  OTEL_PYTHON_EXCLUDED_URLS: "health,ready,metrics",
  OTEL_SAMPLING_RATE: "1.0",
  OTEL_TRACES_EXPORTER: "otlp",
  OTEL_TRACES_SAMPLER: "parentbased_traceidratio",
  OTEL_TRACES_SAMPLER_ARG: "1.0",
};
const configMap = (stack: string, namespace: string, data: object) => ({
  apiVersion: "v1",
  kind: "ConfigMap",
  metadata: { name: "otel-environment", namespace, labels: labels(stack) },
  data,
});
const patch = (stack: string, namespace: string, name: string, variables: object, container = name) => ({
  apiVersion: "apps/v1",
  kind: "Deployment",
  metadata: {
    name,
    namespace,
    annotations: { "pulumi.com/patchFieldManager": `mesh-tracing-${stack}` },
  },
  spec: {
    template: {
      metadata: { annotations: { [hashKey]: expect.stringMatching(/^[0-9a-f]{16}$/) as string } },
      spec: {
        containers: [
          {
            name: container,
            env: [
              ...Object.keys(variables).map((key) => ({
                name: key,
                valueFrom: { configMapKeyRef: { name: "otel-environment", key } },
              })),
              { name: "OTEL_SERVICE_NAME", value: name },
            ],
          },
        ],
      },
    },
  },
});

describe("the reference platform's applications", () => {
  test.each(["auth", "character", "chat", "image", "location", "my", "scan"])(
    "%s: the contract in a ConfigMap, read by its Deployment",
    async (name) => {
      const dev = await runStackFile("dev");
      expect(resource(dev, `otel-environment-${name}`).inputs).toEqual(configMap("dev", name, devVariables));
      expect(resource(dev, `otel-environment-${name}/${name}-api`).inputs).toEqual(
        patch("dev", name, `${name}-api`, devVariables),
      );
    },
  );
});

test("prod keeps one trace in a hundred and says where it is", async () => {
  const prod = await runStackFile("prod");
  const variables = {
    ...devVariables,
    OTEL_EXPORTER_OTLP_ENDPOINT: "http://jaeger-collector-clusterip.observability.svc.cluster.local:4317",
    OTEL_RESOURCE_ATTRIBUTES: "deployment.environment.name=production",
    OTEL_SAMPLING_RATE: "0.01",
    OTEL_TRACES_SAMPLER_ARG: "0.01",
  };
  expect(resource(prod, "otel-environment-checkout").inputs).toEqual(
    configMap("prod", "checkout", variables),
  );
  const keys = Object.fromEntries(
    Object.keys(variables)
      .sort()
      .map((key) => [key, ""]),
  );
  expect(resource(prod, "otel-environment-checkout/checkout-api").inputs).toEqual(
    patch("prod", "checkout", "checkout-api", keys, "app"),
  );
});

test("OTLP over HTTP goes to port 4318", async () => {
  const { inputs } = resource(
    await run(stackOf({ otel: { protocol: "http/protobuf" } })),
    "otel-environment-shop",
  );
  expect(inputs["data"]).toMatchObject({
    OTEL_EXPORTER_OTLP_ENDPOINT: "http://jaeger-collector-clusterip.istio-system.svc.cluster.local:4318",
    OTEL_EXPORTER_OTLP_PROTOCOL: "http/protobuf",
  });
});

test("container, service name and ConfigMap are those of the stack", async () => {
  const deployments = { cart: { container: "app", serviceName: "basket" } };
  const other = await run(
    stackOf({
      namespaces: { shop: { isolation: "none", deployments } },
      otel: { configMap: "tracing-env", excludedUrls: [] },
    }),
  );
  expect(resource(other, "otel-environment-shop").inputs["metadata"]).toEqual({
    name: "tracing-env",
    namespace: "shop",
    labels: labels("test"),
  });
  const keys = Object.keys(devVariables).filter((key) => key !== "OTEL_PYTHON_EXCLUDED_URLS");
  expect(JSON.stringify(resource(other, "otel-environment-shop/cart").inputs["spec"])).toBe(
    JSON.stringify({
      template: {
        metadata: { annotations: { [hashKey]: await hashOf({ otel: { excludedUrls: [] } }) } },
        spec: {
          containers: [
            {
              env: [
                ...keys.map((key) => ({
                  name: key,
                  valueFrom: { configMapKeyRef: { key, name: "tracing-env" } },
                })),
                { name: "OTEL_SERVICE_NAME", value: "basket" },
              ],
              name: "app",
            },
          ],
        },
      },
    }),
  );
});

describe("a changed value restarts the Deployment, which reads the ConfigMap only at its start", () => {
  test.each<[string, Record<string, unknown>]>([
    ["sampling", { tracing: { sampling: 51 } }],
    ["the propagators", { otel: { propagators: ["b3"] } }],
    ["an extra variable", { otel: { extra: { OTEL_LOG_LEVEL: "debug" } } }],
    ["Jaeger's namespace", { jaeger: { namespace: "obs" } }],
  ])("%s", async (_, sections) => {
    expect(await hashOf(sections)).not.toBe(await hashOf({}));
  });

  test("what the applications are not told of restarts nothing", async () => {
    expect(await hashOf({ jaeger: { memoryLimit: "1Gi" } })).toBe(await hashOf({}));
  });
});

describe("variables", () => {
  const settings = {
    protocol: "grpc" as const,
    propagators: ["b3"],
    sampling: 100,
    excludedUrls: [],
    batch: { maxQueueSize: 1, maxExportBatchSize: 1, scheduleDelayMillis: 1 },
    resourceAttributes: {},
    extra: {},
    endpoint: "http://collector:4317",
  };

  test.each([
    [100, "1.0"],
    [50, "0.5"],
    [1, "0.01"],
    [0.1, "0.001"],
    [29, "0.29"],
    [0, "0.0"],
  ])("a sampling of %d %% is the rate %s", (sampling, rate) => {
    const variables = otelVariables({ ...settings, sampling });
    expect([variables["OTEL_TRACES_SAMPLER_ARG"], variables["OTEL_SAMPLING_RATE"]]).toEqual([rate, rate]);
  });

  test("attributes are sorted and their separators escaped", () => {
    const resourceAttributes = { team: "a,b=c", "service.namespace": "shop" };
    expect(otelVariables({ ...settings, resourceAttributes })["OTEL_RESOURCE_ATTRIBUTES"]).toBe(
      "service.namespace=shop,team=a%2Cb%3Dc",
    );
  });

  test("of the stack win over ours, and all are sorted", () => {
    const variables = otelVariables({ ...settings, extra: { OTEL_ENABLED: "false", A: "1" } });
    expect(variables["OTEL_ENABLED"]).toBe("false");
    expect(Object.keys(variables)).toEqual([...Object.keys(variables)].sort());
    expect(Object.keys(variables)[0]).toBe("A");
  });
});

/** The annotation of a Deployment of a stack with the given sections. */
async function hashOf(sections: Record<string, unknown>): Promise<string | undefined> {
  const namespaces = { shop: { isolation: "none", deployments: { cart: {} } } };
  const { inputs } = resource(await run(stackOf({ namespaces, ...sections })), "otel-environment-shop/cart");
  const { template } = inputs["spec"] as {
    template: { metadata: { annotations: Record<string, string> } };
  };
  return template.metadata.annotations[hashKey];
}
