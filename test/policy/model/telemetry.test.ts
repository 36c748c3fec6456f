/** Which Telemetry and which provider the mesh traces with. */
import { stringify } from "yaml";
import { describe, expect, it } from "vitest";
import { type KubeObject } from "../../../policy/model/objects";
import {
  findProvider,
  isForWorkloads,
  namespaceWide,
  providerOf,
  tracingOfProxy,
} from "../../../policy/model/telemetry";
import { TracingModel } from "../../../policy/model/tracingModel";

type Json = Record<string, unknown>;

const telemetry = (name: string, spec: Json, metadata: Json = {}): KubeObject => ({
  apiVersion: "telemetry.istio.io/v1",
  kind: "Telemetry",
  metadata: { name, namespace: "istio-system", ...metadata },
  spec,
});
const configMap = (mesh: Json) => ({
  apiVersion: "v1",
  kind: "ConfigMap",
  metadata: { name: "istio", namespace: "istio-system" },
  data: { mesh: stringify(mesh) },
});
const traces = (...names: string[]) => ({ tracing: names.map((name) => ({ providers: [{ name }] })) });
const old = { creationTimestamp: "2026-01-01T00:00:00Z" };
const young = { creationTimestamp: "2026-01-02T00:00:00Z" };

describe("a Telemetry", () => {
  it.each<[Json, boolean]>([
    [{}, false],
    [{ selector: {} }, false],
    [{ selector: { matchLabels: {} } }, false],
    [{ selector: { matchLabels: "app" } }, false],
    [{ selector: { matchLabels: { app: "a" } } }, true],
    [{ targetRefs: [] }, false],
    [{ targetRefs: [{ name: "a" }] }, true],
    [{ targetRef: { name: "a" } }, true],
    [{ targetRef: "a" }, false],
  ])("of %j is for some workloads: %s", (spec, expected) => {
    expect(isForWorkloads(telemetry("a", spec))).toBe(expected);
    expect(namespaceWide([telemetry("a", spec)])).toHaveLength(expected ? 0 : 1);
  });

  it("comes before a younger one, then before one of a later name", () => {
    const all = [
      telemetry("c", {}, young),
      telemetry("a", {}, young),
      telemetry("d", {}, old),
      telemetry("b", { selector: { matchLabels: { app: "a" } } }, old),
    ];
    expect(namespaceWide(all).map(({ metadata: { name } }) => name)).toEqual(["d", "a", "c"]);
    const ageless = ["c", "a", "b"].map((name) => telemetry(name, {}));
    expect(namespaceWide(ageless).map(({ metadata: { name } }) => name)).toEqual(["a", "b", "c"]);
  });

  it("is mesh-wide in the root namespace; the order is certain if all ages are known", () => {
    const of = (...objects: KubeObject[]) => {
      const { meshWide, ordered } = TracingModel.from(objects).telemetry;
      return [meshWide.map(({ metadata: { name } }) => name), ordered];
    };
    expect(of(telemetry("a", {}, old), telemetry("b", {}, { ...old, namespace: "apps" }))).toEqual([
      ["a"],
      true,
    ]);
    expect(of(telemetry("a", {}, old), telemetry("b", {}))).toEqual([["b", "a"], false]);
    expect(of(telemetry("a", {}, old), telemetry("b", {}, young))).toEqual([["a", "b"], true]);
    expect(of()).toEqual([[], true]);
  });
});

describe("entries of tracing", () => {
  it("choose a provider: of each the first, of all the last", () => {
    const provider = (...names: unknown[]) => ({ providers: names.map((name) => ({ name })) });
    expect(providerOf([])).toBeUndefined();
    expect(providerOf([provider("a", "b")])).toBe("a");
    expect(providerOf([provider("a"), provider("b"), {}])).toBe("b");
    expect(providerOf([provider("a"), { providers: [] }, provider(1)])).toBe("a");
  });
});

