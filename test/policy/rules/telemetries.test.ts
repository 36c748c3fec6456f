/** The rules about Telemetries and the provider they name. */
import { describe, expect, it } from "vitest";
import { asker } from "./asking";
import { istioConfigMap, type Manifest, Mesh, meshConfig } from "./fixture";

const meshWide = "Telemetry istio-system/mesh-default";
const telemetry = (
  name: string,
  spec: Record<string, unknown>,
  namespace = "istio-system",
  created?: string,
): Manifest => ({
  apiVersion: "telemetry.istio.io/v1",
  kind: "Telemetry",
  metadata: { name, namespace, ...(created === undefined ? {} : { creationTimestamp: created }) },
  spec,
});
const old = "2026-01-01T00:00:00Z";
const young = "2026-01-02T00:00:00Z";
const withoutConfig = () => new Mesh().remove("ConfigMap istio-system/istio");

describe("telemetry-mesh-wide", () => {
  const ask = asker("telemetry-mesh-wide");
  const one = { tracing: [{ providers: [{ name: "jaeger" }] }], metrics: [{ a: 1 }] };
  const two = { tracing: [{ randomSamplingPercentage: 5 }], accessLogging: [{ b: 1 }] };
  const merged =
    "spec:\n  tracing:\n    - randomSamplingPercentage: 5\n      providers:\n        - name: jaeger\n" +
    "  accessLogging:\n    - b: 1\n  metrics:\n    - a: 1";

  it("of several, the oldest is used; which that is may not be known", () => {
    const ages = (a?: string, b?: string) =>
      ask([telemetry("b", one, "istio-system", a), telemetry("c", two, "istio-system", b)]);
    expect(ages(old, young)).toEqual([
      "error: Telemetry istio-system/c is one of 2 mesh-wide Telemetries in istio-system (b and c); Istio uses the " +
        "oldest, b, and ignores all others whole; exactly one is allowed\n" +
        `# one Telemetry instead: delete Telemetry istio-system/c, and make b say\n${merged}`,
    ]);
    expect(ages()).toEqual([
      "error: Telemetry istio-system/b is one of 2 mesh-wide Telemetries in istio-system (b and c); Istio uses the " +
        "oldest and ignores all others whole; exactly one is allowed\n" +
        `# one Telemetry instead: delete Telemetry istio-system/c, and make b say\n${merged}`,
    ]);
    expect(ages(young, old)[0]).toMatch(/^error: Telemetry istio-system\/b .* oldest, c, /);
  });

  it("of several, what only one says stays as it is", () => {
    expect(ask([telemetry("a", { tracing: [{ x: 1 }] }), telemetry("b", { metrics: [] })])[0]).toMatch(
      /make a say\nspec:\n {2}metrics: \[\]\n {2}tracing:\n {4}- x: 1$/,
    );
  });

  it("none turns tracing on", () => {
    const add =
      "# add\napiVersion: telemetry.istio.io/v1\nkind: Telemetry\nmetadata:\n  name: mesh-default\n" +
      "  namespace: istio-system\nspec:\n  tracing:\n    - providers:\n        - name: jaeger\n      randomSamplingPercentage: 100";
    const config = istioConfigMap({});
    expect(ask([config])).toEqual([
      "error: Telemetry istio-system/mesh-default turns no tracing on: there is no mesh-wide Telemetry, and nothing " +
        `names a tracing provider; one mesh-wide Telemetry with a tracing provider is required\n${add}`,
    ]);
    expect(ask([config, telemetry("own", {})])).toEqual([
      "error: Telemetry istio-system/own turns no tracing on: nothing names a tracing provider; one mesh-wide Telemetry " +
        `with a tracing provider is required\n${add}`,
    ]);
    const whereTo = (whom: string) => [
      `warning: Telemetry istio-system/mesh-default is not in the input, and nothing else says where ${whom} its spans: ` +
        `give the mesh config and the Telemetry too, or name the collector (--collector)\n${add}`,
    ];
    expect(ask([])).toEqual(whereTo("to send"));
    expect(ask([], { traced: ["shop"] })).toEqual(whereTo("the mesh sends"));
    expect(ask([telemetry("own", {}, "shop")])).toEqual(whereTo("to send"));
    expect(ask([], { collector: "tracing/jaeger:9411" })).toEqual([]);
  });

  it("it may be the mesh config that turns tracing on, if it is not in the input", () => {
    expect(ask([telemetry("own", { metrics: [] })])).toEqual([
      "warning: Telemetry istio-system/own names no tracing provider, and whether the mesh has a default one is not known: " +
        "the mesh config of istiod's owner (ConfigMap istio) is not in the input\n" +
        "# add to Telemetry istio-system/own\nspec:\n  tracing:\n    - providers:\n        - name: jaeger\n" +
        "      randomSamplingPercentage: 100",
    ]);
  });

  it("the entry that switches spans off is named", () => {
    const off = (...values: unknown[]) =>
      ask(
        new Mesh().set(meshWide, "spec tracing", [
          { providers: [{ name: "jaeger" }] },
          ...values.map((disableSpanReporting) => ({ disableSpanReporting })),
        ]),
      );
    expect(off(false, true)).toEqual([
      `error: ${meshWide} switches the spans of the whole mesh off: spec.tracing[2].disableSpanReporting is true; only ` +
        `false is allowed\n# in spec.tracing[2] of ${meshWide}\ndisableSpanReporting: false`,
    ]);
    expect(off(false, "true")).toEqual([]);
    const byDefault = new Mesh().remove(meshWide).mesh("defaultProviders", { tracing: ["jaeger"] });
    expect(ask(byDefault)).toEqual([]);
  });
});

