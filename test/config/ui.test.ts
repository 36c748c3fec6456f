import { describe, expect, test } from "vitest";
import { parseStack } from "../../config/stack";
import { type Mistake } from "../../config/mistakes";
import { uiGatewayOf } from "../../config/uiGateway";
import { managedIstio, mistakesIn, stackOf } from "../fixtures/stack";
import { dnsLabel, exactVersion, objectName, oneOf, required, typed } from "../fixtures/words";

const host = { jaeger: { host: "jaeger.example.com" } };
const good = { certificate: { secretName: "tls" }, access: { sourceRanges: ["203.0.113.0/24"] } };
const jwt = {
  issuer: "https://login.example.com",
  jwksUri: "https://login.example.com/keys",
  audiences: ["ui"],
};
const acme = { email: "team@example.com", http01: {} };
const ui = (changes: object, more: object = {}) => stackOf({ ...host, ui: { ...good, ...changes }, ...more });

const oneSource = {
  rule: "exactly one source of the certificate: secretName, issuer, selfSigned or acme",
  fix: "keep one",
};
const oneWay = {
  rule: "exactly one way to decide who may open the UI: sourceRanges, jwt or extAuthz",
  fix: "keep one",
};
const oneProof = {
  rule: "exactly one way to prove that the hosts are yours: http01 or dns01",
  fix: "write http01: {}, or dns01 with your DNS provider as cert-manager spells it",
};
const bounded = {
  rule: "a range that leaves somebody out: /8 or narrower, with IPv6 /16 or narrower",
  fix: "list the networks that people come from, or set ui.public: true instead of ui.access",
};

describe("a mistake in section ui is told once, with its fix", () => {
  test.each<[string, object, string, string, { rule: string; fix: string }]>([
    ["no certificate", { certificate: undefined }, "certificate", "(not set)", required("object")],
    ["an empty certificate", { certificate: {} }, "certificate", "{}", oneSource],
    [
      "two sources of the certificate",
      { certificate: { secretName: "tls", selfSigned: true } },
      "certificate",
      '{"secretName":"tls","selfSigned":true}',
      oneSource,
    ],
    [
      "a Secret's name",
      { certificate: { secretName: "TLS" } },
      "certificate.secretName",
      '"TLS"',
      objectName,
    ],
    [
      "not self-signed",
      { certificate: { selfSigned: false } },
      "certificate.selfSigned",
      "false",
      { rule: "true, or absent", fix: "write true, or remove selfSigned" },
    ],
    [
      "an issuer's name",
      { certificate: { issuer: {} } },
      "certificate.issuer.name",
      "(not set)",
      required("string"),
    ],
    [
      "an issuer's kind",
      { certificate: { issuer: { name: "ca", kind: "clusterissuer" } } },
      "certificate.issuer.kind",
      '"clusterissuer"',
      oneOf("ClusterIssuer, Issuer", "write ClusterIssuer"),
    ],
    [
      "an address for mail",
      { certificate: { acme: { ...acme, email: "team" } } },
      "certificate.acme.email",
      '"team"',
      { rule: "the address that the authority writes to", fix: "write it like team@example.com" },
    ],
    [
      "the authority over HTTP",
      { certificate: { acme: { ...acme, server: "http://acme.example.com" } } },
      "certificate.acme.server",
      '"http://acme.example.com"',
      {
        rule: "the https address of an ACME directory",
        fix: "write it like https://acme-staging-v02.api.letsencrypt.org/directory",
      },
    ],
    [
      "no proof",
      { certificate: { acme: { email: acme.email } } },
      "certificate.acme",
      '{"email":"team@example.com"}',
      oneProof,
    ],
    [
      "two proofs",
      { certificate: { acme: { ...acme, dns01: {} } } },
      "certificate.acme",
      '{"email":"team@example.com","http01":{},"dns01":{}}',
      oneProof,
    ],
    [
      "an Ingress class",
      { certificate: { acme: { ...acme, http01: { ingressClass: "Istio" } } } },
      "certificate.acme.http01.ingressClass",
      '"Istio"',
      dnsLabel,
    ],
    [
      "nobody authenticates",
      { access: undefined },
      "access",
      "(not set)",
      {
        rule: "required: the UI shows every URL, header and statement that applications record, to whoever opens it",
        fix: "say who may open it (sourceRanges, jwt or extAuthz), or set ui.public: true",
      },
    ],
    [
      "public and not",
      { public: true },
      "public",
      "true",
      { rule: "a UI with ui.access is not public", fix: "remove public, or remove access" },
    ],
    ["an empty access", { access: {} }, "access", "{}", oneWay],
    [
      "two ways in",
      { access: { extAuthz: { provider: "a" }, sourceRanges: ["10.0.0.0/8"] } },
      "access",
      '{"extAuthz":{"provider":"a"},"sourceRanges":["10.0.0.0/8"]}',
      oneWay,
    ],
    [
      "everybody's addresses",
      { access: { sourceRanges: ["0.0.0.0/0"] } },
      "access.sourceRanges[0]",
      '"0.0.0.0/0"',
      bounded,
    ],
    [
      "half of them",
      { access: { sourceRanges: ["128.0.0.0/1"] } },
      "access.sourceRanges[0]",
      '"128.0.0.0/1"',
      bounded,
    ],
    [
      "all of IPv6",
      { access: { sourceRanges: ["2000::/3"] } },
      "access.sourceRanges[0]",
      '"2000::/3"',
      bounded,
    ],
    [
      "an address",
      { access: { sourceRanges: ["203.0.113.7"] } },
      "access.sourceRanges[0]",
      '"203.0.113.7"',
      { rule: "an address range in CIDR notation", fix: "write 203.0.113.7/32" },
    ],
    [
      "no range",
      { access: { sourceRanges: [] } },
      "access.sourceRanges",
      "[]",
      {
        rule: "at least one range, or nobody could open the UI",
        fix: "add the networks that people come from",
      },
    ],
    [
      "keys that are nowhere",
      { access: { jwt: { ...jwt, jwksUri: "keys.json" } } },
      "access.jwt.jwksUri",
      '"keys.json"',
      {
        rule: "the http(s) address of the issuer's keys",
        fix: "write it like https://login.example.com/keys.json",
      },
    ],
    [
      "an issuer",
      { access: { jwt: { ...jwt, issuer: "" } } },
      "access.jwt.issuer",
      '""',
      { rule: "the issuer, as tokens name it", fix: "write it like https://login.example.com" },
    ],
    [
      "no audience",
      { access: { jwt: { ...jwt, audiences: [] } } },
      "access.jwt.audiences",
      "[]",
      {
        rule: "at least one audience, or tokens for other applications would open the UI",
        fix: "add the audience",
      },
    ],
    [
      "an empty audience",
      { access: { jwt: { ...jwt, audiences: [""] } } },
      "access.jwt.audiences[0]",
      '""',
      { rule: "an audience", fix: "write it as tokens name it" },
    ],
    [
      "a cookie's name",
      { access: { jwt: { ...jwt, cookie: "id token" } } },
      "access.jwt.cookie",
      '"id token"',
      { rule: "a cookie's name", fix: "write it like id_token" },
    ],
    [
      "a provider without a name",
      { access: { extAuthz: { provider: "" } } },
      "access.extAuthz.provider",
      '""',
      {
        rule: "the name of an extension provider in the mesh config",
        fix: "write it like oauth2-proxy",
      },
    ],
    [
      "every pod as the gateway",
      { gateway: { podLabels: {} } },
      "gateway.podLabels",
      "{}",
      {
        rule: "labels that only these pods have; none would mean every pod",
        fix: "write at least one label",
      },
    ],
    [
      "a quoted boolean",
      { public: "false" },
      "public",
      '"false"',
      typed("boolean", "remove the quotes: false"),
    ],
  ])("%s", (_, changes, at, value, words) => {
    expect(mistakesIn(ui(changes))).toEqual([{ path: `mesh-tracing:ui.${at}`, value, ...words }]);
  });
});

