/** Kiali in the input: where it is configured, which pods are its own, and where it reads traces. */
import { stringify } from "yaml";
import { describe, expect, it } from "vitest";
import { kialisOf, tracingOf } from "../../../policy/model/kiali";
import { TracingModel } from "../../../policy/model/tracingModel";

type Json = Record<string, unknown>;

const configMap = (name: string, config: unknown, labels: Json = {}, namespace = "observability") => ({
  apiVersion: "v1",
  kind: "ConfigMap",
  metadata: { name, namespace, labels },
  data: { "config.yaml": typeof config === "string" ? config : stringify(config) },
});
const chart = (name: string, values: Json, namespace = "observability") => ({
  apiVersion: "mesh-tracing/v1",
  kind: "HelmChart",
  metadata: { name: "release", namespace },
  spec: { chart: name, version: "2.29.0", values },
});
const named = { "app.kubernetes.io/name": "kiali" };
const kialis = (...objects: unknown[]) => kialisOf(TracingModel.from(objects));
const found = (...objects: unknown[]) =>
  kialis(...objects).map(({ namespace, instance, place }) => [`${namespace}/${instance}`, place]);

const inData = 'data["config.yaml"]';
const inValues = "the chart's values";

describe("Kiali", () => {
  it.each<[string, unknown, unknown[]]>([
    ["a ConfigMap of its name", configMap("kiali", {}), [["observability/kiali", inData]]],
    ["a ConfigMap with its label", configMap("mesh-view", {}, named), [["observability/mesh-view", inData]]],
    ["a ConfigMap of something else", configMap("other", {}), []],
    ["a ConfigMap with another's label", configMap("other", {}, { "app.kubernetes.io/name": "grafana" }), []],
    ["a ConfigMap that cannot be read", configMap("kiali", "a: ["), []],
    ["a ConfigMap with a list in it", configMap("kiali", "- 1"), []],
    ["a ConfigMap with nothing in it", { ...configMap("kiali", {}), data: {} }, []],
    [
      "a ConfigMap that names the instance",
      configMap("kiali", { deployment: { instance_name: "second" } }),
      [["observability/second", inData]],
    ],
    ["the chart of the server", chart("kiali-server", {}), [["observability/kiali", inValues]]],
    [
      "the chart's own names",
      chart("kiali-server", { deployment: { namespace: "view", instance_name: "second" } }),
      [["view/second", inValues]],
    ],
    ["the operator's chart without a Kiali", chart("kiali-operator", {}), []],
    ["another chart with such values", chart("grafana", { cr: { create: true } }), []],
    [
      "the operator's chart with one",
      chart("kiali-operator", { cr: { create: true } }),
      [["observability/kiali", "cr.spec of the values"]],
    ],
    [
      "the operator's chart with one elsewhere",
      chart("kiali-operator", { cr: { create: true, namespace: "view" } }),
      [["view/kiali", "cr.spec of the values"]],
    ],
    [
      "a Kiali of the operator",
      { apiVersion: "kiali.io/v1alpha1", kind: "Kiali", metadata: { name: "k", namespace: "istio-system" } },
      [["istio-system/kiali", "spec"]],
    ],
  ])("is found by %s", (_, object, expected) => {
    expect(found(object)).toEqual(expected);
  });

  it("is one where its chart and its ConfigMap are both there, and two of different names are two", () => {
    expect(found(chart("kiali-server", {}), configMap("kiali", {}))).toEqual([
      ["observability/kiali", inData],
    ]);
    expect(found(chart("kiali-server", {}, "view"), configMap("kiali", {}))).toEqual([
      ["observability/kiali", inData],
      ["view/kiali", inValues],
    ]);
    const second = { deployment: { instance_name: "second" } };
    expect(found(chart("kiali-server", second), configMap("kiali", {}))).toHaveLength(2);
  });

  it("knows its version by the ConfigMap's label and by the chart", () => {
    const labels = { ...named, "app.kubernetes.io/version": "v2.29.0" };
    expect(kialis(configMap("kiali", {}, labels))[0]?.version).toBe("v2.29.0");
    expect(kialis(chart("kiali-server", {}))[0]?.version).toBe("2.29.0");
    // The chart's version is the operator's here.
    expect(kialis(chart("kiali-operator", { cr: { create: true } }))[0]?.version).toBeUndefined();
  });
});

