import { describe, expect, test } from "vitest";
import { type ProgramRun } from "../fixtures/program";
import { instrumentedStack } from "../fixtures/instrumented";
import { madeBefore, managedIstio, run, runStackFile, stackOf, typesAndNames } from "../fixtures/stack";

const services = ["auth", "character", "chat", "image", "location", "my", "scan"];
const component = {
  namespaces: "mesh-tracing:namespaces:Namespaces",
  jaeger: "mesh-tracing:jaeger:Jaeger",
  "jaeger-volume": "mesh-tracing:jaeger:JaegerVolume",
  "jaeger-scaling": "mesh-tracing:jaeger:JaegerScaling",
  "jaeger-services": "mesh-tracing:jaeger:JaegerServices",
  "network-policies": "mesh-tracing:network:TracingNetworkPolicies",
  istio: "mesh-tracing:istio:Istio",
  mesh: "mesh-tracing:mesh:MeshTracing",
  "external-services": "mesh-tracing:mesh:ExternalServices",
  "otel-environment": "mesh-tracing:otel:OtelEnvironment",
  "cert-manager": "mesh-tracing:certificates:CertManager",
  ui: "mesh-tracing:ui:UiFromOutside",
};
const {
  istio: istioComponent,
  "cert-manager": certManagerComponent,
  ui: uiComponent,
  "jaeger-volume": _,
  "jaeger-scaling": scalingComponent,
  ...always
} = component;
const components = Object.entries(always).map(([name, type]) => `${type} ${name}`);
const budget = "kubernetes:policy/v1:PodDisruptionBudget";
const autoscaler = "kubernetes:autoscaling/v2:HorizontalPodAutoscaler";
const uiSections = {
  jaeger: { host: "jaeger.example.com" },
  kiali: { namespace: "kiali", host: "kiali.example.com" },
  ui: {
    certificate: { acme: { email: "team@example.com", http01: {} } },
    access: { jwt: { issuer: "i", jwksUri: "https://i.example.com", audiences: ["ui"] } },
  },
  certManager: { install: { createNamespace: true } },
};
const chart = "kubernetes:helm.sh/v4:Chart";
const configMap = "kubernetes:core/v1:ConfigMap";
const namespace = "kubernetes:core/v1:Namespace";
const service = "kubernetes:core/v1:Service";
const policy = "kubernetes:networking.k8s.io/v1:NetworkPolicy";
const patch = "kubernetes:apps/v1:DeploymentPatch";
const serviceEntry = "kubernetes:networking.istio.io/v1:ServiceEntry";
const telemetry = "kubernetes:telemetry.istio.io/v1:Telemetry";

