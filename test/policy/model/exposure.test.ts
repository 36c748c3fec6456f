/** Ways from outside to a Service, and whether they authenticate people. */
import { describe, expect, it } from "vitest";
import { placeOf } from "../../../policy/model/collector";
import { exposuresOf } from "../../../policy/model/exposure";
import { TracingModel } from "../../../policy/model/tracingModel";

type Json = Record<string, unknown>;

const object = (apiVersion: string, kind: string, spec: Json, metadata: Json = {}) => ({
  apiVersion,
  kind,
  metadata: { name: "ui", namespace: "istio-system", ...metadata },
  spec,
});
const virtualService = (spec: Json, metadata: Json = {}) =>
  object(
    "networking.istio.io/v1",
    "VirtualService",
    { hosts: ["jaeger.example.com"], gateways: ["public"], ...spec },
    metadata,
  );
const to = (host: string, number?: unknown) => [
  { route: [{ destination: { host, ...(number === undefined ? {} : { port: { number } }) } }] },
];
const httpRoute = (spec: Json, kind = "HTTPRoute") =>
  object("gateway.networking.k8s.io/v1", kind, {
    parentRefs: [{ name: "public" }],
    hostnames: ["jaeger.example.com"],
    ...spec,
  });
const ingress = (spec: Json, annotations: Json = {}) =>
  object("networking.k8s.io/v1", "Ingress", spec, { annotations });

/** Routes to port 16686, or to a port that is not named, of Service jaeger. */
const exposures = (...objects: unknown[]) =>
  exposuresOf(
    TracingModel.from(objects),
    (namespace, name, port) =>
      namespace === "istio-system" &&
      name === "jaeger" &&
      (port === undefined || port === 16686 || port === "http"),
    placeOf,
  ).map(({ route: _, leads: _leads, isPublic: _isPublic, guard, ...exposure }) => ({
    ...exposure,
    isProtected: guard === "guarded",
  }));

describe("a VirtualService", () => {
  const open = { hosts: ["jaeger.example.com"], gatewayNamespace: "istio-system", isProtected: false };

  it.each<[string, Json]>([
    ["by HTTP", { http: to("jaeger", 16686) }],
    ["by TCP", { tcp: to("jaeger", 16686) }],
    ["by TLS", { tls: to("jaeger", 16686) }],
    ["by its whole name", { http: to("jaeger.istio-system.svc.cluster.local", "16686") }],
    ["without a port", { http: to("jaeger") }],
    [
      "among others",
      { http: [...to("other"), { route: [...to("other", 1), { destination: { host: "jaeger" } }] }] },
    ],
  ])("leads to a Service %s", (_, spec) => {
    expect(exposures(virtualService(spec))).toEqual([open]);
  });

  it.each<[string, Json]>([
    ["another port", { http: to("jaeger", 9411) }],
    ["another Service", { http: to("other", 16686) }],
    ["another namespace", { http: to("jaeger.apps.svc.cluster.local", 16686) }],
    ["a host outside", { http: to("https://example.com", 16686) }],
    ["the mesh only", { http: to("jaeger", 16686), gateways: ["mesh"] }],
    ["the mesh only, unsaid", { http: to("jaeger", 16686), gateways: undefined }],
    ["nothing", {}],
  ])("that leads to %s is no way in", (_, spec) => {
    expect(exposures(virtualService(spec))).toEqual([]);
  });

  it("has its gateway in its own namespace, or in one that it names", () => {
    const places = (gateways: string[]) =>
      exposures(virtualService({ gateways, http: to("jaeger.istio-system.svc") }, { namespace: "apps" })).map(
        ({ gatewayNamespace }) => gatewayNamespace,
      );
    expect(places(["public"])).toEqual(["apps"]);
    expect(places(["edge/public"])).toEqual(["edge"]);
    expect(places(["mesh", "edge/public", "public"])).toEqual(["edge"]);
  });
});

describe("a route of the Gateway API", () => {
  const open = { hosts: ["jaeger.example.com"], gatewayNamespace: "istio-system", isProtected: false };
  const rules = (...backendRefs: Json[]) => [{ backendRefs: [{ name: "other", port: 1 }] }, { backendRefs }];

  it.each(["HTTPRoute", "GRPCRoute", "TCPRoute"])("%s leads to a Service", (kind) => {
    expect(exposures(httpRoute({ rules: rules({ name: "jaeger", port: 16686 }) }, kind))).toEqual([open]);
  });

  it("names namespaces, or means its own", () => {
    const backend = { name: "jaeger", namespace: "istio-system" };
    const parentRefs = [{ name: "public", namespace: "edge", kind: "Gateway" }];
    expect(exposures(httpRoute({ parentRefs, rules: rules(backend) }))).toEqual([
      { ...open, gatewayNamespace: "edge" },
    ]);
    expect(exposures(httpRoute({ rules: rules({ ...backend, namespace: "apps" }) }))).toEqual([]);
  });

  it("of a Service, of another port or without a parent is no way in", () => {
    const meant = rules({ name: "jaeger", port: 16686 });
    expect(exposures(httpRoute({ rules: meant, parentRefs: [{ kind: "Service", name: "jaeger" }] }))).toEqual(
      [],
    );
    expect(exposures(httpRoute({ rules: meant, parentRefs: [] }))).toEqual([]);
    expect(exposures(httpRoute({ rules: rules({ name: "jaeger", port: 9411 }) }))).toEqual([]);
  });
});

describe("an Ingress", () => {
  const service = (name: string, port: Json) => ({ service: { name, port } });
  const rule = (backend: Json) => ({ host: "jaeger.example.com", http: { paths: [{ path: "/", backend }] } });

  it("leads to a Service by a path or by default, by a port's number or name", () => {
    const byPath = { hosts: ["jaeger.example.com"], isProtected: false };
    expect(exposures(ingress({ rules: [rule(service("jaeger", { number: 16686 }))] }))).toEqual([byPath]);
    expect(exposures(ingress({ rules: [rule(service("jaeger", { name: "http" }))] }))).toEqual([byPath]);
    expect(exposures(ingress({ defaultBackend: service("jaeger", { number: 16686 }) }))).toEqual([
      { hosts: [], isProtected: false },
    ]);
    expect(exposures(ingress({ rules: [rule(service("jaeger", { number: 80 }))] }))).toEqual([]);
    expect(exposures(ingress({ rules: [rule(service("jaeger", { name: "grpc" }))] }))).toEqual([]);
    expect(exposures(ingress({ rules: [rule(service("other", { number: 16686 }))] }))).toEqual([]);
  });

  it.each([
    ["nginx.ingress.kubernetes.io/auth-url", true],
    ["nginx.ingress.kubernetes.io/auth-type", true],
    ["nginx.ingress.kubernetes.io/whitelist-source-range", true],
    ["traefik.ingress.kubernetes.io/router.middlewares", true],
    ["alb.ingress.kubernetes.io/auth-type", true],
    ["nginx.ingress.kubernetes.io/rewrite-target", false],
  ])("with the annotation %s authenticates people: %s", (annotation, isProtected) => {
    const objects = ingress(
      { rules: [rule(service("jaeger", { number: 16686 }))] },
      { other: "", [annotation]: "x" },
    );
    expect(exposures(objects).map((exposure) => exposure.isProtected)).toEqual([isProtected]);
  });
});
