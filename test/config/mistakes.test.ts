import { describe, expect, test } from "vitest";
import { parseStack } from "../../config/stack";
import { ConfigMistakes, formatMistakes, keysOf } from "../../config/mistakes";
import { nearest } from "../../config/nearest";
import { managedIstio, mistakesIn, stackOf } from "../fixtures/stack";

const known = {
  stack:
    "istio, tracing, jaeger, gateways, namespaces, externalServices, otel, otelOperator, egress, kiali, prometheus, ui, " +
    "certManager, cluster",
  istio: "version, rootNamespace, createNamespace, revision, delivery, sharedConfigMap, patchIstiod, install",
  jaeger:
    "namespace, createNamespace, release, chart, memoryLimit, maxTraces, cpuRequest, cpuLimit, storage, replicas, " +
    "autoscaling, image, imagePullSecrets, nodeSelector, tolerations, affinity, host, logSearch, values",
  namespace: "isolation, create, deployments, extraEgress",
  ui: "gateway, certificate, access, public",
  otel: "protocol, configMap, propagators, excludedUrls, batch, resourceAttributes, extra, instrumentation",
  deployment: "container, serviceName, instrument, libc, goTargetExe",
};

const routing = (changes: object) => ({
  jaeger: { host: "jaeger.example.com" },
  ui: { certificate: { secretName: "tls" }, access: { sourceRanges: ["203.0.113.0/24"] }, ...changes },
});
const isolated = (rule: object) => ({
  namespaces: { shop: { isolation: "restricted", extraEgress: [rule] } },
});
const installing = (changes: object) => ({
  istio: { ...managedIstio, install: { ...managedIstio.install, ...changes } },
});
const external = (changes: object) => ({
  externalServices: { api: { hosts: ["api.example.com"], ...changes } },
});
const selecting = (selector: object) => isolated({ to: [{ podSelector: selector }] });

