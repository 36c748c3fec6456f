import { describe, expect, test } from "vitest";
import { type Mistake } from "../../config/mistakes";
import { managedIstio, mistakesIn, stackOf } from "../fixtures/stack";

const open = { isolation: "none" };
const istio = (version: string) => ({ version, delivery: "shared" });
const cutsIstiod = {
  rule: "istiod's namespace cannot be a traced one: an egress policy would cut istiod off",
  fix: "remove it; gateways in it are traced without being listed here",
};
const wildcard = {
  rule: "*.example.com is a wildcard, which DNS cannot resolve",
  fix: "write NONE, or remove resolution to have it chosen",
};
const noFormat = "no propagator carries a trace, so every service starts its own";

const rows: [what: string, sections: Record<string, unknown>, mistake: Mistake][] = [
  [
    "istiod's namespace is traced",
    { namespaces: { "istio-system": open } },
    { path: "mesh-tracing:namespaces.istio-system", value: '{"isolation":"none"}', ...cutsIstiod },
  ],
  [
    "the cluster's own namespace is isolated",
    { namespaces: { shop: open, "kube-system": { isolation: "restricted" } } },
    {
      path: "mesh-tracing:namespaces.kube-system.isolation",
      value: '"restricted"',
      rule: "the cluster's own pods run there, and Istio gives them no proxies: an egress policy would cut off DNS and more",
      fix: "remove the namespace",
    },
  ],
  [
    "istiod's namespace of another name is traced, Jaeger being elsewhere",
    {
      istio: { ...istio("1.31"), rootNamespace: "mesh" },
      jaeger: { namespace: "obs" },
      namespaces: { mesh: open },
    },
    { path: "mesh-tracing:namespaces.mesh", value: '{"isolation":"none"}', ...cutsIstiod },
  ],
  [
    "the collector's namespace is traced",
    { jaeger: { namespace: "obs" }, namespaces: { obs: open, shop: open } },
    {
      path: "mesh-tracing:namespaces.obs",
      value: '{"isolation":"none"}',
      rule: "the collector's namespace cannot be a traced one: an egress policy would cut Jaeger off",
      fix: "set jaeger.namespace to a namespace of its own, or remove this one",
    },
  ],
  [
    "two Deployments of a namespace have one service name",
    { namespaces: { shop: { ...open, deployments: { cart: { serviceName: "orders" }, orders: {} } } } },
    {
      path: "mesh-tracing:namespaces.shop.deployments.orders.serviceName",
      value: "(not set)",
      rule: "deployment cart has the service name orders too, and traces would mix them up",
      fix: "give each its own serviceName",
    },
  ],
  [
    "a gateway is listed twice",
    { gateways: [{ namespace: "edge" }, { namespace: "dmz" }, { namespace: "edge" }] },
    {
      path: "mesh-tracing:gateways[2].namespace",
      value: '"edge"',
      rule: "edge is listed twice",
      fix: "remove one",
    },
  ],
  [
    "the gateway that is installed is not listed",
    { istio: managedIstio, gateways: [{ namespace: "dmz" }] },
    {
      path: "mesh-tracing:gateways",
      value: '[{"namespace":"dmz"}]',
      rule: "must list edge, where istio.install.gateway puts a gateway, or its spans would be blocked",
      fix: "add { namespace: edge }",
    },
  ],
  [
    "a host is in two external services",
    {
      externalServices: {
        first: { hosts: ["a.example.com"] },
        second: { hosts: ["b.example.com", "a.example.com"] },
      },
    },
    {
      path: "mesh-tracing:externalServices.second.hosts[1]",
      value: '"a.example.com"',
      rule: "first has this host too, and Istio merges the two unpredictably",
      fix: "keep the host in one entry",
    },
  ],
  ...["DNS", "DNS_ROUND_ROBIN"].map((resolution): (typeof rows)[number] => [
    `a wildcard is to be resolved by ${resolution}`,
    { externalServices: { api: { hosts: ["a.example.com", "*.example.com"], resolution } } },
    { path: "mesh-tracing:externalServices.api.resolution", value: `"${resolution}"`, ...wildcard },
  ]),
  [
    "dynamic resolution in an Istio that does not have it",
    {
      istio: istio("1.29"),
      externalServices: { api: { hosts: ["*.example.com"], resolution: "DYNAMIC_DNS" } },
    },
    {
      path: "mesh-tracing:externalServices.api.resolution",
      value: '"DYNAMIC_DNS"',
      rule: "DYNAMIC_DNS works in sidecars from Istio 1.30",
      fix: "write NONE, or upgrade Istio",
    },
  ],
  ...[undefined, { namespace: "monitoring" }].map((prometheus): (typeof rows)[number] => [
    `Kiali is installed and ${prometheus === undefined ? "Prometheus" : "its address"} is not there`,
    { kiali: { namespace: "mesh-ui", install: {} }, prometheus },
    {
      path: "mesh-tracing:prometheus.url",
      value: "(not set)",
      rule: "required with kiali.install: Kiali draws its graph from Prometheus' metrics",
      fix: "set it, like http://prometheus.monitoring:9090",
    },
  ]),
  [
    "no propagator carries a trace",
    { otel: { propagators: ["baggage"] } },
    {
      path: "mesh-tracing:otel.propagators",
      value: '["baggage"]',
      rule: `splits traces with USE_B3_WITH_W3C_PROPAGATION: ${noFormat}`,
      fix: "write [b3, tracecontext, baggage], or remove the key to have it chosen",
    },
  ],
  [
    "W3C wins in the applications and the mesh knows only B3",
    { istio: istio("1.27"), otel: { propagators: ["b3", "tracecontext", "baggage"] } },
    {
      path: "mesh-tracing:otel.propagators",
      value: '["b3","tracecontext","baggage"]',
      rule: 'splits traces with USE_B3: Envoy with USE_B3 updates only B3 headers and the SDK lets "tracecontext" win where a caller sent both',
      fix: "write [tracecontext, baggage, b3multi], or remove the key to have it chosen",
    },
  ],
];

describe("a mistake between sections is told once, with its fix", () => {
  test.each(rows)("%s", (_, sections, mistake) => {
    expect(mistakesIn(stackOf(sections))).toEqual([mistake]);
  });
});

describe("what only looks like a mistake between sections passes", () => {
  test.each<[string, Record<string, unknown>]>([
    [
      "one service name in two namespaces",
      { namespaces: { a: { ...open, deployments: { api: {} } }, b: { ...open, deployments: { api: {} } } } },
    ],
    [
      "a wildcard without resolution, or with one that can",
      {
        externalServices: {
          a: { hosts: ["*.a.example.com"] },
          b: { hosts: ["*.b.example.com"], resolution: "NONE" },
          c: { hosts: ["*.c.example.com"], resolution: "DYNAMIC_DNS" },
        },
      },
    ],
    [
      "dynamic resolution from 1.30",
      { istio: istio("1.30"), externalServices: { a: { hosts: ["*.a.com"], resolution: "DYNAMIC_DNS" } } },
    ],
    [
      "B3 last where the mesh knows only B3",
      { istio: istio("1.27"), otel: { propagators: ["tracecontext", "b3"] } },
    ],
    [
      "the gateway that is installed among the listed",
      { istio: managedIstio, gateways: [{ namespace: "dmz" }, { namespace: "edge" }] },
    ],
  ])("%s", (_, sections) => {
    expect(mistakesIn(stackOf(sections))).toEqual([]);
  });
});
