import { describe, expect, test } from "vitest";
import { aiPaths } from "../../components/uiRoutes";
import { type ProgramRun } from "../fixtures/program";
import { madeBefore, managedIstio, resource, run, stackOf } from "../fixtures/stack";

const labels = { "app.kubernetes.io/part-of": "mesh-tracing", "mesh-tracing/stack": "test" };
const selector = { matchLabels: { istio: "ingressgateway" } };
const jwt = {
  issuer: "https://login.example.com",
  jwksUri: "https://login.example.com/keys",
  audiences: ["jaeger", "kiali"],
};
const notRouted = {
  name: "not-routed",
  match: [{ uri: { regex: aiPaths } }],
  directResponse: { status: 404 },
};
const noChallenges = {
  name: "no-challenges",
  match: [{ uri: { prefix: "/.well-known/acme-challenge/" } }],
  directResponse: { status: 404 },
};
const secret = { certificate: { secretName: "wildcard-tls" } };
const office = { access: { sourceRanges: ["203.0.113.0/24", "2001:db8::/32"] } };

const stack = (ui: object, more: Record<string, unknown> = {}) =>
  stackOf({ jaeger: { host: "jaeger.example.com" }, ui: { ...secret, ...office, ...ui }, ...more });
const object = (apiVersion: string, kind: string, name: string, spec: object) => ({
  apiVersion,
  kind,
  metadata: { name, namespace: "edge", labels },
  spec,
});
const networking = "networking.istio.io/v1";
const security = "security.istio.io/v1";

/** Every object of the component by its logical name. */
async function objectsOf(raw: Record<string, unknown>): Promise<Record<string, unknown>> {
  const { resources } = await run(raw);
  return Object.fromEntries(
    resources
      .filter(({ parent, type }) => parent.endsWith("::ui") && type.startsWith("kubernetes:"))
      .map(({ name, inputs }) => [name, inputs]),
  );
}

