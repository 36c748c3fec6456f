/** The layers of the mesh config, whichever way of installing Istio wrote them. */
import { stringify } from "yaml";
import { describe, expect, it } from "vitest";
import { TracingModel } from "../../../policy/model/tracingModel";
import { type Options } from "../../../policy/model/options";

type Json = Record<string, unknown>;

const configMap = (name: string, mesh: unknown, namespace = "istio-system", labels: Json = {}) => ({
  apiVersion: "v1",
  kind: "ConfigMap",
  metadata: { name, namespace, labels },
  data: { mesh: typeof mesh === "string" ? mesh : stringify(mesh) },
});
const operator = (spec: Json) => ({
  apiVersion: "install.istio.io/v1alpha1",
  kind: "IstioOperator",
  metadata: { name: "istio" },
  spec,
});
const sail = (values: Json) => ({
  apiVersion: "sailoperator.io/v1",
  kind: "Istio",
  metadata: { name: "default" },
  spec: { values },
});
const chart = (name: string, values: Json) => ({
  apiVersion: "mesh-tracing/v1",
  kind: "HelmChart",
  metadata: { name, namespace: "istio-system" },
  spec: { chart: name, values },
});
const istiod = (env: unknown, containers: unknown[] = [{ name: "discovery", env }]) => ({
  apiVersion: "apps/v1",
  kind: "Deployment",
  metadata: { name: "istiod", namespace: "istio-system" },
  spec: { selector: {}, template: { metadata: { labels: { app: "istiod" } }, spec: { containers } } },
});
const mesh = (objects: unknown[], options: Options = {}) => TracingModel.from(objects, options).mesh;
/** Values, and the names of the objects they are from. */
const layers = (...objects: unknown[]) => {
  const { values, sources } = mesh(objects);
  return { values, from: sources.map(({ kind, metadata: { name } }) => `${kind} ${name}`) };
};
const own = { "app.kubernetes.io/part-of": "mesh-tracing" };

describe("istiod's own mesh config", () => {
  const one = { trustDomain: "one" };
  const two = { trustDomain: "two" };

  it("is the ConfigMap, before what will become it", () => {
    const others = [
      chart("istiod", { meshConfig: two }),
      sail({ meshConfig: two }),
      operator({ meshConfig: two }),
    ];
    expect(layers(...others, configMap("istio", one))).toEqual({ values: one, from: ["ConfigMap istio"] });
    // An IstioOperator is a file for istioctl, which may be older than what is installed now.
    expect(layers(...others.slice(2))).toEqual({ values: two, from: ["IstioOperator istio"] });
    expect(layers(...others.slice(1))).toEqual({ values: two, from: ["Istio default"] });
    expect(layers(...others)).toEqual({ values: two, from: ["HelmChart istiod"] });
    expect(layers(chart("gateway", { meshConfig: two }))).toEqual({ values: {}, from: [] });
  });

  it("is that of the default revision, not of another thing of Istio's", () => {
    const other = { ...configMap("istio", one), data: { meshNetworks: "{}" } };
    // istiod's chart labels its ConfigMap with the revision; others are only called alike.
    const revision = (name: string, values: Json) =>
      configMap(`istio-${name}`, values, "istio-system", { "istio.io/rev": name });
    expect(layers(revision("b", two), revision("a", one)).values).toEqual(one);
    expect(layers(revision("a", two), configMap("istio", one)).values).toEqual(one);
    expect(layers(other, revision("a", two)).values).toEqual(two);
    expect(layers(configMap("istio-tracing", two)).values).toEqual({});
    const namespace = {
      apiVersion: "v1",
      kind: "Namespace",
      metadata: { name: "shop", labels: { "istio.io/rev": "tracing" } },
    };
    expect(layers(namespace, configMap("istio-tracing", two)).values).toEqual(two);
    expect(layers(chart("istiod", { revision: "tracing" }), configMap("istio-tracing", two)).values).toEqual(
      two,
    );
    expect(layers(configMap("istiod", two), configMap("not-istio", two)).values).toEqual({});
  });

  it("is an IstioOperator's meshConfig over that of its values", () => {
    const values = { meshConfig: { a: { x: 1, y: 1 }, b: 1 } };
    expect(layers(operator({ values, meshConfig: { a: { y: 2 } } })).values).toEqual({
      a: { x: 1, y: 2 },
      b: 1,
    });
  });

  it.each<[unknown, string | undefined]>([
    ["a: [", "key mesh of ConfigMap istio-system/istio is not valid YAML"],
    ["text", "key mesh of ConfigMap istio-system/istio is not a YAML map"],
    ["", undefined],
    ["# nothing", undefined],
    [{}, undefined],
  ])("%j is incomplete: %s", (content, incomplete) => {
    expect(mesh([configMap("istio", content)]).incomplete).toBe(incomplete);
    expect(mesh([configMap("istio", content)]).values).toEqual({});
  });

  it.each<[string, unknown[], string]>([
    ["the configuration", [configMap("istio", { rootNamespace: "root" }, "other")], "root"],
    ["the ConfigMap's namespace", [configMap("istio", {}, "other")], "other"],
    ["the default", [operator({ meshConfig: {} })], "istio-system"],
    ["the default", [], "istio-system"],
  ])("has the root namespace of %s", (_, objects, expected) => {
    expect(mesh(objects).rootNamespace).toBe(expected);
    expect(mesh(objects, { rootNamespace: "given" }).rootNamespace).toBe("given");
  });
});

