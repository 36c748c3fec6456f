import * as pulumi from "@pulumi/pulumi";
import { describe, expect, test } from "vitest";
import { parseStack } from "../../config/stack";
import { readStack } from "../../program/readStack";
import { stackFrom } from "../../config/fromPulumi";
import { mistakesIn, parsedStackFile, stackOf } from "../fixtures/stack";

const privateRanges = [
  "10.0.0.0/8",
  "100.64.0.0/10",
  "169.254.0.0/16",
  "172.16.0.0/12",
  "192.168.0.0/16",
  "fc00::/7",
  "fe80::/10",
];
const jaegerChart = { repository: "https://jaegertracing.github.io/helm-charts", version: "4.11.1" };

test("a stack that says only what it must gets every default", () => {
  expect(parseStack(stackOf(), "dev")).toEqual({
    stack: "dev",
    istio: {
      version: "1.31",
      rootNamespace: "istio-system",
      createNamespace: false,
      delivery: "shared",
      sharedConfigMap: "mesh-tracing",
      patchIstiod: true,
    },
    tracing: { sampling: 50, accessLog: true },
    jaeger: {
      namespace: "istio-system",
      createNamespace: false,
      release: "jaeger",
      chart: jaegerChart,
      memoryLimit: "512Mi",
      cpuRequest: "100m",
      cpuLimit: "1",
      values: {},
      storage: { type: "memory" },
      replicas: 1,
    },
    gateways: [{ namespace: "edge" }],
    namespaces: { shop: { isolation: "existing", create: false, deployments: {}, extraEgress: [] } },
    externalServices: {},
    otel: {
      protocol: "grpc",
      configMap: "otel-environment",
      excludedUrls: ["health", "ready", "metrics"],
      batch: { maxQueueSize: 2048, maxExportBatchSize: 512, scheduleDelayMillis: 1000 },
      resourceAttributes: {},
      extra: {},
    },
    egress: {
      dns: { namespace: "kube-system", podLabels: { "k8s-app": "kube-dns" }, ports: [53], cidrs: [] },
      outsideExcept: privateRanges,
    },
    cluster: { domain: "cluster.local", kubernetesVersion: "1.34.0", tolerate: [], unlisted: [] },
    traceContextOption: "USE_B3_WITH_W3C_PROPAGATION",
    propagators: ["b3", "tracecontext", "baggage"],
  });
});

test("defaults inside lists and maps are filled in", () => {
  const parsed = parseStack(
    stackOf({
      istio: {
        version: "1.31",
        delivery: "managed",
        install: { chart: { path: "./charts" }, gateway: { namespace: "edge" } },
      },
      namespaces: {
        shop: {
          isolation: "restricted",
          deployments: { cart: {} },
          extraEgress: [{ to: [{ podSelector: {} }], ports: [{ port: 5432 }] }],
        },
      },
      externalServices: { api: { hosts: ["api.example.com"] } },
    }),
    "dev",
  );
  expect({
    install: parsed.istio.install,
    shop: parsed.namespaces["shop"],
    api: parsed.externalServices["api"],
  }).toEqual({
    install: {
      chart: { path: "./charts" },
      gateway: { name: "istio-ingressgateway", namespace: "edge", createNamespace: false },
      values: { base: {}, istiod: {}, gateway: {} },
    },
    shop: {
      isolation: "restricted",
      create: false,
      deployments: { cart: {} },
      extraEgress: [{ to: [{ podSelector: {} }], ports: [{ port: 5432, protocol: "TCP" }] }],
    },
    api: { hosts: ["api.example.com"], ports: [{ number: 443, name: "https", protocol: "HTTPS" }] },
  });
});

describe("what follows from other values", () => {
  const shared = { delivery: "shared" };
  test.each([
    [{ version: "1.24", ...shared }, undefined, ["tracecontext", "baggage", "b3multi"]],
    [{ version: "1.27", ...shared }, undefined, ["tracecontext", "baggage", "b3multi"]],
    [{ version: "1.28", ...shared }, "USE_B3_WITH_W3C_PROPAGATION", ["b3", "tracecontext", "baggage"]],
  ])("trace context of %j", (istio, traceContextOption, propagators) => {
    expect(parseStack(stackOf({ istio }), "dev")).toMatchObject({ traceContextOption, propagators });
  });

  test("propagators that are given are kept in their order", () => {
    const otel = { propagators: ["tracecontext", "xray", "b3"] };
    expect(parseStack(stackOf({ otel }), "dev").propagators).toEqual(["tracecontext", "xray", "b3"]);
  });

  test("Jaeger is in the root namespace unless it has one of its own", () => {
    const istio = { version: "1.31", delivery: "shared", rootNamespace: "mesh" };
    expect(parseStack(stackOf({ istio }), "dev").jaeger.namespace).toBe("mesh");
    const jaeger = { namespace: "obs" };
    expect(parseStack(stackOf({ istio, jaeger }), "dev").jaeger.namespace).toBe("obs");
  });
});

test("the dev stack traces every request of seven services", () => {
  const { stack, tracing, istio, jaeger, namespaces, traceContextOption, propagators } =
    parsedStackFile("dev");
  expect({ stack, tracing, istio, jaeger, traceContextOption, propagators }).toEqual({
    stack: "dev",
    tracing: { sampling: 100, accessLog: true },
    istio: {
      version: "1.31",
      rootNamespace: "istio-system",
      createNamespace: false,
      delivery: "shared",
      sharedConfigMap: "mesh-tracing",
      patchIstiod: true,
    },
    jaeger: {
      namespace: "istio-system",
      createNamespace: false,
      release: "jaeger",
      chart: jaegerChart,
      memoryLimit: "512Mi",
      cpuRequest: "100m",
      cpuLimit: "1",
      host: "jaeger.dev.growbin.app",
      values: {},
      storage: { type: "memory" },
      replicas: 1,
    },
    traceContextOption: "USE_B3_WITH_W3C_PROPAGATION",
    propagators: ["b3", "tracecontext", "baggage"],
  });
  const services = ["auth", "character", "chat", "image", "location", "my", "scan"];
  expect(namespaces).toEqual(
    Object.fromEntries(
      services.map((name) => [
        name,
        { isolation: "existing", create: false, deployments: { [`${name}-api`]: {} }, extraEgress: [] },
      ]),
    ),
  );
});

