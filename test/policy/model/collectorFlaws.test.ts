/** What is wrong with the way from the collector's host to a pod. */
import { describe, expect, it } from "vitest";
import { collectorFlaw, isMissing, mayBeMade } from "../../../policy/model/collectorFlaws";
import { type Options } from "../../../policy/model/options";
import { TracingModel } from "../../../policy/model/tracingModel";

type Json = Record<string, unknown>;

const object = (apiVersion: string, kind: string, name: string, more: Json, namespace = "tracing") => ({
  apiVersion,
  kind,
  metadata: { name, namespace },
  ...more,
});
const service = (spec: Json = {}, name = "tempo") =>
  object("v1", "Service", name, {
    spec: { selector: { app: "tempo" }, ports: [{ port: 80, targetPort: 4317 }], ...spec },
  });
const pods = (container: Json = {}, name = "tempo") =>
  object("apps/v1", "Deployment", name, {
    spec: {
      selector: {},
      template: {
        metadata: { labels: { app: name } },
        spec: { containers: [{ name: "a", ...container }] },
      },
    },
  });
const model = (objects: Json[], options: Options = {}) => TracingModel.from(objects, options);
const place = { namespace: "tracing", name: "tempo" };

describe("the way to a collector", () => {
  const flaw = (
    objects: Json[],
    options: Options = {},
    sender: "sidecar" | "gateway" = "sidecar",
    port = 80,
  ) => {
    const of = model(objects, options);
    const [found] = of.index.all.filter(
      ({ kind, metadata }) => kind === "Service" && metadata.name === "tempo",
    );
    return collectorFlaw(of, { service: found, place, port }, sender);
  };

  it("is open where pods behind its Service listen", () => {
    expect(flaw([service(), pods()])).toBeUndefined();
    const outside = { service: undefined, place: undefined, port: 80 };
    expect(collectorFlaw(model([]), outside, "sidecar")).toBeUndefined();
  });

  it("has no Service", () => {
    expect(flaw([])).toBe("absent");
    expect(flaw([], { isComplete: true })).toBe("missing");
  });

  it("has another name of a host, of which newer proxies have no cluster", () => {
    const alias = service({ type: "ExternalName", ports: undefined });
    expect(flaw([alias])).toBe("external-name");
    expect(flaw([alias], { istioVersion: "1.31" })).toBe("external-name");
    expect(flaw([alias], { istioVersion: "1.18" })).toBeUndefined();
  });

  it("has a headless Service, whose pods gateways find", () => {
    const headless = service({ clusterIP: "None" });
    expect(flaw([headless, pods()])).toBe("headless");
    expect(flaw([headless, pods()], {}, "gateway")).toBeUndefined();
  });

  it("has a Service that lacks the port", () => {
    expect(flaw([service(), pods()], {}, "sidecar", 81)).toBe("no-port");
    const of = model([service(), pods()]);
    const [found] = of.index.all;
    expect(collectorFlaw(of, { service: found, place, port: undefined }, "sidecar")).toBe("no-port");
  });

  it("has a Service without a selector, and perhaps with endpoints", () => {
    const bare = service({ selector: undefined });
    expect(flaw([bare])).toBe("no-selector");
    expect(flaw([bare, object("v1", "Endpoints", "tempo", {})])).toBeUndefined();
    expect(flaw([bare, object("v1", "Endpoints", "other", {})])).toBe("no-selector");
    const slice = (name: string) => ({
      apiVersion: "discovery.k8s.io/v1",
      kind: "EndpointSlice",
      metadata: { name: "tempo-1", namespace: "tracing", labels: { "kubernetes.io/service-name": name } },
    });
    expect(flaw([bare, slice("tempo")])).toBeUndefined();
    expect(flaw([bare, slice("other")])).toBe("no-selector");
  });

  it("has a Service that selects nothing, where operators may make pods or nothing is known", () => {
    expect(flaw([service()])).toBe("no-pods-in-input");
    expect(flaw([service(), pods({}, "other")])).toBe("no-pods");
    const elsewhere = { ...pods({}, "other"), metadata: { name: "other", namespace: "shop" } };
    expect(flaw([service(), elsewhere])).toBe("no-pods-in-input");
    expect(flaw([service(), object("jaegertracing.io/v1", "Jaeger", "j", {})])).toBeUndefined();
    const operated = object("opentelemetry.io/v1beta1", "OpenTelemetryCollector", "o", {});
    expect(flaw([service(), operated])).toBeUndefined();
  });

  it("has pods that listen elsewhere, as far as they list their ports", () => {
    const listing = (...ports: unknown[]) => pods({ ports });
    expect(flaw([service(), listing({ containerPort: 4317 })])).toBeUndefined();
    expect(flaw([service(), listing({ containerPort: "4317" })])).toBeUndefined();
    expect(flaw([service(), listing({ containerPort: 80 })])).toBe("no-target");
    expect(flaw([service(), listing({ containerPort: 1 })])).toBe("unlisted-target");
    const untargeted = service({ ports: [{ port: 80 }] });
    expect(flaw([untargeted, listing({ containerPort: 80 })])).toBeUndefined();
    expect(flaw([untargeted, listing({ containerPort: 1 })])).toBe("unlisted-target");
    const named = service({ ports: [{ port: 80, targetPort: "otlp" }] });
    expect(flaw([named, listing({ name: "otlp", containerPort: 1 })])).toBeUndefined();
    expect(flaw([named, listing({ name: "other", containerPort: 1 })])).toBe("no-target");
    expect(flaw([named, pods()])).toBe("no-target");
    // One pod that listens is enough, and one of which nobody knows leaves it open.
    const second = { ...listing({ containerPort: 4317 }), metadata: { name: "b", namespace: "tracing" } };
    expect(flaw([service(), listing({ containerPort: 80 }), second])).toBeUndefined();
    const third = { ...listing({ containerPort: 1 }), metadata: { name: "c", namespace: "tracing" } };
    expect(flaw([service(), listing({ containerPort: 80 }), third])).toBe("unlisted-target");
  });

  it("has pods of which the configuration says where they listen", () => {
    const program = (...variables: [string, string][]) =>
      pods({
        image: "jaegertracing/all-in-one:1.62.0",
        ports: [{ containerPort: 1 }],
        env: variables.map(([name, value]) => ({ name, value })),
      });
    expect(flaw([service(), program()])).toBeUndefined();
    expect(flaw([service(), program(["COLLECTOR_OTLP_GRPC_HOST_PORT", ":4319"])])).toBe("no-target");
    expect(flaw([service(), program(["COLLECTOR_OTLP_GRPC_HOST_PORT", "$(ADDRESS)"])])).toBe(
      "unlisted-target",
    );
    expect(flaw([service(), program(["COLLECTOR_OTLP_ENABLED", "false"])])).toBe("unlisted-target");
  });
});

