import { describe, expect, test } from "vitest";
import { mistakesIn, stackOf } from "../fixtures/stack";
import { dnsLabel, objectName, oneOf, portRange, required, typed } from "../fixtures/words";

const isolationRule =
  "must say how the namespace's egress is isolated: existing (other policies isolate it), restricted (this " +
  "stack isolates it), none (it is open and stays open)";
const chooseIsolation =
  "choose one of existing, restricted, none; kubectl get networkpolicy -n <namespace> tells";
const noPolicy = (isolation: string) => ({
  rule: `isolation ${isolation} leaves egress to others, so extra rules have no policy to go into`,
  fix: "remove extraEgress, or set isolation restricted",
});
const range = (fix: string) => ({ rule: "an address range in CIDR notation", fix });
const rule = { to: [{ podSelector: {} }] };

describe("a mistake in a traced namespace is told once, with its fix", () => {
  test.each([
    [{}, "isolation", "(not set)", { rule: isolationRule, fix: chooseIsolation }],
    [{ extraEgress: [rule] }, "isolation", "(not set)", { rule: isolationRule, fix: chooseIsolation }],
    [{ isolation: "exsting" }, "isolation", '"exsting"', { rule: isolationRule, fix: "write existing" }],
    [{ isolation: "closed" }, "isolation", '"closed"', { rule: isolationRule, fix: chooseIsolation }],
    [
      { isolation: "restrictd", extraEgress: [rule] },
      "isolation",
      '"restrictd"',
      { rule: isolationRule, fix: "write restricted" },
    ],
    [{ isolation: "none", create: "true" }, "create", '"true"', typed("boolean", "remove the quotes: true")],
    [{ isolation: "none", deployments: { Api: {} } }, "deployments.Api", "{}", objectName],
    [
      { isolation: "none", deployments: { api: { container: "App" } } },
      "deployments.api.container",
      '"App"',
      dnsLabel,
    ],
    [
      { isolation: "none", deployments: { api: { serviceName: "" } } },
      "deployments.api.serviceName",
      '""',
      { rule: "a service name", fix: "write the name traces show" },
    ],
    [{ isolation: "none", extraEgress: [rule] }, "extraEgress", JSON.stringify([rule]), noPolicy("none")],
    [
      { isolation: "existing", extraEgress: [rule] },
      "extraEgress",
      JSON.stringify([rule]),
      noPolicy("existing"),
    ],
  ])("%j", (namespace, at, value, words) => {
    expect(mistakesIn(stackOf({ namespaces: { shop: namespace } }))).toEqual([
      { path: `mesh-tracing:namespaces.shop.${at}`, value, ...words },
    ]);
  });
});

describe("a mistake in a rule of extraEgress is told once, with its fix", () => {
  const peer = rule.to;
  const portRangeOrder = {
    rule: "endPort ends a range that begins with a port number",
    fix: "set port, and endPort not below it",
  };
  const eitherOr = {
    rule: "a peer is either selectors or an ipBlock",
    fix: "write podSelector and namespaceSelector, or ipBlock",
  };
  test.each([
    [{}, "to", "(not set)", required("array")],
    [
      { to: [] },
      "to",
      "[]",
      {
        rule: "a peer; an empty list would allow every destination",
        fix: "add a peer, or remove the rule",
      },
    ],
    [{ to: [{}] }, "to[0]", "{}", eitherOr],
    [
      { to: [{ podSelector: {}, ipBlock: { cidr: "10.0.0.0/8" } }] },
      "to[0]",
      '{"podSelector":{},"ipBlock":{"cidr":"10.0.0.0/8"}}',
      eitherOr,
    ],
    [
      { to: [{ ipBlock: { cidr: "10.0.0.0" } }] },
      "to[0].ipBlock.cidr",
      '"10.0.0.0"',
      range("write 10.0.0.0/32"),
    ],
    [
      { to: [{ ipBlock: { cidr: "10.0.0.0/99" } }] },
      "to[0].ipBlock.cidr",
      '"10.0.0.0/99"',
      range("write it like 10.0.0.0/8"),
    ],
    [
      { to: [{ ipBlock: { cidr: "fd00::/8", except: ["fd00::1"] } }] },
      "to[0].ipBlock.except[0]",
      '"fd00::1"',
      range("write fd00::1/128"),
    ],
    [
      { to: [{ podSelector: { matchLabels: { tier: 1 } } }] },
      "to[0].podSelector.matchLabels.tier",
      "1",
      typed("string", 'put it in quotes: "1"'),
    ],
    [
      { to: [{ namespaceSelector: { matchExpressions: [{ key: "tier", operator: "in" }] } }] },
      "to[0].namespaceSelector.matchExpressions[0].operator",
      '"in"',
      oneOf("In, NotIn, Exists, DoesNotExist", "write In"),
    ],
    [{ to: peer, ports: [{ port: 0 }] }, "ports[0].port", "0", portRange],
    [{ to: peer, ports: [{ port: 65_536 }] }, "ports[0].port", "65536", portRange],
    [{ to: peer, ports: [{ endPort: 9 }] }, "ports[0]", '{"endPort":9}', portRangeOrder],
    [{ to: peer, ports: [{ port: 9, endPort: 8 }] }, "ports[0]", '{"port":9,"endPort":8}', portRangeOrder],
    [
      { to: peer, ports: [{ port: "web", endPort: 8 }] },
      "ports[0]",
      '{"port":"web","endPort":8}',
      portRangeOrder,
    ],
    [{ to: peer, ports: [{ port: 1, endPort: 65_536 }] }, "ports[0].endPort", "65536", portRange],
    [
      { to: peer, ports: [{ port: 1, protocol: "tcp" }] },
      "ports[0].protocol",
      '"tcp"',
      oneOf("TCP, UDP, SCTP", "write TCP"),
    ],
  ])("%j", (broken, at, value, words) => {
    const namespaces = { shop: { isolation: "restricted", extraEgress: [broken] } };
    expect(mistakesIn(stackOf({ namespaces }))).toEqual([
      { path: `mesh-tracing:namespaces.shop.extraEgress[0].${at}`, value, ...words },
    ]);
  });

  test("a rule may use everything that Kubernetes has", () => {
    const extraEgress = [
      {
        to: [
          {
            namespaceSelector: {},
            podSelector: { matchExpressions: [{ key: "a", operator: "In", values: ["b"] }] },
          },
          { ipBlock: { cidr: "0.0.0.0/0", except: ["10.0.0.0/8"] } },
        ],
        ports: [{ port: 1, endPort: 65_535, protocol: "SCTP" }, { port: "postgres" }],
      },
    ];
    expect(mistakesIn(stackOf({ namespaces: { shop: { isolation: "restricted", extraEgress } } }))).toEqual(
      [],
    );
  });
});

