/** Other ways to the UI that are as good. */
import { httpRoute } from "../faults/jaegers";
import { type Mesh } from "../fixture";
import { type Tree } from "../healthyObjects";
import { host, policy, refs, toHost, tokens, withUi } from "../uiObjects";
import { type Variation } from "./variation";

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
const asks = (name: string, ...rules: Tree[]): Variation =>
  way(name, (mesh) => mesh.add(tokens).set(refs.policy, "spec rules", rules));
const allows = (name: string, ...rules: Tree[]): Variation =>
  way(name, (mesh) =>
    mesh.add(tokens).set(refs.policy, "spec action", "ALLOW").set(refs.policy, "spec rules", rules),
  );
const strangers = [{ source: { notRequestPrincipals: ["https://login.example.com/*"] } }];

export const uis: readonly Variation[] = [
  way("some networks, over HTTPS", () => undefined),
  way("a Jaeger with an MCP endpoint, which is not routed", newer),
  way("a Jaeger with an MCP endpoint, kept back by a regular expression", (mesh) =>
    newer(mesh).set(refs.route, "spec http 0 match 0 uri", { regex: "(?i)/+api/+ai(/.*)?" }),
  ),
  asks(
    "tokens of one issuer for one audience",
    { from: strangers, to: toHost },
    {
      to: toHost,
      when: [{ key: "request.auth.audiences", notValues: ["jaeger"] }],
    },
  ),
  asks("tokens by a condition alone", {
    to: toHost,
    when: [{ key: "request.auth.principal", notValues: ["*"] }],
  }),
  asks("the peer's address", { from: [{ source: { notIpBlocks: ["10.0.0.0/8"] } }], to: toHost }),
  asks("every host", { from: strangers }),
  asks("a prefix of the host", { from: strangers, to: [{ operation: { hosts: [`${host}*`] } }] }),
  asks("case does not matter", {
    from: strangers,
    to: [{ operation: { hosts: ["Jaeger.Example.com", "JAEGER.example.com:*"] } }],
  }),
  asks("challenges and preflights pass", {
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
  asks("nobody at all", {}),
  way("a login", (mesh) =>
    mesh
      .set(refs.policy, "spec action", "CUSTOM")
      .set(refs.policy, "spec provider", { name: "oauth2-proxy" })
      .set(refs.policy, "spec rules", [{ to: toHost }]),
  ),
  way("a policy for the whole mesh", (mesh) => mesh.unset(refs.policy, "spec selector")),
  allows(
    "allowed to some",
    { from: [{ source: { requestPrincipals: ["*"] } }] },
    { to: [{ operation: { hosts: ["shop.example.com"] } }] },
  ),
  allows(
    "allowed to some, health checks to all",
    { from: [{ source: { remoteIpBlocks: ["203.0.113.0/24"] } }] },
    { to: [{ operation: { paths: ["/healthz"] } }] },
  ),
  allows("allowed to some by a condition", {
    when: [{ key: "request.auth.claims[groups]", values: ["platform"] }],
  }),
  allows("allowed to nobody"),
  way("a certificate with a wildcard", (mesh) =>
    mesh.set(refs.certificate, "spec dnsNames", ["*.example.com"]),
  ),
  way("a certificate of others", (mesh) => mesh.remove(refs.certificate)),
  way("a Gateway with a wildcard, in the application's namespace", (mesh) =>
    mesh
      .set(refs.https, "spec servers 0 hosts", ["istio-system/*.example.com"])
      .set(refs.https, "metadata namespace", "auth")
      .set(refs.route, "spec gateways 0", "auth/jaeger-ui"),
  ),
  way("a Gateway that is not in the input", (mesh) => mesh.set(refs.route, "spec gateways", ["edge/public"])),
  way("a Kiali that is not in the input", (mesh) =>
    mesh.copy(refs.route, "kiali").set("VirtualService istio-system/kiali", "spec http", [
      {
        route: [{ destination: { host: "kiali.istio-system.svc.cluster.local", port: { number: 20001 } } }],
      },
    ]),
  ),
  {
    name: "an application behind a Gateway of plain HTTP, as in Istio's samples",
    varies: (mesh) =>
      mesh.add(
        {
          apiVersion: "networking.istio.io/v1",
          kind: "Gateway",
          metadata: { name: "bookinfo-gateway", namespace: "auth" },
          spec: {
            selector: { istio: "ingressgateway" },
            servers: [{ port: { number: 8080, name: "http", protocol: "HTTP" }, hosts: ["*"] }],
          },
        },
        {
          apiVersion: "networking.istio.io/v1",
          kind: "VirtualService",
          metadata: { name: "bookinfo", namespace: "auth" },
          spec: {
            hosts: ["*"],
            gateways: ["bookinfo-gateway"],
            http: [
              { match: [{ uri: { exact: "/productpage" } }], route: [{ destination: { host: "auth-api" } }] },
            ],
          },
        },
      ),
  },
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
];