describe("Kiali's pods", () => {
  const own = { ...named, "app.kubernetes.io/instance": "kiali" };
  const deployment = (labels: Json, namespace = "observability") => ({
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: { name: "mesh-view", namespace },
    spec: { selector: { matchLabels: labels }, template: { metadata: { labels }, spec: { containers: [] } } },
  });
  const podsOf = (...objects: unknown[]) => kialis(configMap("kiali", {}), ...objects)[0];

  it("are those with its labels in its namespace", () => {
    const kiali = podsOf(deployment({ ...own, tier: "ops" }));
    expect(kiali?.workload.name).toBe("mesh-view");
    expect(kiali?.end).toMatchObject({ ref: "observability/mesh-view[Deployment]" });
  });

  it.each<[string, unknown]>([
    ["in another namespace", deployment(own, "apps")],
    ["of another name", deployment({ ...own, "app.kubernetes.io/name": "grafana" })],
    ["of another instance", deployment({ ...own, "app.kubernetes.io/instance": "second" })],
    ["without labels", deployment({})],
  ])("are not those %s", (_, other) => {
    expect(podsOf(other)?.workload.name).toBe("kiali");
  });

  it("are told by the configuration where they are not in the input", () => {
    const config = { deployment: { instance_name: "second", pod_labels: { team: "ops" } } };
    const [kiali] = kialis(configMap("kiali", config));
    const labels = {
      app: "kiali",
      team: "ops",
      "app.kubernetes.io/part-of": "kiali",
      "app.kubernetes.io/name": "kiali",
      "app.kubernetes.io/instance": "second",
    };
    expect(kiali?.end).toEqual({ namespace: "observability", labels, labelsAreComplete: true });
    expect(kiali?.workload).toEqual({
      object: {
        apiVersion: "apps/v1",
        kind: "Deployment",
        metadata: { name: "second", namespace: "observability" },
      },
      namespace: "observability",
      name: "second",
      pod: {},
      labels,
      annotations: {},
    });
  });
});

describe("where Kiali reads traces", () => {
  const read = (tracing: Json, version?: string) =>
    tracingOf({ config: { external_services: { tracing } }, namespace: "observability", version });
  const jaeger = { namespace: "istio-system", name: "tracing" };

  it.each<[string, Json, unknown]>([
    [
      "nothing written: its default, switched off",
      {},
      {
        enabled: false,
        url: "http://tracing.istio-system:16685/jaeger",
        useGrpc: true,
        service: { ...jaeger, port: 16685 },
      },
    ],
    [
      "the address inside the cluster",
      { enabled: true, internal_url: "http://tracing.istio-system:16686", use_grpc: false },
      {
        enabled: true,
        url: "http://tracing.istio-system:16686",
        useGrpc: false,
        service: { ...jaeger, port: 16686 },
      },
    ],
    [
      "the older name of it, which wins",
      { enabled: true, in_cluster_url: "http://old.tracing:1", internal_url: "http://new.tracing:2" },
      {
        enabled: true,
        url: "http://old.tracing:1",
        useGrpc: true,
        service: { namespace: "tracing", name: "old", port: 1 },
      },
    ],
    [
      "a name in Kiali's own namespace, with the port of HTTP",
      { internal_url: "http://jaeger" },
      {
        enabled: false,
        url: "http://jaeger",
        useGrpc: true,
        service: { namespace: "observability", name: "jaeger", port: 80 },
      },
    ],
    [
      "the port of HTTPS",
      { internal_url: "https://jaeger/ui" },
      {
        enabled: false,
        url: "https://jaeger/ui",
        useGrpc: true,
        service: { namespace: "observability", name: "jaeger", port: 443 },
      },
    ],
    ["an address that is none", { internal_url: "jaeger" }, { enabled: false, url: "jaeger", useGrpc: true }],
    [
      "a host outside the cluster",
      { internal_url: "https://jaeger.example.com.:1" },
      { enabled: false, url: "https://jaeger.example.com.:1", useGrpc: true },
    ],
    [
      "empty text: the address for browsers",
      { internal_url: "", external_url: "https://ui", url: "https://older" },
      {
        enabled: false,
        url: "https://ui",
        useGrpc: true,
        service: { namespace: "observability", name: "ui", port: 443 },
      },
    ],
    [
      "empty text: the older address for browsers",
      { internal_url: "", url: "https://older" },
      {
        enabled: false,
        url: "https://older",
        useGrpc: true,
        service: { namespace: "observability", name: "older", port: 443 },
      },
    ],
    ["empty text and no other", { internal_url: "" }, { enabled: false, url: "", useGrpc: true }],
    [
      "Jaeger by name",
      { provider: "jaeger", internal_url: "x" },
      { enabled: false, url: "x", useGrpc: true },
    ],
    ["something else than Jaeger", { provider: "tempo", enabled: true }, undefined],
  ])("is told by %s", (_, tracing, expected) => {
    expect(read(tracing)).toEqual(expected);
  });

  it.each([
    ["v1.89.0", undefined],
    ["1.89.0", undefined],
    ["v2.1.0", false],
    ["v12.0.0", false],
    ["v2.1.1.0", false],
    [undefined, false],
  ])("is by default as version %s has it: %s", (version, expected) => {
    expect(read({}, version)?.enabled).toBe(expected);
    // What is written is not left to a version.
    expect(read({ enabled: true }, version)?.enabled).toBe(true);
  });
});