const jaegerRoute = (...before: object[]) =>
  object(networking, "VirtualService", "mesh-tracing-ui-jaeger", {
    gateways: ["edge/mesh-tracing-ui"],
    hosts: ["jaeger.example.com"],
    http: [
      ...before,
      notRouted,
      {
        name: "jaeger",
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
  });
const httpsGateway = (credentialName: string, ...hosts: string[]) =>
  object(networking, "Gateway", "mesh-tracing-ui", {
    selector: { istio: "ingressgateway" },
    servers: [
      {
        hosts: hosts.map((host) => `./${host}`),
        port: { name: "https", number: 443, protocol: "HTTPS" },
        tls: { credentialName, minProtocolVersion: "TLSV1_2", mode: "SIMPLE" },
      },
    ],
  });
const httpGateway = (tls: object, ...hosts: string[]) =>
  object(networking, "Gateway", "mesh-tracing-ui-http", {
    selector: { istio: "ingressgateway" },
    servers: [{ hosts, port: { name: "http", number: 80, protocol: "HTTP" }, ...tls }],
  });
const policy = (spec: object) =>
  object(security, "AuthorizationPolicy", "mesh-tracing-ui", { selector, ...spec });

test("without the section nothing leads to a UI, host or not", async () => {
  const { resources } = await run(stackOf({ jaeger: { host: "jaeger.example.com" } }));
  expect(resources.filter(({ name }) => name.startsWith("ui"))).toEqual([]);
});

describe("everything of a stack", () => {
  test("that lets some networks in, with a certificate that is there", async () => {
    expect(await objectsOf(stack({}))).toEqual({
      "ui-authorization-policy": policy({
        action: "DENY",
        rules: [
          {
            from: [{ source: { notRemoteIpBlocks: ["203.0.113.0/24", "2001:db8::/32"] } }],
            to: [{ operation: { hosts: ["jaeger.example.com", "jaeger.example.com:*"] } }],
          },
        ],
      }),
      "ui-gateway": httpsGateway("wildcard-tls", "jaeger.example.com"),
      "ui-gateway-http": httpGateway({ tls: { httpsRedirect: true } }, "jaeger.example.com"),
      "ui-route-jaeger": jaegerRoute(),
    });
  });

  test("that asks for tokens at both UIs, with certificates by challenges over HTTP", async () => {
    const raw = stack(
      { certificate: { acme: { email: "team@example.com", http01: {} } }, access: { jwt } },
      { kiali: { namespace: "kiali", host: "kiali.example.com" }, cluster: { domain: "k8s.example.com" } },
    );
    const hosts = ["jaeger.example.com", "kiali.example.com"];
    const to = [
      {
        operation: {
          hosts: ["jaeger.example.com", "jaeger.example.com:*", "kiali.example.com", "kiali.example.com:*"],
          notPaths: ["/.well-known/acme-challenge/*"],
        },
      },
    ];
    const objects = await objectsOf(raw);
    expect(objects["ui-route-jaeger"]).toMatchObject({ spec: { http: [noChallenges, notRouted, {}] } });
    delete objects["ui-route-jaeger"];
    expect(objects).toEqual({
      "ui-request-authentication": object(security, "RequestAuthentication", "mesh-tracing-ui", {
        selector,
        jwtRules: [{ ...jwt, fromHeaders: [{ name: "Authorization", prefix: "Bearer " }] }],
      }),
      "ui-authorization-policy": policy({
        action: "DENY",
        rules: [
          { from: [{ source: { notRequestPrincipals: ["https://login.example.com/*"] } }], to },
          { to, when: [{ key: "request.auth.audiences", notValues: ["jaeger", "kiali"] }] },
        ],
      }),
      "ui-gateway": httpsGateway("mesh-tracing-ui-tls", ...hosts),
      "ui-gateway-http": httpGateway({}, ...hosts),
      "ui-redirect": object(networking, "VirtualService", "mesh-tracing-ui-redirect", {
        gateways: ["edge/mesh-tracing-ui-http"],
        hosts,
        http: [{ name: "to-https", redirect: { redirectCode: 301, scheme: "https" } }],
      }),
      "ui-route-kiali": object(networking, "VirtualService", "mesh-tracing-ui-kiali", {
        gateways: ["edge/mesh-tracing-ui"],
        hosts: ["kiali.example.com"],
        http: [
          noChallenges,
          {
            name: "kiali",
            route: [{ destination: { host: "kiali.kiali.svc.k8s.example.com", port: { number: 20001 } } }],
          },
        ],
      }),
      "ui-issuer": object("cert-manager.io/v1", "Issuer", "mesh-tracing-ui", {
        acme: {
          email: "team@example.com",
          server: "https://acme-v02.api.letsencrypt.org/directory",
          privateKeySecretRef: { name: "mesh-tracing-ui-acme-account" },
          solvers: [{ http01: { ingress: { class: "istio" } } }],
        },
      }),
      "ui-certificate": object("cert-manager.io/v1", "Certificate", "mesh-tracing-ui", {
        dnsNames: hosts,
        issuerRef: { group: "cert-manager.io", kind: "Issuer", name: "mesh-tracing-ui" },
        privateKey: { algorithm: "ECDSA", rotationPolicy: "Always", size: 256 },
        secretName: "mesh-tracing-ui-tls",
        usages: ["digital signature", "server auth"],
      }),
    });
  });
});

describe("who may come", () => {
  const policyOf = async (access: object | undefined, more: object = {}) =>
    (await objectsOf(stack({ access, ...more })))["ui-authorization-policy"];
  const to = [{ operation: { hosts: ["jaeger.example.com", "jaeger.example.com:*"] } }];

  test("is left to an ext-authz provider", async () => {
    expect(await policyOf({ extAuthz: { provider: "oauth2-proxy" } })).toEqual(
      policy({ action: "CUSTOM", provider: { name: "oauth2-proxy" }, rules: [{ to }] }),
    );
  });

  test("is everybody where the stack says so, and the route says it too", async () => {
    const objects = await objectsOf(stack({ access: undefined, public: true }));
    expect(Object.keys(objects).sort()).toEqual(["ui-gateway", "ui-gateway-http", "ui-route-jaeger"]);
    expect(objects["ui-route-jaeger"]).toMatchObject({
      metadata: { annotations: { "mesh-tracing/public": "true" } },
    });
  });

  test("is told by a cookie, which tokens of other applications are not in", async () => {
    const objects = await objectsOf(stack({ access: { jwt: { ...jwt, cookie: "id_token" } } }));
    expect(objects["ui-request-authentication"]).toMatchObject({
      spec: { jwtRules: [{ ...jwt, fromCookies: ["id_token"] }] },
    });
    expect(JSON.stringify(objects["ui-request-authentication"])).not.toContain("fromHeaders");
  });

  test("is never told by ALLOW, which would shut the other hosts of the gateway", async () => {
    for (const access of [office.access, { jwt }, { extAuthz: { provider: "login" } }]) {
      expect(["DENY", "CUSTOM"]).toContain(
        ((await policyOf(access)) as { spec: { action: string } }).spec.action,
      );
    }
  });
});

describe("where the certificate comes from", () => {
  const certificates = async (certificate: object) => {
    const objects = await objectsOf(stack({ certificate }));
    const spec = (name: string) => (objects[name] as { spec?: unknown } | undefined)?.spec;
    return { issuer: spec("ui-issuer"), certificate: spec("ui-certificate") };
  };

  test("an issuer of others", async () => {
    const { issuer, certificate } = await certificates({ issuer: { name: "company-ca" } });
    expect(issuer).toBeUndefined();
    expect(certificate).toMatchObject({
      issuerRef: { group: "cert-manager.io", kind: "ClusterIssuer", name: "company-ca" },
    });
  });

  test("itself", async () => {
    const { issuer, certificate } = await certificates({ selfSigned: true });
    expect(issuer).toEqual({ selfSigned: {} });
    expect(certificate).toMatchObject({ issuerRef: { kind: "Issuer", name: "mesh-tracing-ui" } });
  });

  test("an authority that looks into DNS, with nothing left open for it", async () => {
    const acme = { email: "team@example.com", server: "https://acme.example.com", dns01: { route53: {} } };
    const objects = await objectsOf(stack({ certificate: { acme } }));
    expect(objects["ui-issuer"]).toMatchObject({
      spec: { acme: { server: "https://acme.example.com", solvers: [{ dns01: { route53: {} } }] } },
    });
    expect(JSON.stringify(objects)).not.toContain("acme-challenge");
    expect(objects["ui-gateway-http"]).toMatchObject({
      spec: { servers: [{ tls: { httpsRedirect: true } }] },
    });
  });
});

test("the pods of the stack's own gateway are known by the label that its chart gives them", async () => {
  const objects = await objectsOf(stack({}, { istio: managedIstio }));
  expect(objects["ui-gateway"]).toMatchObject({ spec: { selector: { istio: "front-door" } } });
  expect(objects["ui-authorization-policy"]).toMatchObject({
    spec: { selector: { matchLabels: { istio: "front-door" } } },
  });
});

describe("the order", () => {
  const inside = (made: ProgramRun, name: string) =>
    [...madeBefore(made, name)].filter((other) => /^(ui|cert-manager)-/.test(other)).sort();

  test("who may come is settled before there is a way, and the certificate waits for its issuer alone", async () => {
    const made = await run(
      stack({ certificate: { acme: { email: "team@example.com", http01: {} } }, access: { jwt } }),
    );
    const access = ["ui-authorization-policy", "ui-request-authentication"];
    const gateways = ["ui-gateway", "ui-gateway-http"];
    expect(inside(made, "ui-authorization-policy")).toEqual(["ui-request-authentication"]);
    expect(inside(made, "ui-gateway")).toEqual(access);
    expect(inside(made, "ui-gateway-http")).toEqual(access);
    expect(inside(made, "ui-route-jaeger")).toEqual([...access, ...gateways].sort());
    expect(inside(made, "ui-redirect")).toEqual([...access, ...gateways].sort());
    expect(inside(made, "ui-certificate")).toEqual(["ui-issuer"]);
    expect([...madeBefore(made, "ui-gateway")]).toContain("jaeger-services-query");
  });

  test("cert-manager comes before what it serves, and its namespace before it", async () => {
    const made = await run(
      stack({ certificate: { selfSigned: true } }, { certManager: { install: { createNamespace: true } } }),
    );
    expect(inside(made, "ui-issuer")).toEqual(["cert-manager-release"]);
    expect([...madeBefore(made, "cert-manager-release")]).toContain("namespaces-cert-manager");
    expect(resource(made, "namespaces-cert-manager").inputs).toMatchObject({
      metadata: { name: "cert-manager" },
    });
  });

  test("Istio's definitions come before what is made of them", async () => {
    const made = await run(stack({}, { istio: managedIstio }));
    expect([...madeBefore(made, "ui-authorization-policy")]).toEqual(
      expect.arrayContaining(["istio-base", "istio-istiod", "istio-gateway"]),
    );
  });
});

describe("Jaeger's /api/ai/ leads nowhere, however it is written", () => {
  const isNotRouted = (path: string) => new RegExp(`^(?:${aiPaths.replace("(?i)", "")})$`, "i").test(path);
  test.each([
    "/api/ai",
    "/api/ai/",
    "/api/ai/mcp/",
    "//api/ai/mcp",
    "/api//ai//mcp",
    "/API/AI/mcp",
    "/%61pi/%61i/mcp",
    "/api%2Fai%2fmcp",
    "/api/ai%2fmcp",
    "/%41%50%49/%41%49/",
  ])("%s", (path) => expect(isNotRouted(path)).toBe(true));

  test.each([
    "/",
    "/api/v3/traces",
    "/api/air",
    "/api/traces/a1",
    "/search",
    "/trace/api/ai",
    "/static/api/ai.js",
  ])("%s is routed", (path) => expect(isNotRouted(path)).toBe(false));
});