test("the prod stack traces one request in a hundred, in a namespace of its own", () => {
  const { stack, tracing, istio, jaeger, namespaces } = parsedStackFile("prod");
  expect({ stack, tracing, delivery: istio.delivery, jaeger }).toEqual({
    stack: "prod",
    tracing: { sampling: 1, accessLog: true },
    delivery: "values",
    jaeger: {
      namespace: "observability",
      createNamespace: true,
      release: "jaeger",
      chart: jaegerChart,
      memoryLimit: "1Gi",
      cpuRequest: "500m",
      cpuLimit: "2",
      host: "jaeger.example.com",
      values: {},
      storage: {
        type: "opensearch",
        urls: ["https://opensearch.logging.svc.cluster.local:9200"],
        credentialsSecret: { name: "jaeger-opensearch", usernameKey: "username", passwordKey: "password" },
        tls: { ca: { kind: "Secret", name: "opensearch-ca", key: "ca.crt" } },
        indexPrefix: "prod",
        retentionDays: 7,
        place: {
          peers: [{ namespace: "logging", podLabels: { "app.kubernetes.io/name": "opensearch" } }],
          ports: [9200],
        },
      },
      replicas: 2,
      autoscaling: { min: 2, max: 6, cpuPercent: 80 },
    },
  });
  expect(Object.entries(namespaces).map(([name, { isolation }]) => [name, isolation])).toEqual([
    ["checkout", "restricted"],
    ["catalog", "existing"],
    ["storefront", "none"],
  ]);
});

describe("values as Pulumi hands them to programs", () => {
  const texts = Object.fromEntries(
    Object.entries(stackOf()).map(([key, value]) => [`mesh-tracing:${key}`, JSON.stringify(value)]),
  );

  test("are read from JSON; keys of providers are left alone", () => {
    const all = { ...texts, "kubernetes:context": "kind", "mesh-tracing-other:istio": "{}" };
    expect(stackFrom(all, "mesh-tracing", "dev")).toEqual(parseStack(stackOf(), "dev"));
  });

  test("text that is no JSON is taken as it is, and refused where a section must be", () => {
    expect(() => stackFrom({ ...texts, "mesh-tracing:kiali": "monitoring" }, "mesh-tracing", "dev")).toThrow(
      "the stack's configuration has 1 mistake; nothing was changed\n" +
        '  mesh-tracing:kiali = "monitoring"\n' +
        "    rule: must be a map of keys to values\n" +
        "    fix:  write a map of keys to values",
    );
  });

  test("with mistakes end the program with a RunError, which Pulumi prints without a stack trace", async () => {
    await pulumi.runtime.setMocks(
      { newResource: ({ name }) => ({ id: name, state: {} }), call: () => ({}) },
      "mesh-tracing",
      "dev",
    );
    pulumi.runtime.setAllConfig({ ...texts, "mesh-tracing:tracing": '{"sampling":-1}' });
    const message =
      "the stack's configuration has 1 mistake; nothing was changed\n" +
      "  mesh-tracing:tracing.sampling = -1\n" +
      "    rule: a percentage between 0 and 100\n" +
      "    fix:  write 100 for every request, 1 for one in a hundred";
    let thrown: unknown;
    try {
      readStack();
    } catch (error) {
      thrown = error;
    }
    expect(pulumi.RunError.isInstance(thrown)).toBe(true);
    expect((thrown as Error).message).toBe(message);
    pulumi.runtime.setAllConfig(texts);
    expect(readStack()).toEqual(parseStack(stackOf(), "dev"));
  });
});

test("the fixture of these tests has no mistake", () => {
  expect(mistakesIn(stackOf())).toEqual([]);
});

describe("a name that JavaScript keeps for itself is a mistake, and does not vanish", () => {
  const own = (text: string) => JSON.parse(text) as Record<string, unknown>;
  test.each([
    ['{"otel":{"extra":{"__proto__":"a"}}}', "otel.extra.__proto__", '"a"'],
    [
      '{"otel":{"resourceAttributes":{"__proto__":"a","ok":"b"}}}',
      "otel.resourceAttributes.__proto__",
      '"a"',
    ],
    [
      '{"jaeger":{"values":{"jaeger":{"podLabels":{"__proto__":"a"}}}}}',
      "jaeger.values.jaeger.podLabels.__proto__",
      '"a"',
    ],
    [
      '{"namespaces":{"shop":{"isolation":"none"},"__proto__":{"isolation":"none"}}}',
      "namespaces.__proto__",
      '{"isolation":"none"}',
    ],
  ])("%s", (sections, at, value) => {
    expect(mistakesIn(stackOf(own(sections)))).toEqual([
      {
        path: `mesh-tracing:${at}`,
        value,
        rule: "a name that this program cannot use",
        fix: "choose another name",
      },
    ]);
  });

  test("others of its kind are names as any", () => {
    const namespaces = { constructor: { isolation: "none", deployments: { valueof: {} } } };
    expect(mistakesIn(stackOf({ namespaces }))).toEqual([]);
  });
});
