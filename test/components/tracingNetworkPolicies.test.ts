import { describe, expect, test } from "vitest";
import { type ProgramRun } from "../fixtures/program";
import { resource, run, runStackFile, stackOf } from "../fixtures/stack";

const tcp = (...ports: number[]) => ports.map((port) => ({ protocol: "TCP", port }));
const inNamespaces = (...names: string[]) => ({
  namespaceSelector: {
    matchExpressions: [{ key: "kubernetes.io/metadata.name", operator: "In", values: names }],
  },
});
const named = (name: string) => ({ matchLabels: { "kubernetes.io/metadata.name": name } });
const pods = (namespace: string, matchLabels: Record<string, string>) => ({
  namespaceSelector: named(namespace),
  podSelector: { matchLabels },
});
const jaegerPods = { matchLabels: { "app.kubernetes.io/name": "jaeger" } };

const policy = (stack: string, namespace: string, name: string, spec: object) => ({
  apiVersion: "networking.k8s.io/v1",
  kind: "NetworkPolicy",
  metadata: {
    name,
    namespace,
    labels: { "app.kubernetes.io/part-of": "mesh-tracing", "mesh-tracing/stack": stack },
  },
  spec,
});
const toCollector = (namespace: string) => ({
  podSelector: {},
  policyTypes: ["Egress"],
  egress: [
    {
      to: [{ namespaceSelector: named(namespace), podSelector: jaegerPods }],
      ports: tcp(4317, 4318, 9411),
    },
  ],
});
const ingress = (rules: object[]) => ({ podSelector: jaegerPods, policyTypes: ["Ingress"], ingress: rules });
const namesOf = ({ resources }: ProgramRun): string[] =>
  resources
    .filter(({ type }) => type.endsWith(":NetworkPolicy"))
    .map(({ name }) => name.slice("network-policies-".length))
    .sort();

describe("from a traced namespace to the collector", () => {
  test.each(["auth", "character", "chat", "image", "location", "my", "scan"])(
    "%s may reach all three ports of Jaeger, the sidecar's 9411 too",
    async (namespace) => {
      const dev = await runStackFile("dev");
      expect(resource(dev, `network-policies-${namespace}-allow-jaeger-egress`).inputs).toEqual(
        policy("dev", namespace, "allow-jaeger-egress", toCollector("istio-system")),
      );
    },
  );

  test("the way leads to wherever Jaeger is", async () => {
    const prod = await runStackFile("prod");
    expect(resource(prod, "network-policies-checkout-allow-jaeger-egress").inputs).toEqual(
      policy("prod", "checkout", "allow-jaeger-egress", toCollector("observability")),
    );
  });
});

describe("what each isolation makes", () => {
  const shop = (namespace: object) => run(stackOf({ namespaces: { shop: namespace } }));
  const collector = "istio-system-allow-tracing-ingress";
  test.each([
    ["existing", [collector, "shop-allow-jaeger-egress"]],
    ["restricted", [collector, "shop-allow-jaeger-egress", "shop-allow-mesh-egress"]],
    ["none", [collector]],
  ])("%s", async (isolation, names) => {
    expect(namesOf(await shop({ isolation }))).toEqual(names);
  });
});

