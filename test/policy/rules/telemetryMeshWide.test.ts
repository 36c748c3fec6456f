import { describe, expect, it } from "vitest";
import { istioConfigMap, type Manifest, Mesh, options } from "../../../docs/generate/sample/mesh";
import { checkAll } from "../../../policy/checkAll";
import { asker, exampleFault, istioObject, testRule } from "../../fixtures/rule";

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
const chart = (name: string): Manifest => ({
  apiVersion: "mesh-tracing/v1",
  kind: "HelmChart",
  metadata: { name, namespace: "shop" },
  spec: { chart: name },
});
const old = "2026-01-01T00:00:00Z";
const young = "2026-01-02T00:00:00Z";

const sampled = { tracing: [{ randomSamplingPercentage: 100 }] };
const oneWay = (...modes: string[]) =>
  modes.map((mode) => ({
    match: { mode },
    providers: [{ name: "jaeger" }],
    randomSamplingPercentage: 100,
  }));

testRule("telemetry-mesh-wide", {
  faults: [
    {
      ...exampleFault("telemetry-mesh-wide"),
      object: "Telemetry istio-system/global-sampling",
      message:
        "Telemetry istio-system/global-sampling is one of 2 mesh-wide Telemetries in istio-system " +
        "(global-sampling and mesh-default); Istio uses the oldest and ignores the others entirely; keep one",
      fix: `# keep one Telemetry: delete Telemetry istio-system/mesh-default, and change global-sampling to
spec:
  accessLogging:
    - providers:
        - name: json-access-log
  tracing:
    - providers:
        - name: jaeger
      randomSamplingPercentage: 100`,
    },
    {
      name: "no Telemetry: a mesh without tracing",
      breaks: (mesh) => mesh.remove(telemetry),
      object: telemetry,
      message:
        "Telemetry istio-system/mesh-default does not turn on tracing: there is no mesh-wide Telemetry, and nothing " +
        "names a tracing provider; add one mesh-wide Telemetry with a tracing provider",
      fix: `# add
apiVersion: telemetry.istio.io/v1
kind: Telemetry
metadata:
  name: mesh-default
  namespace: istio-system
spec:
  tracing:
    - providers:
        - name: jaeger
      randomSamplingPercentage: 100`,
    },
    {
      name: "the mesh-wide Telemetry switches spans off",
      breaks: (mesh) => mesh.set(telemetry, "spec tracing 0 disableSpanReporting", true),
      object: telemetry,
      message:
        "Telemetry istio-system/mesh-default turns off the spans of the whole mesh: spec.tracing[0].disableSpanReporting is true; set it to false",
      fix: `# in spec.tracing[0] of Telemetry istio-system/mesh-default
disableSpanReporting: false`,
    },
    {
      name: "two Telemetries of a namespace without a selector",
      breaks: (mesh) =>
        mesh.add(
          telemetryObject("logs", { accessLogging: [{ disabled: true }] }, "auth"),
          telemetryObject("sampling", sampled, "auth"),
        ),
      object: "Telemetry auth/logs",
      message:
        "Telemetry auth/logs is one of 2 Telemetries of namespace auth without a selector (logs and sampling); Istio uses the " +
        "oldest and ignores the others entirely; keep one",
      fix: `# keep one Telemetry: delete Telemetry auth/sampling, and change logs to
spec:
  tracing:
    - randomSamplingPercentage: 100
  accessLogging:
    - disabled: true`,
    },
    {
      name: "only what arrives is traced",
      breaks: (mesh) => mesh.set(telemetry, "spec tracing", oneWay("SERVER")),
      object: telemetry,
      level: "warning",
      message:
        "Telemetry istio-system/mesh-default traces only what arrives at sidecars (spec.tracing[0].match.mode: SERVER): " +
        "gateways send no spans, and those of outgoing requests are missing",
      fix: "# in spec.tracing[0] of Telemetry istio-system/mesh-default\nmatch:\n  mode: CLIENT_AND_SERVER",
    },
    {
      name: "only what is sent is traced",
      breaks: (mesh) => mesh.set(telemetry, "spec tracing", oneWay("CLIENT")),
      object: telemetry,
      level: "warning",
      message:
        "Telemetry istio-system/mesh-default traces only what proxies send (spec.tracing[0].match.mode: CLIENT): " +
        "spans of requests that arrive at sidecars are missing",
      fix: "# in spec.tracing[0] of Telemetry istio-system/mesh-default\nmatch:\n  mode: CLIENT_AND_SERVER",
    },
    {
      name: "only what arrives is traced, by the second entry",
      breaks: (mesh) =>
        mesh.set(telemetry, "spec tracing", [{ randomSamplingPercentage: 100 }, ...oneWay("SERVER")]),
      object: telemetry,
      level: "warning",
      message:
        "Telemetry istio-system/mesh-default traces only what arrives at sidecars (spec.tracing[1].match.mode: SERVER): " +
        "gateways send no spans, and those of outgoing requests are missing",
      fix: "# in spec.tracing[1] of Telemetry istio-system/mesh-default\nmatch:\n  mode: CLIENT_AND_SERVER",
    },
  ],
  harmless: [
    {
      name: "a Telemetry for each direction",
      varies: (mesh) => mesh.set(telemetry, "spec tracing", oneWay("CLIENT", "SERVER")),
    },
    {
      name: "one direction with another sampling, and what names no provider",
      varies: (mesh) =>
        mesh.set(telemetry, "spec tracing", [
          { providers: [{ name: "jaeger" }], randomSamplingPercentage: 100 },
          { match: { mode: "SERVER" }, customTags: { zone: { literal: { value: "edge" } } } },
        ]),
    },
    {
      name: "one direction only, of a provider that all the rest has by default",
      varies: (mesh) =>
        mesh
          .set(telemetry, "spec tracing", oneWay("SERVER"))
          .mesh("defaultProviders", { tracing: ["jaeger"] }),
    },
    {
      name: "several Telemetries of a namespace, of which one is for selected workloads",
      varies: (mesh) =>
        mesh.add(
          telemetryObject("all", { tracing: [{ randomSamplingPercentage: 100 }] }, "auth"),
          telemetryObject("api", { selector: { matchLabels: { app: "auth-api" } }, ...sampled }, "auth"),
        ),
    },
    {
      name: "several Telemetries of a namespace that are about something else",
      varies: (mesh) =>
        mesh.add(
          telemetryObject("a", { metrics: [] }, "auth"),
          telemetryObject("b", { accessLogging: [] }, "auth"),
        ),
    },
    {
      name: "a Telemetry beside the mesh-wide one is for the gateway's pods",
      varies: (mesh) =>
        mesh.add(
          telemetryObject("gateway", {
            selector: { matchLabels: { istio: "ingressgateway" } },
            tracing: [{ customTags: { zone: { literal: { value: "edge" } } } }],
          }),
        ),
    },
  ],
});

