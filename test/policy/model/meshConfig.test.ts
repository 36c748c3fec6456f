import { stringify } from "yaml";
import { describe, expect, it } from "vitest";
import { type Options } from "../../../policy/model/options";
import { TracingModel } from "../../../policy/model/tracingModel";

const provider = (name: string, port = 9411) => ({
  name,
  zipkin: { service: `istio-system/${name}.istio-system.svc.cluster.local`, port },
});
const configMap = (
  name: string,
  mesh: unknown,
  labels: Record<string, string> = {},
  namespace = "istio-system",
) => ({
  apiVersion: "v1",
  kind: "ConfigMap",
  metadata: { name, namespace, labels },
  data: { mesh: typeof mesh === "string" ? mesh : stringify(mesh) },
});
const own = { "app.kubernetes.io/part-of": "mesh-tracing" };
/** istiod, whole or as the part that a patch applies. */
const istiod = (shared: string | undefined, isWhole = true) => ({
  apiVersion: "apps/v1",
  kind: "Deployment",
  metadata: { name: "istiod", namespace: "istio-system" },
  spec: {
    ...(isWhole ? { selector: { matchLabels: { app: "istiod" } } } : {}),
    template: {
      metadata: { labels: { app: "istiod" } },
      spec: {
        containers: [
          {
            name: "discovery",
            image: "docker.io/istio/pilot:1.30.2-distroless",
            env: shared === undefined ? [] : [{ name: "SHARED_MESH_CONFIG", value: shared }],
          },
        ],
      },
    },
  },
});
const chart = (name: string, values: unknown) => ({
  apiVersion: "mesh-tracing/v1",
  kind: "HelmChart",
  metadata: { name, namespace: "istio-system" },
  spec: { chart: name, version: "1.31.0", values },
});

/** Ports of the providers that are not Istio's own, by name. */
function providersOf(objects: unknown[], options: Options = {}) {
  const { mesh } = TracingModel.from(objects, options);
  const ports = mesh.providers.flatMap(({ name, entry }) =>
    "zipkin" in entry ? [[name, (entry["zipkin"] as { port: number }).port]] : [],
  );
  return { ports: Object.fromEntries(ports) as Record<string, number>, incomplete: mesh.incomplete };
}

