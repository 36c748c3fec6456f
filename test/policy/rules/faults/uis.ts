/** Faults of people's way to the UI. */
import { type Mesh } from "../fixture";
import { type Tree } from "../healthyObjects";
import { host, policy, refs, toHost, tokens, withUi } from "../uiObjects";
import { type Fault } from "./fault";

const destination = "spec http 1 route 0 destination";
const newer = (mesh: Mesh) =>
  mesh.set(
    "Deployment istio-system/jaeger",
    "spec template spec containers 0 image",
    "jaegertracing/jaeger:2.20.0",
  );

/** A fault of who may come: the route is open. */
const open = (name: string, breaks: (mesh: Mesh) => unknown, level?: "warning"): Fault => ({
  name,
  breaks: (mesh) => breaks(withUi(mesh)),
  rule: "jaeger-ui-not-public",
  object: refs.route,
  ...(level === undefined ? {} : { level }),
});
const asks = (name: string, rule: Tree): Fault =>
  open(name, (mesh) => mesh.add(tokens).set(refs.policy, "spec rules", [rule]));
const broken = (name: string, object: string, breaks: (mesh: Mesh) => unknown, level?: "warning"): Fault => ({
  ...open(name, breaks, level),
  rule: "ui-route",
  object,
});

export const uis: readonly Fault[] = [
  open("nobody asks who comes to the UI", (mesh) => mesh.remove(refs.policy)),
  open("the UI's policy is for another gateway", (mesh) =>
    mesh.set(refs.policy, "spec selector matchLabels istio", "eastwestgateway"),
  ),
  open("the UI's policy is in a namespace without gateways", (mesh) =>
    mesh.set(refs.policy, "metadata namespace", "monitoring"),
  ),
  open("the UI's policy is for a waypoint", (mesh) =>
    mesh.set(refs.policy, "spec targetRefs", [
      { kind: "Service", group: "", name: "jaeger-query-clusterip" },
    ]),
  ),
  asks("a port written with the host gets past the policy", {
    from: [{ source: { notRequestPrincipals: ["*"] } }],
    to: [{ operation: { hosts: [host] } }],
  }),
  asks("the policy is about another host", {
    from: [{ source: { notRequestPrincipals: ["*"] } }],
    to: [{ operation: { hosts: ["kiali.example.com", "kiali.example.com:*"] } }],
  }),
  asks("the policy leaves the host out", {
    from: [{ source: { notRequestPrincipals: ["*"] } }],
    to: [{ operation: { notHosts: ["*.example.com"] } }],
  }),
  asks("everybody's address is let in", {
    from: [{ source: { notRemoteIpBlocks: ["203.0.113.0/24", "0.0.0.0/0"] } }],
    to: toHost,
  }),
  asks("only some addresses are kept out", {
    from: [{ source: { ipBlocks: ["198.51.100.0/24"] } }],
    to: toHost,
  }),
  asks("only strangers from some addresses are kept out", {
    from: [{ source: { notRequestPrincipals: ["*"], remoteIpBlocks: ["198.51.100.0/24"] } }],
    to: toHost,
  }),
  asks("only known people are kept out", { from: [{ source: { requestPrincipals: ["*"] } }], to: toHost }),
  asks("strangers may read", {
    from: [{ source: { notRequestPrincipals: ["*"] } }],
    to: [{ operation: { hosts: [host, `${host}:*`], notMethods: ["GET"] } }],
  }),
  asks("strangers are kept out of one path", {
    from: [{ source: { notRequestPrincipals: ["*"] } }],
    to: [{ operation: { hosts: [host, `${host}:*`], paths: ["/search"] } }],
  }),
  asks("strangers may use the API", {
    from: [{ source: { notRequestPrincipals: ["*"] } }],
    to: [{ operation: { hosts: [host, `${host}:*`], notPaths: ["/api/*"] } }],
  }),
  asks("strangers are known by a header that anybody can send", {
    to: toHost,
    when: [{ key: "request.headers[x-team]", notValues: ["platform"] }],
  }),
  open("one policy asks and another lets everybody in", (mesh) =>
    mesh
      .add(tokens)
      .set(refs.policy, "spec action", "ALLOW")
      .set(refs.policy, "spec rules", [{ from: [{ source: { requestPrincipals: ["*"] } }] }])
      .add(policy("everybody", { action: "ALLOW", rules: [{ to: toHost }] })),
  ),
  open("a policy lets the addresses in that it means to keep out", (mesh) =>
    mesh
      .set(refs.policy, "spec action", "ALLOW")
      .set(refs.policy, "spec rules", [{ from: [{ source: { notIpBlocks: ["198.51.100.0/24"] } }] }]),
  ),
  open("one of two sources that are let in is anybody", (mesh) =>
    mesh
      .add(tokens)
      .set(refs.policy, "spec action", "ALLOW")
      .set(refs.policy, "spec rules", [
        {
          from: [{ source: { requestPrincipals: ["*"] } }, { source: { notIpBlocks: ["198.51.100.0/24"] } }],
        },
      ]),
  ),
  open("a login asks for one path only", (mesh) =>
    mesh
      .set(refs.policy, "spec action", "CUSTOM")
      .set(refs.policy, "spec provider", { name: "oauth2-proxy" })
      .set(refs.policy, "spec rules", [{ to: [{ operation: { paths: ["/search"] } }] }]),
  ),
  open(
    "the UI is open to everybody on purpose",
    (mesh) =>
      mesh.remove(refs.policy).set(refs.route, "metadata annotations", { "mesh-tracing/public": "true" }),
    "warning",
  ),
  open("Jaeger's MCP endpoint is routed", (mesh) => newer(mesh).unset(refs.route, "spec http 0")),
  open("Jaeger's MCP endpoint is routed behind the UI's route", (mesh) => {
    const { http } = mesh.get(refs.route)["spec"] as { http: unknown[] };
    newer(mesh).set(refs.route, "spec http", [...http].reverse());
  }),
  open("Jaeger's MCP endpoint is kept from some", (mesh) =>
    newer(mesh).set(refs.route, "spec http 0 match 0 headers", { "x-team": { exact: "platform" } }),
  ),
  open(
    "whether Jaeger has an MCP endpoint is not known, and it would be routed",
    (mesh) =>
      mesh
        .set(
          "Deployment istio-system/jaeger",
          "spec template spec containers 0 image",
          "jaegertracing/jaeger:latest",
        )
        .unset(refs.route, "spec http 0"),
    "warning",
  ),
  broken("the UI's Gateway does not exist", refs.route, (mesh) =>
    mesh.set(refs.route, "spec gateways 0", "istio-system/jaeger"),
  ),
  broken("the UI's Gateway has another host", refs.route, (mesh) =>
    mesh.set(refs.https, "spec servers 0 hosts", ["tracing.example.com"]),
  ),
  broken("the UI's Gateway is for routes of another namespace", refs.route, (mesh) =>
    mesh.set(refs.https, "spec servers 0 hosts", [`monitoring/${host}`]),
  ),
  broken("the UI's Gateway selects no pods", refs.http, (mesh) =>
    mesh.set(refs.http, "spec selector istio", "ingress"),
  ),
  broken(
    "the UI is served in plain HTTP",
    refs.http,
    (mesh) => mesh.unset(refs.http, "spec servers 0 tls"),
    "warning",
  ),
  broken(
    "the UI's policy asks for tokens that nobody checks",
    refs.route,
    (mesh) =>
      mesh.set(refs.policy, "spec rules", [
        { from: [{ source: { notRequestPrincipals: ["*"] } }], to: toHost },
      ]),
    "warning",
  ),
  broken(
    "the UI's certificate is not where the gateway's pods are",
    refs.certificate.replace("istio-system", "monitoring"),
    (mesh) => mesh.set(refs.certificate, "metadata namespace", "monitoring"),
  ),
  broken("the UI's certificate has a wildcard for another label", refs.certificate, (mesh) =>
    mesh.set(refs.certificate, "spec dnsNames", ["*.com"]),
  ),
  broken(
    "two routes of one Gateway are served in plain HTTP",
    refs.http,
    (mesh) => mesh.unset(refs.http, "spec servers 0 tls").copy(refs.route, "jaeger-ui-again"),
    "warning",
  ),
  broken("the UI's certificate is for another host", refs.certificate, (mesh) =>
    mesh.set(refs.certificate, "spec dnsNames", ["*.internal.example.com", "tracing.example.com"]),
  ),
  broken("the UI's route leads to a Service that does not exist", refs.route, (mesh) =>
    mesh.set(refs.route, `${destination} host`, "jaeger-query.istio-system.svc.cluster.local"),
  ),
  broken("the UI's route leads to a port that the Service does not have", refs.route, (mesh) =>
    mesh.set(refs.route, `${destination} port number`, 80),
  ),
  broken("the UI's route leaves open which port it leads to", refs.route, (mesh) =>
    mesh.unset(refs.route, `${destination} port`),
  ),
  broken("the UI's route leads to a headless Service", refs.route, (mesh) =>
    mesh.set("Service istio-system/jaeger-query-clusterip", "spec clusterIP", "None"),
  ),
];
