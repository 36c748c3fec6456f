/** Helm releases that objects ask somebody else to install. */
import { describe, expect, it } from "vitest";
import { chartReleases, mayMake } from "../../../policy/model/charts";
import { ObjectIndex } from "../../../policy/model/objects";

type Json = Record<string, unknown>;

const object = (apiVersion: string, kind: string, spec: Json, metadata: Json = {}) => ({
  apiVersion,
  kind,
  metadata: { name: "tracing", namespace: "apps", ...metadata },
  spec,
});
const application = (spec: Json, metadata: Json = {}) =>
  object("argoproj.io/v1alpha1", "Application", spec, metadata);
const helmRelease = (spec: Json, metadata: Json = {}) =>
  object("helm.toolkit.fluxcd.io/v2", "HelmRelease", spec, metadata);
const helmChart = (spec: Json, metadata: Json = {}) => object("mesh-tracing/v1", "HelmChart", spec, metadata);

/** Releases without the object they are of. */
const releases = (...objects: unknown[]) =>
  chartReleases(new ObjectIndex(objects)).map(({ object: _, ...release }) => release);
const only = (...objects: unknown[]) => {
  const [release] = releases(...objects);
  if (release === undefined) throw new Error("no release");
  return release;
};

describe("a chart handed over as values", () => {
  it("is a release", () => {
    const chart = helmChart({ chart: "jaeger", version: "4.11.1", values: { a: 1 } });
    expect(chartReleases(new ObjectIndex([chart]))).toEqual([
      {
        chart: "jaeger",
        version: "4.11.1",
        release: "tracing",
        namespace: "apps",
        values: { a: 1 },
        object: chart,
      },
    ]);
    expect(only(helmChart({}))).toEqual({ chart: "", release: "tracing", namespace: "apps", values: {} });
  });

  it.each([
    ["jaeger", "jaeger"],
    ["oci://registry.example.com/charts/jaeger", "jaeger"],
    ["oci://registry.example.com:5000/charts/jaeger:4.11.1", "jaeger"],
    ["./charts/jaeger/", "jaeger"],
    ["./charts/jaeger//", "jaeger"],
    ["charts/jaeger-4.11.1.tgz", "jaeger"],
    ["charts/jaeger-v4.11.1-rc.1.tgz", "jaeger"],
    ["charts/jaeger-10.20.30.tgz", "jaeger"],
    ["charts/jaeger.tgz", "jaeger"],
    ["charts/jaeger-10.20.30+build.tgz", "jaeger"],
    ["charts/jaeger-4.tgz", "jaeger-4"],
    ["charts/jaeger-4.11.1", "jaeger-4.11.1"],
    ["istio-1.31.0/istiod", "istiod"],
    ["jaeger-4", "jaeger-4"],
  ])("%s is %s", (written, chart) => {
    expect(only(helmChart({ chart: written })).chart).toBe(chart);
  });
});

describe("an Argo CD Application", () => {
  it("has a source, or several", () => {
    const source = { chart: "istiod", targetRevision: "1.31.0", helm: { valuesObject: { a: 1 } } };
    const istiod = { chart: "istiod", version: "1.31.0", release: "tracing", values: { a: 1 } };
    expect(releases(application({ source, destination: { namespace: "istio-system" } }))).toEqual([
      { ...istiod, namespace: "istio-system" },
    ]);
    const sources = [source, { path: "manifests" }, { chart: "jaeger", helm: { releaseName: "j" } }];
    expect(releases(application({ source: { chart: "other" }, sources }))).toEqual([
      { ...istiod, namespace: "default" },
      { chart: "jaeger", release: "j", namespace: "default", values: {} },
    ]);
    expect(releases(application({ source: { path: "manifests" } }))).toEqual([]);
    expect(releases(application({}))).toEqual([]);
  });

  it.each<[string, Json, Json]>([
    ["text", { values: "a: 1\nb: {c: 2}" }, { a: 1, b: { c: 2 } }],
    ["a map where text is expected", { values: { a: 1 } }, { a: 1 }],
    ["text that is no map", { values: "- a" }, {}],
    ["text that is no YAML", { values: "a: [" }, {}],
    ["an object, which wins over text", { values: "a: 1", valuesObject: { b: 1 } }, { b: 1 }],
    [
      "parameters, which win over both",
      {
        valuesObject: { meshConfig: { a: 1, b: 1 }, c: 1 },
        parameters: [
          { name: "meshConfig.b", value: "2" },
          { name: "d", value: "2" },
        ],
      },
      { meshConfig: { a: 1, b: "2" }, c: 1, d: "2" },
    ],
  ])("has values as %s", (_, helm, values) => {
    expect(only(application({ source: { chart: "jaeger", helm } })).values).toEqual(values);
  });

  it("says that its value files are not here", () => {
    const incomplete = (valueFiles: unknown) =>
      only(application({ source: { chart: "jaeger", helm: { valueFiles } } })).incomplete;
    expect(incomplete(["prod.yaml"])).toBe("its valueFiles are not part of the input");
    expect(incomplete([])).toBeUndefined();
    expect(incomplete("prod.yaml")).toBeUndefined();
  });
});