describe("the tracing in use", () => {
  const tracing = (...objects: unknown[]) => {
    const { from, samplingFrom, provider, ...rest } = TracingModel.from(objects).tracing;
    return {
      ...rest,
      from: from?.metadata.name,
      samplingFrom: samplingFrom?.metadata.name,
      provider: provider?.name,
    };
  };
  const provider = { name: "Jaeger", zipkin: { service: "jaeger.tracing", port: 9411 } };
  const off = { state: "off", reason: "nothing names a tracing provider", sampling: 1 };

  it("is the Telemetry's provider over the mesh's default one", () => {
    const mesh = configMap({
      extensionProviders: [provider],
      defaultProviders: { tracing: ["other", "third"] },
    });
    expect(tracing(mesh, telemetry("mesh", traces("jaeger")))).toEqual({
      state: "on",
      reason: "provider jaeger",
      providerName: "jaeger",
      provider: "Jaeger",
      from: "mesh",
      sampling: 1,
    });
    expect(tracing(mesh, telemetry("mesh", {}))).toEqual({
      state: "on",
      reason: "provider other",
      providerName: "other",
      from: "istio",
      sampling: 1,
    });
    expect(findProvider(TracingModel.from([mesh]).mesh, "JAEGER")?.name).toBe("Jaeger");
    expect(findProvider(TracingModel.from([mesh]).mesh, "none")).toBeUndefined();
  });

  it("is the provider of a Telemetry that Istio ignores, if the one in use names none", () => {
    const objects = [configMap({}), telemetry("a", {}, old), telemetry("b", traces("jaeger"), young)];
    expect(tracing(...objects)).toMatchObject({ state: "on", providerName: "jaeger", from: "b" });
  });

  it("samples what the Telemetry says, or the mesh, or one percent", () => {
    const inMesh = configMap({ defaultConfig: { tracing: { sampling: "7.5" } } });
    const entries = { tracing: [{ randomSamplingPercentage: 50 }, { randomSamplingPercentage: 0 }, {}] };
    expect(tracing(inMesh, telemetry("mesh", entries))).toMatchObject({ sampling: 0, samplingFrom: "mesh" });
    expect(tracing(inMesh, telemetry("mesh", traces("a")))).toMatchObject({
      sampling: 7.5,
      samplingFrom: "istio",
    });
    expect(tracing(configMap({}), telemetry("mesh", traces("a")))).toMatchObject({
      sampling: 1,
      samplingFrom: undefined,
    });
  });

  it("is the legacy configuration only without tracing in a Telemetry, and unless it is off", () => {
    const legacy = (more: Json = {}) =>
      configMap({ defaultConfig: { tracing: { zipkin: { address: "zipkin.tracing:9411" } } }, ...more });
    const on = {
      state: "on",
      reason: "defaultConfig.tracing",
      legacyAddress: "zipkin.tracing:9411",
      from: "istio",
      sampling: 1,
    };
    expect(tracing(legacy())).toEqual(on);
    expect(tracing(legacy({ enableTracing: true }))).toEqual(on);
    expect(tracing(legacy(), telemetry("mesh", {}))).toEqual(on);
    expect(tracing(legacy({ enableTracing: false }))).toEqual(off);
    expect(tracing(legacy(), telemetry("mesh", { tracing: [{ randomSamplingPercentage: 5 }] }))).toEqual({
      ...off,
      from: "mesh",
      sampling: 5,
      samplingFrom: "mesh",
    });
  });

  it("is not known where the mesh config is not, and off where it is", () => {
    const unknown = {
      state: "unknown",
      reason: "the mesh config of istiod's owner (ConfigMap istio) is not in the input",
    };
    const entry = telemetry("mesh", { tracing: [{ randomSamplingPercentage: 5 }] });
    expect(tracing(entry)).toEqual({ ...unknown, from: "mesh", sampling: 5, samplingFrom: "mesh" });
    expect(tracing(telemetry("mesh", {}))).toEqual({ ...unknown, from: "mesh", sampling: 1 });
    expect(tracing()).toEqual(off);
    expect(tracing(configMap({}), telemetry("mesh", {}))).toEqual({ ...off, from: "mesh" });
  });
});

