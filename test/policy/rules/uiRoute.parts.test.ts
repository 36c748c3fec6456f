/** What has to meet what on the way from a browser to a UI: route, Service, Gateway, certificate and tokens. */
import { describe, expect, it } from "vitest";
import { type Manifest, type Tree } from "../../../docs/generate/sample/mesh";
import { asker, istioObject } from "../../fixtures/rule";

const ask = asker("ui-route");
/** What is said, without the object it is said of, and what is to be pasted. */
const says = (...objects: Manifest[]) =>
  ask(objects).map((finding) => finding.replace(/^(\w+): (\S+ \S+) /, "$2: "));
const briefly = (...objects: Manifest[]) => says(...objects).map((finding) => finding.split("\n")[0] ?? "");
const workload = (name: string, namespace: string, labels: Tree, image = "example.com/it:1"): Manifest => ({
  apiVersion: "apps/v1",
  kind: "Deployment",
  metadata: { name, namespace },
  spec: {
    selector: { matchLabels: labels },
    template: { metadata: { labels }, spec: { containers: [{ name, image }] } },
  },
});
const jaeger = workload("jaeger", "tracing", { app: "jaeger" }, "jaegertracing/jaeger:2");
const service = (name: string, spec: Tree, namespace = "tracing"): Manifest => ({
  apiVersion: "v1",
  kind: "Service",
  metadata: { name, namespace },
  spec: { selector: { app: "jaeger" }, ports: [{ port: 16686 }], ...spec },
});
const good = [jaeger, service("query", {})];
const host = "ui.example.com";
const to = (destination: Tree) => ({ http: [{ route: [{ destination }] }] });
const route = (destination: Tree, more: Tree = {}) =>
  istioObject(
    "VirtualService",
    "ui",
    { hosts: [host], gateways: ["edge/public"], ...to(destination), ...more },
    "tracing",
  );
const https = { port: { number: 443, protocol: "HTTPS" }, tls: { credentialName: "ui-tls" } };
const gateway = (server: Tree = https, selector: Tree = { istio: "gateway" }, name = "public") =>
  istioObject("Gateway", name, { selector, servers: [{ hosts: [host], ...server }] }, "edge");
const pods = workload("public", "edge", { istio: "gateway" });
const certificate = (spec: Tree, namespace = "edge", name = "ui"): Manifest => ({
  apiVersion: "cert-manager.io/v1",
  kind: "Certificate",
  metadata: { name, namespace },
  spec: { secretName: "ui-tls", ...spec },
});