describe("values as text", () => {
  const byArgo = (values: unknown, more: Json = {}) =>
    only(application({ source: { chart: "jaeger", helm: { values, ...more } } }));
  const byFlux = (data: string, more: Json = {}) =>
    only(
      helmRelease({
        chart: { spec: { chart: "jaeger" } },
        valuesFrom: [{ kind: "ConfigMap", name: "v", ...more }],
      }),
      {
        apiVersion: "v1",
        kind: "ConfigMap",
        metadata: { name: "v", namespace: "apps" },
        data: { "values.yaml": data },
      },
    );

  it.each<[string, string | undefined]>([
    ["a: 1\nb: [", "not valid YAML (line 2 of them)"],
    ["- a", "not a YAML map"],
    ["text", "not a YAML map"],
    ["a: 1", undefined],
    ["", undefined],
    ["# nothing", undefined],
    // Somebody else fills templates in.
    ["{{ .values }}", undefined],
    ["a: ${VALUE}\nb: [", undefined],
  ])("%j are %s", (values, unreadable) => {
    const expected = { unreadable, incomplete: unreadable && `its values are ${unreadable}` };
    const said = ({ unreadable: why, incomplete }: ReturnType<typeof only>) => ({
      unreadable: why,
      incomplete,
    });
    expect(said(byArgo(values))).toEqual(expected);
    expect(said(byFlux(values))).toEqual(expected);
  });

  it("are of no matter beside an object, and one value is no text of values", () => {
    expect(byArgo("a: [", { valuesObject: {} }).unreadable).toBeUndefined();
    expect(byArgo(undefined).unreadable).toBeUndefined();
    expect(byFlux("- a", { targetPath: "a.b" })).toMatchObject({ values: { a: { b: "- a" } } });
    expect(byFlux("- a", { targetPath: "a.b" }).unreadable).toBeUndefined();
  });

  it("that cannot be read are said before files that are not here", () => {
    expect(byArgo("a: [", { valueFiles: ["prod.yaml"] }).incomplete).toMatch(/^its values are/);
  });
});

describe("values of nobody's", () => {
  it("are a release that may not be, and come last", () => {
    const loose = helmChart({ chart: "istiod", isLoose: true });
    expect(releases(loose, helmChart({ chart: "jaeger", isLoose: "true" }, { name: "j" }))).toEqual([
      { chart: "jaeger", release: "j", namespace: "apps", values: {} },
      {
        chart: "istiod",
        release: "tracing",
        namespace: "apps",
        values: {},
        isLoose: true,
        incomplete: "whether istiod gets the values of tracing is not in the input",
      },
    ]);
  });
});

it.each<[string, Json, boolean]>([
  ["tempo", {}, true],
  ["tempo-distributor", {}, true],
  ["my-tempo", {}, true],
  ["x-tempo-y", {}, true],
  ["tempos", {}, false],
  ["release", {}, true],
  ["release-gateway", {}, true],
  ["other", {}, false],
  ["other", { fullnameOverride: "other" }, true],
  ["other-tempo", { nameOverride: "other" }, true],
  ["other", { nameOverride: "" }, false],
])("a chart may make Service %s with %j: %s", (service, values, expected) => {
  const release = only(helmChart({ chart: "tempo", values }, { name: "release" }));
  expect(mayMake({ ...release, object: {} as never }, service)).toBe(expected);
});

