import { describe, expect, it } from "vitest";
import { type Manifest, Mesh } from "../../../docs/generate/sample/mesh";
import { type Tree } from "../../../docs/generate/sample/objects";
import {
  host,
  httpRoute,
  ingressRoute,
  policy,
  refs,
  toHost,
  tokens,
  withUi,
} from "../../../docs/generate/sample/ui";
import { asker, exampleFault, istioObject, testRule, type Variation } from "../../fixtures/rule";

const virtualService: Manifest = {
  apiVersion: "networking.istio.io/v1",
  kind: "VirtualService",
  metadata: { name: "jaeger", namespace: "istio-system" },
  spec: {
    hosts: ["jaeger.example.com"],
    gateways: ["istio-system/public"],
    http: [
      {
        route: [
          {
            destination: {
              host: "jaeger-query-clusterip.istio-system.svc.cluster.local",
              port: { number: 16686 },
            },
          },
        ],
      },
    ],
  },
};
/** A fault of who may come: the route is open. */
const open = (name: string, breaks: (mesh: Mesh) => unknown, level?: "info") => ({
  name,
  breaks: (mesh: Mesh) => breaks(withUi(mesh)),
  object: refs.route,
  ...(level === undefined ? {} : { level }),
});
const asks = (name: string, rule: Tree) =>
  open(name, (mesh) => mesh.add(tokens).set(refs.policy, "spec rules", [rule]));
const newer = (mesh: Mesh) =>
  mesh.set(
    "Deployment istio-system/jaeger",
    "spec template spec containers 0 image",
    "jaegertracing/jaeger:2.20.0",
  );
const way = (name: string, varies: (mesh: Mesh) => unknown): Variation => ({
  name: `the UI: ${name}`,
  varies: (mesh) => varies(withUi(mesh)),
});
const keptOut = (name: string, ...rules: Tree[]): Variation =>
  way(name, (mesh) => mesh.add(tokens).set(refs.policy, "spec rules", rules));
const strangers = [{ source: { notRequestPrincipals: ["https://login.example.com/*"] } }];
const letIn = (name: string, ...rules: Tree[]): Variation =>
  way(name, (mesh) =>
    mesh.add(tokens).set(refs.policy, "spec action", "ALLOW").set(refs.policy, "spec rules", rules),
  );
const query = "Service istio-system/jaeger-query-clusterip";
const jaeger = "Deployment istio-system/jaeger";
const askForTokens = `# add, with a RequestAuthentication for the issuer you trust
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata:
  name: jaeger-ui-authenticated
  namespace: istio-system
spec:
  action: DENY
  rules:
    - from:
        - source:
            notRequestPrincipals:
              - "*"
      to:
        - operation:
            hosts:
              - jaeger.example.com
              - jaeger.example.com:*`;
const asksNobody =
  "VirtualService istio-system/jaeger-ui routes jaeger.example.com from outside to Jaeger's UI and API without authentication; add an AuthorizationPolicy on the gateway, or use the ingress controller's authentication";
const routesMcp =
  "VirtualService istio-system/jaeger-ui routes /api/ai/ from outside to Jaeger, which since 2.20 serves an MCP endpoint there without authentication; block that path";
const keepMcpBack = `# before the other entries of spec.http
- match:
    - uri:
        prefix: /api/ai
  directResponse:
    status: 404`;

