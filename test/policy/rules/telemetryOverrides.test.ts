import { describe, expect, it } from "vitest";
import { istioConfigMap, type Manifest, Mesh } from "../../../docs/generate/sample/mesh";
import { asker, exampleFault, testRule } from "../../fixtures/rule";

const telemetryOf = (namespace: string, name: string, spec: Record<string, unknown>): Manifest => ({
  apiVersion: "telemetry.istio.io/v1",
  kind: "Telemetry",
  metadata: { name, namespace },
  spec,
});
const telemetry = "Telemetry istio-system/mesh-default";
const telemetryObject = (
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
const jaeger = "Deployment istio-system/jaeger";
const ofJaeger = { selector: { matchLabels: { "app.kubernetes.io/name": "jaeger" } } };
const off = { disableSpanReporting: true };
const withoutConfig = () => new Mesh().remove("ConfigMap istio-system/istio");

testRule("telemetry-overrides", {
  faults: [
    {
      ...exampleFault("telemetry-overrides"),
      object: "Telemetry auth/quiet",
      message:
        "Telemetry auth/quiet turns off the spans of namespace auth: spec.tracing[0] has " +
        "disableSpanReporting: true; set it to false",
      fix: `# in spec.tracing[0] of Telemetry auth/quiet
disableSpanReporting: false`,
    },
    {
      name: "a workload's Telemetry samples nothing",
      breaks: (mesh) =>
        mesh.add(
          telemetryOf("auth", "quiet", {
            selector: { matchLabels: { app: "auth-api" } },
            tracing: [{ randomSamplingPercentage: 0 }],
          }),
        ),
      object: "Telemetry auth/quiet",
      message:
        "Telemetry auth/quiet turns off the spans of its workloads: spec.tracing[0] traces 0 % of requests, below the minimum; sample at least 100 %",
      fix: `# in spec.tracing[0] of Telemetry auth/quiet
randomSamplingPercentage: 100`,
    },
    {
      name: "a namespace names a provider that is not defined",
      breaks: (mesh) =>
        mesh.add(telemetryOf("auth", "own", { tracing: [{ providers: [{ name: "tempo" }] }] })),
      object: "Telemetry auth/own",
      message:
        "Telemetry auth/own turns off the spans of namespace auth: spec.tracing[0] names the provider tempo, " +
        "which the mesh config does not define; use jaeger",
      fix: `# in spec.tracing[0] of Telemetry auth/own
providers:
  - name: jaeger`,
    },
  ],
  harmless: [
    {
      name: "a collector with a sidecar that does not trace what is delivered",
      besides: ["jaeger-no-sidecar"],
      varies: (mesh) =>
        mesh
          .set(jaeger, "spec template metadata labels sidecar.istio.io/inject", "true")
          .add(telemetryOf("istio-system", "collector", { ...ofJaeger, tracing: [off] })),
    },
    {
      name: "a Telemetry of a namespace with tags only",
      varies: (mesh) =>
        mesh.add({
          ...mesh.get(telemetry),
          metadata: { name: "tags", namespace: "auth" },
          spec: { tracing: [{ customTags: { team: { literal: { value: "auth" } } } }] },
        }),
    },
    {
      name: "a namespace that may switch its spans off",
      varies: (mesh) =>
        mesh.add({
          ...mesh.get(telemetry),
          metadata: { name: "quiet", namespace: "auth" },
          spec: { tracing: [{ disableSpanReporting: true }] },
        }),
      options: { allowTelemetryOverrides: ["auth"] },
    },
  ],
});

describe("telemetry-overrides", () => {
  it("ends what the proxies' configuration traces by itself", () => {
    const address = "jaeger-collector-clusterip.istio-system:9411";
    const found = (...tracing: object[]) =>
      asker("telemetry-overrides")(
        new Mesh()
          .remove(telemetry)
          .mesh("extensionProviders", [
            { name: "zipkin", zipkin: { service: address.replace(":9411", ""), port: 9411 } },
          ])
          .mesh("enableTracing", true)
          .mesh("defaultConfig", { tracing: { zipkin: { address } } })
          .add(telemetryOf("auth", "own", { tracing })),
        { minSampling: 0 },
      );
    const [only, second] = found({ randomSamplingPercentage: 100 });
    expect(second).toBeUndefined();
    expect(only).toMatch(
      /^error: Telemetry auth\/own turns off the spans of namespace auth: spec\.tracing\[0\] names no provider, and the mesh traces by defaultConfig\.tracing alone \(.*:9411\), in whose place a Telemetry is; define a provider in extensionProviders and name it\n/,
    );
    expect(only).toContain("extensionProviders:\n  - name: jaeger\n");
    expect(only).toMatch(/# in spec\.tracing\[0\] of Telemetry auth\/own\nproviders:\n {2}- name: jaeger$/);
    expect(found({ randomSamplingPercentage: 100, providers: [{ name: "zipkin" }] })).toEqual([]);
    expect(found()).toEqual([]);
    expect(found({ randomSamplingPercentage: 100 }, { customTags: {} })).toHaveLength(1);
  });

  const ask = asker("telemetry-overrides");
  const override = (tracing: unknown, namespace = "auth", more: Record<string, unknown> = {}) =>
    new Mesh().add(telemetryObject("own", { tracing: [{}, tracing], ...more }, namespace));
  const says = (what: string, fix: string, whom = "namespace auth") => [
    `error: Telemetry auth/own turns off the spans of ${whom}: spec.tracing[1] ${what}\n` +
      `# in spec.tracing[1] of Telemetry auth/own\n${fix}`,
  ];

  it.each<[string, unknown, string[]]>([
    ["off", off, says("has disableSpanReporting: true; set it to false", "disableSpanReporting: false")],
    ["not off", { disableSpanReporting: false }, []],
    [
      "none",
      { randomSamplingPercentage: 0 },
      says(
        "traces 0 % of requests, below the minimum; sample at least 100 %",
        "randomSamplingPercentage: 100",
      ),
    ],
    [
      "fewer",
      { randomSamplingPercentage: 99 },
      says(
        "traces 99 % of requests, below the minimum; sample at least 100 %",
        "randomSamplingPercentage: 100",
      ),
    ],
    ["all", { randomSamplingPercentage: 100 }, []],
    [
      "nowhere",
      { providers: [{ name: "tempo" }] },
      says(
        "names the provider tempo, which the mesh config does not define; use jaeger",
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
      says("has disableSpanReporting: true; set it to false", "disableSpanReporting: false", "its workloads"),
    );
  });

  it("wants any but 0 where nothing is demanded", () => {
    const none = { minSampling: undefined };
    expect(ask(override({ randomSamplingPercentage: 0 }), none)).toEqual(
      says("traces 0 % of requests; sample more than 0 %", "randomSamplingPercentage: 100"),
    );
    expect(ask(override({ randomSamplingPercentage: 1 }), none)).toEqual([]);
  });

  it("tells what the mesh traces with, or else what may be defined, in every place of the mesh config", () => {
    const names = (name: string, providers: object[]) =>
      ask(
        new Mesh()
          .mesh("extensionProviders", providers)
          .add(telemetryObject("own", { tracing: [{ providers: [{ name }] }] }, "auth")),
      )[0];
    const zipkin = { service: "zipkin.tracing.svc.cluster.local", port: 9411 };
    expect(
      names("gone", [
        { name: "other", zipkin },
        { name: "jaeger", zipkin },
      ]),
    ).toContain("; use jaeger\n");
    expect(names("gone", [{ name: "other", zipkin }])).toContain("; use other\n");
    expect(names("gone", [])).toMatch(
      /; define it\n# in the mesh config \(ConfigMap istio-system\/istio\)\nextensionProviders:\n {2}- name: gone\n/,
    );
  });

  it("is of collectors where all of the pods are, and of no pods at all where there are none", () => {
    const both = (labels: object) =>
      new Mesh()
        .set(jaeger, "spec template metadata labels sidecar.istio.io/inject", "true")
        .set("Deployment istio-system/istio-ingressgateway", "spec template metadata labels team", "x")
        .set(jaeger, "spec template metadata labels team", "x")
        .add(telemetryObject("collector", { selector: { matchLabels: labels }, tracing: [off] }));
    expect(ask(both({ "app.kubernetes.io/name": "jaeger" }))).toEqual([]);
    expect(ask(both({ team: "x" }))).toHaveLength(1);
    expect(ask(both({ team: "nobody" }))).toHaveLength(1);
  });

  it("asks the mesh config of the revision that configures the namespace", () => {
    const canary = istioConfigMap({
      extensionProviders: [
        { name: "tempo", zipkin: { service: "tempo.tracing.svc.cluster.local", port: 9411 } },
      ],
    });
    canary.metadata.name = "istio-canary";
    const ofRevision = (provider: string) =>
      ask(
        new Mesh()
          .add(canary, telemetryObject("own", { tracing: [{ providers: [{ name: provider }] }] }, "auth"))
          .set("Namespace auth", "metadata labels", { "istio.io/rev": "canary" }),
      );
    expect(ofRevision("tempo")).toEqual([]);
    expect(ofRevision("jaeger")).toEqual([
      "error: Telemetry auth/own turns off the spans of namespace auth: spec.tracing[0] names the provider jaeger, which " +
        "the mesh config of its revision (ConfigMap istio-system/istio-canary) does not define; use tempo\n" +
        "# in spec.tracing[0] of Telemetry auth/own\nproviders:\n  - name: tempo",
    ]);
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
    expect(ask(new Mesh().set(telemetry, "spec tracing 0 disableSpanReporting", true))).toEqual([]);
    expect(ask([telemetryObject("own", { tracing: [off] }, "auth")])).toEqual([]);
    const unknown = (tracing: unknown) =>
      withoutConfig().add(telemetryObject("own", { tracing: [tracing] }, "auth"));
    expect(ask(unknown({ providers: [{ name: "tempo" }] }))).toEqual([]);
    expect(ask(unknown(off))).toHaveLength(1);
  });
});

describe("a provider that nobody defines", () => {
  const mesh = () =>
    new Mesh()
      .mesh("extensionProviders", [])
      .add(telemetryOf("auth", "own", { tracing: [{ providers: [{ name: "jaeger" }] }] }));
  const ask = asker("telemetry-overrides");

  it("is told once, of the mesh-wide Telemetry, where that names it, too", () => {
    expect(ask(mesh())).toEqual([]);
    expect(asker("telemetry-provider")(mesh())).toHaveLength(1);
  });
});