describe("a mistake in section certManager is told once, with its fix", () => {
  const acmeUi = { ui: { ...good, certificate: { selfSigned: true } } };
  test.each<[object, string, string, { rule: string; fix: string }]>([
    [{ version: "1.21" }, "version", '"1.21"', exactVersion],
    [
      { repository: "charts.example.com" },
      "repository",
      '"charts.example.com"',
      { rule: "the http(s) address of a Helm repository", fix: "write it like https://charts.example.com" },
    ],
    [{ namespace: "Cert" }, "namespace", '"Cert"', dnsLabel],
    [{ createNamespace: 1 }, "createNamespace", "1", typed("boolean")],
    [{ values: [] }, "values", "[]", typed("record")],
  ])("%j", (install, at, value, words) => {
    expect(mistakesIn(stackOf({ ...host, ...acmeUi, certManager: { install } }))).toEqual([
      { path: `mesh-tracing:certManager.install.${at}`, value, ...words },
    ]);
  });

  test("an empty one", () => {
    expect(mistakesIn(stackOf({ certManager: {} }))).toEqual([
      { path: "mesh-tracing:certManager.install", value: "(not set)", ...required("object") },
    ]);
  });
});

describe("a mistake between ui and other sections is told once, with its fix", () => {
  const several = { gateways: [{ namespace: "edge" }, { namespace: "dmz" }] };
  const challenge = {
    rule:
      "istiod serves an Ingress, such as that of a challenge, at pods labelled istio: ingressgateway, and " +
      "ui.gateway's are not",
    fix: "use acme.dns01, or a gateway with that label",
  };
  test.each<[string, Record<string, unknown>, Mistake]>([
    [
      "no host",
      ui({}, { jaeger: {} }),
      {
        path: "mesh-tracing:jaeger.host",
        value: "(not set)",
        rule: "ui serves a UI by its host, and no host is set",
        fix: "set jaeger.host",
      },
    ],
    [
      "one host for two",
      ui({}, { kiali: { namespace: "istio-system", host: "Jaeger.example.com" } }),
      {
        path: "mesh-tracing:kiali.host",
        value: '"Jaeger.example.com"',
        rule: "Jaeger has this host too",
        fix: "give Kiali a host of its own",
      },
    ],
    [
      "several gateways",
      ui({}, several),
      {
        path: "mesh-tracing:ui.gateway.namespace",
        value: "(not set)",
        rule: "required with 2 gateways: one of them serves the UI",
        fix: "choose one of edge, dmz",
      },
    ],
    [
      "no gateway",
      ui({}, { gateways: [] }),
      {
        path: "mesh-tracing:ui.gateway.namespace",
        value: "(not set)",
        rule: "required with 0 gateways: one of them serves the UI",
        fix: "list the gateway in gateways",
      },
    ],
    [
      "another gateway",
      ui({ gateway: { namespace: "office" } }, several),
      {
        path: "mesh-tracing:ui.gateway.namespace",
        value: '"office"',
        rule: "must be listed in gateways, or Jaeger would not let the gateway in",
        fix: "choose one of edge, dmz",
      },
    ],
    [
      "another gateway, and none listed",
      ui({ gateway: { namespace: "office" } }, { gateways: [] }),
      {
        path: "mesh-tracing:ui.gateway.namespace",
        value: '"office"',
        rule: "must be listed in gateways, or Jaeger would not let the gateway in",
        fix: "add { namespace: office } to gateways",
      },
    ],
    [
      "challenges at a gateway that istiod does not serve Ingresses at",
      ui({ gateway: { podLabels: { istio: "office" } }, certificate: { acme } }),
      { path: "mesh-tracing:ui.certificate.acme.http01", value: "{}", ...challenge },
    ],
    [
      "challenges at the gateway that is installed, under another name",
      ui({ certificate: { acme } }, { istio: managedIstio }),
      { path: "mesh-tracing:ui.certificate.acme.http01", value: "{}", ...challenge },
    ],
    [
      "cert-manager for a Secret that is there",
      ui({}, { certManager: { install: {} } }),
      {
        path: "mesh-tracing:certManager.install",
        value: "{}",
        rule: "ui.certificate.secretName names an existing Secret, so nothing needs cert-manager",
        fix: "remove certManager, or choose another source of the certificate",
      },
    ],
  ])("%s", (_, raw, mistake) => {
    expect(mistakesIn(raw)).toEqual([mistake]);
  });
});

