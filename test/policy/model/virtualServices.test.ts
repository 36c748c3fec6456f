/** Where VirtualServices lead what applications send. */
import { describe, expect, it } from "vitest";
import { type ProxyPlace } from "../../../policy/model/proxies";
import { TracingModel } from "../../../policy/model/tracingModel";
import { routedTo } from "../../../policy/model/virtualServices";

type Json = Record<string, unknown>;

const host = "tempo.tracing.svc.cluster.local";
const route = (name: string, spec: Json, metadata: Json = {}) => ({
  apiVersion: "networking.istio.io/v1",
  kind: "VirtualService",
  metadata: { name, namespace: "tracing", ...metadata },
  spec: { hosts: [host], ...spec },
});
const to = (name: string, more: Json = {}) => ({ route: [{ destination: { host: name, ...more } }] });
const service = (ports: Json[]) => ({
  apiVersion: "v1",
  kind: "Service",
  metadata: { name: "tempo", namespace: "tracing" },
  spec: { ports },
});
const proxy = { namespace: "shop", labels: { app: "web" }, isGateway: false };
const asked = (
  objects: object[],
  transport: "otlp-grpc" | "otlp-http" = "otlp-http",
  more: Partial<ProxyPlace> = {},
) =>
  routedTo(
    TracingModel.from(objects),
    { ...proxy, ...more },
    { namespace: "tracing", name: "tempo" },
    4318,
    transport,
  );
/** `service.namespace:port` of every destination, `what percent` of an answer, nothing where nobody is named. */
const routed = (...given: Parameters<typeof asked>) => {
  const { to: destinations = [], answered } = asked(...given) ?? {};
  return [
    ...destinations.map(({ place, port }) => `${place.name}.${place.namespace}:${port}`),
    ...(answered === undefined ? [] : [`${answered.path} ${answered.percent}`]),
  ];
};
const http = (...entries: Json[]) => route("a", { http: entries });

describe("the route of what an application sends", () => {
  it("leads to the destinations of the first entry that is for it", () => {
    expect(routed([http(to("other", { port: { number: 80 } }))])).toEqual(["other.tracing:80"]);
    expect(routed([http(to("other.shop.svc.cluster.local"))])).toEqual(["other.shop:4318"]);
    expect(routed([http(to("a"), to("b"))])).toEqual(["a.tracing:4318"]);
    const two = { route: [...to("a").route, ...to("b").route] };
    expect(routed([http(two)])).toEqual(["a.tracing:4318", "b.tracing:4318"]);
    const weighted = {
      route: [
        { ...to("a").route[0], weight: 0 },
        { ...to("b").route[0], weight: 100 },
      ],
    };
    expect(routed([http(weighted)])).toEqual(["b.tracing:4318"]);
    expect(routed([])).toEqual([]);
  });

  it("is none that anybody can tell where it leads to what is meant, or outside", () => {
    expect(asked([http(to("tempo"))])).toBeUndefined();
    expect(asked([http(to(host, { port: { number: 4318 } }))])).toBeUndefined();
    expect(routed([http(to("tempo", { port: { number: 80 } }))])).toEqual(["tempo.tracing:80"]);
    expect(routed([http(to("tempo.shop.svc"))])).toEqual(["tempo.shop:4318"]);
    expect(asked([http({ route: [...to("a").route, ...to("otlp.example.com").route] })])).toBeUndefined();
    expect(asked([http({})])).toBeUndefined();
    expect(asked([http({ redirect: {} })])).toBeUndefined();
  });

  it("may be an answer in the collector's place, or a fault of some requests", () => {
    const fault = (abort: Json) => ({ ...to("tempo"), fault: { abort } });
    expect(routed([http({ directResponse: { status: 503 } })])).toEqual(["spec.http[0].directResponse 100"]);
    expect(routed([http({ match: [{ port: 1 }] }, fault({ percentage: { value: 5 } }))])).toEqual([
      "spec.http[1].fault.abort 5",
    ]);
    expect(asked([http(fault({ httpStatus: 503 }))])).toBeUndefined();
    expect(asked([http(fault({ percentage: { value: 0 } }))])).toBeUndefined();
    const both = { ...to("other"), fault: { abort: { percentage: { value: 5 } } } };
    expect(routed([http(both)])).toEqual(["other.tracing:4318", "spec.http[0].fault.abort 5"]);
  });

  it("is none where entries are for other requests of this sidecar alone, which is answered", () => {
    const path = "/v1/traces";
    const unmatched = { path: "spec.http", percent: 100, unmatched: path };
    const other = { match: [{ uri: { prefix: "/v1/logs" } }], ...to("a") };
    expect(asked([http(other)])?.answered).toMatchObject(unmatched);
    expect(asked([http({ match: [{ port: 1 }], ...to("a") })])).toBeUndefined();
    expect(asked([http(other, { match: [{ headers: {} }], ...to("a") })])).toBeUndefined();
    expect(asked([http(other, { match: [{ port: 1 }], ...to("a") })])?.answered).toMatchObject(unmatched);
    expect(asked([http(other)], "otlp-grpc")?.answered?.unmatched).toBe(
      "/opentelemetry.proto.collector.trace.v1.TraceService/Export",
    );
    expect(asked([http()])).toBeUndefined();
  });

  it.each<[string, Json, boolean]>([
    ["its path", { uri: { exact: "/v1/traces" } }, true],
    ["the beginning of its path", { uri: { prefix: "/v1" } }, true],
    ["its port", { port: 4318 }, true],
    ["its port as text", { port: "4318" }, true],
    ["its namespace", { sourceNamespace: "shop" }, true],
    ["its labels", { sourceLabels: { app: "web" } }, true],
    ["sidecars", { gateways: ["mesh"] }, true],
    ["a name", { name: "x", ignoreUriCase: true }, true],
    ["another path", { uri: { exact: "/v1" } }, false],
    ["a pattern", { uri: { regex: ".*" } }, false],
    ["a header", { headers: { a: {} } }, false],
    ["another port", { port: 1 }, false],
    ["another namespace", { sourceNamespace: "chat" }, false],
    ["other labels", { sourceLabels: { app: "web", tier: "x" } }, false],
    ["gateways", { gateways: ["ingress"] }, false],
  ])("matches by %s", (_, match, expected) => {
    expect(routed([http({ match: [match], ...to("a") })]).includes("a.tracing:4318")).toBe(expected);
    // One of several is enough.
    expect(routed([http({ match: [{ port: 1 }, match], ...to("a") })]).includes("a.tracing:4318")).toBe(
      expected,
    );
  });

  it("of a port that is told to be TCP is one of TCP, whatever its path", () => {
    const tcp = (port: Json, match: Json[] = []) => [
      service([{ port: 4318, ...port }]),
      route("a", { tcp: [{ match, ...to("a") }], http: [to("b")] }),
    ];
    expect(routed(tcp({ name: "tcp-otlp" }))).toEqual(["a.tracing:4318"]);
    expect(routed(tcp({ name: "TCP" }))).toEqual(["a.tracing:4318"]);
    expect(routed(tcp({ name: "http", appProtocol: "tcp" }))).toEqual(["a.tracing:4318"]);
    expect(routed(tcp({ name: "tcpx" }))).toEqual(["b.tracing:4318"]);
    expect(routed(tcp({ name: "tcp", appProtocol: "http" }))).toEqual(["b.tracing:4318"]);
    expect(routed(tcp({ name: "tcp" }, [{ port: 1 }]))).toEqual([]);
    expect(routed(tcp({ name: "tcp" }, [{ uri: { prefix: "/" } }]))).toEqual([]);
  });
});