describe("telemetry-provider", () => {
  const ask = asker("telemetry-provider");
  const name = (provider: string) => new Mesh().set(meshWide, "spec tracing 0 providers 0 name", provider);
  const define =
    "extensionProviders:\n  - name: jaeger\n    zipkin:\n" +
    "      service: istio-system/jaeger-collector-clusterip.istio-system.svc.cluster.local\n      port: 9411";

  it("offers one that is defined", () => {
    expect(ask(name("tempo"))).toEqual([
      `error: ${meshWide} names the tracing provider tempo, which the mesh config does not define; one that it defines ` +
        "is required: prometheus, stackdriver, envoy, jaeger and json-access-log\n" +
        `# in spec.tracing of ${meshWide}\nproviders:\n  - name: jaeger`,
    ]);
    const byDefault = new Mesh()
      .unset(meshWide, "spec tracing 0 providers")
      .mesh("defaultProviders", { tracing: ["prometheus"] });
    expect(ask(byDefault)).toEqual([
      "error: ConfigMap istio-system/istio traces with provider prometheus, which is of type prometheus and cannot trace; " +
        "allowed are zipkin, opentelemetry, datadog and skywalking\n" +
        "# in the mesh config (ConfigMap istio-system/istio)\ndefaultProviders:\n  tracing:\n    - jaeger",
    ]);
  });

  it("defines the one that is named, where none is", () => {
    const none = new Mesh().mesh("extensionProviders", [{ name: "empty" }]);
    const inMesh = "# in the mesh config (ConfigMap istio-system/istio)";
    expect(ask(none)).toEqual([
      `error: ${meshWide} names the tracing provider jaeger, which the mesh config does not define; one that it defines ` +
        `is required: prometheus, stackdriver, envoy and empty\n${inMesh}\n${define}`,
    ]);
    expect(ask(none.set(meshWide, "spec tracing 0 providers 0 name", "empty"))).toEqual([
      `error: ${meshWide} traces with provider empty, which is of type none and cannot trace; allowed are zipkin, ` +
        `opentelemetry, datadog and skywalking\n${inMesh}\n${define.replace("jaeger\n", "empty\n")}`,
    ]);
    expect(ask(none, { collector: "tracing/zipkin:9999" })[0]).toContain(
      "service: tracing/zipkin.tracing.svc.cluster.local\n      port: 9999",
    );
    const services = () => new Mesh().mesh("extensionProviders", []);
    const renamed = services().set("Service istio-system/jaeger-collector-clusterip", "metadata", {
      name: "zipkin",
      namespace: "tracing",
    });
    expect(ask(renamed)[0]).toContain("service: tracing/zipkin.tracing.svc.cluster.local\n      port: 9411");
    const without = services().remove("Service istio-system/jaeger-collector-clusterip");
    expect(ask(without)[0]).toContain(define);
  });

  it("says that the mesh config is not all there, or not read", () => {
    expect(ask(withoutConfig())).toEqual([
      `warning: ${meshWide} names the tracing provider jaeger, and whether the mesh config defines it is not known: the ` +
        "mesh config of istiod's owner (ConfigMap istio) is not in the input\n" +
        `# in the mesh config (meshConfig of istiod's values), unless it is there\n${define}`,
    ]);
    const shared = istioConfigMap(meshConfig());
    shared.metadata = {
      name: "shared",
      namespace: "istio-system",
      labels: { "app.kubernetes.io/part-of": "mesh-tracing" },
    };
    expect(ask(new Mesh().mesh("extensionProviders", []).add(shared))).toEqual([
      `error: ${meshWide} names the tracing provider jaeger, which the mesh config does not define: istiod does not read ` +
        "ConfigMap istio-system/shared; the variable SHARED_MESH_CONFIG that names it is required\n" +
        "# add to the container discovery of Deployment istiod\nenv:\n  - name: SHARED_MESH_CONFIG\n    value: shared",
    ]);
  });

  it("has nothing to say where tracing is off, or legacy", () => {
    expect(ask(new Mesh())).toEqual([]);
    expect(ask(new Mesh().remove(meshWide))).toEqual([]);
    const legacy = { tracing: { zipkin: { address: "zipkin.tracing:9411" } } };
    expect(ask([istioConfigMap({ defaultConfig: legacy })])).toEqual([]);
  });
});