describe("a route's Service", () => {
  it("is Jaeger's, by its pods or by the port that is asked for", () => {
    expect(briefly(...good, route({ host: "query", port: { number: 16686 } }))).toEqual([]);
    expect(briefly(...good, route({ host: "query", port: { number: 1 } }))).toEqual([
      "VirtualService tracing/ui: routes to port 1 of Service tracing/query; use one of its ports:16686",
    ]);
    expect(
      briefly(
        ...good,
        service("web", { selector: { app: "web" } }),
        route({ host: "web", port: { number: 1 } }),
      ),
    ).toEqual([]);
    expect(briefly(...good, route({ host: "query.example.com.", port: { number: 16686 } }))).toEqual([]);
    // Bound to no Gateway, it is for sidecars.
    expect(briefly(...good, route({ host: "query", port: { number: 1 } }, { gateways: ["mesh"] }))).toEqual(
      [],
    );
  });

  it("needs a port where it has several, and the fix names the UI's", () => {
    const two = service("query", {
      ports: [{ port: 9000, targetPort: 16686 }, { port: 16685 }, { port: 16686 }],
    });
    const [finding] = says(jaeger, two, route({ host: "query" }));
    expect(finding).toBe(
      "VirtualService tracing/ui: routes to no port of Service tracing/query; use one of its ports:9000, 16685 and 16686\n" +
        "# in the route's destination\nport:\n  number: 16686",
    );
    const other = service("query", { ports: [{ port: 80, targetPort: 16686 }] });
    expect(says(jaeger, other, route({ host: "query", port: { number: 16686 } }))[0]).toMatch(/number: 80$/);
    expect(briefly(jaeger, other, route({ host: "query" }))).toEqual([]);
  });

  it("is missing where the pods of its UI are", () => {
    const gone = (number: number) => route({ host: "gone", port: { number } });
    const missing = [
      "VirtualService tracing/ui: routes to Service tracing/gone, which does not exist; route to a ClusterIP Service of the UI's pods",
    ];
    const kiali = workload("kiali", "tracing", { "app.kubernetes.io/name": "kiali" });
    expect(briefly(...good, gone(16686))).toEqual(missing);
    expect(says(...good, gone(16686))[0]).toMatch(/\nhost: query\.tracing\.svc\.cluster\.local$/);
    expect(says(jaeger, gone(16686))[0]).toMatch(/route to a ClusterIP Service of the UI's pods$/);
    // A second Jaeger elsewhere changes nothing.
    expect(briefly(...good, { ...jaeger, metadata: { name: "j", namespace: "x" } }, gone(16686))).toEqual(
      missing,
    );
    expect(briefly({ ...jaeger, metadata: { name: "j", namespace: "x" } }, gone(16686))).toEqual([]);
    expect(briefly(...good, gone(20001))).toEqual([]);
    expect(says(...good, kiali, gone(20001))[0]).toMatch(/route to a ClusterIP Service of the UI's pods$/);
    expect(briefly(kiali, gone(20001))).toEqual(missing);
    expect(briefly({ ...kiali, metadata: { name: "k", namespace: "x" } }, gone(20001))).toEqual([]);
    expect(briefly(workload("web", "tracing", { app: "web" }), gone(20001))).toEqual([]);
  });
});

describe("a route's Gateway", () => {
  const ui = route({ host: "query", port: { number: 16686 } });
  const said = (...objects: Manifest[]) => briefly(...good, ui, ...objects);

  it("exists where others of its namespace are in the input", () => {
    const [finding] = says(...good, ui, gateway(https, {}, "other"));
    expect(finding).toBe(
      "VirtualService tracing/ui: is bound to Gateway edge/public, which does not exist; bind it to a Gateway that serves its host\n" +
        "# in spec\ngateways:\n  - edge/other",
    );
    expect(said(istioObject("Gateway", "other", {}, "elsewhere"))).toEqual([]);
  });

  it("selects gateway pods where its namespace has some", () => {
    const wrong = gateway(https, { app: "x", zone: "a" });
    const none =
      "Gateway edge/public: selects no gateway pods (app=x, zone=a), so nothing serves it; select the pods of a gateway, such as Deployment edge/public";
    expect(says(...good, ui, pods, wrong)).toEqual([`${none}\n# in spec\nselector:\n  istio: gateway`]);
    const byApp = { ...workload("public", "edge", { app: "own" }) };
    byApp["spec"] = {
      selector: {},
      template: { metadata: { labels: { app: "own" } }, spec: { containers: [{ name: "istio-proxy" }] } },
    };
    expect(says(...good, ui, byApp, wrong)).toEqual([`${none}\n# in spec\nselector:\n  app: own`]);
    expect(said(wrong)).toEqual([]);
    expect(said(wrong, workload("public", "other", { istio: "gateway" }))).toEqual([]);
    expect(said(pods, gateway())).toEqual([]);
  });

  it.each(["HTTP", "http", "HTTP2", "GRPC"])("is not plain %s", (protocol) => {
    const plain = gateway({ port: { number: 80, protocol } });
    expect(said(plain)).toHaveLength(1);
    expect(said(plain)[0]).toContain("in plain HTTP on port 80,");
    expect(said(gateway({ port: { number: 80, protocol }, tls: { httpsRedirect: true } }))).toEqual([]);
  });

  it("is told of once, for two routes", () => {
    const second = { ...ui, metadata: { name: "second", namespace: "tracing" } };
    const plain = gateway({ port: { protocol: "HTTP" } });
    expect(said(second, plain)).toHaveLength(1);
    expect(said(second, plain)[0]).toContain("on port without a number");
    expect(said(gateway({ port: {} }))).toEqual([]);
    expect(said(second, gateway({ port: { protocol: "HTTP" }, hosts: ["x"] }))).toHaveLength(2);
  });
});

describe("the certificate", () => {
  const ui = route({ host: "query", port: { number: 16686 } });
  const said = (...objects: Manifest[]) => briefly(...good, ui, gateway(), ...objects);
  const named = { dnsNames: [host] };

  it("is in the namespace of the gateway's pods", () => {
    expect(said(pods, certificate(named))).toEqual([]);
    expect(said(pods, certificate(named, "tracing"), certificate(named))).toEqual([]);
    expect(said(pods, certificate({ ...named, secretName: "other" }, "tracing"))).toEqual([]);
    expect(said(certificate(named, "tracing"))).toEqual([]);
    expect(
      says(
        ...good,
        ui,
        gateway(),
        pods,
        workload("second", "edge", { istio: "gateway" }),
        certificate(named, "tracing"),
      ),
    ).toEqual([
      "Certificate tracing/ui: creates Secret ui-tls in namespace tracing, but Gateway edge/public reads it from the namespace of its pods; create it in edge\n" +
        "# in metadata\nnamespace: edge",
    ]);
    const without = gateway({ port: { number: 443, protocol: "HTTPS" }, tls: {} });
    const unnamed = certificate({ ...named, secretName: undefined }, "tracing");
    expect(briefly(...good, ui, without, pods, unnamed)).toEqual([]);
  });

  it("may be where any gateway of the input is, if its own is not known", () => {
    const other = workload("other", "elsewhere", { istio: "othergateway" });
    const app = workload("app", "apps", { "sidecar.istio.io/inject": "true" });
    expect(said(other, certificate(named, "elsewhere"))).toEqual([]);
    expect(said(other, app, certificate(named, "apps"))).toHaveLength(1);
    expect(said(app, certificate(named, "tracing"))).toEqual([]);
  });

  it.each<[Tree, boolean]>([
    [{ dnsNames: [host] }, true],
    [{ dnsNames: ["UI.example.com"] }, true],
    [{ commonName: host }, true],
    [{ dnsNames: ["*.example.com"] }, true],
    [{ dnsNames: ["*.com"] }, false],
    [{ dnsNames: ["*.ui.example.com"] }, false],
    [{ dnsNames: ["example.com"] }, false],
    [{ dnsNames: ["ui.*.com"] }, false],
    [{}, false],
  ])("with %j is for the host: %s", (spec, expected) => {
    const wrong =
      "Certificate edge/ui: does not cover ui.example.com, which Gateway edge/public serves with it; add it to spec.dnsNames";
    expect(said(pods, certificate(spec))).toEqual(expected ? [] : [wrong]);
    // One of two will do.
    expect(said(pods, certificate(spec), certificate(named, "edge", "second"))).toEqual([]);
  });
});

describe("tokens", () => {
  const policy: Manifest = {
    apiVersion: "security.istio.io/v1",
    kind: "AuthorizationPolicy",
    metadata: { name: "ui", namespace: "edge" },
    spec: { action: "DENY", rules: [{ from: [{ source: { notRequestPrincipals: ["*"] } }] }] },
  };
  const ui = route({ host: "query", port: { number: 16686 } });
  const added = (
    selector: string,
  ) => `VirtualService tracing/ui: is behind an AuthorizationPolicy that requires tokens, but no RequestAuthentication validates them, so every request is denied; add one for the gateway's pods
# add
apiVersion: security.istio.io/v1
kind: RequestAuthentication
metadata:
  name: tokens
  namespace: edge
spec:
  selector:${selector}
  jwtRules:
    - issuer: https://login.example.com
      jwksUri: https://login.example.com/keys.json`;

  it("are somebody's, and the fix is for the gateway's pods", () => {
    expect(says(...good, ui, gateway(), pods, policy)).toEqual([
      added("\n    matchLabels:\n      istio: gateway"),
    ]);
    expect(says(...good, ui, gateway(https, { app: "own" }), policy)).toEqual([added(" {}")]);
    expect(says(...good, ui, policy)).toEqual([added(" {}")]);
  });
});