describe("a namespace that names a provider which nobody defines, where nothing else traces", () => {
  const mesh = () =>
    new Mesh()
      .remove("Telemetry istio-system/mesh-default")
      .mesh("extensionProviders", [])
      .add(telemetryObject("own", { tracing: [{ providers: [{ name: "jaeger" }] }] }, "alone"));
  const says = (objects: unknown[], more = {}) =>
    asker("telemetry-mesh-wide")(objects, { minSampling: 0, ...more }).map(
      (text) => text.split("\n")[0] ?? "",
    );

  it("is told as such, and not that there is no mesh-wide Telemetry", () => {
    const about = (found: { rule: string }[]) => found.filter(({ rule }) => rule.startsWith("telemetry-"));
    expect(about(checkAll(mesh().objects))).toEqual([
      {
        rule: "telemetry-overrides",
        level: "error",
        apiVersion: "telemetry.istio.io/v1",
        kind: "Telemetry",
        namespace: "alone",
        name: "own",
        message:
          "Telemetry alone/own turns off the spans of namespace alone: spec.tracing[0] names the provider jaeger, " +
          "which the mesh config does not define; define it",
        fix:
          "# in the mesh config (ConfigMap istio-system/istio)\nextensionProviders:\n  - name: jaeger\n    zipkin:\n" +
          "      service: istio-system/jaeger-collector-clusterip.istio-system.svc.cluster.local\n      port: 9411",
      },
    ]);
  });

  it("is not told of a namespace that is known to have no proxies", () => {
    const unmeshed = mesh().copy("Namespace auth", "alone").set("Namespace alone", "metadata labels", {});
    expect(checkAll(unmeshed.objects).filter(({ level }) => level === "error")).toEqual([]);
  });

  it("is told, too, that there is none where tracing is demanded", () => {
    const rules = checkAll(mesh().objects, { minSampling: 1 }).map(({ rule }) => rule);
    expect(rules).toContain("telemetry-mesh-wide");
  });

  it("is told, too, that there is none where one for the mesh is there and names nothing", () => {
    const all = mesh().add(telemetryObject("all", sampled));
    expect(says(all.objects)).toEqual([
      expect.stringContaining("does not turn on tracing: nothing names a tracing provider"),
    ]);
    // About something else, it names nothing and means to.
    expect(says(mesh().add(telemetryObject("logs", { accessLogging: [] })).objects)).toEqual([]);
    const own = telemetryObject("second", { tracing: [{ providers: [{ name: "gone" }] }] }, "auth");
    expect(says(mesh().add(own).objects)).toEqual([]);
  });

  it("is told, too, where another namespace traces, or the mesh config is not all there", () => {
    const sampling = mesh().add(telemetryObject("second", sampled, "auth"));
    expect(says(sampling.objects)).toEqual([]);
    expect(says(mesh().remove("ConfigMap istio-system/istio").objects)).toHaveLength(1);
  });
});