describe("the resources of a stack, no more and no less", () => {
  test("dev", async () => {
    expect(typesAndNames(await runStackFile("dev"))).toEqual(
      [
        ...components,
        `${chart} jaeger-chart`,
        `${service} jaeger-services-collector`,
        `${service} jaeger-services-query`,
        `${policy} network-policies-istio-system-allow-tracing-ingress`,
        ...services.map((name) => `${policy} network-policies-${name}-allow-jaeger-egress`),
        `${configMap} mesh-shared-config`,
        `${patch} mesh-istiod`,
        `${telemetry} mesh-telemetry`,
        `${serviceEntry} external-services-aws-cloudfront`,
        `${serviceEntry} external-services-aws-s3-external`,
        `${serviceEntry} external-services-google-external`,
        `${serviceEntry} external-services-kakao-external`,
        `${serviceEntry} external-services-naver-external`,
        `${serviceEntry} external-services-openai-external`,
        ...services.map((name) => `${configMap} otel-environment-${name}`),
        ...services.map((name) => `${patch} otel-environment-${name}/${name}-api`),
      ].sort(),
    );
  });

  test("prod", async () => {
    expect(typesAndNames(await runStackFile("prod"))).toEqual(
      [
        ...components,
        `${scalingComponent} jaeger-scaling`,
        `${namespace} namespaces-observability`,
        `${chart} jaeger-chart`,
        `${service} jaeger-services-collector`,
        `${service} jaeger-services-query`,
        `${budget} jaeger-scaling-budget`,
        `${autoscaler} jaeger-scaling-autoscaler`,
        `${policy} network-policies-observability-allow-jaeger-storage`,
        `${policy} network-policies-observability-allow-tracing-ingress`,
        `${policy} network-policies-catalog-allow-jaeger-egress`,
        `${policy} network-policies-checkout-allow-jaeger-egress`,
        `${policy} network-policies-checkout-allow-mesh-egress`,
        `${telemetry} mesh-telemetry`,
        `${serviceEntry} external-services-object-storage`,
        `${serviceEntry} external-services-payment-provider`,
        `${configMap} otel-environment-catalog`,
        `${configMap} otel-environment-checkout`,
        `${configMap} otel-environment-storefront`,
        `${patch} otel-environment-catalog/catalog-api`,
        `${patch} otel-environment-checkout/checkout-api`,
      ].sort(),
    );
  });

  test("a stack that installs Istio", async () => {
    expect(typesAndNames(await run(stackOf({ istio: managedIstio })))).toEqual(
      [
        ...components,
        `${istioComponent} istio`,
        `${namespace} namespaces-edge`,
        `${namespace} namespaces-istio-system`,
        `${chart} istio-base`,
        `${chart} istio-istiod`,
        `${chart} istio-gateway`,
        `${chart} jaeger-chart`,
        `${service} jaeger-services-collector`,
        `${service} jaeger-services-query`,
        `${policy} network-policies-istio-system-allow-tracing-ingress`,
        `${policy} network-policies-shop-allow-jaeger-egress`,
        `${telemetry} mesh-telemetry`,
        `${configMap} otel-environment-shop`,
      ].sort(),
    );
  });

  test("a stack that leads people to the UIs", async () => {
    const security = "kubernetes:security.istio.io/v1";
    const networking = "kubernetes:networking.istio.io/v1";
    const without = new Set(typesAndNames(await run(stackOf({ jaeger: { host: "jaeger.example.com" } }))));
    const made = typesAndNames(await run(stackOf(uiSections)));
    expect(made.filter((one) => !without.has(one))).toEqual(
      [
        `${uiComponent} ui`,
        `${security}:AuthorizationPolicy ui-authorization-policy`,
        `${security}:RequestAuthentication ui-request-authentication`,
        `${networking}:Gateway ui-gateway`,
        `${networking}:Gateway ui-gateway-http`,
        `${networking}:VirtualService ui-redirect`,
        `${networking}:VirtualService ui-route-jaeger`,
        `${networking}:VirtualService ui-route-kiali`,
        "kubernetes:cert-manager.io/v1:Certificate ui-certificate",
        "kubernetes:cert-manager.io/v1:Issuer ui-issuer",
        `${certManagerComponent} cert-manager`,
        "kubernetes-cert-manager:index:CertManager cert-manager-release",
        `${namespace} namespaces-cert-manager`,
      ].sort(),
    );
    expect([...without].filter((one) => !made.includes(one))).toEqual([]);
  });

  test("a stack that injects SDKs and installs the operator", async () => {
    const plain = typesAndNames(await run(stackOf()));
    const stack = instrumentedStack({ otelOperator: { install: { createNamespace: true } } });
    expect(typesAndNames(await run(stack)).filter((one) => !plain.includes(one))).toEqual(
      [
        "mesh-tracing:otel:AutoInstrumentation auto-instrumentation",
        "mesh-tracing:otel:OtelOperator otel-operator",
        `${chart} otel-operator-chart`,
        `${namespace} namespaces-opentelemetry-operator-system`,
        "kubernetes:opentelemetry.io/v1alpha1:Instrumentation auto-instrumentation-shop",
        ...["cart", "own", "pay", "rate", "ship", "web"].map(
          (name) => `${patch} otel-environment-shop/${name}`,
        ),
      ].sort(),
    );
  });
});

describe("every object belongs to the component that its name begins with", () => {
  /** The component of the longest name that a logical name begins with. */
  const ownerOf = (name: string): keyof typeof component => {
    const [owner] = (Object.keys(component) as (keyof typeof component)[])
      .filter((candidate) => name.startsWith(`${candidate}-`))
      .sort((a, b) => b.length - a.length);
    if (owner === undefined) throw new Error(`${name} begins with no component's name`);
    return owner;
  };

  test.each<[string, () => Promise<ProgramRun>]>([
    ["dev", () => runStackFile("dev")],
    ["prod", () => runStackFile("prod")],
    ["managed", () => run(stackOf({ istio: managedIstio }), "managed")],
    ["ui", () => run(stackOf(uiSections), "ui")],
    [
      "disk",
      () => run(stackOf({ jaeger: { storage: "badger", createNamespace: true, namespace: "obs" } }), "disk"),
    ],
  ])("%s", async (stack, start) => {
    const { resources } = await start();
    const objects = resources.filter(({ type }) => type.startsWith("kubernetes:"));
    const urnOf = (type: string, name: string) => `urn:pulumi:${stack}::mesh-tracing::${type}::${name}`;
    expect(objects.map(({ urn, parent }) => ({ urn, parent }))).toEqual(
      objects.map(({ type, name }) => {
        const owner = ownerOf(name);
        return {
          urn: urnOf(`${component[owner]}$${type}`, name),
          parent: urnOf(component[owner], owner),
        };
      }),
    );
    expect(objects.length).toBeGreaterThan(10);
    const componentNames = resources
      .filter(({ type }) => type.startsWith("mesh-tracing:"))
      .map(({ name }) => name);
    expect(componentNames.sort()).toEqual(
      Object.keys(component)
        .filter((name) => name !== "istio" || stack === "managed")
        .filter((name) => !["ui", "cert-manager"].includes(name) || stack === "ui")
        .filter((name) => name !== "jaeger-scaling" || stack === "prod")
        .filter((name) => name !== "jaeger-volume" || stack === "disk")
        .sort(),
    );
  });
});

