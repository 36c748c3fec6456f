/** Every rule of NetworkPolicies that is easily got wrong, one table row each. */
import { describe, expect, it } from "vitest";
import { Cluster, type Protocol, type QuestionEnd } from "../../../policy/reachability";
import { container, namespace, policy, type PolicySpec, workload } from "./manifests";

const everywhere = [namespace("shop", { team: "a" }), namespace("mesh", { team: "b", tracing: "on" })];
const web = workload("shop/web", { labels: { app: "web", tier: "front" } });
const jaeger = workload("mesh/jaeger", {
  labels: { app: "jaeger" },
  containers: [container({ name: "zipkin", containerPort: 9411 }, { name: "otlp", containerPort: 4317 })],
  spec: {
    initContainers: [
      { ...container({ name: "early", containerPort: 9411 }) },
      { ...container({ name: "sidecar", containerPort: 9411 }), restartPolicy: "Always" },
    ],
  },
});

interface Ask {
  readonly from?: QuestionEnd;
  readonly to?: QuestionEnd;
  readonly port?: number | string;
  readonly protocol?: Protocol;
}

/** The answer from web to jaeger's Zipkin port, unless asked otherwise. */
function ask(objects: readonly unknown[], question: Ask = {}) {
  const cluster = Cluster.from([...everywhere, web, jaeger, ...objects]);
  expect(cluster.malformed).toEqual([]);
  return cluster.canReach({ from: "shop/web", to: "mesh/jaeger", port: 9411, ...question }).verdict;
}

const egress = (spec: PolicySpec) => [policy("shop/p", spec)];
const ingress = (spec: PolicySpec) => [policy("mesh/p", spec)];

describe("isolation", () => {
  it.each<[string, unknown[], string]>([
    ["no policies", [], "allowed"],
    ["egress policy of the source's namespace", egress({ policyTypes: ["Egress"] }), "denied"],
    ["ingress policy of the destination's namespace", ingress({ policyTypes: ["Ingress"] }), "denied"],
    ["ingress policy of the source's namespace", egress({ policyTypes: ["Ingress"] }), "allowed"],
    ["egress policy of the destination's namespace", ingress({ policyTypes: ["Egress"] }), "allowed"],
    ["policy of a third namespace", [policy("other/p", { policyTypes: ["Egress", "Ingress"] })], "allowed"],
    [
      "policy that selects other pods",
      egress({ podSelector: { matchLabels: { app: "api" } }, policyTypes: ["Egress"] }),
      "allowed",
    ],
    ["types absent: egress of a policy without egress rules", egress({}), "allowed"],
    ["types absent: egress of a policy with empty egress", egress({ egress: [] }), "allowed"],
    [
      "types absent: egress of a policy with egress rules",
      egress({ egress: [{ ports: [{ port: 53 }] }] }),
      "denied",
    ],
    ["types absent: ingress always", ingress({ egress: [{}] }), "denied"],
    ["types empty: as if absent", egress({ policyTypes: [], egress: [{ ports: [{ port: 53 }] }] }), "denied"],
    ["types empty: ingress always", ingress({ policyTypes: [] }), "denied"],
    [
      "egress rules that the types leave out",
      egress({ policyTypes: ["Ingress"], egress: [{ ports: [{ port: 53 }] }] }),
      "allowed",
    ],
    [
      "ingress rules that the types leave out",
      ingress({ policyTypes: ["Egress"], ingress: [{ ports: [{ port: 53 }] }] }),
      "allowed",
    ],
    ["empty egress, with the type", egress({ policyTypes: ["Egress"], egress: [] }), "denied"],
    [
      "a policy without spec isolates ingress of all pods",
      [{ ...policy("mesh/p", {}), spec: undefined }],
      "denied",
    ],
    [
      "one open and one closed policy",
      [...egress({ policyTypes: ["Egress"] }), policy("shop/q", { egress: [{}] })],
      "allowed",
    ],
    ["egress open, ingress closed", [...egress({ egress: [{}] }), ...ingress({})], "denied"],
    ["both open", [...egress({ egress: [{}] }), ...ingress({ ingress: [{}] })], "allowed"],
  ])("%s", (_, objects, expected) => {
    expect(ask(objects)).toBe(expected);
  });
});