describe("a key that nobody knows is a mistake at every level, with the key that was meant", () => {
  test.each<[string, Record<string, unknown>, path: string, known: string, fix: string]>([
    ["stack", { isto: 1 }, "isto", known.stack, "write istio instead of isto"],
    ["stack", { somethingElse: 1 }, "somethingElse", known.stack, "remove somethingElse"],
    [
      "istio",
      { istio: { version: "1.31", delivery: "shared", patchistiod: 1 } },
      "istio.patchistiod",
      known.istio,
      "write patchIstiod instead of patchistiod",
    ],
    [
      "istio.install",
      installing({ gatway: 1 }),
      "istio.install.gatway",
      "chart, gateway, values",
      "write gateway instead of gatway",
    ],
    [
      "istio.install.gateway",
      installing({ gateway: { namespace: "edge", nam: 1 } }),
      "istio.install.gateway.nam",
      "name, namespace, createNamespace",
      "write name instead of nam",
    ],
    [
      "istio.install.values",
      installing({ values: { istod: 1 } }),
      "istio.install.values.istod",
      "base, istiod, gateway",
      "write istiod instead of istod",
    ],
    [
      "istio.install.chart",
      installing({ chart: { ...managedIstio.install.chart, verison: 1 } }),
      "istio.install.chart.verison",
      "repository, version",
      "write version instead of verison",
    ],
    [
      "tracing",
      { tracing: { sampling: 1, acesslog: 1 } },
      "tracing.acesslog",
      "sampling, accessLog",
      "write accessLog instead of acesslog",
    ],
    [
      "jaeger",
      { jaeger: { memorylimit: 1 } },
      "jaeger.memorylimit",
      known.jaeger,
      "write memoryLimit instead of memorylimit",
    ],
    [
      "gateways",
      { gateways: [{ namespace: "a", name: 1 }] },
      "gateways[0].name",
      "namespace, podLabels",
      "remove name",
    ],
    [
      "namespaces",
      { namespaces: { shop: { isolation: "none", isolaton: 1 } } },
      "namespaces.shop.isolaton",
      known.namespace,
      "write isolation instead of isolaton",
    ],
    [
      "namespaces.deployments",
      { namespaces: { shop: { isolation: "none", deployments: { api: { containr: 1 } } } } },
      "namespaces.shop.deployments.api.containr",
      known.deployment,
      "write container instead of containr",
    ],
    [
      "a rule of extraEgress",
      isolated({ to: [{ podSelector: {} }], port: 1 }),
      "namespaces.shop.extraEgress[0].port",
      "to, ports",
      "write ports instead of port",
    ],
    [
      "a peer",
      isolated({ to: [{ podSelector: {}, podSelectr: 1 }] }),
      "namespaces.shop.extraEgress[0].to[0].podSelectr",
      "namespaceSelector, podSelector, ipBlock",
      "write podSelector instead of podSelectr",
    ],
    [
      "a selector",
      selecting({ matchLabel: 1 }),
      "namespaces.shop.extraEgress[0].to[0].podSelector.matchLabel",
      "matchLabels, matchExpressions",
      "write matchLabels instead of matchLabel",
    ],
    [
      "an expression",
      selecting({ matchExpressions: [{ key: "a", operator: "Exists", value: 1 }] }),
      "namespaces.shop.extraEgress[0].to[0].podSelector.matchExpressions[0].value",
      "key, operator, values",
      "write values instead of value",
    ],
    [
      "an address range",
      isolated({ to: [{ ipBlock: { cidr: "10.0.0.0/8", excpt: 1 } }] }),
      "namespaces.shop.extraEgress[0].to[0].ipBlock.excpt",
      "cidr, except",
      "write except instead of excpt",
    ],
    [
      "a port",
      isolated({ to: [{ podSelector: {} }], ports: [{ endport: 1 }] }),
      "namespaces.shop.extraEgress[0].ports[0].endport",
      "port, endPort, protocol",
      "write endPort instead of endport",
    ],
    [
      "externalServices",
      external({ host: 1 }),
      "externalServices.api.host",
      "hosts, resolution, ports",
      "write hosts instead of host",
    ],
    [
      "externalServices.ports",
      external({ ports: [{ number: 1, name: "tcp", protocol: "TCP", targetPort: 1 }] }),
      "externalServices.api.ports[0].targetPort",
      "number, name, protocol",
      "remove targetPort",
    ],
    [
      "otel",
      { otel: { propagator: 1 } },
      "otel.propagator",
      known.otel,
      "write propagators instead of propagator",
    ],
    [
      "otel.batch",
      { otel: { batch: { queueSize: 1 } } },
      "otel.batch.queueSize",
      "maxQueueSize, maxExportBatchSize, scheduleDelayMillis",
      "write maxQueueSize instead of queueSize",
    ],
    ["egress", { egress: { dnss: 1 } }, "egress.dnss", "dns, outsideExcept", "write dns instead of dnss"],
    [
      "egress.dns",
      { egress: { dns: { port: 1 } } },
      "egress.dns.port",
      "namespace, podLabels, ports, cidrs",
      "write ports instead of port",
    ],
    [
      "kiali",
      { kiali: { namespace: "a", url: 1 } },
      "kiali.url",
      "namespace, podLabels, host, install",
      "remove url",
    ],
    [
      "prometheus",
      { prometheus: { namespace: "a", uri: 1 } },
      "prometheus.uri",
      "namespace, url, podLabels, port, podMonitor",
      "write url instead of uri",
    ],
    ["ui", routing({ acess: 1 }), "ui.acess", known.ui, "write access instead of acess"],
    [
      "ui.gateway",
      routing({ gateway: { podLabel: 1 } }),
      "ui.gateway.podLabel",
      "namespace, podLabels",
      "write podLabels instead of podLabel",
    ],
    [
      "ui.certificate",
      routing({ certificate: { secretName: "tls", secret: 1 } }),
      "ui.certificate.secret",
      "secretName, issuer, selfSigned, acme",
      "remove secret",
    ],
    [
      "ui.certificate.issuer",
      routing({ certificate: { issuer: { name: "ca", kinds: 1 } } }),
      "ui.certificate.issuer.kinds",
      "name, kind",
      "write kind instead of kinds",
    ],
    [
      "ui.certificate.acme",
      routing({ certificate: { acme: { email: "team@example.com", http01: {}, url: 1 } } }),
      "ui.certificate.acme.url",
      "email, server, http01, dns01",
      "remove url",
    ],
    [
      "ui.certificate.acme.http01",
      routing({ certificate: { acme: { email: "team@example.com", http01: { ingressclass: 1 } } } }),
      "ui.certificate.acme.http01.ingressclass",
      "ingressClass",
      "write ingressClass instead of ingressclass",
    ],
    [
      "ui.access",
      routing({ access: { sourceRanges: ["10.0.0.0/8"], ranges: 1 } }),
      "ui.access.ranges",
      "sourceRanges, jwt, extAuthz",
      "remove ranges",
    ],
    [
      "ui.access.extAuthz",
      routing({ access: { extAuthz: { provider: "login", providr: 1 } } }),
      "ui.access.extAuthz.providr",
      "provider",
      "write provider instead of providr",
    ],
    [
      "ui.access.jwt",
      routing({
        access: { jwt: { issuer: "i", jwksUri: "https://i.example.com", audiences: ["a"], cokie: 1 } },
      }),
      "ui.access.jwt.cokie",
      "issuer, jwksUri, audiences, cookie",
      "write cookie instead of cokie",
    ],
    [
      "certManager",
      { certManager: { install: {}, instal: 1 } },
      "certManager.instal",
      "install",
      "write install instead of instal",
    ],
    [
      "certManager.install",
      { certManager: { install: { chart: 1 } } },
      "certManager.install.chart",
      "version, repository, namespace, createNamespace, values",
      "remove chart",
    ],
    [
      "cluster",
      { cluster: { domian: 1 } },
      "cluster.domian",
      "domain, kubernetesVersion, tolerate, unlisted",
      "write domain instead of domian",
    ],
  ])("%s: %j", (_, sections, path, keys, fix) => {
    expect(mistakesIn(stackOf(sections))).toEqual([
      { path: `mesh-tracing:${path}`, value: "(not shown)", rule: `known keys here are ${keys}`, fix },
    ]);
  });

  test("each of two unknown keys has its own fix", () => {
    const rule = "known keys here are sampling, accessLog";
    expect(mistakesIn(stackOf({ tracing: { sampling: 1, samplin: 2, colour: 3 } }))).toEqual([
      { path: "mesh-tracing:tracing.colour", value: "(not shown)", rule, fix: "remove colour" },
      {
        path: "mesh-tracing:tracing.samplin",
        value: "(not shown)",
        rule,
        fix: "write sampling instead of samplin",
      },
    ]);
  });
});