describe("the order in which a stack is made, and taken down the other way round", () => {
  const path = [
    "jaeger-chart",
    "jaeger-services-collector",
    "jaeger-services-query",
    "network-policies-istio-system-allow-tracing-ingress",
  ];

  test("the Telemetry comes after the provider, istiod's variable, Services, policies and Jaeger", async () => {
    const before = madeBefore(await runStackFile("dev"), "mesh-telemetry");
    const policies = services.map((name) => `network-policies-${name}-allow-jaeger-egress`);
    expect([...before].filter((name) => !(name in component)).sort()).toEqual(
      [...path, ...policies, "mesh-shared-config", "mesh-istiod"].sort(),
    );
  });

  test("the provider's ConfigMap and istiod's variable come after Services, policies and Jaeger", async () => {
    const dev = await runStackFile("dev");
    expect([...madeBefore(dev, "mesh-shared-config")]).toEqual(expect.arrayContaining(path));
    expect([...madeBefore(dev, "mesh-istiod")]).toEqual(
      expect.arrayContaining([...path, "mesh-shared-config"]),
    );
  });

  test("applications are told of the collector when it can be reached, and after their ConfigMap", async () => {
    const dev = await runStackFile("dev");
    expect([...madeBefore(dev, "otel-environment-auth/auth-api")]).toEqual(
      expect.arrayContaining([...path, "network-policies-auth-allow-jaeger-egress", "otel-environment-auth"]),
    );
  });

  test("pods are rolled after the operator answers and the Instrumentation is there", async () => {
    const stack = await run(instrumentedStack({ otelOperator: { install: { createNamespace: true } } }));
    const operator = ["otel-operator-chart", "namespaces-opentelemetry-operator-system"];
    expect([...madeBefore(stack, "auto-instrumentation-shop")]).toEqual(
      expect.arrayContaining([...path, ...operator]),
    );
    expect([...madeBefore(stack, "otel-environment-shop/cart")]).toEqual(
      expect.arrayContaining([...path, ...operator, "auto-instrumentation-shop"]),
    );
    expect([...madeBefore(await run(instrumentedStack()), "otel-environment-shop/cart")]).toContain(
      "auto-instrumentation-shop",
    );
  });

  test("an Istio of this stack: base, istiod, gateway, then what needs its resource definitions", async () => {
    const raw = stackOf({
      istio: managedIstio,
      externalServices: { api: { hosts: ["api.example.com"] } },
    });
    const managed = await run(raw);
    const charts = (name: string) =>
      [...madeBefore(managed, name)].filter((other) => /^istio-/.test(other)).sort();
    expect({
      base: charts("istio-base"),
      istiod: charts("istio-istiod"),
      gateway: charts("istio-gateway"),
      telemetry: charts("mesh-telemetry"),
      serviceEntry: charts("external-services-api"),
    }).toEqual({
      base: [],
      istiod: ["istio-base"],
      gateway: ["istio-base", "istio-istiod"],
      telemetry: ["istio-base", "istio-gateway", "istio-istiod"],
      serviceEntry: ["istio-base", "istio-gateway", "istio-istiod"],
    });
    expect([...madeBefore(managed, "istio-base")]).toEqual(expect.arrayContaining(path));
  });

  test("with an Istio of this stack pods are rolled when they get their proxies", async () => {
    const namespaces = { shop: { isolation: "none", deployments: { cart: {} } } };
    const managed = await run(stackOf({ istio: managedIstio, namespaces }));
    expect([...madeBefore(managed, "otel-environment-shop/cart")]).toEqual(
      expect.arrayContaining(["istio-base", "istio-istiod"]),
    );
  });

  test("whatever is in a namespace that the stack creates comes after the namespace", async () => {
    const created = await run(
      stackOf({
        istio: managedIstio,
        jaeger: { namespace: "obs", createNamespace: true },
        namespaces: {
          shop: { isolation: "none", create: true, deployments: { cart: {} } },
          bank: { isolation: "restricted", create: true },
        },
        externalServices: { api: { hosts: ["api.example.com"] } },
      }),
    );
    const namespaceOf = (inputs: Record<string, unknown>): string | undefined =>
      (inputs["metadata"] as { namespace?: string } | undefined)?.namespace ??
      (inputs["namespace"] as string | undefined);
    const inside = created.resources.flatMap(({ name, inputs }) => {
      const place = namespaceOf(inputs);
      return place === undefined ? [] : [{ name, place }];
    });
    expect([...new Set(inside.map(({ place }) => place))].sort()).toEqual([
      "bank",
      "edge",
      "istio-system",
      "obs",
      "shop",
    ]);
    const tooEarly = inside.filter(
      ({ name, place }) => !madeBefore(created, name).has(`namespaces-${place}`),
    );
    expect(tooEarly).toEqual([]);
  });
});
