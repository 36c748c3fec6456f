import { describe, expect, test } from "vitest";
import { type AutoInstrumentationArgs, instrumentationSpec } from "../../components/autoInstrumentation";
import { instrumentedStack } from "../fixtures/instrumented";
import { resource, run, stackOf } from "../fixtures/stack";

const hashKey = "mesh-tracing/otel-environment-hash";
const collector = "http://jaeger-collector-clusterip.istio-system.svc.cluster.local:4318";
const spec = {
  env: [
    { name: "OTEL_BSP_MAX_EXPORT_BATCH_SIZE", value: "512" },
    { name: "OTEL_BSP_MAX_QUEUE_SIZE", value: "2048" },
    { name: "OTEL_BSP_SCHEDULE_DELAY", value: "1000" },
    { name: "OTEL_EXPORTER_OTLP_PROTOCOL", value: "http/protobuf" },
    { name: "OTEL_LOGS_EXPORTER", value: "none" },
    { name: "OTEL_METRICS_EXPORTER", value: "none" },
    { name: "OTEL_TRACES_EXPORTER", value: "otlp" },
  ],
  exporter: { endpoint: collector },
  propagators: ["b3", "tracecontext", "baggage"],
  python: { env: [{ name: "OTEL_PYTHON_EXCLUDED_URLS", value: "health,ready,metrics" }] },
  sampler: { argument: "0.5", type: "parentbased_traceidratio" },
};

test("every traced namespace has an Instrumentation with all that an SDK must be told", async () => {
  const open = { isolation: "none" };
  const stack = await run(stackOf({ namespaces: { shop: open, bank: open }, otel: { instrumentation: {} } }));
  for (const namespace of ["bank", "shop"]) {
    expect(resource(stack, `auto-instrumentation-${namespace}`).inputs).toEqual({
      apiVersion: "opentelemetry.io/v1alpha1",
      kind: "Instrumentation",
      metadata: {
        name: "mesh-tracing",
        namespace,
        labels: { "app.kubernetes.io/part-of": "mesh-tracing", "mesh-tracing/stack": "test" },
      },
      spec,
    });
  }
});

test("without the section there is none", async () => {
  const { resources } = await run(stackOf());
  expect(resources.filter(({ name }) => name.startsWith("auto-instrumentation"))).toEqual([]);
});

describe("what is applied to a Deployment that asks for an SDK: annotations and nothing else", () => {
  const prefix = "instrumentation.opentelemetry.io/";
  test.each<[name: string, container: string, service: string, annotations: Record<string, string>]>([
    ["cart", "cart", "cart", { "inject-python": "mesh-tracing", "otel-python-platform": "musl" }],
    ["pay", "app", "pay", { "inject-java": "mesh-tracing" }],
    [
      "rate",
      "rate",
      "rate",
      { "inject-dotnet": "mesh-tracing", "otel-dotnet-auto-runtime": "linux-musl-x64" },
    ],
    ["ship", "ship", "shipping", { "inject-go": "mesh-tracing", "otel-go-auto-target-exe": "/app/ship" }],
    ["web", "web", "web", { "inject-nodejs": "mesh-tracing" }],
  ])("%s", async (name, container, service, annotations) => {
    const { inputs } = resource(await run(instrumentedStack()), `otel-environment-shop/${name}`);
    expect(inputs).toEqual({
      apiVersion: "apps/v1",
      kind: "Deployment",
      metadata: {
        name,
        namespace: "shop",
        annotations: { "pulumi.com/patchFieldManager": "mesh-tracing-test" },
      },
      spec: {
        template: {
          metadata: {
            annotations: {
              ...Object.fromEntries(Object.entries(annotations).map(([key, value]) => [prefix + key, value])),
              [`${prefix}container-names`]: container,
              "resource.opentelemetry.io/service.name": service,
              [hashKey]: expect.stringMatching(/^[0-9a-f]{16}$/) as string,
            },
          },
        },
      },
    });
  });

  test("glibc needs no annotation", async () => {
    const deployments = {
      a: { instrument: "python", libc: "glibc" },
      b: { instrument: "dotnet", libc: "glibc" },
    };
    const stack = await run(instrumentedStack({ namespaces: { shop: { isolation: "none", deployments } } }));
    const text = JSON.stringify(
      ["a", "b"].map((name) => resource(stack, `otel-environment-shop/${name}`).inputs),
    );
    expect(text).not.toMatch(/platform|runtime/);
  });

  test("a Deployment with an SDK of its own reads the ConfigMap beside them", async () => {
    const { inputs } = resource(await run(instrumentedStack()), "otel-environment-shop/own");
    expect(JSON.stringify(inputs)).toContain("configMapKeyRef");
    expect(JSON.stringify(inputs)).not.toContain("instrumentation.opentelemetry.io");
  });

  test("is rolled by whatever changes what its SDK is told, and by nothing else", async () => {
    const hashOf = async (sections: Record<string, unknown>) => {
      const { inputs } = resource(await run(instrumentedStack(sections)), "otel-environment-shop/cart");
      return (inputs["spec"] as { template: { metadata: { annotations: Record<string, string> } } }).template
        .metadata.annotations[hashKey];
    };
    const instrumentation = { allowPrivileged: true };
    const before = await hashOf({});
    expect(await hashOf({ tracing: { sampling: 51 } })).not.toBe(before);
    expect(
      await hashOf({ otel: { instrumentation: { ...instrumentation, images: { java: "a:1" } } } }),
    ).not.toBe(before);
    expect(await hashOf({ jaeger: { memoryLimit: "1Gi" } })).toBe(before);
    // Injected SDKs speak OTLP over HTTP whatever the others speak.
    expect(await hashOf({ otel: { instrumentation, protocol: "http/protobuf" } })).toBe(before);
  });
});