describe("a mesh in which nobody asks for tracing", () => {
  const ask = asker("telemetry-mesh-wide");
  const says = (mesh: Mesh) => ask(mesh, { minSampling: 0 }).map((text) => text.split(";")[0]);
  const quiet = () => new Mesh().remove(telemetry).mesh("extensionProviders", []);
  const none = [
    "info: ConfigMap istio-system/istio has no tracing provider, and no Telemetry of a namespace with proxies asks for one: " +
      "proxies of this mesh send no spans",
  ];

  it("is told so", () => {
    expect(says(quiet())).toEqual(none);
    expect(says(quiet().add(telemetryObject("logs", { accessLogging: [] }, "auth")))).toEqual(none);
    expect(says(quiet().add(telemetryObject("own", sampled, "monitoring")))).toEqual(none);
    expect(says(quiet().mesh("extensionProviders", [{ name: "logs", envoyFileAccessLog: {} }]))).toEqual(
      none,
    );
  });

  it("is asked by a Telemetry of a namespace with proxies, or of the mesh, to have a provider", () => {
    const off = [
      "error: Telemetry istio-system/mesh-default does not turn on tracing: there is no mesh-wide Telemetry, and nothing names a tracing provider",
    ];
    expect(says(quiet().add(telemetryObject("own", sampled, "auth")))).toEqual(off);
    const gateways = { selector: { matchLabels: { istio: "ingressgateway" } }, ...sampled };
    expect(says(quiet().add(telemetryObject("own", gateways)))).toEqual(off);
  });

  it("may be asked where nobody can see it", () => {
    expect(says(quiet().remove("ConfigMap istio-system/istio"))).toEqual([
      expect.stringMatching(/^warning: Telemetry istio-system\/mesh-default is not in the input, /),
    ]);
  });

  it("has what it needs for tracing, and does not use it", () => {
    const zipkin = { service: "zipkin.tracing.svc.cluster.local", port: 9411 };
    const provided = () => quiet().mesh("extensionProviders", [{ name: "own", zipkin }]);
    expect(says(provided())).toEqual([
      "warning: ConfigMap istio-system/istio defines the tracing provider own, and no Telemetry names it: proxies of this mesh send no spans\n# add\n" +
        "apiVersion: telemetry.istio.io/v1\nkind: Telemetry\nmetadata:\n  name: mesh-default\n  namespace: istio-system\nspec:\n  tracing:\n" +
        "    - providers:\n        - name: own\n      randomSamplingPercentage: 100",
    ]);
    const names = (name: string) =>
      telemetryObject("own", { tracing: [{ providers: [{ name }] }] }, "monitoring");
    expect(says(provided().add(names("own")))).toEqual([
      "warning: Telemetry monitoring/own is for namespace monitoring alone, which has no proxies: proxies of the mesh send no spans",
    ]);
    expect(says(provided().add(names("gone")))[0]).toContain("defines the tracing provider own");
    expect(says(provided().add(telemetryObject("own", sampled, "monitoring")))[0]).toContain(
      "defines the tracing provider own",
    );
  });
});