testRule("jaeger-ui-not-public", {
  faults: [
    {
      ...exampleFault("jaeger-ui-not-public"),
      object: "Service istio-system/jaeger-query-clusterip",
      message:
        "Service istio-system/jaeger-query-clusterip of type LoadBalancer exposes Jaeger's UI and API outside the cluster without authentication; use type ClusterIP",
      fix: `# in spec
type: ClusterIP`,
    },
    {
      name: "Jaeger's UI is routed by the mesh's gateway",
      breaks: (mesh) => mesh.add(virtualService),
      object: "VirtualService istio-system/jaeger",
      message:
        "VirtualService istio-system/jaeger routes jaeger.example.com from outside to Jaeger's UI and API without authentication; add an AuthorizationPolicy on the gateway, or use the ingress controller's authentication",
      fix: askForTokens,
    },
    {
      name: "Jaeger's UI has an Ingress",
      breaks: (mesh) => mesh.add(ingressRoute),
      object: "Ingress istio-system/jaeger",
      message:
        "Ingress istio-system/jaeger routes jaeger.example.com from outside to Jaeger's UI and API without authentication; add an AuthorizationPolicy on the gateway, or use the ingress controller's authentication",
      fix: `# in metadata.annotations, for ingress-nginx with a proxy that authenticates
nginx.ingress.kubernetes.io/auth-url: https://auth.example.com/oauth2/auth`,
    },
    {
      name: "Jaeger's UI has an HTTPRoute",
      breaks: (mesh) => mesh.add(httpRoute),
      object: "HTTPRoute istio-system/jaeger",
      message:
        "HTTPRoute istio-system/jaeger routes jaeger.example.com from outside to Jaeger's UI and API without authentication; add an AuthorizationPolicy on the gateway, or use the ingress controller's authentication",
      fix: askForTokens,
    },
    {
      ...open("the UI has no policy", (mesh) => mesh.remove(refs.policy)),
      message: asksNobody,
      fix: askForTokens,
    },
    {
      ...open("the UI's policy is for another gateway", (mesh) =>
        mesh.set(refs.policy, "spec selector matchLabels istio", "eastwestgateway"),
      ),
      message: asksNobody,
      fix: askForTokens,
    },
    {
      ...open("the UI's policy is in a namespace without gateways", (mesh) =>
        mesh.set(refs.policy, "metadata namespace", "monitoring"),
      ),
      message: asksNobody,
      fix: askForTokens,
    },
    {
      ...open("the UI's policy is for a waypoint", (mesh) =>
        mesh.set(refs.policy, "spec targetRefs", [
          { kind: "Service", group: "", name: "jaeger-query-clusterip" },
        ]),
      ),
      message: asksNobody,
      fix: askForTokens,
    },
    {
      ...asks("a port written with the host gets past the policy", {
        from: [{ source: { notRequestPrincipals: ["*"] } }],
        to: [{ operation: { hosts: [host] } }],
      }),
      message:
        "VirtualService istio-system/jaeger-ui routes jaeger.example.com from outside to Jaeger's UI and API, but the AuthorizationPolicy on the gateway does not match requests with a port in the Host header; add each host with :* too",
      fix: askForTokens,
    },
    {
      ...asks("the policy is about another host", {
        from: [{ source: { notRequestPrincipals: ["*"] } }],
        to: [{ operation: { hosts: ["kiali.example.com", "kiali.example.com:*"] } }],
      }),
      message: asksNobody,
      fix: askForTokens,
    },
    {
      ...asks("the policy leaves the host out", {
        from: [{ source: { notRequestPrincipals: ["*"] } }],
        to: [{ operation: { notHosts: ["*.example.com"] } }],
      }),
      message: asksNobody,
      fix: askForTokens,
    },
    {
      ...asks("everybody's address is let in", {
        from: [{ source: { notRemoteIpBlocks: ["203.0.113.0/24", "0.0.0.0/0"] } }],
        to: toHost,
      }),
      message: asksNobody,
      fix: askForTokens,
    },
    {
      ...asks("only some addresses are kept out", {
        from: [{ source: { ipBlocks: ["198.51.100.0/24"] } }],
        to: toHost,
      }),
      message: asksNobody,
      fix: askForTokens,
    },
    {
      ...asks("only strangers from some addresses are kept out", {
        from: [{ source: { notRequestPrincipals: ["*"], remoteIpBlocks: ["198.51.100.0/24"] } }],
        to: toHost,
      }),
      message: asksNobody,
      fix: askForTokens,
    },
    {
      ...asks("only known people are kept out", {
        from: [{ source: { requestPrincipals: ["*"] } }],
        to: toHost,
      }),
      message: asksNobody,
      fix: askForTokens,
    },
    {
      ...asks("strangers may read", {
        from: [{ source: { notRequestPrincipals: ["*"] } }],
        to: [{ operation: { hosts: [host, `${host}:*`], notMethods: ["GET"] } }],
      }),
      message: asksNobody,
      fix: askForTokens,
    },
    {
      ...asks("strangers are kept out of one path", {
        from: [{ source: { notRequestPrincipals: ["*"] } }],
        to: [{ operation: { hosts: [host, `${host}:*`], paths: ["/search"] } }],
      }),
      message: asksNobody,
      fix: askForTokens,
    },
    {
      ...asks("strangers may use the API", {
        from: [{ source: { notRequestPrincipals: ["*"] } }],
        to: [{ operation: { hosts: [host, `${host}:*`], notPaths: ["/api/*"] } }],
      }),
      message: asksNobody,
      fix: askForTokens,
    },
    {
      ...asks("strangers are known by a header that anybody can send", {
        to: toHost,
        when: [{ key: "request.headers[x-team]", notValues: ["platform"] }],
      }),
      message: asksNobody,
      fix: askForTokens,
    },
    {
      ...open("one policy asks and another lets everybody in", (mesh) =>
        mesh
          .add(tokens)
          .set(refs.policy, "spec action", "ALLOW")
          .set(refs.policy, "spec rules", [{ from: [{ source: { requestPrincipals: ["*"] } }] }])
          .add(policy("everybody", { action: "ALLOW", rules: [{ to: toHost }] })),
      ),
      message: asksNobody,
      fix: askForTokens,
    },
    {
      ...open("a policy lets the addresses in that it means to keep out", (mesh) =>
        mesh
          .set(refs.policy, "spec action", "ALLOW")
          .set(refs.policy, "spec rules", [{ from: [{ source: { notIpBlocks: ["198.51.100.0/24"] } }] }]),
      ),
      message: asksNobody,
      fix: askForTokens,
    },
    {
      ...open("one of two sources that are let in is anybody", (mesh) =>
        mesh
          .add(tokens)
          .set(refs.policy, "spec action", "ALLOW")
          .set(refs.policy, "spec rules", [
            {
              from: [
                { source: { requestPrincipals: ["*"] } },
                { source: { notIpBlocks: ["198.51.100.0/24"] } },
              ],
            },
          ]),
      ),
      message: asksNobody,
      fix: askForTokens,
    },
    {
      ...open("a login asks for one path only", (mesh) =>
        mesh
          .set(refs.policy, "spec action", "CUSTOM")
          .set(refs.policy, "spec provider", { name: "oauth2-proxy" })
          .set(refs.policy, "spec rules", [{ to: [{ operation: { paths: ["/search"] } }] }]),
      ),
      message: asksNobody,
      fix: askForTokens,
    },
    {
      ...open(
        "the UI is open to everybody on purpose",
        (mesh) =>
          mesh.remove(refs.policy).set(refs.route, "metadata annotations", { "mesh-tracing/public": "true" }),
        "info",
      ),
      message:
        "VirtualService istio-system/jaeger-ui serves Jaeger's UI and API at jaeger.example.com without authentication, which its annotation mesh-tracing/public accepts",
      fix: "",
    },
    {
      ...open("Jaeger's MCP endpoint is routed", (mesh) => newer(mesh).unset(refs.route, "spec http 0")),
      message: routesMcp,
      fix: keepMcpBack,
    },
    {
      ...open("Jaeger's MCP endpoint is routed behind the UI's route", (mesh) => {
        const { http } = mesh.get(refs.route)["spec"] as { http: unknown[] };
        newer(mesh).set(refs.route, "spec http", [...http].reverse());
      }),
      message: routesMcp,
      fix: keepMcpBack,
    },
    {
      ...open("Jaeger's MCP endpoint is kept from some", (mesh) =>
        newer(mesh).set(refs.route, "spec http 0 match 0 headers", { "x-team": { exact: "platform" } }),
      ),
      message: routesMcp,
      fix: keepMcpBack,
    },
    {
      ...open("whether Jaeger has an MCP endpoint is not known, and it would be routed", (mesh) =>
        mesh
          .set(
            "Deployment istio-system/jaeger",
            "spec template spec containers 0 image",
            "jaegertracing/jaeger:latest",
          )
          .unset(refs.route, "spec http 0"),
      ),
      message: routesMcp,
      fix: keepMcpBack,
    },
  ],
  harmless: [
    {
      name: "Jaeger's UI behind the gateway with an AuthorizationPolicy",
      varies: (mesh) =>
        mesh.add(httpRoute, {
          apiVersion: "security.istio.io/v1",
          kind: "AuthorizationPolicy",
          metadata: { name: "jaeger", namespace: "istio-system" },
          spec: {
            action: "CUSTOM",
            provider: { name: "oauth2-proxy" },
            rules: [{ to: [{ operation: { hosts: ["jaeger.example.com", "jaeger.example.com:*"] } }] }],
          },
        }),
    },
    {
      name: "Jaeger's UI behind an Ingress that asks",
      varies: (mesh) =>
        mesh.add({
          ...ingressRoute,
          metadata: {
            ...ingressRoute.metadata,
            annotations: { "nginx.ingress.kubernetes.io/auth-url": "https://auth.example.com/oauth2/auth" },
          },
        }),
    },
    way("some networks, over HTTPS", () => undefined),
    way("a Jaeger with an MCP endpoint, which is not routed", newer),
    way("a Jaeger with an MCP endpoint, kept back by a regular expression", (mesh) =>
      newer(mesh).set(refs.route, "spec http 0 match 0 uri", { regex: "(?i)/+api/+ai(/.*)?" }),
    ),
    keptOut(
      "tokens of one issuer for one audience",
      { from: strangers, to: toHost },
      {
        to: toHost,
        when: [{ key: "request.auth.audiences", notValues: ["jaeger"] }],
      },
    ),
    keptOut("tokens by a condition alone", {
      to: toHost,
      when: [{ key: "request.auth.principal", notValues: ["*"] }],
    }),
    keptOut("the peer's address", { from: [{ source: { notIpBlocks: ["10.0.0.0/8"] } }], to: toHost }),
    keptOut("every host", { from: strangers }),
    keptOut("a prefix of the host", { from: strangers, to: [{ operation: { hosts: [`${host}*`] } }] }),
    keptOut("case does not matter", {
      from: strangers,
      to: [{ operation: { hosts: ["Jaeger.Example.com", "JAEGER.example.com:*"] } }],
    }),
    keptOut("challenges and preflights pass", {
      from: strangers,
      to: [
        {
          operation: {
            ...toHost[0]?.operation,
            notPaths: ["/.well-known/acme-challenge/*"],
            notMethods: ["OPTIONS"],
          },
        },
      ],
    }),
    keptOut("nobody at all", {}),
    way("a login", (mesh) =>
      mesh
        .set(refs.policy, "spec action", "CUSTOM")
        .set(refs.policy, "spec provider", { name: "oauth2-proxy" })
        .set(refs.policy, "spec rules", [{ to: toHost }]),
    ),
    way("a policy for the whole mesh", (mesh) => mesh.unset(refs.policy, "spec selector")),
    letIn(
      "allowed to some",
      { from: [{ source: { requestPrincipals: ["*"] } }] },
      { to: [{ operation: { hosts: ["shop.example.com"] } }] },
    ),
    letIn(
      "allowed to some, health checks to all",
      { from: [{ source: { remoteIpBlocks: ["203.0.113.0/24"] } }] },
      { to: [{ operation: { paths: ["/healthz"] } }] },
    ),
    letIn("allowed to some by a condition", {
      when: [{ key: "request.auth.claims[groups]", values: ["platform"] }],
    }),
    letIn("allowed to nobody"),
    {
      name: "an HTTPRoute of a newer Jaeger that keeps the MCP endpoint back",
      varies: (mesh) =>
        newer(mesh).add(policy("jaeger", { action: "DENY", rules: [{ from: strangers }] }), {
          ...httpRoute,
          spec: {
            ...(httpRoute["spec"] as Tree),
            rules: [
              ...(httpRoute["spec"] as { rules: Tree[] }).rules,
              {
                matches: [{ path: { type: "PathPrefix", value: "/api/ai" } }],
                filters: [{ type: "RequestRedirect" }],
              },
            ],
          },
        }),
    },
  ],
});