describe("the mesh config", () => {
  it("is unknown where nothing of it is in the input", () => {
    expect(providersOf([])).toEqual({
      ports: {},
      incomplete: "the mesh config of istiod's owner (ConfigMap istio) is not in the input",
    });
  });

  it("merges the shared ConfigMap under istiod's own, providers by name", () => {
    const objects = [
      configMap("istio", { extensionProviders: [provider("a", 1)] }),
      configMap("shared", { extensionProviders: [provider("a", 2), provider("b", 2)] }),
      istiod("shared"),
    ];
    expect(providersOf(objects)).toEqual({ ports: { a: 1, b: 2 }, incomplete: undefined });
  });

  it("reads the variable from a patch of istiod alone", () => {
    const objects = [configMap("shared", { extensionProviders: [provider("b")] }), istiod("shared", false)];
    expect(providersOf(objects)).toEqual({
      ports: { b: 9411 },
      incomplete: "the mesh config of istiod's owner (ConfigMap istio) is not in the input",
    });
  });

  it("applies a patch to istiod where both are in the input", () => {
    const objects = [
      configMap("istio", {}),
      configMap("shared", { extensionProviders: [provider("b")] }),
      istiod(undefined),
      istiod("shared", false),
    ];
    expect(providersOf(objects)).toEqual({ ports: { b: 9411 }, incomplete: undefined });
  });

  it("says that a shared ConfigMap is missing", () => {
    expect(providersOf([configMap("istio", {}), istiod("shared")]).incomplete).toBe(
      "the ConfigMap shared that istiod reads as shared mesh config is not in the input",
    );
  });

  it("takes this project's ConfigMap for shared only where istiod is not in the input", () => {
    const shared = configMap("mesh-tracing", { extensionProviders: [provider("b")] }, own);
    expect(providersOf([shared]).ports).toEqual({ b: 9411 });
    expect(providersOf([shared, istiod(undefined), configMap("istio", {})]).ports).toEqual({});
    const { mesh } = TracingModel.from([shared, istiod(undefined), configMap("istio", {})]);
    expect(mesh.unread.map(({ metadata: { name } }) => name)).toEqual(["mesh-tracing"]);
  });

  it.each([
    ["istiod's chart", chart("istiod", { env: { SHARED_MESH_CONFIG: "shared" } })],
    ["istiod's chart, older", chart("istiod", { pilot: { env: { SHARED_MESH_CONFIG: "shared" } } })],
    [
      "an IstioOperator",
      {
        apiVersion: "install.istio.io/v1alpha1",
        kind: "IstioOperator",
        metadata: { name: "istio" },
        spec: { components: { pilot: { k8s: { env: [{ name: "SHARED_MESH_CONFIG", value: "shared" }] } } } },
      },
    ],
  ])("finds the variable in the values of %s", (_, object) => {
    expect(providersOf([object, configMap("shared", { extensionProviders: [provider("b")] })]).ports).toEqual(
      { b: 9411 },
    );
  });

  it("knows istiod by its image, whatever its container is called", () => {
    const renamed = (image: string) =>
      JSON.parse(
        JSON.stringify(istiod("shared"))
          .replace('"discovery"', '"istiod"')
          .replace("docker.io/istio/pilot:1.30.2-distroless", image),
      ) as unknown;
    const found = (image: string) =>
      providersOf([renamed(image), configMap("shared", { extensionProviders: [provider("b")] })]).ports;
    expect(found("docker.io/istio/pilot:1.30.2")).toEqual({ b: 9411 });
    expect(found("example.com/copilot:1.30.2")).toEqual({});
  });

  it("prefers the default revision's ConfigMap, and takes a revision's where there is no other", () => {
    const revision = configMap(
      "istio-canary",
      { extensionProviders: [provider("canary")] },
      { "istio.io/rev": "canary" },
    );
    expect(providersOf([revision]).ports).toEqual({ canary: 9411 });
    expect(
      providersOf([revision, configMap("istio", { extensionProviders: [provider("a")] })]).ports,
    ).toEqual({ a: 9411 });
  });

  it.each(["not: [valid", "just text"])("is incomplete where the ConfigMap holds %j", (text) => {
    expect(providersOf([configMap("istio", text)]).incomplete).toMatch(
      /^key mesh of ConfigMap istio-system\/istio is no/,
    );
  });

  it("is incomplete where values come from files that are not in the input", () => {
    const application = {
      apiVersion: "argoproj.io/v1alpha1",
      kind: "Application",
      metadata: { name: "istiod", namespace: "argocd" },
      spec: {
        destination: { namespace: "istio-system" },
        sources: [
          {
            chart: "istiod",
            helm: {
              valueFiles: ["$values/istiod.yaml"],
              valuesObject: { meshConfig: { extensionProviders: [provider("a", 1)], enableTracing: true } },
              parameters: [{ name: "meshConfig.rootNamespace", value: "mesh-root" }],
            },
          },
        ],
      },
    };
    expect(providersOf([application])).toEqual({
      ports: { a: 1 },
      incomplete: "its valueFiles are not part of the input",
    });
    expect(TracingModel.from([application]).mesh.rootNamespace).toBe("mesh-root");
  });

  it("reads Flux's valuesFrom under its values, and the chart's name from an OCIRepository", () => {
    const release = {
      apiVersion: "helm.toolkit.fluxcd.io/v2",
      kind: "HelmRelease",
      metadata: { name: "control-plane", namespace: "istio-system" },
      spec: {
        chartRef: { kind: "OCIRepository", name: "istio" },
        valuesFrom: [
          { kind: "ConfigMap", name: "values" },
          { kind: "Secret", name: "more", optional: true },
        ],
        values: { meshConfig: { rootNamespace: "mesh-root" } },
      },
    };
    const repository = {
      apiVersion: "source.toolkit.fluxcd.io/v1",
      kind: "OCIRepository",
      metadata: { name: "istio", namespace: "istio-system" },
      spec: { url: "oci://registry.example.com/charts/istiod" },
    };
    const values = {
      apiVersion: "v1",
      kind: "ConfigMap",
      metadata: { name: "values", namespace: "istio-system" },
      data: {
        "values.yaml": stringify({
          meshConfig: { rootNamespace: "other", extensionProviders: [provider("a", 3)] },
        }),
      },
    };
    expect(providersOf([release, repository, values])).toEqual({ ports: { a: 3 }, incomplete: undefined });
    expect(TracingModel.from([release, repository, values]).mesh.rootNamespace).toBe("mesh-root");
    expect(providersOf([release, repository]).incomplete).toBe(
      "its values from ConfigMap values are not part of the input",
    );
  });
});

