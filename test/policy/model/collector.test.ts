/** From the host somebody wrote to the Service it means. */
import { stringify } from "yaml";
import { describe, expect, it } from "vitest";
import { isQualified, placeOf, providerType, servicePort } from "../../../policy/model/collector";
import { TracingModel } from "../../../policy/model/tracingModel";

type Json = Record<string, unknown>;

describe("a host", () => {
  const place = { name: "jaeger", namespace: "tracing" };

  it.each<[string, string | undefined, object | undefined]>([
    ["jaeger.tracing", undefined, place],
    ["jaeger.tracing.svc", undefined, place],
    ["jaeger.tracing.svc.cluster.local", undefined, place],
    ["jaeger.tracing.svc.my-cluster.example.com", undefined, place],
    ["my-jaeger-2.tracing-1", undefined, { name: "my-jaeger-2", namespace: "tracing-1" }],
    ["j.t", undefined, { name: "j", namespace: "t" }],
    ["jaeger", undefined, undefined],
    ["jaeger", "tracing", place],
    ["jaeger.apps", "tracing", { name: "jaeger", namespace: "apps" }],
    ["jaeger.tracing.example", undefined, undefined],
    ["jaeger.tracing.svcs", undefined, undefined],
    ["jaeger.tracing.svc.", undefined, undefined],
    ["collector.example.com", "tracing", undefined],
    ["-jaeger.tracing", undefined, undefined],
    ["jaeger-.tracing", undefined, undefined],
    ["Jaeger", "tracing", undefined],
    ["jaeger:9411", "tracing", undefined],
    ["x/jaeger.tracing", undefined, undefined],
    ["", "tracing", undefined],
  ])("%j seen from %s", (host, from, expected) => {
    expect(placeOf(host, from)).toEqual(expected);
  });

  it.each([
    ["jaeger.tracing.svc.cluster.local", true],
    ["jaeger.tracing.svc.x", true],
    ["jaeger.tracing.svc.", false],
    ["jaeger.tracing.svc", false],
    ["jaeger.tracing", false],
    ["a.jaeger.tracing.svc.cluster.local", false],
    [".tracing.svc.cluster.local", false],
  ])("%s is qualified: %s", (host, expected) => {
    expect(isQualified(host)).toBe(expected);
  });
});

describe("a provider", () => {
  it("has the type of its other key", () => {
    expect(providerType({ name: "a", zipkin: {} })).toBe("zipkin");
    expect(providerType({ opentelemetry: {}, name: "a" })).toBe("opentelemetry");
    expect(providerType({ name: "a" })).toBeUndefined();
  });
});

describe("a Service's port", () => {
  it("is found by its number, also one that is written as text", () => {
    const service = {
      apiVersion: "v1",
      kind: "Service",
      metadata: { name: "a" },
      spec: { ports: [{ port: 80 }, { port: "9411", name: "zipkin" }] },
    };
    expect(servicePort(service, 9411)).toEqual({ port: "9411", name: "zipkin" });
    expect(servicePort(service, 9412)).toBeUndefined();
  });
});

describe("the collector", () => {
  const mesh = (entry: Json) => ({
    apiVersion: "v1",
    kind: "ConfigMap",
    metadata: { name: "istio", namespace: "istio-system" },
    data: {
      mesh: stringify({
        extensionProviders: [{ name: "p", ...entry }],
        defaultProviders: { tracing: ["p"] },
      }),
    },
  });
  const service = (name: string, namespace: string) => ({
    apiVersion: "v1",
    kind: "Service",
    metadata: { name, namespace },
    spec: {},
  });
  const collectorOf = (entry: Json, ...objects: unknown[]) =>
    TracingModel.from([mesh(entry), ...objects]).collector;

  it.each(["zipkin", "opentelemetry", "datadog", "skywalking"])(
    "is where a provider of %s points to",
    (type) => {
      const host = "jaeger.tracing.svc.cluster.local";
      expect(collectorOf({ [type]: { service: host, port: "9411" } })).toEqual({
        written: `${host}:9411`,
        host,
        port: 9411,
        protocol: type,
        place: { name: "jaeger", namespace: "tracing" },
      });
    },
  );

  it("has the namespace in front of its host, and its Service", () => {
    const host = "jaeger.tracing.svc.cluster.local";
    const own = service("jaeger", "tracing");
    const others = [service("jaeger", "apps")];
    expect(collectorOf({ zipkin: { service: `mesh/${host}` } }, ...others, own)).toEqual({
      written: `mesh/${host}:`,
      host,
      writtenNamespace: "mesh",
      port: undefined,
      protocol: "zipkin",
      place: { name: "jaeger", namespace: "tracing" },
      service: own,
    });
    expect(collectorOf({ zipkin: { service: host } }, ...others)).not.toHaveProperty("service.kind");
  });

  it("is none where the provider is for something else, or nothing", () => {
    expect(collectorOf({ prometheus: {} })).toBeUndefined();
    expect(collectorOf({ envoyFileAccessLog: { service: "a.b", port: 1 } })).toBeUndefined();
    expect(collectorOf({})).toBeUndefined();
    expect(TracingModel.from([]).collector).toBeUndefined();
  });

  it.each<[string, Json]>([
    [
      "tracing/jaeger:9411",
      {
        host: "jaeger.tracing.svc.cluster.local",
        port: 9411,
        protocol: "zipkin",
        place: { name: "jaeger", namespace: "tracing" },
      },
    ],
    [
      "tracing/jaeger.other.svc:9411",
      {
        host: "jaeger.other.svc.cluster.local",
        port: 9411,
        protocol: "zipkin",
        place: { name: "jaeger", namespace: "other" },
      },
    ],
    [
      "jaeger.tracing:4317",
      {
        host: "jaeger.tracing",
        port: 4317,
        protocol: "opentelemetry",
        place: { name: "jaeger", namespace: "tracing" },
      },
    ],
    [
      "jaeger.tracing:4318",
      {
        host: "jaeger.tracing",
        port: 4318,
        protocol: "opentelemetry",
        place: { name: "jaeger", namespace: "tracing" },
      },
    ],
    [
      "collector.example.com:443",
      { host: "collector.example.com", port: 443, protocol: "zipkin", place: undefined },
    ],
    [
      "collector.example.com",
      { host: "collector.example.com", port: undefined, protocol: "zipkin", place: undefined },
    ],
  ])("may be given: %s", (given, expected) => {
    expect(
      TracingModel.from([mesh({ zipkin: { service: "a.b", port: 1 } })], { collector: given }).collector,
    ).toEqual({
      ...expected,
      written: given,
    });
  });
});
