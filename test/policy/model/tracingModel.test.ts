/** Everything rules ask about, read once. */
import { describe, expect, it } from "vitest";
import { TracingModel } from "../../../policy/model/tracingModel";
import { type Options } from "../../../policy/model/options";

type Json = Record<string, unknown>;

const object = (apiVersion: string, kind: string, name: string, more: Json = {}, metadata: Json = {}) => ({
  apiVersion,
  kind,
  metadata: { name, namespace: "tracing", ...metadata },
  ...more,
});
const deployment = (name: string, labels: Json, containers: Json[], more: Json = {}) =>
  object("apps/v1", "Deployment", name, {
    spec: { selector: {}, template: { metadata: { labels }, spec: { containers } } },
    ...more,
  });
const chart = (name: string, spec: Json = {}) =>
  object("mesh-tracing/v1", "HelmChart", name, { spec: { chart: name, version: "4.11.1", ...spec } });
const refs = (objects: unknown[]) =>
  TracingModel.from(objects).index.all.map(({ kind, metadata: { name } }) => `${kind} ${name}`);

describe("Jaeger's chart", () => {
  it("stands for the objects it makes, but for those that are in the input", () => {
    const jaeger = chart("jaeger");
    expect(refs([jaeger])).toEqual(["HelmChart jaeger", "Deployment jaeger", "Service jaeger"]);
    expect(refs([chart("redis")])).toEqual(["HelmChart redis"]);
    expect(refs([jaeger, deployment("jaeger", {}, [])])).toEqual([
      "HelmChart jaeger",
      "Deployment jaeger",
      "Service jaeger",
    ]);
    const elsewhere = deployment("jaeger", {}, [], { metadata: { name: "jaeger", namespace: "other" } });
    expect(refs([jaeger, elsewhere])).toEqual([
      "HelmChart jaeger",
      "Deployment jaeger",
      "Deployment jaeger",
      "Service jaeger",
    ]);
    expect(
      refs([jaeger, object("apps/v1", "StatefulSet", "jaeger", { spec: { selector: {} } })]),
    ).toHaveLength(4);
    const service = (apiVersion: string) => object(apiVersion, "Service", "jaeger");
    expect(refs([jaeger, service("v1")])).toHaveLength(3);
    expect(refs([jaeger, service("serving.knative.dev/v1")])).toHaveLength(4);
  });
});

describe("istiod", () => {
  const discovery = (image = "istio/pilot:1.30.0") => [{ name: "other" }, { name: "discovery", image }];
  const version = (object: unknown) => TracingModel.from([object]).istioVersion?.join(".");

  it.each<[string, unknown, string | undefined]>([
    ["by its label", deployment("control-plane", { app: "istiod" }, discovery()), "1.30"],
    ["by its name", deployment("istiod", {}, discovery()), "1.30"],
    ["by its name with a revision", deployment("istiod-1-30", {}, discovery()), "1.30"],
    ["by its image", deployment("istiod", {}, [{ name: "other", image: "istio/pilot:1.30.0" }]), "1.30"],
    [
      "not without its container or image",
      deployment("istiod", {}, [{ name: "other", image: "istio/proxyv2:1.30.0" }]),
      undefined,
    ],
    ["not by another name", deployment("istiodx", { app: "other" }, discovery()), undefined],
    ["not by a name that ends so", deployment("my-istiod-", {}, discovery()), undefined],
    [
      "by a part of it",
      object("apps/v1", "Deployment", "istiod", {
        spec: { template: { spec: { containers: discovery() } } },
      }),
      "1.30",
    ],
  ])("is known %s", (_, candidate, expected) => {
    expect(version(candidate)).toBe(expected);
  });
});

describe("policies that are not in the input", () => {
  const may = (objects: unknown[], namespace: string, options: Options = {}) =>
    TracingModel.from(objects, options).mayHaveOtherPolicies(namespace);
  const namespace = object("v1", "Namespace", "shop", {}, { namespace: undefined });
  const pod = object("v1", "Pod", "app", {}, { namespace: "shop" });
  const policy = object("networking.k8s.io/v1", "NetworkPolicy", "allow", {}, { namespace: "shop" });

  it("may be of a namespace of which nothing is there but what is added to it, or where the caller says so", () => {
    expect(may([policy], "shop")).toBe(true);
    expect(may([policy, namespace], "shop")).toBe(false);
    expect(may([policy, pod], "shop")).toBe(false);
    expect(may([policy, namespace], "shop", { otherPolicies: ["shop"] })).toBe(true);
    expect(may([policy, namespace], "shop", { otherPolicies: ["other"] })).toBe(false);
  });
});

describe("an object's file", () => {
  it("is that of what was read, also where a value in it is not known", () => {
    const known = object("v1", "Service", "a");
    const unknown = object("v1", "Service", "b", { spec: "later" });
    const fileOf = (candidate: unknown) =>
      candidate === known ? "a.yaml" : candidate === unknown ? "b.yaml" : undefined;
    const model = TracingModel.from([known, unknown], { fileOf, isUnknown: (value) => value === "later" });
    expect(model.index.all.map((one) => model.fileOf(one))).toEqual(["a.yaml", "b.yaml"]);
    expect(TracingModel.from([known]).fileOf(known)).toBeUndefined();
  });
});

describe("what is asked often", () => {
  it("is answered from what was read the first time", () => {
    const pod = object("v1", "Pod", "app", {
      spec: { containers: [{ name: "app", env: [{ name: "OTEL_A", value: "a" }] }] },
    });
    const model = TracingModel.from([pod]);
    const [workload] = model.workloads;
    if (workload === undefined) throw new Error("no workload");
    expect(model.environmentsOf(workload)).toBe(model.environmentsOf(workload));
    expect(model.cluster).toBe(model.cluster);
    expect(model.traced).toBe(model.traced);
    expect(model.clusterWorkload("tracing/app[Pod]")?.ref).toBe("tracing/app[Pod]");
    expect(model.clusterWorkload("tracing/none[Pod]")).toBeUndefined();
  });
});