describe("a Flux HelmRelease", () => {
  const chart = { spec: { chart: "jaeger", version: "4.11.1" } };
  const configMap = (name: string, data: Json, namespace = "apps", kind = "ConfigMap") => ({
    apiVersion: "v1",
    kind,
    metadata: { name, namespace },
    data,
  });

  it("is named by its target namespace", () => {
    const jaeger = { chart: "jaeger", version: "4.11.1", values: {} };
    expect(only(helmRelease({ chart }))).toEqual({ ...jaeger, release: "tracing", namespace: "apps" });
    expect(only(helmRelease({ chart, targetNamespace: "istio-system" }))).toEqual({
      ...jaeger,
      release: "istio-system-tracing",
      namespace: "istio-system",
    });
    expect(only(helmRelease({ chart, targetNamespace: "istio-system", releaseName: "j" }))).toMatchObject({
      release: "j",
      namespace: "istio-system",
    });
  });

  it("has its own values over those of ConfigMaps, the last of which wins", () => {
    const valuesFrom = [
      { kind: "ConfigMap", name: "one" },
      { kind: "ConfigMap", name: "two", valuesKey: "other.yaml" },
      { kind: "ConfigMap", name: "two", valuesKey: "path", targetPath: "deep.path" },
    ];
    const release = helmRelease({ chart, valuesFrom, values: { own: 1, both: 1 } });
    const objects = [
      configMap("one", { "values.yaml": "a: 1\nb: 1\nboth: 2" }),
      configMap("two", { "other.yaml": "b: 2", path: "text" }),
    ];
    expect(only(release, ...objects)).toEqual({
      chart: "jaeger",
      version: "4.11.1",
      release: "tracing",
      namespace: "apps",
      values: { own: 1, both: 1, a: 1, b: 2, deep: { path: "text" } },
    });
  });

  it.each<[string, Json, unknown[], string | undefined]>([
    ["a ConfigMap", { kind: "ConfigMap", name: "one" }, [], "ConfigMap one"],
    ["its key", { kind: "ConfigMap", name: "one" }, [configMap("one", { a: "" })], "ConfigMap one"],
    [
      "a ConfigMap of its namespace",
      { kind: "ConfigMap", name: "one" },
      [configMap("one", { "values.yaml": "" }, "other")],
      "ConfigMap one",
    ],
    [
      "a Secret, which nobody reads",
      { kind: "Secret", name: "one" },
      [configMap("one", { "values.yaml": "a: 1" }, "apps", "Secret")],
      "Secret one",
    ],
    ["a thing without a kind", { name: "one" }, [], "an object one"],
    ["what may be absent", { kind: "ConfigMap", name: "one", optional: true }, [], undefined],
  ])("says that %s is not here", (_, reference, objects, missing) => {
    const { incomplete, values } = only(helmRelease({ chart, valuesFrom: [reference] }), ...objects);
    expect(incomplete).toBe(missing && `its values from ${missing} are not part of the input`);
    expect(values).toEqual({});
  });

  it("may take its chart from an OCIRepository", () => {
    const repository = (namespace: string, url: string) => ({
      apiVersion: "source.toolkit.fluxcd.io/v1",
      kind: "OCIRepository",
      metadata: { name: "charts", namespace },
      spec: { url },
    });
    const objects = [
      repository("apps", "oci://example.com/charts/jaeger"),
      repository("flux-system", "oci://example.com/charts/istiod"),
    ];
    const chartOf = (chartRef: Json) => only(helmRelease({ chartRef }), ...objects).chart;
    expect(chartOf({ name: "charts" })).toBe("jaeger");
    expect(chartOf({ name: "charts", namespace: "flux-system" })).toBe("istiod");
    expect(chartOf({ name: "jaeger" })).toBe("jaeger");
    expect(only(helmRelease({})).chart).toBe("");
  });
});