describe("the tracing in use", () => {
  const telemetry = (name: string, spec: unknown, creationTimestamp?: string) => ({
    apiVersion: "telemetry.istio.io/v1",
    kind: "Telemetry",
    metadata: {
      name,
      namespace: "istio-system",
      ...(creationTimestamp === undefined ? {} : { creationTimestamp }),
    },
    spec,
  });
  const traces = (name: string, sampling: number) => ({
    tracing: [{ providers: [{ name }], randomSamplingPercentage: sampling }],
  });
  const mesh = configMap("istio", { extensionProviders: [provider("a"), provider("b")] });

  it("is that of the oldest mesh-wide Telemetry", () => {
    const { tracing } = TracingModel.from([
      mesh,
      telemetry("young", traces("a", 1), "2026-01-02T00:00:00Z"),
      telemetry("old", traces("B", 50), "2026-01-01T00:00:00Z"),
      telemetry(
        "for-workloads",
        { selector: { matchLabels: { app: "x" } }, ...traces("a", 9) },
        "2025-01-01T00:00:00Z",
      ),
    ]);
    // Istio compares names of providers without regard to case.
    expect([tracing.providerName, tracing.provider?.name, tracing.sampling]).toEqual(["B", "b", 50]);
  });

  it("is that of the default provider, at one percent, without a Telemetry", () => {
    const { tracing, collector } = TracingModel.from([
      configMap("istio", { extensionProviders: [provider("a")], defaultProviders: { tracing: ["a"] } }),
    ]);
    expect([tracing.state, tracing.providerName, tracing.sampling]).toEqual(["on", "a", 1]);
    expect(collector?.place).toEqual({ name: "a", namespace: "istio-system" });
  });

  it("is the legacy configuration, unless that is off", () => {
    const defaultConfig = { tracing: { sampling: 7, zipkin: { address: "zipkin.istio-system:9411" } } };
    const legacy = TracingModel.from([configMap("istio", { defaultConfig })]);
    expect([legacy.tracing.state, legacy.tracing.sampling]).toEqual(["on", 7]);
    expect(legacy.collector).toMatchObject({
      port: 9411,
      place: { name: "zipkin", namespace: "istio-system" },
    });
    expect(
      TracingModel.from([configMap("istio", { defaultConfig, enableTracing: false })]).tracing.state,
    ).toBe("off");
    const byChart = TracingModel.from([chart("istiod", { global: { proxy: { tracer: "zipkin" } } })]);
    expect(byChart.tracing.legacyAddress).toBe("zipkin.istio-system:9411");
  });

  it.each([
    ["istio-system/jaeger:9411", { name: "jaeger", namespace: "istio-system" }, 9411],
    ["jaeger.tracing:9411", { name: "jaeger", namespace: "tracing" }, 9411],
    ["jaeger.tracing.svc.cluster.local:4317", { name: "jaeger", namespace: "tracing" }, 4317],
    ["collector.example.com:443", undefined, 443],
  ])("is the collector that is given: %s", (given, place, port) => {
    const { collector } = TracingModel.from([], { collector: given });
    expect([collector?.place, collector?.port]).toEqual([place, port]);
  });

  it.each([
    [[istiod(undefined)], "1.30"],
    [[{ ...istiod(undefined), metadata: { name: "istiod" } }, chart("istiod", {})], "1.30"],
    [[chart("istiod", {})], "1.31"],
    [[], undefined],
  ])("has the version that the objects say", (objects, version) => {
    expect(TracingModel.from(objects).istioVersion?.join(".")).toBe(version);
  });
});