test("all mistakes come at once, in the order of the sections, those between sections among them", () => {
  const stack = stackOf({
    clster: {},
    prometheus: { namespace: "A" },
    otel: { protocol: "http", propagators: ["baggage"] },
    externalServices: {
      a: { hosts: ["x.example.com"] },
      b: { hosts: ["x.example.com"] },
      c: { hosts: [] },
    },
    namespaces: { "istio-system": { isolation: "none" }, shop: { isolation: "open" } },
    gateways: [{ namespace: "edge" }, { namespace: "edge" }],
    jaeger: { memoryLimit: "1G", maxTraces: 0 },
    tracing: { sampling: 101 },
    istio: { version: 1.3, delivery: "shared" },
  });
  expect(mistakesIn(stack).map(({ path }) => path.slice("mesh-tracing:".length))).toEqual([
    "istio.version",
    "tracing.sampling",
    "jaeger.maxTraces",
    "jaeger.memoryLimit",
    "gateways[1].namespace",
    "namespaces.shop.isolation",
    "externalServices.b.hosts[0]",
    "externalServices.c.hosts",
    "otel.protocol",
    "prometheus.namespace",
    "clster",
  ]);
});

test("an empty file is told every section that it needs", () => {
  expect(mistakesIn({}).map(({ path, fix }) => `${path}: ${fix}`)).toEqual([
    "mesh-tracing:istio: set it",
    "mesh-tracing:tracing: set it",
    "mesh-tracing:gateways: set it",
    "mesh-tracing:namespaces: set it",
  ]);
});

