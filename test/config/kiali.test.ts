import { describe, expect, test } from "vitest";
import { parseStack } from "../../config/stack";
import { mistakesIn, stackOf } from "../fixtures/stack";
import {
  chartSource,
  dnsLabel,
  exactVersion,
  objectName,
  portRange,
  required,
  typed,
} from "../fixtures/words";

const prometheus = { namespace: "monitoring", url: "http://prometheus.monitoring:9090" };
const asks = "Kiali shows every service and its traffic, so it needs a login";
const strategies =
  "must be one of token (a Kubernetes token), openid (an OpenID Connect provider), header (a proxy in front)";
const issuer = {
  rule: "the https address of an OpenID Connect issuer",
  fix: "write it like https://id.example.com",
};
const inClear = {
  rule: "the key would be in a ConfigMap in plain text, and whoever reads it can sign sessions",
  fix: "remove it to have one made, or write secret:<name of a Secret>:<its key>",
};
const openid = { issuerUri: "https://id.example.com", clientId: "kiali" };
type Row = [section: object, at: string, value: string, words: { rule: string; fix: string }];
const repository = "https://charts.example.com";

describe("a mistake in section kiali is told once, with its fix", () => {
  test.each<Row>([
    [{}, "namespace", "(not set)", required("string")],
    [{ namespace: "Mesh" }, "namespace", '"Mesh"', dnsLabel],
    [
      { namespace: "a", host: "https://kiali.example.com" },
      "host",
      '"https://kiali.example.com"',
      { rule: "a host name without scheme and path", fix: "write it like kiali.example.com" },
    ],
  ])("%o", (kiali, at, value, words) => {
    expect(mistakesIn(stackOf({ kiali }))).toEqual([{ path: `mesh-tracing:kiali.${at}`, value, ...words }]);
  });

  test.each<Row>([
    [{ chart: "kiali" }, "chart", '"kiali"', chartSource],
    [{ chart: { repository, version: "2.x" } }, "chart.version", '"2.x"', exactVersion],
    [{ createNamespace: "true" }, "createNamespace", '"true"', typed("boolean", "remove the quotes: true")],
    [
      { auth: { strategy: "anonymous" } },
      "auth.strategy",
      '"anonymous"',
      { rule: asks, fix: "write token, openid or header" },
    ],
    [{ auth: { strategy: "tokn" } }, "auth.strategy", '"tokn"', { rule: strategies, fix: "write token" }],
    [
      { auth: { strategy: "ldap" } },
      "auth.strategy",
      '"ldap"',
      { rule: strategies, fix: "choose one of token, openid, header" },
    ],
    [
      { auth: { strategy: "openid" } },
      "auth.openid",
      "(not set)",
      { rule: "strategy openid must know the issuer", fix: "add issuerUri and clientId" },
    ],
    ...["token", "header"].map((strategy): Row => [
      { auth: { strategy, openid } },
      "auth.openid",
      JSON.stringify(openid),
      { rule: `strategy ${strategy} reads none of it`, fix: "remove it, or set strategy openid" },
    ]),
    [
      { auth: { strategy: "openid", openid: { ...openid, issuerUri: "http://id.example.com" } } },
      "auth.openid.issuerUri",
      '"http://id.example.com"',
      issuer,
    ],
    [
      { auth: { strategy: "openid", openid: { ...openid, clientId: "" } } },
      "auth.openid.clientId",
      '""',
      { rule: "the client's id at the issuer", fix: "write the id you registered" },
    ],
    [
      { auth: { strategy: "openid", openid: { ...openid, clientSecret: "Secret" } } },
      "auth.openid.clientSecret",
      '"Secret"',
      objectName,
    ],
    [
      { auth: { strategy: "openid", openid: { ...openid, scopes: [] } } },
      "auth.openid.scopes",
      "[]",
      { rule: "at least one scope", fix: "write [openid]" },
    ],
    [
      { auth: { strategy: "openid", openid: { ...openid, usernameClaim: "" } } },
      "auth.openid.usernameClaim",
      '""',
      { rule: "the name of a claim", fix: "write it like email" },
    ],
    [
      { apiServer: { cidrs: ["10.0.0.1"] } },
      "apiServer.cidrs[0]",
      '"10.0.0.1"',
      { rule: "an address range in CIDR notation", fix: "write 10.0.0.1/32" },
    ],
    [{ apiServer: { ports: [0] } }, "apiServer.ports[0]", "0", portRange],
    [
      { apiServer: { ports: [] } },
      "apiServer.ports",
      "[]",
      { rule: "at least one port", fix: "write [443, 6443]" },
    ],
    [
      { extraEgress: [{ to: [] }] },
      "extraEgress[0].to",
      "[]",
      {
        rule: "a peer; an empty list would allow every destination",
        fix: "add a peer, or remove the rule",
      },
    ],
    [
      { values: { auth: { strategy: "anonymous" } } },
      "values.auth.strategy",
      '"anonymous"',
      { rule: asks, fix: "remove it; kiali.install.auth.strategy chooses" },
    ],
    [
      { values: { login_token: { signing_key: "0123456789abcdef" } } },
      "values.login_token.signing_key",
      "(not shown)",
      inClear,
    ],
    [
      { values: { login_token: { signing_key: "secret:only-a-name" } } },
      "values.login_token.signing_key",
      "(not shown)",
      inClear,
    ],
    [
      { values: { deployment: { instance_name: "mine" } } },
      "values.deployment.instance_name",
      '"mine"',
      { rule: "policies and routes find Kiali's pods and Service by the name kiali", fix: "remove it" },
    ],
  ])("install %o", (install, at, value, words) => {
    expect(mistakesIn(stackOf({ kiali: { namespace: "mesh-ui", install }, prometheus }))).toEqual([
      { path: `mesh-tracing:kiali.install.${at}`, value, ...words },
    ]);
  });

  test.each<Row>([
    [{ namespace: "M" }, "namespace", '"M"', dnsLabel],
    [
      { namespace: "a", url: "prometheus:9090" },
      "url",
      '"prometheus:9090"',
      {
        rule: "the http(s) address of Prometheus as pods reach it",
        fix: "write it like http://prometheus.monitoring:9090",
      },
    ],
    [{ namespace: "a", port: 70_000 }, "port", "70000", portRange],
    [{ namespace: "a", podLabels: [] }, "podLabels", "[]", typed("record")],
  ])("prometheus %o", (section, at, value, words) => {
    expect(mistakesIn(stackOf({ prometheus: section }))).toEqual([
      { path: `mesh-tracing:prometheus.${at}`, value, ...words },
    ]);
  });
});

test("the chart is pinned, people need a token, and the API server may be anywhere", () => {
  const { kiali } = parseStack(stackOf({ kiali: { namespace: "mesh-ui", install: {} }, prometheus }), "test");
  expect(kiali).toEqual({
    namespace: "mesh-ui",
    install: {
      chart: { repository: "https://kiali.org/helm-charts", version: "2.29.0" },
      createNamespace: false,
      auth: { strategy: "token" },
      apiServer: { cidrs: [], ports: [443, 6443] },
      extraEgress: [],
      values: {},
    },
  });
});

test("a key in a Secret may be named in the values", () => {
  const install = { values: { login_token: { signing_key: "secret:mine:key" } } };
  expect(mistakesIn(stackOf({ kiali: { namespace: "mesh-ui", install }, prometheus }))).toEqual([]);
});
