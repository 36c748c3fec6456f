/** What the rules about Kiali tell apart. */
import { describe, expect, it } from "vitest";
import { asker, istioObject } from "./asking";
import { type Manifest, Mesh, type Tree } from "./fixture";
import { addKiali, kialiConfig, kialiConfigMap, kialiService } from "./kialis";

const first = (lines: string[]) => lines.map((line) => line.split("\n")[0] ?? "");
const anonymous = (more: Tree = {}) => ({ ...kialiConfig(), auth: { strategy: "anonymous" }, ...more });

describe("a Kiali that asks nobody", () => {
  const ask = asker("kiali-authenticated");
  const way = (...objects: Manifest[]) =>
    first(ask(objects)).map((line) =>
      line.startsWith("warning") ? "inside" : /: (?!lets)([^:;]*);/.exec(line)?.[1],
    );
  const service = (spec: Tree, name = "kiali", namespace = "observability") => ({
    ...kialiService(namespace),
    metadata: { name, namespace },
    spec: { ...(kialiService()["spec"] as Tree), ...spec },
  });
  const route = (host: string) =>
    istioObject("VirtualService", "kiali", {
      hosts: ["kiali.example.com"],
      gateways: ["istio-system/public"],
      http: [{ route: [{ destination: { host } }] }],
    });
  const map = kialiConfigMap(anonymous());
  const led = "VirtualService istio-system/kiali leads to it";

  it.each<[string, Manifest[], string]>([
    ["nothing", [], "inside"],
    ["a Service inside", [service({})], "inside"],
    [
      "a load balancer",
      [service({ type: "LoadBalancer" })],
      "Service observability/kiali is of type LoadBalancer",
    ],
    ["a port of nodes", [service({ type: "NodePort" })], "Service observability/kiali is of type NodePort"],
    [
      "a second Service",
      [service({}), service({ type: "NodePort" }, "out")],
      "Service observability/out is of type NodePort",
    ],
    ["another namespace's load balancer", [service({ type: "LoadBalancer" }, "kiali", "other")], "inside"],
    ["a load balancer without pods", [service({ type: "LoadBalancer", selector: {} })], "inside"],
    [
      "a load balancer of other pods",
      [service({ type: "LoadBalancer", selector: { "app.kubernetes.io/name": "kiali", tier: "x" } })],
      "inside",
    ],
    ["a route", [service({}), route("kiali.observability")], led],
    ["a route without a Service", [route("kiali.observability")], led],
    ["a route to another name", [route("web.observability")], "inside"],
    ["a route to another Service", [service({}), route("web.observability")], "inside"],
    [
      "a route to one of two Services",
      [service({}), service({}, "second"), route("second.observability")],
      led,
    ],
    ["a route to another namespace", [service({}), route("kiali.other")], "inside"],
    ["a route to another namespace, without a Service", [route("kiali.other")], "inside"],
  ])("is led to by %s", (_, objects, expected) => {
    expect(way(map, ...objects)).toEqual([expected]);
  });

  it.each(["LoadBalancer", "NodePort"])("is led to by the %s that its values ask for", (type) => {
    const asked = kialiConfigMap(anonymous({ deployment: { service_type: type } }));
    expect(way(asked)).toEqual([`its Service is of type ${type}`]);
    // The Service itself says what it is.
    expect(way(asked, service({}))).toEqual(["inside"]);
    expect(way(kialiConfigMap(anonymous({ deployment: { service_type: "ClusterIP" } })))).toEqual(["inside"]);
  });
});