describe("what else a namespace may reach that this stack isolates", () => {
  test("checkout of prod: DNS, istiod, the mesh, HTTPS outside and its database", async () => {
    const prod = await runStackFile("prod");
    expect(resource(prod, "network-policies-checkout-allow-mesh-egress").inputs).toEqual(
      policy("prod", "checkout", "allow-mesh-egress", {
        podSelector: {},
        policyTypes: ["Egress"],
        egress: [
          {
            to: [
              {
                namespaceSelector: named("kube-system"),
                podSelector: { matchLabels: { "k8s-app": "kube-dns" } },
              },
            ],
            ports: [
              { protocol: "UDP", port: 53 },
              { protocol: "TCP", port: 53 },
            ],
          },
          {
            to: [
              {
                namespaceSelector: named("istio-system"),
                podSelector: { matchLabels: { app: "istiod" } },
              },
            ],
            ports: tcp(15012),
          },
          { to: [inNamespaces("catalog", "checkout", "storefront")] },
          {
            to: [
              {
                ipBlock: {
                  cidr: "0.0.0.0/0",
                  except: [
                    "10.0.0.0/8",
                    "100.64.0.0/10",
                    "169.254.0.0/16",
                    "172.16.0.0/12",
                    "192.168.0.0/16",
                  ],
                },
              },
              { ipBlock: { cidr: "::/0", except: ["fc00::/7", "fe80::/10"] } },
            ],
            ports: tcp(443),
          },
          {
            to: [
              {
                namespaceSelector: named("databases"),
                podSelector: { matchLabels: { "app.kubernetes.io/name": "postgresql" } },
              },
            ],
            ports: [{ protocol: "TCP", port: 5432 }],
          },
        ],
      }),
    );
  });

  test("DNS elsewhere, a cache on the node and other ranges outside", async () => {
    const egress = {
      dns: {
        namespace: "openshift-dns",
        podLabels: { app: "dns" },
        ports: [5353, 53],
        cidrs: ["169.254.20.10/32"],
      },
      outsideExcept: ["fd00::/8"],
    };
    const istio = { version: "1.31", delivery: "shared", rootNamespace: "mesh" };
    const other = await run(stackOf({ istio, egress, namespaces: { shop: { isolation: "restricted" } } }));
    expect(resource(other, "network-policies-shop-allow-mesh-egress").inputs).toEqual(
      policy("test", "shop", "allow-mesh-egress", {
        podSelector: {},
        policyTypes: ["Egress"],
        egress: [
          {
            to: [
              {
                namespaceSelector: named("openshift-dns"),
                podSelector: { matchLabels: { app: "dns" } },
              },
              { ipBlock: { cidr: "169.254.20.10/32" } },
            ],
            ports: [
              { protocol: "UDP", port: 5353 },
              { protocol: "TCP", port: 5353 },
              { protocol: "UDP", port: 53 },
              { protocol: "TCP", port: 53 },
            ],
          },
          {
            to: [{ namespaceSelector: named("mesh"), podSelector: { matchLabels: { app: "istiod" } } }],
            ports: tcp(15012),
          },
          { to: [inNamespaces("shop")] },
          {
            to: [{ ipBlock: { cidr: "0.0.0.0/0" } }, { ipBlock: { cidr: "::/0", except: ["fd00::/8"] } }],
            ports: tcp(443),
          },
        ],
      }),
    );
  });
});

describe("who may reach the collector", () => {
  const services = ["auth", "character", "chat", "image", "location", "my", "scan"];

  test("dev: services and gateway send, gateway and Kiali read, Prometheus scrapes", async () => {
    const dev = await runStackFile("dev");
    expect(resource(dev, "network-policies-istio-system-allow-tracing-ingress").inputs).toEqual(
      policy(
        "dev",
        "istio-system",
        "allow-tracing-ingress",
        ingress([
          {
            from: [
              inNamespaces("auth", "character", "chat", "image", "istio-system", "location", "my", "scan"),
            ],
            ports: tcp(9411),
          },
          { from: [inNamespaces(...services)], ports: tcp(4317, 4318) },
          {
            from: [pods("istio-system", { "app.kubernetes.io/name": "kiali" })],
            ports: tcp(16685, 16686),
          },
          { from: [pods("istio-system", { istio: "ingressgateway" })], ports: tcp(16686) },
          { from: [inNamespaces("monitoring")], ports: tcp(8888) },
        ]),
      ),
    );
  });

  test("a namespace that is left open sends spans too; without a host nobody comes to the UI by a gateway", async () => {
    const open = await run(stackOf({ namespaces: { shop: { isolation: "none" } } }));
    expect(resource(open, "network-policies-istio-system-allow-tracing-ingress").inputs["spec"]).toEqual(
      ingress([
        { from: [inNamespaces("edge", "shop")], ports: tcp(9411) },
        { from: [inNamespaces("shop")], ports: tcp(4317, 4318) },
      ]),
    );
  });

  test("without gateway, Kiali and Prometheus there is no rule for them, which would let everybody in", async () => {
    const { inputs } = resource(
      await run(stackOf({ gateways: [] })),
      "network-policies-istio-system-allow-tracing-ingress",
    );
    expect(inputs["spec"]).toEqual(
      ingress([
        { from: [inNamespaces("shop")], ports: tcp(9411) },
        { from: [inNamespaces("shop")], ports: tcp(4317, 4318) },
      ]),
    );
  });

  test("Kiali and Prometheus by the labels that the stack says", async () => {
    const kiali = { namespace: "kiali", podLabels: { app: "graph" } };
    const prometheus = { namespace: "monitoring", podLabels: { app: "prometheus" } };
    const { inputs } = resource(
      await run(stackOf({ gateways: [], kiali, prometheus })),
      "network-policies-istio-system-allow-tracing-ingress",
    );
    expect(inputs["spec"]).toMatchObject({
      ingress: [
        {},
        {},
        { from: [pods("kiali", { app: "graph" })], ports: tcp(16685, 16686) },
        { from: [pods("monitoring", { app: "prometheus" })], ports: tcp(8888) },
      ],
    });
  });
});