describe("a Service that is not in the input", () => {
  const missing = (objects: Json[], options: Options = {}, port: number | undefined = 4317) =>
    isMissing(model(objects, options), place, port);
  const beside = (spec: Json, labels: Json = {}, namespace = "tracing") => ({
    ...service(spec, "other"),
    metadata: { name: "other", namespace, labels },
  });
  const taking = { ports: [{ port: 4317 }] };
  const ours = { "app.kubernetes.io/part-of": "mesh-tracing" };

  it("does not exist in a whole cluster, beside our own, or beside one that takes the spans", () => {
    expect(missing([], { isComplete: true })).toBe(true);
    expect(missing([])).toBe(false);
    expect(missing([beside(taking)])).toBe(true);
    expect(missing([beside(taking)], {}, 9411)).toBe(false);
    expect(isMissing(model([beside(taking)]), place, undefined)).toBe(false);
    expect(missing([beside(taking, {}, "shop")])).toBe(false);
    expect(missing([beside({}, ours)])).toBe(true);
    expect(missing([beside({}, ours, "shop")])).toBe(false);
  });

  it("may be made by what is in the input", () => {
    expect(missing([beside(taking), object("jaegertracing.io/v1", "Jaeger", "tempo", {})])).toBe(false);
    // Beside what a chart makes nothing else is expected.
    const chart = (release: string) => ({
      apiVersion: "mesh-tracing/v1",
      kind: "HelmChart",
      metadata: { name: release, namespace: "tracing" },
      spec: { chart: "jaeger", version: "4.11.1", values: {} },
    });
    expect(missing([chart("traces")])).toBe(false);
    expect(missing([chart("traces"), beside(taking)])).toBe(true);
  });

  it.each<[string, Json, boolean]>([
    [
      "a chart that is not rendered",
      object("mesh-tracing/v1", "HelmChart", "tempo", { spec: { chart: "x" } }),
      true,
    ],
    ["a chart of another name", object("mesh-tracing/v1", "HelmChart", "y", { spec: { chart: "x" } }), false],
    [
      "an operator's collector",
      object("opentelemetry.io/v1beta1", "OpenTelemetryCollector", "tempo", {}),
      true,
    ],
    [
      "a collector elsewhere",
      object("opentelemetry.io/v1beta1", "OpenTelemetryCollector", "tempo", {}, "x"),
      false,
    ],
    ["a Jaeger", object("jaegertracing.io/v1", "Jaeger", "tempo", {}), true],
    ["a Jaeger of another name", object("jaegertracing.io/v1", "Jaeger", "temp", {}), false],
    [
      "an application that goes there",
      object(
        "argoproj.io/v1alpha1",
        "Application",
        "tempo",
        { spec: { destination: { namespace: "tracing" } } },
        "cd",
      ),
      true,
    ],
    [
      "an application that goes elsewhere",
      object("argoproj.io/v1alpha1", "Application", "tempo", { spec: { destination: { namespace: "cd" } } }),
      false,
    ],
  ])("may be made by %s", (_, maker, expected) => {
    expect(mayBeMade(model([maker]), place)).toBe(expected);
  });
});