describe("peers", () => {
  const team = (operator: string, ...values: string[]) => ({
    namespaceSelector: {
      matchExpressions: [values.length > 0 ? { key: "team", operator, values } : { key: "team", operator }],
    },
  });
  const absent = (operator: string, ...values: string[]) => ({
    namespaceSelector: {
      matchExpressions: [
        values.length > 0 ? { key: "nothing", operator, values } : { key: "nothing", operator },
      ],
    },
  });
  it.each<[string, unknown, string]>([
    ["to absent: all", undefined, "allowed"],
    ["to null: all", null, "allowed"],
    ["to empty: all", [], "allowed"],
    ["empty podSelector: own namespace only", [{ podSelector: {} }], "denied"],
    [
      "matching podSelector alone: own namespace only",
      [{ podSelector: { matchLabels: { app: "jaeger" } } }],
      "denied",
    ],
    ["empty namespaceSelector: all namespaces", [{ namespaceSelector: {} }], "allowed"],
    [
      "null podSelector beside a namespaceSelector",
      [{ namespaceSelector: {}, podSelector: null }],
      "allowed",
    ],
    [
      "both in one item: both must match",
      [{ namespaceSelector: {}, podSelector: { matchLabels: { app: "web" } } }],
      "denied",
    ],
    [
      "both in one item, both match",
      [{ namespaceSelector: {}, podSelector: { matchLabels: { app: "jaeger" } } }],
      "allowed",
    ],
    [
      "two items: one must match",
      [{ namespaceSelector: {} }, { podSelector: { matchLabels: { app: "web" } } }],
      "allowed",
    ],
    [
      "matchLabels: all must match",
      [{ namespaceSelector: { matchLabels: { team: "b", tracing: "off" } } }],
      "denied",
    ],
    [
      "matchLabels, all match",
      [{ namespaceSelector: { matchLabels: { team: "b", tracing: "on" } } }],
      "allowed",
    ],
    [
      "matchLabels and matchExpressions: both must match",
      [{ namespaceSelector: { matchLabels: { team: "b" }, ...team("NotIn", "b").namespaceSelector } }],
      "denied",
    ],
    [
      "name of the namespace",
      [{ namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": "mesh" } } }],
      "allowed",
    ],
    [
      "name of another namespace",
      [{ namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": "shop" } } }],
      "denied",
    ],
    ["In", [team("In", "a", "b")], "allowed"],
    ["In, other values", [team("In", "a", "c")], "denied"],
    ["In, absent key", [absent("In", "a")], "denied"],
    ["NotIn", [team("NotIn", "a", "b")], "denied"],
    ["NotIn, other values", [team("NotIn", "a", "c")], "allowed"],
    ["NotIn, absent key", [absent("NotIn", "a")], "allowed"],
    ["Exists", [team("Exists")], "allowed"],
    ["Exists, absent key", [absent("Exists")], "denied"],
    ["DoesNotExist", [team("DoesNotExist")], "denied"],
    ["DoesNotExist, absent key", [absent("DoesNotExist")], "allowed"],
  ])("%s", (_, to, expected) => {
    expect(ask([policy("shop/p", { policyTypes: ["Egress"], egress: [{ to }] })])).toBe(expected);
  });

  it("reads from of ingress rules like to of egress rules, and neither in the other's place", () => {
    const mesh = [{ namespaceSelector: { matchLabels: { team: "a" } } }];
    expect(ask(ingress({ ingress: [{ from: mesh }] }))).toBe("allowed");
    expect(ask(ingress({ ingress: [{ from: [{ podSelector: {} }] }] }))).toBe("denied");
    expect(ask(ingress({ ingress: [{ to: [{ podSelector: {} }] }] }))).toBe("allowed");
    expect(ask(egress({ egress: [{ from: [{ podSelector: {} }] }] }))).toBe("allowed");
  });

  it("takes a podSelector alone as the namespace of the policy, for pods of that namespace", () => {
    const objects = [
      workload("shop/api"),
      ...egress({
        policyTypes: ["Egress"],
        egress: [{ to: [{ podSelector: { matchLabels: { app: "api" } } }] }],
      }),
    ];
    expect(ask(objects, { to: "shop/api" })).toBe("allowed");
    expect(ask([...objects, workload("mesh/api")], { to: "mesh/api" })).toBe("denied");
  });

  it("treats pods of one workload like any two pods", () => {
    expect(ask(egress({ policyTypes: ["Ingress", "Egress"] }), { to: "shop/web" })).toBe("denied");
  });

  it("keeps the name label of a namespace whatever the object says", () => {
    const byName = { namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": "mesh" } } };
    const cluster = Cluster.from([
      web,
      jaeger,
      namespace("mesh", { "kubernetes.io/metadata.name": "shop" }),
      ...egress({ egress: [{ to: [byName] }] }),
    ]);
    expect(cluster.canReach({ from: "shop/web", to: "mesh/jaeger", port: 1 }).verdict).toBe("allowed");
  });
});

describe("ports", () => {
  it.each<[string, unknown, string]>([
    ["absent: all", undefined, "allowed"],
    ["null: all", null, "allowed"],
    ["empty: all", [], "allowed"],
    ["number", [{ port: 9411 }], "allowed"],
    ["another number", [{ port: 9412 }], "denied"],
    ["number of UDP", [{ port: 9411, protocol: "UDP" }], "denied"],
    ["protocol alone: all of its ports", [{ protocol: "TCP" }], "allowed"],
    ["another protocol alone", [{ protocol: "SCTP" }], "denied"],
    ["an empty entry: all TCP ports", [{}], "allowed"],
    ["a range", [{ port: 9000, endPort: 9999 }], "allowed"],
    ["a range that ends there", [{ port: 9000, endPort: 9411 }], "allowed"],
    ["a range that begins there", [{ port: 9411, endPort: 9999 }], "allowed"],
    ["a range that ends before", [{ port: 9000, endPort: 9410 }], "denied"],
    ["a range that begins after", [{ port: 9412, endPort: 9999 }], "denied"],
    ["a name of the destination's container", [{ port: "zipkin" }], "allowed"],
    ["a name with another number", [{ port: "otlp" }], "denied"],
    ["a name of an init container that runs on", [{ port: "sidecar" }], "allowed"],
    ["a name of an init container that ends", [{ port: "early" }], "denied"],
    ["a name that no container has", [{ port: "http" }], "denied"],
    ["a name, of UDP", [{ port: "zipkin", protocol: "UDP" }], "denied"],
    ["the second entry", [{ port: 1 }, { port: 9411 }], "allowed"],
  ])("%s", (_, list, expected) => {
    expect(ask([policy("shop/p", { egress: [{ ports: list }] })])).toBe(expected);
    expect(ask([policy("mesh/p", { ingress: [{ ports: list }] })])).toBe(expected);
  });

  it("asks peer and port of one rule, not of two", () => {
    const rules = [
      { to: [{ namespaceSelector: {} }], ports: [{ port: 53 }] },
      { to: [{ podSelector: {} }], ports: [{ port: 9411 }] },
    ];
    expect(ask(egress({ egress: rules }))).toBe("denied");
  });

  it("tells protocols apart", () => {
    const open = egress({ egress: [{ ports: [{ port: 53, protocol: "UDP" }] }] });
    expect(ask(open, { port: 53, protocol: "UDP" })).toBe("allowed");
    expect(ask(open, { port: 53 })).toBe("denied");
    expect(ask(open, { port: 53, protocol: "SCTP" })).toBe("denied");
  });

  it("does not want the destination to declare a port that is asked for by number", () => {
    expect(ask(egress({ egress: [{ ports: [{ port: 1234 }] }] }), { port: 1234 })).toBe("allowed");
  });

  it("asks for a named port by the number it has on the destination", () => {
    const open = egress({ egress: [{ ports: [{ port: 9411 }] }] });
    expect(ask(open, { port: "zipkin" })).toBe("allowed");
    expect(ask(open, { port: "sidecar" })).toBe("allowed");
    expect(ask(open, { port: "otlp" })).toBe("denied");
  });
});

describe("addresses outside", () => {
  const block = (cidr: string, ...except: string[]) => ({
    ipBlock: except.length > 0 ? { cidr, except } : { cidr },
  });
  it.each<[string, unknown, string, string]>([
    ["inside", block("10.0.0.0/8"), "10.255.255.255", "allowed"],
    ["outside", block("10.0.0.0/8"), "11.0.0.0", "denied"],
    ["in an exception", block("10.0.0.0/8", "10.1.0.0/16"), "10.1.0.1", "denied"],
    ["beside an exception", block("10.0.0.0/8", "10.1.0.0/16"), "10.2.0.1", "allowed"],
    ["in the second exception", block("10.0.0.0/8", "10.1.0.0/16", "10.2.0.0/16"), "10.2.0.1", "denied"],
    ["bits behind the mask", block("10.1.2.3/8"), "10.9.9.9", "allowed"],
    ["one address", block("10.1.2.3/32"), "10.1.2.3", "allowed"],
    ["the next address", block("10.1.2.3/32"), "10.1.2.2", "denied"],
    ["everything", block("0.0.0.0/0"), "203.0.113.7", "allowed"],
    ["everything of the other family", block("::/0"), "203.0.113.7", "denied"],
    ["IPv6 inside", block("2001:db8::/32"), "2001:db8:ffff::1", "allowed"],
    ["IPv6 outside", block("2001:db8::/32"), "2001:db9::1", "denied"],
    ["IPv6 in IPv4's everything", block("0.0.0.0/0"), "2001:db8::1", "denied"],
    ["IPv4 written as IPv6", block("10.0.0.0/8"), "::ffff:10.1.2.3", "allowed"],
    ["a selector of everything", { namespaceSelector: {}, podSelector: {} }, "203.0.113.7", "denied"],
  ])("%s", (_, peer, ip, expected) => {
    expect(ask([policy("shop/p", { egress: [{ to: [peer] }] })], { to: { ip } })).toBe(expected);
    expect(ask([policy("mesh/p", { ingress: [{ from: [peer] }] })], { from: { ip } })).toBe(expected);
  });

  it("only asks the side that is a pod", () => {
    expect(ask([...egress({ egress: [{}] }), ...ingress({})], { to: { ip: "203.0.113.7" } })).toBe("allowed");
    expect(
      ask([...egress({ policyTypes: ["Egress"] }), ...ingress({ ingress: [{}] })], {
        from: { ip: "203.0.113.7" },
      }),
    ).toBe("allowed");
  });

  it("resolves no names on an address", () => {
    expect(ask(egress({ egress: [{ ports: [{ port: "zipkin" }] }] }), { to: { ip: "203.0.113.7" } })).toBe(
      "denied",
    );
    expect(ask([], { to: { ip: "203.0.113.7" }, port: "zipkin" })).toBe("denied");
  });

  it("asks in vain between two addresses", () => {
    expect(ask([], { from: { ip: "203.0.113.7" }, to: { ip: "203.0.113.8" } })).toBe("unknown");
  });
});

describe("questions that make no sense", () => {
  it.each([
    ["port 0", { port: 0 }, "0 is not a port number"],
    ["port 65536", { port: 65536 }, "65536 is not a port number"],
    ["half a port", { port: 80.5 }, "80.5 is not a port number"],
    ["another protocol", { protocol: "tcp" as Protocol }, '"tcp" is not a protocol'],
    ["no address", { to: { ip: "10.0.0" } }, '"10.0.0" is not an IP address'],
    ["an address with a zone", { to: { ip: "fe80::1%eth0" } }, '"fe80::1%eth0" is not an IP address'],
  ])("%s", (_, question, message) => {
    expect(() => ask([], question)).toThrow(new RangeError(message));
  });
});