describe("what a proxy traces with", () => {
  const provider = (name: string) => ({ name, zipkin: { service: `a/${name}`, port: 9411 } });
  const legacy = (address?: string) => ({ defaultConfig: { tracing: { zipkin: { address } } } });
  const inUse = (
    mesh: Json | undefined,
    specs: Json[],
    mode: "CLIENT" | "SERVER" = "CLIENT",
    proxyConfig?: Json,
  ) => {
    const config = TracingModel.from(mesh === undefined ? [] : [configMap(mesh)]).mesh;
    const from = telemetry("pod", {});
    const {
      from: chooser,
      samplingFrom,
      ...rest
    } = tracingOfProxy(
      specs.map((spec, index) => telemetry(`t${index}`, spec)),
      config,
      mode,
      proxyConfig && { values: proxyConfig, from },
    );
    return { ...rest, from: chooser?.metadata.name, samplingFrom: samplingFrom?.metadata.name };
  };
  const known = { extensionProviders: [provider("a"), provider("b")] };
  const entry = (more: Json, mode?: string) => ({
    tracing: [{ ...more, ...(mode === undefined ? {} : { match: { mode } }) }],
  });

  it("is the last provider, switch and rate that are said of its direction", () => {
    expect(inUse(known, [traces("a"), traces("b")])).toMatchObject({
      state: "on",
      reason: "provider b",
      providerName: "b",
      provider: { name: "b" },
      from: "t1",
      sampling: 1,
    });
    expect(inUse(known, [traces("a"), entry({ providers: [{ name: "b" }] }, "SERVER")]).providerName).toBe(
      "a",
    );
    expect(inUse(known, [entry({ providers: [{ name: "b" }] }, "CLIENT"), traces("a")], "SERVER").from).toBe(
      "t1",
    );
    expect(inUse(known, [traces("a"), entry({ providers: [{ name: "b" }] }, "CLIENT")]).providerName).toBe(
      "b",
    );
    const byClient = entry({ providers: [{ name: "b" }] }, "CLIENT");
    expect(inUse(known, [traces("a"), byClient], "SERVER").providerName).toBe("a");
    expect(inUse(known, [traces("a"), entry({}, "CLIENT_AND_SERVER")], "SERVER").providerName).toBe("a");
    const off = entry({ disableSpanReporting: true });
    const on = entry({ disableSpanReporting: false });
    expect(inUse(known, [traces("a"), off])).toMatchObject({
      state: "off",
      reason: "disableSpanReporting is true",
    });
    expect(inUse(known, [off, traces("a")]).state).toBe("off");
    expect(inUse(known, [off, on, traces("a")]).state).toBe("on");
    expect(inUse(known, [traces("a"), entry({ disableSpanReporting: true }, "SERVER")]).state).toBe("on");
  });

  it("has the rate of what sets one, of the mesh config, or Istio's", () => {
    const rate = (percent: number, mode?: string) => entry({ randomSamplingPercentage: percent }, mode);
    const sampled = (mesh: Json, ...specs: Json[]) => {
      const { sampling, samplingFrom } = inUse({ ...known, ...mesh }, specs);
      return [sampling, samplingFrom];
    };
    const inherited = { defaultConfig: { tracing: { sampling: 7 } } };
    expect(sampled({}, traces("a"))).toEqual([1, undefined]);
    expect(sampled(inherited, traces("a"))).toEqual([7, "istio"]);
    expect(sampled(inherited)).toEqual([7, "istio"]);
    expect(sampled(inherited, rate(50), traces("a"))).toEqual([50, "t0"]);
    expect(sampled(inherited, rate(50), rate(0))).toEqual([0, "t1"]);
    expect(sampled(inherited, rate(50), rate(9, "SERVER"))).toEqual([50, "t0"]);
  });

  it("is the default provider where no Telemetry names one", () => {
    const byDefault = { ...known, defaultProviders: { tracing: ["a", "b"] } };
    expect(inUse(byDefault, [])).toMatchObject({ state: "on", providerName: "a", from: "istio" });
    expect(inUse(byDefault, [traces("b")])).toMatchObject({ providerName: "b", from: "t0" });
  });

  it("is the tracer of its configuration where neither is said, unless that is off", () => {
    expect(inUse(legacy("z:1"), [])).toMatchObject({
      state: "on",
      reason: "tracing of the proxy's configuration",
      legacyAddress: "z:1",
      from: "istio",
    });
    const own = { tracing: { zipkin: { address: "own:1" } } };
    expect(inUse(legacy("z:1"), [], "CLIENT", own)).toMatchObject({ legacyAddress: "own:1", from: "pod" });
    expect(inUse({}, [], "CLIENT", own)).toMatchObject({ legacyAddress: "own:1", from: "pod" });
    const rateOnly = { tracing: { sampling: 5 } };
    expect(inUse(legacy("z:1"), [], "CLIENT", rateOnly)).toMatchObject({
      legacyAddress: "z:1",
      from: "istio",
    });
    expect(inUse({ ...legacy("z:1"), enableTracing: false }, []).state).toBe("off");
    expect(inUse(legacy("z:1"), [entry({ randomSamplingPercentage: 5 })]).state).toBe("off");
  });

  it("is nothing, or not known where the mesh config is not in the input", () => {
    const nothing = "nothing names a tracing provider";
    expect(inUse({}, [])).toMatchObject({ state: "off", reason: nothing });
    expect(inUse({}, [entry({})])).toMatchObject({ state: "off", reason: nothing });
    expect(inUse(undefined, [entry({})])).toMatchObject({
      state: "unknown",
      reason: "the mesh config of istiod's owner (ConfigMap istio) is not in the input",
    });
  });
});
