/** Ways from outside to a Service, and whether they ask who comes. */
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
const policy = (spec: Json, namespace = "istio-system") =>
  object("security.istio.io/v1", "AuthorizationPolicy", spec, { namespace });

/** Routes to port 16686, or to a port that is not named, of Service jaeger. */
const exposures = (...objects: unknown[]) =>
  exposuresOf(
    TracingModel.from(objects),
    (namespace, name, port) =>
      namespace === "istio-system" &&
      name === "jaeger" &&
      (port === undefined || port === 16686 || port === "http"),
    placeOf,
  ).map(({ route: _, ...exposure }) => exposure);

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
  ])("with the annotation %s asks who comes: %s", (annotation, isProtected) => {
    const objects = ingress(
      { rules: [rule(service("jaeger", { number: 16686 }))] },
      { other: "", [annotation]: "x" },
    );
    expect(exposures(objects).map((exposure) => exposure.isProtected)).toEqual([isProtected]);
  });
});

describe("an AuthorizationPolicy", () => {
  const route = virtualService({ http: to("jaeger", 16686) }, {});
  const isProtected = (...policies: unknown[]) => exposures(route, ...policies)[0]?.isProtected;
  const source = (parts: Json) => ({ from: [{ source: parts }] });
  const host = (parts: Json) => ({ to: [{ operation: parts }] });

  it.each<[string, Json, boolean]>([
    ["that lets nobody in", {}, true],
    ["that allows nobody by name", { action: "ALLOW", rules: [] }, true],
    ["that allows everybody", { rules: [{}] }, false],
    ["that denies nobody", { action: "DENY" }, false],
    ["that only writes a log", { action: "AUDIT", rules: [source({ principals: ["a"] })] }, false],
    ["of an external authorizer", { action: "CUSTOM", rules: [{}] }, true],
    ["of an external authorizer for nothing", { action: "CUSTOM", rules: [] }, false],
    ["of paths", { rules: [host({ paths: ["/"] })] }, false],
    ["of a namespace", { rules: [source({ namespaces: ["a"] })] }, false],
    [
      "that denies addresses",
      { action: "DENY", rules: [source({ notRemoteIpBlocks: ["10.0.0.0/8"] })] },
      true,
    ],
    ["of principals", { rules: [source({ principals: ["a"] })] }, true],
    ["of other principals", { rules: [source({ notPrincipals: ["a"] })] }, true],
    ["of tokens", { rules: [source({ requestPrincipals: ["*"] })] }, true],
    ["of the lack of tokens", { action: "DENY", rules: [source({ notRequestPrincipals: ["*"] })] }, true],
    ["of addresses", { rules: [source({ ipBlocks: ["10.0.0.0/8"] })] }, true],
    ["of other addresses", { rules: [source({ notIpBlocks: ["10.0.0.0/8"] })] }, true],
    ["of the client's addresses", { rules: [source({ remoteIpBlocks: ["10.0.0.0/8"] })] }, true],
    ["of no principals", { rules: [source({ principals: [] })] }, false],
    [
      "of one source among others",
      { rules: [{ from: [{ source: {} }, { source: { ipBlocks: ["10.0.0.0/8"] } }] }] },
      true,
    ],
    ["of a claim", { rules: [{ when: [{ key: "request.auth.claims[iss]", values: ["a"] }] }] }, true],
    [
      "of an address as a condition",
      { rules: [{ when: [{ key: "remote.ip", values: ["10.0.0.0/8"] }] }] },
      true,
    ],
    ["of a source's address", { rules: [{ when: [{ key: "source.ip" }] }] }, true],
    ["of a source's principal", { rules: [{ when: [{ key: "source.principal" }] }] }, true],
    ["of a source's namespace", { rules: [{ when: [{ key: "source.namespace" }] }] }, false],
    ["of a header", { rules: [{ when: [{ key: "request.headers[x-request.auth.x]" }] }] }, false],
    ["of a condition without a key", { rules: [{ when: [{}] }] }, false],
  ])("%s: %j protects: %s", (_, spec, expected) => {
    expect(isProtected(policy(spec))).toBe(expected);
  });

  it.each<[string, Json, boolean]>([
    ["its host", { hosts: ["jaeger.example.com"] }, true],
    ["its host and port", { hosts: ["jaeger.example.com:*"] }, true],
    ["all hosts of its domain", { hosts: ["other.org", "*.example.com"] }, true],
    ["all hosts", { hosts: ["*"] }, true],
    ["another host", { hosts: ["example.com"] }, false],
    ["all hosts of another domain", { hosts: ["*.example.org"] }, false],
    ["all hosts but another", { notHosts: ["example.com"] }, true],
    ["all hosts but it", { notHosts: ["example.com", "jaeger.example.com"] }, false],
  ])("for %s protects: %s", (_, operation, expected) => {
    const rules = [{ ...host(operation), from: [{ source: { principals: ["a"] } }] }];
    expect(isProtected(policy({ rules }))).toBe(expected);
    expect(isProtected(policy({ action: "CUSTOM", rules }))).toBe(expected);
  });

  it("counts where the gateway is, or in the root namespace", () => {
    const objects = (namespace: string) => policy({}, namespace);
    const gateway = {
      apiVersion: "v1",
      kind: "Pod",
      metadata: { name: "gateway", namespace: "ingress", labels: { istio: "ingressgateway" } },
      spec: { containers: [{ name: "istio-proxy" }] },
    };
    const edge = virtualService({ http: to("jaeger", 16686), gateways: ["edge/public"] });
    const of = (namespace: string, ...more: unknown[]) =>
      exposures(edge, objects(namespace), ...more)[0]?.isProtected;
    expect(of("edge")).toBe(true);
    expect(of("istio-system")).toBe(true);
    expect(of("ingress")).toBe(false);
    expect(of("ingress", gateway)).toBe(true);
    expect(of("apps", gateway)).toBe(false);
    // An application's proxy is not on the way.
    expect(
      of("apps", {
        ...gateway,
        metadata: { ...gateway.metadata, namespace: "apps", labels: {} },
        spec: { containers: [{ name: "app" }, { name: "istio-proxy" }] },
      }),
    ).toBe(false);
  });
});