describe("the tracer of older values", () => {
  const tracer = (global: Json, meshConfig: Json = {}) => ({
    global: { proxy: { tracer: "zipkin" }, ...global },
    meshConfig,
  });
  const addressIn = (...objects: unknown[]) => TracingModel.from(objects).tracing.legacyAddress;

  it("writes the legacy configuration, under what is there", () => {
    expect(addressIn(chart("istiod", tracer({})))).toBe("zipkin.istio-system:9411");
    expect(addressIn(chart("istiod", tracer({ istioNamespace: "mesh" })))).toBe("zipkin.mesh:9411");
    expect(addressIn(chart("istiod", tracer({ tracer: { zipkin: { address: "z.tracing:9411" } } })))).toBe(
      "z.tracing:9411",
    );
    expect(addressIn(operator({ values: tracer({ istioNamespace: "mesh" }) }))).toBe("zipkin.mesh:9411");
    const defaultConfig = { tracing: { zipkin: { address: "own:1" }, sampling: 5 } };
    expect(addressIn(chart("istiod", tracer({}, { defaultConfig })))).toBe("own:1");
    expect(addressIn(chart("istiod", { global: { proxy: { tracer: "none" } } }))).toBeUndefined();
  });
});

describe("the shared mesh config", () => {
  const shared = configMap("shared", { from: "shared" });
  const variable = (value: unknown) => [
    { name: "OTHER", value: "x" },
    { name: "SHARED_MESH_CONFIG", value },
  ];
  const valuesWith = (place: Json) => ({ pilot: place });

  it("lies under istiod's own: fields replace fields, but the proxies' defaults and default providers merge", () => {
    const under = {
      a: { x: 1 },
      b: 1,
      defaultConfig: { x: 1, z: 1 },
      defaultProviders: { tracing: ["one"], metrics: ["one"] },
    };
    const over = { a: { z: 2 }, defaultConfig: { z: 2 }, defaultProviders: { tracing: ["two"] } };
    expect(layers(istiod(variable("shared")), configMap("shared", under), configMap("istio", over))).toEqual({
      values: {
        a: { z: 2 },
        b: 1,
        defaultConfig: { x: 1, z: 2 },
        defaultProviders: { tracing: ["two"], metrics: ["one"] },
      },
      from: ["ConfigMap shared", "ConfigMap istio"],
    });
    expect(
      layers(
        istiod(variable("shared")),
        configMap("shared", { defaultConfig: { x: 1 } }),
        configMap("istio", { defaultConfig: "text" }),
      ).values,
    ).toEqual({ defaultConfig: "text" });
  });

  it.each<[string, unknown]>([
    ["istiod", istiod(variable("shared"))],
    [
      "another container of istiod",
      istiod([], [{ name: "discovery" }, { name: "second", env: variable("shared") }]),
    ],
    ["istiod's chart", chart("istiod", { env: { SHARED_MESH_CONFIG: "shared" } })],
    ["istiod's older chart", chart("istiod", valuesWith({ env: { SHARED_MESH_CONFIG: "shared" } }))],
    [
      "an IstioOperator's values",
      operator({ values: valuesWith({ env: { SHARED_MESH_CONFIG: "shared" } }) }),
    ],
    ["the sail operator's values", sail(valuesWith({ env: { SHARED_MESH_CONFIG: "shared" } }))],
    [
      "an IstioOperator's components",
      operator({ components: { pilot: { k8s: { env: variable("shared") } } } }),
    ],
  ])("is named by %s", (_, object) => {
    expect(layers(object, shared).values).toEqual({ from: "shared" });
  });

  it.each<[string, unknown]>([
    ["another chart", chart("gateway", { env: { SHARED_MESH_CONFIG: "shared" } })],
    ["nothing", istiod([])],
    ["empty text", istiod(variable(""))],
    [
      "another variable",
      operator({ components: { pilot: { k8s: { env: [{ name: "OTHER", value: "shared" }] } } } }),
    ],
  ])("is not named by %s", (_, object) => {
    expect(layers(object, shared).values).toEqual({});
  });

  it("may have a name like istiod's own", () => {
    const objects = [istiod(variable("istio-tracing")), configMap("istio-tracing", { from: "shared" })];
    expect(layers(...objects)).toEqual({ values: { from: "shared" }, from: ["ConfigMap istio-tracing"] });
    expect(layers(...objects, configMap("istio", { own: 1 }))).toEqual({
      values: { from: "shared", own: 1 },
      from: ["ConfigMap istio-tracing", "ConfigMap istio"],
    });
  });

  it("may be missing", () => {
    const missing = "the ConfigMap shared that istiod reads as shared mesh config is not in the input";
    const named = istiod(variable("shared"));
    expect(mesh([named, configMap("istio", {})]).incomplete).toBe(missing);
    expect(mesh([named, { ...shared, data: { other: "" } }, configMap("istio", {})]).incomplete).toBe(
      missing,
    );
    expect(mesh([named, shared, configMap("istio", {})]).incomplete).toBeUndefined();
    expect(mesh([named, configMap("shared", "a: ["), configMap("istio", {})]).incomplete).toBe(
      "key mesh of ConfigMap istio-system/shared is not valid YAML",
    );
  });

  it("is this project's, which istiod may not be told to read", () => {
    const ours = configMap("mesh-tracing", { from: "ours" }, "istio-system", own);
    const unread = (...objects: unknown[]) => mesh(objects).unread.map(({ metadata: { name } }) => name);
    expect(layers(ours).values).toEqual({ from: "ours" });
    expect(unread(ours)).toEqual([]);
    expect(layers(ours, istiod([])).values).toEqual({});
    expect(unread(ours, istiod([]))).toEqual(["mesh-tracing"]);
    expect(unread(ours, shared, istiod(variable("shared")))).toEqual(["mesh-tracing"]);
    expect(unread(ours, istiod(variable("mesh-tracing")))).toEqual([]);
    expect(unread(shared, istiod([]))).toEqual([]);
    expect(unread(configMap("istio", {}, "istio-system", own), istiod([]))).toEqual([]);
    expect(layers({ ...ours, data: { other: "x" } }).values).toEqual({});
  });
});

