import { describe, expect, it } from "vitest";
import { addKiali, kialiConfig, kialiConfigMap, kialiService } from "../../../docs/generate/sample/kiali";
import { type Manifest, type Tree } from "../../../docs/generate/sample/mesh";
import { asker, exampleFault, istioObject, testRule } from "../../fixtures/rule";

const anonymous = { ...kialiConfig(), auth: { strategy: "anonymous" } };
const configMap = "ConfigMap observability/kiali";
const virtualService: Manifest = {
  apiVersion: "networking.istio.io/v1",
  kind: "VirtualService",
  metadata: { name: "kiali", namespace: "observability" },
  spec: {
    hosts: ["kiali.example.com"],
    gateways: ["istio-system/public"],
    http: [{ route: [{ destination: { host: "kiali.observability.svc.cluster.local" } }] }],
  },
};
const first = (lines: string[]) => lines.map((line) => line.split("\n")[0] ?? "");
const asksNobody = (more: Tree = {}) => ({ ...kialiConfig(), auth: { strategy: "anonymous" }, ...more });

testRule("kiali-authenticated", {
  faults: [
    {
      ...exampleFault("kiali-authenticated"),
      object: configMap,
      message:
        "ConfigMap observability/kiali disables Kiali's login (auth.strategy anonymous), and Kiali is reachable from outside: Service observability/kiali is of type LoadBalancer; set auth.strategy to token, openid, openshift or header",
      fix: `# in data["config.yaml"]
auth:
  strategy: token`,
    },
    {
      name: "Kiali without a login, inside the cluster",
      breaks: (mesh) => addKiali(mesh, anonymous),
      object: configMap,
      level: "warning",
      message:
        "ConfigMap observability/kiali disables Kiali's login (auth.strategy anonymous), so every pod that can reach Kiali can see the whole mesh; set auth.strategy to token, openid, openshift or header",
      fix: `# in data["config.yaml"]
auth:
  strategy: token`,
    },
    {
      name: "Kiali without a login behind the mesh's gateway",
      breaks: (mesh) => addKiali(mesh, anonymous).add(virtualService),
      object: configMap,
      message:
        "ConfigMap observability/kiali disables Kiali's login (auth.strategy anonymous), and Kiali is reachable from outside: VirtualService observability/kiali leads to it; set auth.strategy to token, openid, openshift or header",
      fix: `# in data["config.yaml"]
auth:
  strategy: token`,
    },
    {
      name: "Kiali's chart gives it a load balancer and no question",
      breaks: (mesh) =>
        mesh.add({
          apiVersion: "mesh-tracing/v1",
          kind: "HelmChart",
          metadata: { name: "kiali", namespace: "istio-system" },
          spec: {
            chart: "kiali-server",
            version: "2.29.0",
            values: { ...anonymous, deployment: { service_type: "LoadBalancer" } },
          },
        }),
      object: "HelmChart istio-system/kiali",
      message:
        "HelmChart istio-system/kiali disables Kiali's login (auth.strategy anonymous), and Kiali is reachable from outside: its Service is of type LoadBalancer; set auth.strategy to token, openid, openshift or header",
      fix: `# in the chart's values
auth:
  strategy: token`,
    },
    {
      name: "Kiali without a login, and the gateway has one",
      breaks: (mesh) =>
        addKiali(mesh, anonymous).add(virtualService, {
          apiVersion: "security.istio.io/v1",
          kind: "AuthorizationPolicy",
          metadata: { name: "people", namespace: "istio-system" },
          spec: { action: "DENY", rules: [{ from: [{ source: { notRequestPrincipals: ["*"] } }] }] },
        }),
      object: configMap,
      level: "warning",
      message:
        "ConfigMap observability/kiali disables Kiali's login (auth.strategy anonymous), so every pod that can reach Kiali can see the whole mesh; set auth.strategy to token, openid, openshift or header",
      fix: `# in data["config.yaml"]
auth:
  strategy: token`,
    },
  ],
  harmless: [
    {
      name: "Kiali in the gateway's namespace, by an OpenID issuer",
      varies: (mesh) =>
        mesh.add(kialiConfigMap({ ...kialiConfig(), auth: { strategy: "openid" } }, "istio-system")),
    },
  ],
});

describe("a Kiali that asks nobody", () => {
  const ask = asker("kiali-authenticated");
  const way = (...objects: Manifest[]) =>
    first(ask(objects)).map((line) =>
      line.includes("every pod that can reach Kiali") ? "inside" : /: (?!lets)([^:;]*);/.exec(line)?.[1],
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
  const map = kialiConfigMap(asksNobody());
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
    const asked = kialiConfigMap(asksNobody({ deployment: { service_type: type } }));
    expect(way(asked)).toEqual([`its Service is of type ${type}`]);
    // The Service itself says what it is.
    expect(way(asked, service({}))).toEqual(["inside"]);
    expect(way(kialiConfigMap(asksNobody({ deployment: { service_type: "ClusterIP" } })))).toEqual([
      "inside",
    ]);
  });
});