describe("of several routes", () => {
  const named = (name: string, spec: Json = {}, metadata: Json = {}) =>
    route(name, { http: [to(name)], ...spec }, metadata);
  const chosen = (...objects: object[]) => routed(objects).map((one) => one.split(".")[0]);

  it("the one with the exact host holds, else the longest wildcard, else the oldest", () => {
    const all = named("all", { hosts: ["*"] });
    const near = named("near", { hosts: ["other", "*.tracing.svc.cluster.local"] });
    const exact = named("exact");
    expect(chosen(all, near, exact)).toEqual(["exact"]);
    expect(chosen(all, near)).toEqual(["near"]);
    expect(chosen(all)).toEqual(["all"]);
    expect(chosen(named("short", { hosts: ["tempo"] }))).toEqual(["short"]);
    expect(chosen(named("short", { hosts: ["tempo"] }, { namespace: "shop" }))).toEqual([]);
    expect(chosen(named("other", { hosts: ["*.shop.svc.cluster.local", "tempo.tracing"] }))).toEqual([]);
    expect(chosen(named("none", { hosts: [] }))).toEqual([]);
    const [b, a] = [named("b"), named("a")];
    expect(chosen(b, a)).toEqual(["a"]);
    const at = (creationTimestamp: string) => ({ creationTimestamp });
    expect(
      chosen(named("a", {}, at("2026-02-01T00:00:00Z")), named("b", {}, at("2026-01-01T00:00:00Z"))),
    ).toEqual(["b"]);
  });

  it("those count that are for sidecars and told to this one", () => {
    expect(chosen(named("a", { gateways: ["ingress"] }))).toEqual([]);
    expect(chosen(named("a", { gateways: ["ingress", "mesh"] }))).toEqual(["a"]);
    expect(chosen(named("a", { exportTo: ["*"] }))).toEqual(["a"]);
    expect(chosen(named("a", { exportTo: ["shop"] }))).toEqual(["a"]);
    expect(chosen(named("a", { exportTo: ["chat"] }))).toEqual([]);
    expect(chosen(named("a", { exportTo: ["."] }))).toEqual([]);
    expect(chosen(named("a", { exportTo: ["."], hosts: [host] }, { namespace: "shop" }))).toEqual(["a"]);
    const mesh = (defaultVirtualServiceExportTo: string[]) => ({
      apiVersion: "v1",
      kind: "ConfigMap",
      metadata: { name: "istio", namespace: "istio-system" },
      data: { mesh: JSON.stringify({ defaultVirtualServiceExportTo }) },
    });
    expect(chosen(mesh(["."]), named("a"))).toEqual([]);
    expect(chosen(mesh(["."]), named("a", { exportTo: ["*"] }))).toEqual(["a"]);
    expect(chosen(mesh(["shop"]), named("a"))).toEqual(["a"]);
  });
});