describe("providers", () => {
  const named = (...entries: Json[]) =>
    mesh([configMap("istio", { extensionProviders: entries })]).providers.map(({ name, source }) => [
      name,
      source?.metadata.name,
    ]);

  it("are Istio's own, and those with a name", () => {
    const builtIn = [
      ["prometheus", undefined],
      ["stackdriver", undefined],
      ["envoy", undefined],
    ];
    expect(named({ zipkin: {} }, { name: "a", zipkin: {} })).toEqual([...builtIn, ["a", "istio"]]);
    expect(named({ name: "envoy", zipkin: {} })).toEqual([...builtIn.slice(0, 2), ["envoy", "istio"]]);
    const entries = mesh([]).providers.map(({ entry }) => entry);
    expect(entries).toEqual([
      { name: "prometheus", prometheus: {} },
      { name: "stackdriver", stackdriver: {} },
      { name: "envoy", envoyFileAccessLog: { path: "/dev/stdout" } },
    ]);
  });
});

describe("the mesh configs of revisions", () => {
  const meshes = (...objects: unknown[]) => {
    const { main, byRevision } = TracingModel.from(objects).meshes;
    const domain = ({ values }: typeof main) => values["trustDomain"];
    return [domain(main), Object.fromEntries([...byRevision].map(([name, one]) => [name, domain(one)]))];
  };
  const revision = (name: string, labelled = true) =>
    configMap(
      `istio-${name}`,
      { trustDomain: name },
      "istio-system",
      labelled ? { "istio.io/rev": name } : {},
    );
  const main = configMap("istio", { trustDomain: "main" });

  it("are those of other revisions than the default one, or than the only one there is", () => {
    expect(meshes(main)).toEqual(["main", {}]);
    expect(meshes(main, revision("a"))).toEqual(["main", { a: "a" }]);
    expect(meshes(revision("b"), revision("a"))).toEqual(["a", { b: "b" }]);
    expect(meshes(main, chart("istiod", { revision: "a", meshConfig: { trustDomain: "c" } }))).toEqual([
      "main",
      { a: "c" },
    ]);
    for (const name of ["default", "", 1]) {
      expect(meshes(main, chart("istiod", { revision: name, meshConfig: { trustDomain: "c" } }))).toEqual([
        "main",
        {},
      ]);
    }
    const ofSail = {
      ...sail({ revision: "a", meshConfig: { trustDomain: "s" } }),
    };
    expect(meshes(main, ofSail)).toEqual(["main", { a: "s" }]);
    expect(meshes(main, operator({ revision: "a", meshConfig: { trustDomain: "o" } }))).toEqual([
      "main",
      { a: "o" },
    ]);
    expect(meshes()).toEqual([undefined, {}]);
  });

  it("are known by what names the revision", () => {
    const named = { ...istiod([]), metadata: { name: "istiod-a", labels: { "istio.io/rev": "a" } } };
    expect(meshes(main, revision("a", false))).toEqual(["main", {}]);
    expect(meshes(main, revision("a", false), named)).toEqual(["main", { a: "a" }]);
    expect(meshes(main, { ...revision("a", false), metadata: { name: "other-a" } }, named)).toEqual([
      "main",
      {},
    ]);
    // The one that istiod reads as shared is nobody's own.
    const shares = istiod([{ name: "SHARED_MESH_CONFIG", value: "istio-a" }]);
    expect(meshes(main, revision("a"), shares)).toEqual(["main", {}]);
  });
});