describe("a mesh without any tracing", () => {
  it("has one finding about it, whatever else is missing", () => {
    const mesh = new Mesh()
      .remove("Telemetry istio-system/mesh-default")
      .remove("Service istio-system/jaeger-collector-clusterip")
      .remove("Service istio-system/jaeger-query-clusterip")
      .remove("Deployment istio-system/jaeger")
      .mesh("extensionProviders", undefined);
    expect(checkAll(mesh.objects, options)).toEqual([
      // The applications still send their own.
      {
        rule: "trace-path-open",
        level: "warning",
        apiVersion: "v1",
        kind: "Service",
        namespace: "istio-system",
        name: "jaeger-collector-clusterip",
        message:
          "Service istio-system/jaeger-collector-clusterip is not in the input with its pods, so it is unknown whether policies let 7 workloads of namespaces auth, character, chat, image, location, my and scan reach it (spans " +
          "of applications, OTLP)",
        fix: "",
      },
      {
        rule: "telemetry-mesh-wide",
        level: "error",
        apiVersion: "telemetry.istio.io/v1",
        kind: "Telemetry",
        namespace: "istio-system",
        name: "mesh-default",
        message:
          "Telemetry istio-system/mesh-default does not turn on tracing: there is no mesh-wide Telemetry, and nothing names a " +
          "tracing provider; add one mesh-wide Telemetry with a tracing provider",
        fix: `# add
apiVersion: telemetry.istio.io/v1
kind: Telemetry
metadata:
  name: mesh-default
  namespace: istio-system
spec:
  tracing:
    - providers:
        - name: jaeger
      randomSamplingPercentage: 100`,
      },
    ]);
  });

  it("is not blamed on the manifests of one application", () => {
    const objects = new Mesh().objects.filter(({ metadata }) => metadata.namespace === "auth");
    const findings = checkAll(objects);
    expect(findings.map(({ rule, level }) => [rule, level])).toEqual([["trace-path-open", "warning"]]);
    // Where something is said of a mesh, the rest is asked for.
    const route = istioObject("VirtualService", "auth", {}, "auth");
    const [, asked] = checkAll([...objects, route]);
    expect([asked?.rule, asked?.level]).toEqual(["telemetry-mesh-wide", "warning"]);
    expect(asked?.message).toContain("--collector");
  });
});