describe("what is right passes", () => {
  test.each<[string, object, object?]>([
    ["a range of a single IPv6 address", { access: { sourceRanges: ["2001:db8::1/128", "10.0.0.0/8"] } }],
    ["tokens in a cookie", { access: { jwt: { ...jwt, cookie: "id_token" } } }],
    ["a login elsewhere", { access: { extAuthz: { provider: "oauth2-proxy" } } }],
    ["public on purpose", { access: undefined, public: true }],
    ["Kiali alone", {}, { jaeger: {}, kiali: { namespace: "istio-system", host: "kiali.example.com" } }],
    ["an issuer of others", { certificate: { issuer: { name: "ca", kind: "Issuer" } } }],
    [
      "challenges by DNS at any gateway",
      {
        gateway: { podLabels: { istio: "office" } },
        certificate: { acme: { email: acme.email, dns01: { route53: {} } } },
      },
    ],
    ["challenges over HTTP", { certificate: { acme } }],
    [
      "cert-manager of the stack's own",
      { certificate: { selfSigned: true } },
      { certManager: { install: {} } },
    ],
  ])("%s", (_, changes, more = {}) => {
    expect(mistakesIn(ui(changes, more))).toEqual([]);
  });
});

describe("the gateway of the UIs", () => {
  const gatewayOf = (changes: object, more: object = {}) =>
    uiGatewayOf(parseStack(ui(changes, more), "test"));
  test("is the only one listed, with the label of Istio's ingress gateway", () => {
    expect(gatewayOf({})).toEqual({ namespace: "edge", podLabels: { istio: "ingressgateway" } });
  });

  test.each([
    ["front-door", "front-door"],
    ["istio-ingressgateway", "ingressgateway"],
    ["my-istio-gateway", "my-istio-gateway"],
  ])("is the one that the stack installs as %s, with the label that its chart gives it", (name, label) => {
    const istio = {
      ...managedIstio,
      install: { ...managedIstio.install, gateway: { name, namespace: "edge" } },
    };
    expect(gatewayOf({}, { istio, gateways: [{ namespace: "dmz" }, { namespace: "edge" }] })).toEqual({
      namespace: "edge",
      podLabels: { istio: label },
    });
  });

  test("is the one that the stack says, whatever is installed", () => {
    const gateways = [{ namespace: "dmz" }, { namespace: "edge" }];
    expect(gatewayOf({ gateway: { namespace: "dmz" } }, { istio: managedIstio, gateways })).toEqual({
      namespace: "dmz",
      podLabels: { istio: "ingressgateway" },
    });
    const podLabels = { app: "office" };
    expect(gatewayOf({ gateway: { podLabels } })).toEqual({ namespace: "edge", podLabels });
  });
});