describe("telemetry-sampling", () => {
  const ask = asker("telemetry-sampling");
  const sampled = (percentage: number) =>
    new Mesh().set(meshWide, "spec tracing 0 randomSamplingPercentage", percentage);
  const lines = (percentage: number) =>
    `\n# in spec.tracing of the mesh-wide Telemetry\nrandomSamplingPercentage: ${percentage}`;

  it("has limits that count themselves", () => {
    const limits = { minSampling: 10, maxSampling: 20 };
    expect(ask(sampled(10), limits)).toEqual([]);
    expect(ask(sampled(20), limits)).toEqual([]);
    expect(ask(sampled(9.5), limits)).toEqual([
      `error: ${meshWide} traces 9.5 % of requests; at least 10 % is required${lines(10)}`,
    ]);
    expect(ask(sampled(21), limits)).toEqual([
      `error: ${meshWide} traces 21 % of requests; at most 20 % is allowed${lines(20)}`,
    ]);
  });

  it("takes its limits from the configuration, a caller's own win, and by default wants any but 0", () => {
    const none = { minSampling: undefined };
    const limits = { minSampling: 10, maxSampling: 20 };
    expect(ask(sampled(5), none, limits)).toHaveLength(1);
    expect(ask(sampled(50), none, limits)).toHaveLength(1);
    expect(ask(sampled(15), none, limits)).toEqual([]);
    expect(ask(sampled(5), { minSampling: 1 }, limits)).toEqual([]);
    expect(ask(sampled(50), { minSampling: 1, maxSampling: 50 }, limits)).toEqual([]);
    expect(ask(sampled(0.01), none)).toEqual([]);
    expect(ask(sampled(100), none)).toEqual([]);
    expect(ask(sampled(0), none)).toEqual([
      `error: ${meshWide} traces 0 % of requests; at least 0.01 % is required${lines(0.01)}`,
    ]);
    expect(ask(sampled(0), none, { minSampling: "?", maxSampling: "?" })).toEqual([]);
    expect(ask(sampled(101), none, { minSampling: "?", maxSampling: "?" })).toHaveLength(1);
  });

  it("is not asked where it is not known which percentage holds", () => {
    expect(ask(sampled(1).copy(meshWide, "other"))).toEqual([]);
    expect(ask(new Mesh().remove(meshWide))).toEqual([]);
    expect(ask([], { collector: "tracing/jaeger:9411" })).toEqual([]);
  });

  it("names what sets it: the mesh config, or nothing", () => {
    const unset = () => new Mesh().unset(meshWide, "spec tracing 0 randomSamplingPercentage");
    expect(ask(unset().mesh("defaultConfig tracing", { sampling: 2 }))).toEqual([
      `error: ConfigMap istio-system/istio traces 2 % of requests; at least 100 % is required${lines(100)}`,
    ]);
    expect(ask(unset())).toEqual([
      `error: ${meshWide} traces 1 % of requests (Istio's default, nothing sets another); at least 100 % is required${lines(100)}`,
    ]);
  });
});