describe("the spec", () => {
  const args: AutoInstrumentationArgs = {
    stack: "dev",
    name: "sdk",
    endpoint: "http://collector:4318",
    images: {},
    spec: {},
    namespaces: [],
    propagators: ["tracecontext"],
    sampling: 1,
    excludedUrls: [],
    batch: { maxQueueSize: 1, maxExportBatchSize: 1, scheduleDelayMillis: 1 },
    resourceAttributes: {},
    extra: {},
  };
  const names = (more: Partial<AutoInstrumentationArgs>) =>
    (instrumentationSpec({ ...args, ...more })["env"] as { name: string }[]).map(({ name }) => name);

  test("has attributes where the operator adds more to them, escaped", () => {
    const resourceAttributes = { team: "a,b", "service.namespace": "shop" };
    expect(instrumentationSpec({ ...args, resourceAttributes })["resource"]).toEqual({
      resourceAttributes: { "service.namespace": "shop", team: "a%2Cb" },
    });
    expect(names({ resourceAttributes })).not.toContain("OTEL_RESOURCE_ATTRIBUTES");
  });

  test("has variables of the stack, where a field decides in the field", () => {
    const extra = {
      OTEL_LOG_LEVEL: "debug",
      OTEL_PROPAGATORS: "b3,baggage",
      OTEL_RESOURCE_ATTRIBUTES: "a=b",
      OTEL_TRACES_SAMPLER_ARG: "0.2",
    };
    expect(instrumentationSpec({ ...args, extra })).toMatchObject({
      propagators: ["b3", "baggage"],
      sampler: { type: "parentbased_traceidratio", argument: "0.2" },
    });
    expect(names({ extra }).filter((name) => name in extra)).toEqual([
      "OTEL_LOG_LEVEL",
      "OTEL_RESOURCE_ATTRIBUTES",
    ]);
  });

  test("leaves out what only applications with code of their own read, unless the stack sets it", () => {
    expect(names({})).not.toContain("OTEL_ENABLED");
    expect(names({})).not.toContain("OTEL_SAMPLING_RATE");
    expect(names({ extra: { OTEL_ENABLED: "true" } })).toContain("OTEL_ENABLED");
  });

  test("has images beside a language's variables", () => {
    const images = { python: "registry.example.com/python:1", java: "registry.example.com/java:2" };
    expect(instrumentationSpec({ ...args, images, excludedUrls: ["health"] })).toMatchObject({
      java: { image: "registry.example.com/java:2" },
      python: {
        env: [{ name: "OTEL_PYTHON_EXCLUDED_URLS", value: "health" }],
        image: "registry.example.com/python:1",
      },
    });
  });

  test("of the stack wins over ours", () => {
    const own = {
      sampler: { type: "parentbased_always_on" },
      nodejs: { env: [] },
      imagePullPolicy: "Always",
    };
    expect(instrumentationSpec({ ...args, spec: own })).toMatchObject({
      ...own,
      sampler: { type: "parentbased_always_on", argument: "0.01" },
      exporter: { endpoint: "http://collector:4318" },
    });
  });
});