describe("other descriptions of a mesh config", () => {
  const disagreeing = (ours: Json, theirs: Json) =>
    mesh([configMap("istio", ours), operator({ meshConfig: theirs })]).disagreeing.map(({ kind }) => kind);
  const provider = (port: number) => ({ extensionProviders: [{ name: "a", zipkin: { port } }] });
  const byDefault = (...tracing: string[]) => ({ defaultProviders: { tracing } });
  const legacy = (tracing: Json) => ({ defaultConfig: { tracing } });

  it.each<[Json, Json, boolean]>([
    [{}, {}, false],
    [{ trustDomain: "a" }, { trustDomain: "b" }, false],
    [provider(1), provider(1), false],
    [provider(1), provider(2), true],
    [{}, provider(1), true],
    [{}, { extensionProviders: [] }, false],
    [byDefault("a"), byDefault("a"), false],
    [byDefault("a"), byDefault("b"), true],
    [{}, byDefault("a"), true],
    [{}, byDefault(), false],
    [legacy({ sampling: 1 }), legacy({ sampling: 1 }), false],
    [legacy({ sampling: 1 }), legacy({ sampling: 2 }), true],
    [{}, legacy({ sampling: 1 }), true],
    [{}, legacy({}), false],
    [{ enableTracing: true }, { enableTracing: true }, false],
    [{ enableTracing: true }, { enableTracing: false }, true],
    [{}, { enableTracing: true }, true],
  ])("%j and %j disagree about tracing: %s", (ours, theirs, expected) => {
    expect(disagreeing(ours, theirs)).toEqual(expected ? ["IstioOperator"] : []);
  });
});

describe("what cannot be read", () => {
  it("says why, and makes the whole incomplete", () => {
    const why = (content: unknown) => mesh([configMap("istio", content)]).unreadable.map((one) => one.why);
    expect(why("a: 1\nb: [")).toEqual(["it is not valid YAML (line 2 of it)"]);
    expect(why("- a")).toEqual(["it is not a YAML map"]);
    expect(why({})).toEqual([]);
    const shares = istiod([{ name: "SHARED_MESH_CONFIG", value: "shared" }]);
    expect(mesh([shares, configMap("shared", {}), configMap("istio", "a: [")]).incomplete).toBe(
      "key mesh of ConfigMap istio-system/istio is not valid YAML",
    );
  });
});

describe("values of nobody's", () => {
  const loose = {
    ...chart("istiod", { meshConfig: { trustDomain: "loose" } }),
    spec: { chart: "istiod", isLoose: true, values: { meshConfig: { trustDomain: "loose" } } },
  };

  it("count where nothing else says what the mesh config is", () => {
    expect(layers(loose).values).toEqual({ trustDomain: "loose" });
    expect(layers(loose, operator({ meshConfig: { trustDomain: "o" } })).values).toEqual({
      trustDomain: "o",
    });
    expect(mesh([loose, operator({ meshConfig: {} })]).disagreeing).toEqual([]);
  });
});

describe("the tracer of before Istio 1.22", () => {
  const service = (namespace: string) => ({
    apiVersion: "v1",
    kind: "Service",
    metadata: { name: "zipkin", namespace },
    spec: {},
  });
  const address = (istioVersion: string | undefined, ...objects: unknown[]) =>
    TracingModel.from([configMap("istio", {}), ...objects], { istioVersion }).tracing.legacyAddress;

  it("is meant where its Service is there, and the version is known to have it", () => {
    expect(address("1.21", service("istio-system"))).toBe("zipkin.istio-system:9411");
    expect(address("1.22", service("istio-system"))).toBeUndefined();
    expect(address(undefined, service("istio-system"))).toBeUndefined();
    expect(address("1.21", service("tracing"))).toBeUndefined();
    expect(address("1.21")).toBeUndefined();
  });
});