describe("telemetry-overrides", () => {
  const ask = asker("telemetry-overrides");
  const override = (tracing: unknown, namespace = "auth", more: Record<string, unknown> = {}) =>
    new Mesh().add(telemetry("own", { tracing: [{}, tracing], ...more }, namespace));
  const off = { disableSpanReporting: true };
  const says = (what: string, fix: string, whom = "namespace auth") => [
    `error: Telemetry auth/own switches the spans of ${whom} off: spec.tracing[1] ${what}\n` +
      `# in spec.tracing[1] of Telemetry auth/own\n${fix}`,
  ];

  it.each<[string, unknown, string[]]>([
    [
      "off",
      off,
      says("has disableSpanReporting: true; only false is allowed", "disableSpanReporting: false"),
    ],
    ["not off", { disableSpanReporting: false }, []],
    [
      "none",
      { randomSamplingPercentage: 0 },
      says("traces 0 % of requests; at least 100 % is required", "randomSamplingPercentage: 100"),
    ],
    [
      "fewer",
      { randomSamplingPercentage: 99 },
      says("traces 99 % of requests; at least 100 % is required", "randomSamplingPercentage: 100"),
    ],
    ["all", { randomSamplingPercentage: 100 }, []],
    [
      "nowhere",
      { providers: [{ name: "tempo" }] },
      says(
        "names the provider tempo, which the mesh config does not define; jaeger is allowed",
        "providers:\n  - name: jaeger",
      ),
    ],
    ["elsewhere", { providers: [{ name: "jaeger" }] }, []],
    ["something else", { customTags: {} }, []],
  ])("%s", (_, tracing, expected) => {
    expect(ask(override(tracing))).toEqual(expected);
  });

  it("names workloads", () => {
    expect(ask(override(off, "auth", { selector: { matchLabels: { app: "a" } } }))).toEqual(
      says(
        "has disableSpanReporting: true; only false is allowed",
        "disableSpanReporting: false",
        "its workloads",
      ),
    );
  });

  it("wants any but 0 where nothing is demanded", () => {
    const none = { minSampling: undefined };
    expect(ask(override({ randomSamplingPercentage: 0 }), none)).toEqual(
      says("traces 0 % of requests; more than 0 % is required", "randomSamplingPercentage: 100"),
    );
    expect(ask(override({ randomSamplingPercentage: 1 }), none)).toEqual([]);
  });

  it("may be allowed by namespace or by name, by the caller or the configuration", () => {
    expect(ask(override(off), { allowTelemetryOverrides: ["auth"] })).toEqual([]);
    expect(ask(override(off), { allowTelemetryOverrides: ["auth/own"] })).toEqual([]);
    expect(ask(override(off), { allowTelemetryOverrides: ["own", "auth/other", "chat"] })).toHaveLength(1);
    expect(ask(override(off), {}, { allowed: ["auth"] })).toEqual([]);
    expect(ask(override(off), {}, { allowed: ["auth/own"] })).toEqual([]);
    expect(ask(override(off), {}, { allowed: "auth" })).toHaveLength(1);
  });

  it("does not matter where nothing is traced, and may be another's where the mesh config is not known", () => {
    expect(ask(override(off, "monitoring"))).toEqual([]);
    const inject = { app: "a", "sidecar.istio.io/inject": "true" };
    const pod = {
      apiVersion: "v1",
      kind: "Pod",
      metadata: { name: "a", namespace: "monitoring", labels: inject },
      spec: {},
    };
    expect(ask(override(off, "monitoring").add(pod))).toHaveLength(1);
    expect(ask(override(off, "unseen"))).toHaveLength(1);
    expect(ask(new Mesh().set(meshWide, "spec tracing 0 disableSpanReporting", true))).toEqual([]);
    expect(ask([telemetry("own", { tracing: [off] }, "auth")])).toEqual([]);
    const unknown = (tracing: unknown) =>
      withoutConfig().add(telemetry("own", { tracing: [tracing] }, "auth"));
    expect(ask(unknown({ providers: [{ name: "tempo" }] }))).toEqual([]);
    expect(ask(unknown(off))).toHaveLength(1);
  });
});