describe("jaeger-ui-not-public", () => {
  const ask = asker("jaeger-ui-not-public");
  const protect = (hosts: string, namespace = "istio-system") =>
    "# add, with a RequestAuthentication for the issuer you trust\napiVersion: security.istio.io/v1\n" +
    `kind: AuthorizationPolicy\nmetadata:\n  name: jaeger-ui-authenticated\n  namespace: ${namespace}\nspec:\n  action: DENY\n` +
    `  rules:\n    - from:\n        - source:\n            notRequestPrincipals:\n              - "*"\n      to:\n` +
    `        - operation:\n            hosts:${hosts}`;
  const routes = (what: string) =>
    `warning: ${what} from outside to Jaeger's UI and API without authentication; add an AuthorizationPolicy on the gateway, or use the ingress controller's authentication\n`;
  const virtualService = (
    port: object = {},
    gateway = "edge/public",
    host = "jaeger-query-clusterip",
  ): Manifest =>
    istioObject("VirtualService", "ui", {
      hosts: ["a.example.com", "b.example.com"],
      gateways: [gateway],
      http: [{ route: [{ destination: { host, ...port } }] }],
    });

  it.each(["LoadBalancer", "NodePort"])("a Service of type %s", (type) => {
    const service = () => new Mesh().set(query, "spec type", type);
    expect(ask(service())).toEqual([
      `warning: ${query} of type ${type} exposes Jaeger's UI and API outside the cluster without authentication; use type ClusterIP\n# in spec\ntype: ClusterIP`,
    ]);
    const other = new Mesh().set("Service istio-system/jaeger-collector-clusterip", "spec type", type);
    expect(ask(other)).toEqual([]);
    expect(ask(service().set(query, "spec selector", {}))).toEqual([]);
    expect(ask(service().set(query, "metadata namespace", "tracing"))).toEqual([]);
    expect(ask(service().set(query, "spec selector extra", "label"))).toEqual([]);
  });

  it("a route, whatever its host and port", () => {
    const both = ["a.example.com", "b.example.com"]
      .map((host) => `\n              - ${host}\n              - ${host}:*`)
      .join("");
    const says = [
      `${routes("VirtualService istio-system/ui routes a.example.com, b.example.com")}${protect(both, "edge")}`,
    ];
    expect(ask(new Mesh().add(virtualService()))).toEqual(says);
    expect(ask(new Mesh().add(virtualService({ port: { number: 16686 } })))).toEqual(says);
    expect(ask(new Mesh().add(virtualService({ port: { number: 16685 } })))).toEqual(says);
    expect(ask(new Mesh().add(virtualService({ port: { number: 80 } })))).toEqual([]);
    expect(ask(new Mesh().add(virtualService({}, "edge/public", "jaeger-collector-clusterip")))).toEqual([]);
    expect(ask(new Mesh().add(virtualService({}, "mesh")))).toEqual([]);
    const anyHost = { ...httpRoute, spec: { ...(httpRoute["spec"] as object), hostnames: undefined } };
    expect(ask(new Mesh().add(anyHost))).toEqual([
      `${routes("HTTPRoute istio-system/jaeger routes any host")}${protect("").split("\n      to:")[0]}`,
    ]);
    const ingress = ask(new Mesh().add(ingressRoute));
    expect(ingress).toEqual([
      `${routes("Ingress istio-system/jaeger routes jaeger.example.com")}# in metadata.annotations, for ingress-nginx with a ` +
        "proxy that authenticates\nnginx.ingress.kubernetes.io/auth-url: https://auth.example.com/oauth2/auth",
    ]);
  });

  it("a host by wildcard, which fits any port already", () => {
    const wild = virtualService();
    (wild["spec"] as Tree)["hosts"] = ["*.example.com", "jaeger.example.com"];
    expect(ask(new Mesh().add(wild))[0]?.split("hosts:")[1]).toBe(
      '\n              - "*.example.com"\n              - jaeger.example.com\n              - jaeger.example.com:*',
    );
  });

  it.each<[string[], number]>([
    [["jaegertracing/jaeger:2.19.0"], 0],
    [["jaegertracing/jaeger:2.20.0"], 1],
    [["jaegertracing/jaeger:v2.20.1-amd64"], 1],
    [["jaegertracing/jaeger:3.0.0"], 1],
    [["jaegertracing/all-in-one:1.62.0"], 0],
    [["jaegertracing/jaeger"], 1],
    [["registry.example:5000.1/jaegertracing/jaeger:2.19.0"], 0],
    [["jaegertracing/jaeger:2.19.0", "jaegertracing/jaeger:2.20.0"], 1],
    [["jaegertracing/jaeger:2.19.0", "jaegertracing/jaeger:latest"], 1],
    [["jaegertracing/jaeger:2.19.0", "jaegertracing/jaeger:2.18.0"], 0],
  ])("an MCP endpoint where some image has one, or may: %j", ([image, other], expected) => {
    const images = "spec template spec containers 0 image";
    const mesh = withUi(new Mesh()).unset(refs.route, "spec http 0").set(jaeger, images, image);
    if (other !== undefined) mesh.copy(jaeger, "second").set("Deployment istio-system/second", images, other);
    expect(ask(mesh).filter((text) => text.includes("MCP"))).toHaveLength(expected);
  });

  it("an MCP endpoint of a route for which this project has no lines", () => {
    const [told] = ask(
      newer(new Mesh()).add(policy("jaeger", { action: "DENY", rules: [{ from: strangers }] }), httpRoute),
    );
    expect(told).toMatch(/^warning: HTTPRoute istio-system\/jaeger routes \/api\/ai\/ .*; block that path$/);
  });

  it("a port that has the UI behind it: by number, or by name", () => {
    const ports = (...list: object[]) =>
      ask(new Mesh().set(query, "spec ports", list).set(query, "spec type", "NodePort")).length;
    expect(ports({ port: 80 })).toBe(0);
    expect(ports({ port: 80 }, { port: 81, targetPort: 16686 })).toBe(1);
    expect(ports({ port: 80, targetPort: "16685" })).toBe(1);
    expect(ports({ port: 16686 })).toBe(1);
    expect(ports({ port: 16686, targetPort: 80 })).toBe(0);
    expect(ports({ port: 80, targetPort: "query" })).toBe(1);
    expect(ports({ port: 80, targetPort: "ui" })).toBe(1);
    expect(ports({ port: 80, targetPort: "zipkin" })).toBe(0);
    expect(ports({ name: "query" })).toBe(0);
  });

  it("is not asked where there is no Jaeger", () => {
    expect(ask(new Mesh().remove(jaeger).set(query, "spec type", "NodePort"))).toEqual([]);
  });
});