describe("the text that people read", () => {
  const one = { path: "a:b.c", value: "1", rule: "must be 2", fix: "write 2" };
  test("one mistake", () => {
    expect(formatMistakes([one])).toBe(
      "the stack's configuration has 1 mistake; nothing was changed\n" +
        "  a:b.c = 1\n" +
        "    rule: must be 2\n" +
        "    fix:  write 2",
    );
  });

  test("two mistakes", () => {
    expect(formatMistakes([one, { ...one, path: "a:d", value: "(not set)" }])).toBe(
      "the stack's configuration has 2 mistakes; nothing was changed\n" +
        "  a:b.c = 1\n" +
        "    rule: must be 2\n" +
        "    fix:  write 2\n" +
        "  a:d = (not set)\n" +
        "    rule: must be 2\n" +
        "    fix:  write 2",
    );
  });

  test("a mistake whose line is known", () => {
    expect(formatMistakes([{ ...one, place: "Pulumi.dev.yaml:7" }])).toBe(
      "the stack's configuration has 1 mistake; nothing was changed\n" +
        "  a:b.c = 1  (Pulumi.dev.yaml:7)\n" +
        "    rule: must be 2\n" +
        "    fix:  write 2",
    );
  });

  test("is the message of what parseStack throws", () => {
    const broken = stackOf({ tracing: { sampling: 101 } });
    expect(() => parseStack(broken, "dev")).toThrow(
      new ConfigMistakes([
        {
          path: "mesh-tracing:tracing.sampling",
          value: "101",
          rule: "a percentage between 0 and 100",
          fix: "write 100 for every request, 1 for one in a hundred",
        },
      ]),
    );
  });

  test("shortens a long value", () => {
    const [mistake] = mistakesIn(stackOf({ jaeger: { release: "r".repeat(100) } }));
    expect(mistake?.value).toBe(`"${"r".repeat(76)}...`);
  });
});

test.each([
  ["istio", "istio"],
  ["ISTIO", "istio"],
  ["isto", "istio"],
  ["is", undefined],
  ["otle", "otel"],
  ["gateway", "gateways"],
  ["", undefined],
])("the nearest of the known words to %j is %j", (word, expected) => {
  expect(nearest(word, ["istio", "otel", "gateways"])).toBe(expected);
});

test.each([
  ["a:b", ["a:b"]],
  ["a:b.c", ["a:b", "c"]],
  ["a:b[1].c", ["a:b", 1, "c"]],
  ['a:b["c.d"].e', ["a:b", "c.d", "e"]],
])("the keys of the path %s", (path, keys) => {
  expect(keysOf(path)).toEqual(keys);
});

describe("what may be a secret is in no mistake", () => {
  const valueOf = (sections: Record<string, unknown>) =>
    mistakesIn(stackOf(sections)).map(({ value }) => value);

  test.each<[what: string, sections: Record<string, unknown>, values: string[]]>([
    ["the value of a key that nobody knows", { jaeger: { pasword: "hunter2" } }, ["(not shown)"]],
    [
      "the value of a section that nobody knows",
      { login: { user: "me", password: "hunter2" } },
      ["(not shown)"],
    ],
    [
      "what is under a name that says so",
      {
        istio: { version: "1.31", delivery: "managed", install: { chart: { path: 1, password: "hunter2" } } },
      },
      ["(not shown)", "1"],
    ],
    [
      "what is in a structure under such a name",
      { otel: { extra: { API_KEY: { a: "hunter2" } } } },
      ["(not shown)"],
    ],
    [
      "a structure with such a name in it",
      { jaeger: { memoryLimit: { token: "hunter2", size: "1Gi" } } },
      ['{"token":"(not shown)","size":"1Gi"}'],
    ],
    [
      "who an address is for",
      { prometheus: { namespace: "a", url: "ftp://me:hunter2@host" } },
      ['"ftp://…@host"'],
    ],
  ])("%s", (_, sections, values) => {
    expect(valueOf(sections)).toEqual(values);
  });
});
