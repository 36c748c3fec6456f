/** How proxies pass traces on, by what their provider says and their version knows. */
import { describe, expect, it } from "vitest";
import { type Options } from "../../../policy/model/options";
import { meshSide, meshSideOf } from "../../../policy/model/propagation";
import { providerToDefine } from "../../../policy/model/providerToDefine";
import { TracingModel } from "../../../policy/model/tracingModel";

type Json = Record<string, unknown>;

const configMap = (mesh: Json, name = "istio", labels: Json = {}) => ({
  apiVersion: "v1",
  kind: "ConfigMap",
  metadata: { name, namespace: "istio-system", labels },
  data: { mesh: JSON.stringify(mesh) },
});
const using = (type: string, settings: Json = {}) => ({
  extensionProviders: [
    { name: "a", [type]: { service: "tracing/tempo.tracing.svc", port: 9411, ...settings } },
  ],
  defaultProviders: { tracing: ["a"] },
});
const both = "USE_B3_WITH_W3C_PROPAGATION";

describe("proxies pass traces on", () => {
  const side = (mesh: Json, options: Options = {}) => {
    const model = TracingModel.from([configMap(mesh)], options);
    const found = meshSide(model, model);
    return found && [found.name, found.wanted.join()];
  };
  const b3 = ["USE_B3", "tracecontext,baggage,b3multi"];
  const w3c = [both, "b3,tracecontext,baggage"];

  it("as their provider says and their version knows", () => {
    expect(side(using("opentelemetry"))).toEqual(["W3C trace context", "tracecontext,baggage"]);
    expect(side(using("zipkin"))).toEqual(b3);
    expect(side(using("zipkin", { traceContextOption: "USE_B3" }))).toEqual(b3);
    expect(side(using("zipkin", { traceContextOption: both }))).toEqual(w3c);
    expect(side(using("zipkin", { traceContextOption: both }), { istioVersion: "1.31" })).toEqual(w3c);
    expect(side(using("zipkin", { traceContextOption: both }), { istioVersion: "1.27" })).toEqual([
      `USE_B3 (Istio 1.27 ignores ${both})`,
      b3[1],
    ]);
    expect(side(using("zipkin", { traceContextOption: "USE_B4" }))).toBeUndefined();
    expect(side(using("datadog"))).toBeUndefined();
    expect(side({})).toBeUndefined();
    expect(side({ defaultConfig: { tracing: { zipkin: { address: "z.tracing:9411" } } } })).toEqual(b3);
  });

  it("and SDKs join them, or not", () => {
    const judge = (mesh: Json, ...propagators: string[]) => {
      const model = TracingModel.from([configMap(mesh)]);
      return meshSide(model, model)?.judge(propagators);
    };
    const ofW3c = (...propagators: string[]) => judge(using("opentelemetry"), ...propagators);
    expect(ofW3c("tracecontext")).toEqual({ outcome: "joined", reason: "both use W3C trace context" });
    expect(ofW3c("b3", "tracecontext", "baggage")?.outcome).toBe("joined");
    expect(ofW3c("tracecontext", "b3")?.outcome).toBe("degraded");
    expect(ofW3c("tracecontext", "b3multi")?.outcome).toBe("degraded");
    expect(ofW3c("b3")?.outcome).toBe("split");
    expect(ofW3c("baggage")?.outcome).toBe("split");
    expect(judge(using("zipkin"), "tracecontext", "baggage", "b3multi")?.outcome).toBe("joined");
    expect(judge(using("zipkin"), "tracecontext")?.outcome).not.toBe("joined");
  });

  it("around a pod as its own proxy does, else as those of the mesh that call it", () => {
    const pod = (labels: Json) => ({
      apiVersion: "v1",
      kind: "Pod",
      metadata: { name: "app", namespace: "shop", labels },
      spec: { containers: [{ name: "app", env: [{ name: "OTEL_SERVICE_NAME", value: "app" }] }] },
    });
    const shop = { apiVersion: "v1", kind: "Namespace", metadata: { name: "shop" } };
    const around = (labels: Json, ...objects: object[]) => {
      const model = TracingModel.from([configMap(using("zipkin")), shop, pod(labels), ...objects]);
      const [sender] = model.senders;
      if (sender === undefined) throw new Error("no sender");
      return meshSideOf(model, sender)?.name;
    };
    const canary = configMap(using("opentelemetry"), "istio-canary", { "istio.io/rev": "canary" });
    const off = configMap({}, "istio-canary", { "istio.io/rev": "canary" });
    const inject = { "sidecar.istio.io/inject": "true" };
    expect(around({})).toBe("USE_B3");
    expect(around(inject)).toBe("USE_B3");
    expect(around({ ...inject, "istio.io/rev": "canary" }, canary)).toBe("W3C trace context");
    // Nobody of another revision traces.
    expect(around({ ...inject, "istio.io/rev": "canary" }, off)).toBeUndefined();
  });
});

describe("a provider to define", () => {
  const defined = (name: string, objects: object[], options: Options = {}) => {
    const { zipkin, opentelemetry } = providerToDefine(TracingModel.from(objects, options), name) as Record<
      string,
      { service: string; port: number } | undefined
    >;
    const found = zipkin ?? opentelemetry;
    return `${zipkin === undefined ? "opentelemetry" : "zipkin"} ${found?.service}:${found?.port}`;
  };
  const service = (port: number) => ({
    apiVersion: "v1",
    kind: "Service",
    metadata: { name: "tempo", namespace: "tracing" },
    spec: { ports: [{ port: 80 }, { port }] },
  });
  const legacy = (address: string) =>
    configMap({ enableTracing: false, defaultConfig: { tracing: { zipkin: { address } } } });
  const tempo = "tracing/tempo.tracing.svc.cluster.local";

  it("leads to the collector that is known, or where spans went before", () => {
    expect(defined("a", [], { collector: "tracing/tempo:9411" })).toBe(`zipkin ${tempo}:9411`);
    expect(defined("otel", [service(4317)], { collector: "tracing/tempo:9411" })).toBe(
      `zipkin ${tempo}:9411`,
    );
    expect(defined("a", [legacy("tempo.tracing:9999")])).toBe(`zipkin ${tempo}:9999`);
    expect(defined("a", [legacy("zipkin.example.com:9411")])).toBe("zipkin zipkin.example.com:9411");
    expect(defined("a", [legacy("tempo.tracing:9999")], { collector: "tracing/other:9411" })).toBe(
      "zipkin tracing/other.tracing.svc.cluster.local:9411",
    );
    for (const address of ["tempo.tracing", "a:b:9411", "tempo:9411x"]) {
      expect(defined("a", [legacy(address)])).toMatch(/COLLECTOR/);
    }
  });

  it("leads to a Service that takes such spans, or to one to fill in", () => {
    expect(defined("my-otel", [service(4317)])).toBe(`opentelemetry ${tempo}:4317`);
    expect(defined("a", [service(4317)])).toMatch(/^zipkin .*COLLECTOR/);
    expect(defined("a", [service(9411)])).toBe(`zipkin ${tempo}:9411`);
    expect(defined("otlp", [service(9411)])).toBe(`zipkin ${tempo}:9411`);
  });
});