describe("where Kiali reads traces", () => {
  const ask = asker("kiali-tracing");
  const jaeger: Manifest = {
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: { name: "jaeger", namespace: "tracing" },
    spec: {
      selector: {},
      template: { spec: { containers: [{ name: "jaeger", image: "jaegertracing/jaeger:2" }] } },
    },
  };
  const query = (port: Tree, name = "query", namespace: string | undefined = "tracing"): Manifest => ({
    apiVersion: "v1",
    kind: "Service",
    metadata: { name, ...(namespace === "" ? {} : { namespace }) },
    spec: { ports: [port] },
  });
  const reads = (tracing: Tree, ...objects: Manifest[]) =>
    ask([jaeger, kialiConfigMap(kialiConfig(tracing)), ...objects], { collector: "tracing/jaeger:9411" });
  const at = (port: number, use_grpc: boolean, entry: Tree) =>
    reads({ internal_url: `http://query.tracing:${port}`, use_grpc }, query(entry)).map((line) =>
      /speaks (\w+) on port (\d+); use_grpc: (\w+)/.exec(line)?.slice(1).join(" "),
    );

  it.each<[Tree, string | undefined]>([
    [{ port: 80, targetPort: 16685 }, "gRPC"],
    [{ port: 80, targetPort: 16686 }, "HTTP"],
    [{ port: 80, name: "grpc-query" }, "gRPC"],
    [{ port: 80, name: "http" }, "HTTP"],
    [{ port: 80, name: "http", appProtocol: "grpc" }, "gRPC"],
    [{ port: 80, name: "my-grpc-query" }, undefined],
    [{ port: 80, name: "httpbin" }, undefined],
    [{ port: 80 }, undefined],
  ])("is told by the port %j: %s", (entry, spoken) => {
    expect(at(80, true, entry)).toEqual(spoken === "HTTP" ? ["HTTP 80 false"] : []);
    expect(at(80, false, entry)).toEqual(spoken === "gRPC" ? ["gRPC 80 true"] : []);
  });

  it.each([
    [16685, true],
    [16686, false],
  ])("is told by port %i where that is all there is", (port, isGrpc) => {
    expect(at(port, isGrpc, { port })).toEqual([]);
    expect(at(port, !isGrpc, { port })).toHaveLength(1);
  });

  it("must exist where Jaeger is and other Services are", () => {
    const gone = { internal_url: "http://gone.tracing:16685" };
    const other = query({ port: 1 }, "other");
    expect(first(reads(gone, other))[0]).toMatch(/^error: .*Service tracing\/gone does not exist;/);
    // The namespace's Services are in another input.
    expect(first(reads(gone))[0]).toMatch(/^warning: .*Service tracing\/gone is not in the input;/);
    const elsewhere = { internal_url: "http://gone.elsewhere:16685" };
    const there = query({ port: 1 }, "other", "elsewhere");
    expect(first(reads(elsewhere, there))[0]).toMatch(
      /^warning: .*Service elsewhere\/gone is not in the input;/,
    );
    const second = { ...jaeger, metadata: { name: "second", namespace: "other" } };
    expect(first(reads(gone, second, other))[0]).toMatch(/^error: /);
  });

  it("is shown where the input has it", () => {
    const fix = (...services: Manifest[]) =>
      /internal_url: (\S+)/.exec(reads({ enabled: false }, ...services)[0] ?? "")?.[1];
    const plain = query({ port: 1, name: "grpc" }, "plain");
    expect(fix(plain)).toBeUndefined();
    expect(fix(plain, query({ port: 16685 }))).toBe("http://query.tracing:16685");
    expect(fix(query({ port: 9000, targetPort: 16685 }, "query", ""))).toBe("http://query.default:9000");
  });
});

describe("Kiali's way to traces", () => {
  const ask = asker("kiali-reaches-tracing");
  const egress = "NetworkPolicy observability/allow-kiali-egress";
  const shut = () => addKiali(new Mesh()).set(egress, "spec egress 0 ports 0 port", 1);
  const map = "ConfigMap observability/kiali";
  const reads = (tracing: Tree) => (mesh: Mesh) =>
    mesh.set(map, "data", kialiConfigMap(kialiConfig(tracing))["data"]);
  const service = "Service istio-system/jaeger-query-clusterip";

  it("is judged where it leads to Jaeger's pods", () => {
    expect(ask(shut())).toHaveLength(1);
    expect(ask(reads({ enabled: false })(shut()))).toEqual([]);
    expect(ask(reads({ internal_url: "http://jaeger.example.com.:1" })(shut()))).toEqual([]);
    expect(ask(reads({ internal_url: "http://gone:1" })(shut()))).toEqual([]);
    expect(ask(reads({ internal_url: "http://jaeger-query-clusterip.istio-system:1" })(shut()))).toEqual([]);
    expect(ask(shut().set(service, "spec selector", { app: "nobody" }))).toEqual([]);
  });

  it("is given a policy of this project's name where there is none to add to", () => {
    expect(ask(shut().set(egress, "spec egress", [])).join("\n")).toContain("name: allow-kiali-egress");
    const ingress = "NetworkPolicy istio-system/allow-tracing-ingress";
    const closed = addKiali(new Mesh())
      .set(ingress, "spec ingress", [])
      .set(ingress, "metadata name", "deny");
    expect(ask(closed).join("\n")).toContain("name: allow-tracing-ingress");
  });
});