describe("a mistake in the other sections about namespaces and the cluster is told once, with its fix", () => {
  test.each([
    [{ gateways: undefined }, "gateways", "(not set)", required("array")],
    [{ gateways: { namespace: "edge" } }, "gateways", '{"namespace":"edge"}', typed("array")],
    [{ gateways: [{}] }, "gateways[0].namespace", "(not set)", required("string")],
    [{ gateways: [{ namespace: "Edge" }] }, "gateways[0].namespace", '"Edge"', dnsLabel],
    [{ namespaces: undefined }, "namespaces", "(not set)", required("record")],
    [{ namespaces: ["shop"] }, "namespaces", '["shop"]', typed("record")],
    [
      { namespaces: {} },
      "namespaces",
      "{}",
      { rule: "at least one traced namespace", fix: "add a namespace" },
    ],
    [{ namespaces: { Shop: { isolation: "none" } } }, "namespaces.Shop", '{"isolation":"none"}', dnsLabel],
    [
      { namespaces: { "shop.eu": { isolation: "none" } } },
      'namespaces["shop.eu"]',
      '{"isolation":"none"}',
      dnsLabel,
    ],
    [{ kiali: {} }, "kiali.namespace", "(not set)", required("string")],
    [{ prometheus: { namespace: "a.b" } }, "prometheus.namespace", '"a.b"', dnsLabel],
    [{ prometheus: "monitoring" }, "prometheus", '"monitoring"', typed("object")],
    [{ egress: { dns: { namespace: "DNS" } } }, "egress.dns.namespace", '"DNS"', dnsLabel],
    [
      { egress: { dns: { podLabels: { a: true } } } },
      "egress.dns.podLabels.a",
      "true",
      typed("string", 'put it in quotes: "true"'),
    ],
    [
      { egress: { dns: { ports: [] } } },
      "egress.dns.ports",
      "[]",
      { rule: "at least one port", fix: "write [53]" },
    ],
    [{ egress: { dns: { ports: [53, 0] } } }, "egress.dns.ports[1]", "0", portRange],
    [
      { egress: { dns: { cidrs: ["169.254.20.10"] } } },
      "egress.dns.cidrs[0]",
      '"169.254.20.10"',
      range("write 169.254.20.10/32"),
    ],
    [
      { egress: { outsideExcept: ["10.0.0.0/8", "ten"] } },
      "egress.outsideExcept[1]",
      '"ten"',
      range("write it like 10.0.0.0/8"),
    ],
    [
      { cluster: { domain: "cluster local" } },
      "cluster.domain",
      '"cluster local"',
      { rule: "the DNS domain of the cluster", fix: "write it like cluster.local" },
    ],
    [
      { cluster: { kubernetesVersion: "1" } },
      "cluster.kubernetesVersion",
      '"1"',
      { rule: "a Kubernetes version in quotes", fix: 'write it like "1.34"' },
    ],
    [
      { cluster: { kubernetesVersion: 1.34 } },
      "cluster.kubernetesVersion",
      "1.34",
      typed("string", 'put it in quotes: "1.34"'),
    ],
  ])("%j", (sections, at, value, words) => {
    expect(mistakesIn(stackOf(sections))).toEqual([{ path: `mesh-tracing:${at}`, value, ...words }]);
  });
});