test("a host lets every gateway's pods come, with people's way to it one gateway's, and no other pod of a namespace", async () => {
  const readers = async (more: Record<string, unknown>) => {
    const made = await run(
      stackOf({
        jaeger: { host: "jaeger.example.com" },
        gateways: [{ namespace: "edge" }, { namespace: "dmz", podLabels: { istio: "office" } }],
        ...more,
      }),
    );
    const { spec } = resource(made, "network-policies-istio-system-allow-tracing-ingress").inputs as {
      spec: { ingress: { ports: { port: number }[] }[] };
    };
    return spec.ingress.filter(({ ports }) => ports.some(({ port }) => port >= 16685));
  };
  const edge = pods("edge", { istio: "ingressgateway" });
  const dmz = pods("dmz", { istio: "office" });
  expect(await readers({})).toEqual([{ from: [edge, dmz], ports: tcp(16686) }]);
  const ui = {
    gateway: { namespace: "dmz" },
    certificate: { secretName: "tls" },
    access: { sourceRanges: ["203.0.113.0/24"] },
  };
  expect(await readers({ ui })).toEqual([{ from: [dmz], ports: tcp(16686) }]);
  const chosen = { ...ui, gateway: { namespace: "dmz", podLabels: { istio: "visitors" } } };
  expect(await readers({ ui: chosen })).toEqual([
    { from: [pods("dmz", { istio: "visitors" })], ports: tcp(16686) },
  ]);
});

describe("from Jaeger to its store", () => {
  const dns = {
    to: [
      { namespaceSelector: named("kube-system"), podSelector: { matchLabels: { "k8s-app": "kube-dns" } } },
    ],
    ports: [
      { protocol: "UDP", port: 53 },
      { protocol: "TCP", port: 53 },
    ],
  };
  const ofRelease = (release: string) => ({
    matchLabels: { "app.kubernetes.io/instance": release, "app.kubernetes.io/name": "jaeger" },
  });
  const policyOf = async (jaeger: object) =>
    resource(await run(stackOf({ jaeger })), "network-policies-istio-system-allow-jaeger-storage").inputs;

  test("prod: DNS and OpenSearch, and nothing else", async () => {
    const prod = await runStackFile("prod");
    expect(resource(prod, "network-policies-observability-allow-jaeger-storage").inputs).toEqual(
      policy("prod", "observability", "allow-jaeger-storage", {
        podSelector: ofRelease("jaeger"),
        policyTypes: ["Egress"],
        egress: [
          dns,
          {
            to: [
              {
                namespaceSelector: named("logging"),
                podSelector: { matchLabels: { "app.kubernetes.io/name": "opensearch" } },
              },
            ],
            ports: tcp(9200),
          },
        ],
      }),
    );
  });

  test("addresses outside the cluster", async () => {
    const storage = {
      type: "elasticsearch",
      urls: ["https://search.example.com"],
      peer: { cidrs: ["203.0.113.0/24", "2001:db8::/32"] },
    };
    expect(await policyOf({ release: "traces", storage })).toMatchObject({
      spec: {
        podSelector: ofRelease("traces"),
        egress: [
          dns,
          {
            to: [{ ipBlock: { cidr: "203.0.113.0/24" } }, { ipBlock: { cidr: "2001:db8::/32" } }],
            ports: tcp(443),
          },
        ],
      },
    });
  });

  test("all pods of the namespaces that the addresses name", async () => {
    const storage = { type: "cassandra", contactPoints: ["a.db.svc", "b.more.svc"], port: 9142 };
    expect(await policyOf({ storage })).toMatchObject({
      spec: {
        egress: [
          dns,
          {
            to: [{ namespaceSelector: named("db") }, { namespaceSelector: named("more") }],
            ports: tcp(9142),
          },
        ],
      },
    });
  });

  test.each(["memory", "badger"])("%s: Jaeger's egress is left as it is", async (storage) => {
    expect(namesOf(await run(stackOf({ jaeger: { storage } })))).not.toContain(
      "istio-system-allow-jaeger-storage",
    );
  });
});