describe("telemetry-mesh-wide", () => {
  const ask = asker("telemetry-mesh-wide");
  const one = { tracing: [{ providers: [{ name: "jaeger" }] }], metrics: [{ a: 1 }] };
  const two = { tracing: [{ randomSamplingPercentage: 5 }], accessLogging: [{ b: 1 }] };
  const merged =
    "spec:\n  tracing:\n    - randomSamplingPercentage: 5\n      providers:\n        - name: jaeger\n" +
    "  accessLogging:\n    - b: 1\n  metrics:\n    - a: 1";

  it("of several, the oldest is used; which that is may not be known", () => {
    const ages = (a?: string, b?: string) =>
      ask([telemetryObject("b", one, "istio-system", a), telemetryObject("c", two, "istio-system", b)]);
    expect(ages(old, young)).toEqual([
      "error: Telemetry istio-system/c is one of 2 mesh-wide Telemetries in istio-system (b and c); Istio uses the oldest, b, and ignores the others entirely; keep one\n" +
        `# keep one Telemetry: delete Telemetry istio-system/c, and change b to\n${merged}`,
    ]);
    expect(ages()).toEqual([
      "error: Telemetry istio-system/b is one of 2 mesh-wide Telemetries in istio-system (b and c); Istio uses the oldest and ignores the others entirely; keep one\n" +
        `# keep one Telemetry: delete Telemetry istio-system/c, and change b to\n${merged}`,
    ]);
    expect(ages(young, old)[0]).toMatch(/^error: Telemetry istio-system\/b .* oldest, c, /);
  });

  it("of several, what only one says stays as it is", () => {
    expect(
      ask([telemetryObject("a", { tracing: [{ x: 1 }] }), telemetryObject("b", { metrics: [] })])[0],
    ).toMatch(/change a to\nspec:\n {2}metrics: \[\]\n {2}tracing:\n {4}- x: 1$/);
    expect(
      ask([telemetryObject("a", { metrics: [] }), telemetryObject("b", { accessLogging: [] })])[0],
    ).toMatch(/change a to\nspec:\n {2}accessLogging: \[\]\n {2}metrics: \[\]$/);
  });

  it("one that is for a namespace alone is asked about itself", () => {
    const traces = (name: string) =>
      telemetryObject(name, { tracing: [{ providers: [{ name: "otel" }] }] }, "shop");
    const namespace = (labels: Record<string, string>): Manifest => ({
      apiVersion: "v1",
      kind: "Namespace",
      metadata: { name: "shop", labels },
    });
    expect(ask([traces("own"), namespace({})])).toEqual([
      "warning: Telemetry shop/own names the tracing provider otel for namespace shop, whose Namespace asks for no proxies: " +
        "unless somebody labels it by hand, nothing there is traced\n# in metadata of Namespace shop\nlabels:\n  istio-injection: enabled",
    ]);
    expect(ask([traces("own")])).toEqual([
      "warning: Telemetry shop/own names the tracing provider otel, and the input does not say where that sends spans; " +
        "add the mesh config, or name the collector (--collector)",
    ]);
    expect(ask([traces("own"), namespace({ "istio-injection": "enabled" })])).toEqual([]);
    expect(
      ask([traces("own"), namespace({}), istioConfigMap({ defaultProviders: { tracing: ["a"] } })]),
    ).toEqual([]);
  });

  it("none turns tracing on", () => {
    const add =
      "# add\napiVersion: telemetry.istio.io/v1\nkind: Telemetry\nmetadata:\n  name: mesh-default\n" +
      "  namespace: istio-system\nspec:\n  tracing:\n    - providers:\n        - name: jaeger\n      randomSamplingPercentage: 100";
    const config = istioConfigMap({});
    expect(ask([config])).toEqual([
      "error: Telemetry istio-system/mesh-default does not turn on tracing: there is no mesh-wide Telemetry, and nothing " +
        `names a tracing provider; add one mesh-wide Telemetry with a tracing provider\n${add}`,
    ]);
    expect(ask([config, telemetryObject("own", {})])).toEqual([
      `error: Telemetry istio-system/own does not turn on tracing: nothing names a tracing provider; add one mesh-wide Telemetry with a tracing provider\n${add}`,
    ]);
    const whereTo = (whom: string) => [
      `warning: Telemetry istio-system/mesh-default is not in the input, and nothing else says where ${whom} spans: ` +
        `add the mesh config and the Telemetry to the input, or name the collector (--collector)\n${add}`,
    ];
    const pods = (labels: Record<string, string>): Manifest => ({
      apiVersion: "apps/v1",
      kind: "Deployment",
      metadata: { name: "web", namespace: "shop" },
      spec: { selector: {}, template: { metadata: { labels }, spec: { containers: [{ name: "web" }] } } },
    });
    const shop = (labels: Record<string, string>): Manifest => ({
      apiVersion: "v1",
      kind: "Namespace",
      metadata: { name: "shop", labels },
    });
    // Without Istio there is no word about Telemetries.
    expect(ask([])).toEqual([]);
    expect(ask([pods({ app: "web" }), shop({ team: "shop" })])).toEqual([]);
    expect(ask([chart("redis")])).toEqual([]);
    expect(ask([pods({ "sidecar.istio.io/inject": "false" })])).toEqual(whereTo("proxies send their"));
    expect(ask([shop({ "istio-injection": "disabled" })])).toEqual(whereTo("proxies send their"));
    expect(ask([istioObject("VirtualService", "web", {}, "shop")])).toEqual(whereTo("proxies send their"));
    expect(ask([chart("gateway")])).toEqual(whereTo("the mesh sends its"));
    expect(ask([chart("ztunnel")])).toEqual(whereTo("proxies send their"));
    expect(ask([], { traced: ["shop"] })).toEqual(whereTo("the mesh sends its"));
    expect(ask([telemetryObject("own", {}, "shop")])).toEqual(whereTo("proxies send their"));
    expect(ask([], { collector: "tracing/jaeger:9411" })).toEqual([]);
  });

  it("it may be the mesh config that turns tracing on, if it is not in the input", () => {
    expect(ask([telemetryObject("own", { metrics: [] })])).toEqual([
      "warning: Telemetry istio-system/own names no tracing provider, and it is unknown whether the mesh has a default one: the mesh config of istiod's owner (ConfigMap istio) is not in the input\n" +
        "# add to Telemetry istio-system/own\nspec:\n  tracing:\n    - providers:\n        - name: jaeger\n" +
        "      randomSamplingPercentage: 100",
    ]);
  });

  it("the entry that switches spans off is named", () => {
    const off = (...values: unknown[]) =>
      ask(
        new Mesh().set(telemetry, "spec tracing", [
          { providers: [{ name: "jaeger" }] },
          ...values.map((disableSpanReporting) => ({ disableSpanReporting })),
        ]),
      );
    expect(off(false, true)).toEqual([
      `error: ${telemetry} turns off the spans of the whole mesh: spec.tracing[2].disableSpanReporting is true; set it to false\n# in spec.tracing[2] of ${telemetry}\ndisableSpanReporting: false`,
    ]);
    expect(off(false, "true")).toEqual([]);
    const byDefault = new Mesh().remove(telemetry).mesh("defaultProviders", { tracing: ["jaeger"] });
    expect(ask(byDefault)).toEqual([]);
  });

  it("names a Telemetry of a namespace without proxies, which was meant for the mesh", () => {
    const spec = { tracing: [{ providers: [{ name: "jaeger" }] }] };
    const astray = (changes: object) =>
      new Mesh()
        .remove(telemetry)
        .add({ apiVersion: "v1", kind: "Namespace", metadata: { name: "observability" } })
        .add({
          apiVersion: "telemetry.istio.io/v1",
          kind: "Telemetry",
          metadata: { name: "mesh-default", namespace: "observability" },
          spec: { ...spec, ...changes },
        });
    expect(ask(astray({}), { minSampling: 0 })).toEqual([
      "warning: Telemetry observability/mesh-default is for namespace observability alone, which has no proxies: proxies of " +
        "the mesh send no spans; move it to istio-system, Istio's root namespace\n# in its place\n" +
        "apiVersion: telemetry.istio.io/v1\nkind: Telemetry\nmetadata:\n  name: mesh-default\n  namespace: istio-system\n" +
        "spec:\n  tracing:\n    - providers:\n        - name: jaeger",
    ]);
    // One with a selector was meant for its own namespace.
    expect(ask(astray({ selector: { matchLabels: { app: "x" } } }), { minSampling: 0 })[0]).toMatch(
      /^warning: ConfigMap istio-system\/istio defines the tracing provider jaeger, and no Telemetry names it/,
    );
  });

  it("is a notice where nobody asks for tracing, and where spans are switched off on purpose", () => {
    const none = { minSampling: 0 };
    const silent = () => new Mesh().remove(telemetry).mesh("extensionProviders", []);
    expect(ask(silent(), none)).toEqual([
      "info: ConfigMap istio-system/istio has no tracing provider, and no Telemetry of a namespace with proxies asks for one: proxies of this mesh " +
        "send no spans",
    ]);
    // A demand, a provider for spans or a Telemetry about them says that it was meant to be on.
    const isError = [
      expect.stringMatching(/^error: Telemetry istio-system\/mesh-default does not turn on tracing/),
    ];
    expect(ask(silent(), { minSampling: 1 })).toEqual(isError);
    expect(ask(new Mesh().remove(telemetry), none)[0]).toMatch(
      /^warning: ConfigMap istio-system\/istio defines the tracing provider jaeger, and no Telemetry names it: proxies of this mesh send no spans\n# add\n/,
    );
    const other = telemetryObject("sampling", { tracing: [{ randomSamplingPercentage: 5 }] }, "auth");
    expect(ask(silent().add(other), none)).toEqual(isError);

    const off = new Mesh().set(telemetry, "spec tracing 0 disableSpanReporting", true);
    expect(ask(off, none).map((finding) => finding.split(":")[0])).toEqual(["info"]);
    expect(ask(off, { minSampling: 1 }).map((finding) => finding.split(":")[0])).toEqual(["error"]);

    const withoutProvider = new Mesh().set(telemetry, "spec tracing", [{ disableSpanReporting: true }]);
    expect(ask(withoutProvider, none)).toEqual([
      `info: ${telemetry} turns off the spans of the whole mesh: spec.tracing[0].disableSpanReporting is true; set it to false\n# in spec.tracing[0] of ${telemetry}\ndisableSpanReporting: false`,
    ]);
    expect(ask(withoutProvider, { minSampling: 1 })[0]).toMatch(/^error: .* does not turn on tracing: /);
  });

  it("is not needed where namespaces trace by Telemetries of their own", () => {
    const own = telemetryObject("tracing", { tracing: [{ providers: [{ name: "jaeger" }] }] }, "auth");
    expect(ask(new Mesh().remove(telemetry).add(own))).toEqual([]);
  });
});
