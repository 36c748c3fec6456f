/** A NetworkPolicy that an API server refuses is reported, and makes unknown what it could decide. */
import { describe, expect, it } from "vitest";
import { Cluster } from "../../../policy/reachability";
import { policy, workload } from "./manifests";

const web = workload("shop/web", { labels: { app: "web", "example.com/app": "web" } });
const jaeger = workload("mesh/jaeger");

/** Paths and messages of what is malformed in some objects. */
function mistakes(...objects: unknown[]): string[] {
  return Cluster.from(objects).malformed.map(({ path, message }) => `${path} ${message}`);
}

const egress = (rule: unknown) => ({ policyTypes: ["Egress"], egress: [rule] });
const selector = (podSelector: unknown) => ({ podSelector, policyTypes: ["Egress"] });
const expression = (requirement: unknown) => selector({ matchExpressions: [requirement] });

describe("NetworkPolicies", () => {
  const operators = "must be In, NotIn, Exists or DoesNotExist";
  it.each<[string, unknown, string]>([
    ["spec", "all", 'spec must be a map, not "all"'],
    ["spec as a list", [], "spec must be a map, not []"],
    ["types", { policyTypes: "Egress" }, 'spec.policyTypes must be a list, not "Egress"'],
    ["type", { policyTypes: ["egress"] }, 'spec.policyTypes[0] must be Ingress or Egress, not "egress"'],
    ["null type", { policyTypes: [null] }, "spec.policyTypes[0] must be Ingress or Egress, not undefined"],
    ["number as type", { policyTypes: [1] }, "spec.policyTypes[0] must be a string, not 1"],
    ["rules", { egress: {} }, "spec.egress must be a list, not {}"],
    ["rule", egress("all"), 'spec.egress[0] must be a map, not "all"'],
    ["null rule", egress(null), "spec.egress[0] must be a map, not null; {} allows everything"],
    ["peers", egress({ to: {} }), "spec.egress[0].to must be a list, not {}"],
    [
      "null peer",
      egress({ to: [null] }),
      "spec.egress[0].to[0] must have a podSelector, a namespaceSelector or an ipBlock",
    ],
    [
      "empty peer",
      egress({ to: [{}] }),
      "spec.egress[0].to[0] must have a podSelector, a namespaceSelector or an ipBlock",
    ],
    ["peer", egress({ to: ["web"] }), 'spec.egress[0].to[0] must be a map, not "web"'],
    [
      "selector of a peer",
      egress({ to: [{ podSelector: [] }] }),
      "spec.egress[0].to[0].podSelector must be a map, not []",
    ],
    [
      "namespaceSelector",
      egress({ to: [{ namespaceSelector: "all" }] }),
      'spec.egress[0].to[0].namespaceSelector must be a map, not "all"',
    ],
    [
      "block and podSelector",
      egress({ to: [{ ipBlock: { cidr: "10.0.0.0/8" }, podSelector: {} }] }),
      "spec.egress[0].to[0] ipBlock cannot be combined with selectors; make it an item of its own",
    ],
    [
      "block and namespaceSelector",
      egress({ to: [{ ipBlock: { cidr: "10.0.0.0/8" }, namespaceSelector: {} }] }),
      "spec.egress[0].to[0] ipBlock cannot be combined with selectors; make it an item of its own",
    ],
    [
      "block",
      egress({ to: [{ ipBlock: "10.0.0.0/8" }] }),
      'spec.egress[0].to[0].ipBlock must be a map, not "10.0.0.0/8"',
    ],
    [
      "no cidr",
      egress({ to: [{ ipBlock: {} }] }),
      'spec.egress[0].to[0].ipBlock.cidr must be a block such as 10.0.0.0/8, not ""',
    ],
    [
      "cidr without length",
      egress({ to: [{ ipBlock: { cidr: "10.0.0.0" } }] }),
      'spec.egress[0].to[0].ipBlock.cidr must be a block such as 10.0.0.0/8, not "10.0.0.0"',
    ],
    [
      "exceptions",
      egress({ to: [{ ipBlock: { cidr: "10.0.0.0/8", except: "10.1.0.0/16" } }] }),
      'spec.egress[0].to[0].ipBlock.except must be a list, not "10.1.0.0/16"',
    ],
    [
      "exception elsewhere",
      egress({ to: [{ ipBlock: { cidr: "10.0.0.0/8", except: ["11.0.0.0/16"] } }] }),
      "spec.egress[0].to[0].ipBlock.except[0] must lie strictly inside of cidr",
    ],
    [
      "exception of all",
      egress({ to: [{ ipBlock: { cidr: "10.0.0.0/8", except: ["10.0.0.0/8"] } }] }),
      "spec.egress[0].to[0].ipBlock.except[0] must lie strictly inside of cidr",
    ],
    [
      "exception of more",
      egress({ to: [{ ipBlock: { cidr: "10.0.0.0/8", except: ["10.0.0.0/7"] } }] }),
      "spec.egress[0].to[0].ipBlock.except[0] must lie strictly inside of cidr",
    ],
    [
      "exception without length",
      egress({ to: [{ ipBlock: { cidr: "10.0.0.0/8", except: ["10.0.0.1"] } }] }),
      'spec.egress[0].to[0].ipBlock.except[0] must be a block such as 10.0.0.0/8, not "10.0.0.1"',
    ],
    ["ports", egress({ ports: { port: 80 } }), 'spec.egress[0].ports must be a list, not {"port":80}'],
    ["port entry", egress({ ports: [80] }), "spec.egress[0].ports[0] must be a map, not 80"],
    ["null port entry", egress({ ports: [null] }), "spec.egress[0].ports[0] must be a map, not null"],
    [
      "port 0",
      egress({ ports: [{ port: 0 }] }),
      "spec.egress[0].ports[0].port must be a number from 1 to 65535, not 0",
    ],
    [
      "port 65536",
      egress({ ports: [{ port: 65536 }] }),
      "spec.egress[0].ports[0].port must be a number from 1 to 65535, not 65536",
    ],
    [
      "half a port",
      egress({ ports: [{ port: 80.5 }] }),
      "spec.egress[0].ports[0].port must be a number from 1 to 65535, not 80.5",
    ],
    [
      "port in quotes",
      egress({ ports: [{ port: "9411" }] }),
      'spec.egress[0].ports[0].port "9411" is not a port name; a number is written without quotes',
    ],
    [
      "port name",
      egress({ ports: [{ port: "Zipkin" }] }),
      'spec.egress[0].ports[0].port "Zipkin" is not a port name',
    ],
    [
      "digits and a hyphen as port",
      egress({ ports: [{ port: "9411-" }] }),
      'spec.egress[0].ports[0].port "9411-" is not a port name',
    ],
    [
      "long port name",
      egress({ ports: [{ port: "a234567890123456" }] }),
      'spec.egress[0].ports[0].port "a234567890123456" is not a port name',
    ],
    [
      "port name with two hyphens",
      egress({ ports: [{ port: "a--b" }] }),
      'spec.egress[0].ports[0].port "a--b" is not a port name',
    ],
    [
      "port name with hyphens around",
      egress({ ports: [{ port: "a-" }] }),
      'spec.egress[0].ports[0].port "a-" is not a port name',
    ],
    [
      "port name with a hyphen before",
      egress({ ports: [{ port: "-a" }] }),
      'spec.egress[0].ports[0].port "-a" is not a port name',
    ],
    [
      "protocol",
      egress({ ports: [{ port: 80, protocol: "tcp" }] }),
      'spec.egress[0].ports[0].protocol must be TCP, UDP or SCTP, not "tcp"',
    ],
    [
      "endPort below port",
      egress({ ports: [{ port: 80, endPort: 79 }] }),
      "spec.egress[0].ports[0].endPort must not be less than port, 80",
    ],
    [
      "endPort of a name",
      egress({ ports: [{ port: "http", endPort: 90 }] }),
      "spec.egress[0].ports[0].endPort needs a numeric port beside it",
    ],
    [
      "endPort alone",
      egress({ ports: [{ endPort: 90 }] }),
      "spec.egress[0].ports[0].endPort needs a numeric port beside it",
    ],
    [
      "endPort in quotes",
      egress({ ports: [{ port: 80, endPort: "90" }] }),
      'spec.egress[0].ports[0].endPort must be a number from 1 to 65535, not "90"',
    ],
    [
      "label value",
      selector({ matchLabels: { app: true } }),
      "spec.podSelector.matchLabels.app must be a string, not true",
    ],
    [
      "null label value",
      selector({ matchLabels: { app: null } }),
      "spec.podSelector.matchLabels.app must be a string, not null",
    ],
    [
      "bad label value",
      selector({ matchLabels: { app: "a b" } }),
      'spec.podSelector.matchLabels.app "a b" is not a label value',
    ],
    [
      "bad label key",
      selector({ matchLabels: { "a b": "c" } }),
      'spec.podSelector.matchLabels["a b"] "a b" is not a label key',
    ],
    [
      "label with prefix",
      selector({ matchLabels: { "example.com/app": 1 } }),
      'spec.podSelector.matchLabels["example.com/app"] must be a string, not 1',
    ],
    [
      "matchLabels",
      selector({ matchLabels: ["app"] }),
      'spec.podSelector.matchLabels must be a map, not ["app"]',
    ],
    [
      "matchExpressions",
      selector({ matchExpressions: {} }),
      "spec.podSelector.matchExpressions must be a list, not {}",
    ],
    ["expression", expression("app"), 'spec.podSelector.matchExpressions[0] must be a map, not "app"'],
    [
      "no key",
      expression({ operator: "Exists" }),
      "spec.podSelector.matchExpressions[0].key undefined is not a label key",
    ],
    [
      "key",
      expression({ key: "a b", operator: "Exists" }),
      'spec.podSelector.matchExpressions[0].key "a b" is not a label key',
    ],
    [
      "no operator",
      expression({ key: "app" }),
      `spec.podSelector.matchExpressions[0].operator ${operators}, not undefined`,
    ],
    [
      "operator",
      expression({ key: "app", operator: "Equals" }),
      `spec.podSelector.matchExpressions[0].operator ${operators}, not "Equals"`,
    ],
    [
      "In without values",
      expression({ key: "app", operator: "In" }),
      "spec.podSelector.matchExpressions[0].values In needs at least one value",
    ],
    [
      "NotIn with empty values",
      expression({ key: "app", operator: "NotIn", values: [] }),
      "spec.podSelector.matchExpressions[0].values NotIn needs at least one value",
    ],
    [
      "Exists with values",
      expression({ key: "app", operator: "Exists", values: ["a"] }),
      "spec.podSelector.matchExpressions[0].values Exists takes no values",
    ],
    [
      "DoesNotExist with values",
      expression({ key: "app", operator: "DoesNotExist", values: ["a"] }),
      "spec.podSelector.matchExpressions[0].values DoesNotExist takes no values",
    ],
    [
      "values",
      expression({ key: "app", operator: "In", values: "a" }),
      'spec.podSelector.matchExpressions[0].values must be a list, not "a"',
    ],
    [
      "value",
      expression({ key: "app", operator: "In", values: [1] }),
      "spec.podSelector.matchExpressions[0].values[0] must be a string, not 1",
    ],
  ])("%s", (_, spec, mistake) => {
    const cluster = Cluster.from([web, jaeger, policy("shop/p", spec)]);
    expect(cluster.malformed.map(({ path, message }) => `${path} ${message}`)).toEqual([mistake]);
    expect(cluster.malformed[0]?.object).toEqual({
      apiVersion: "networking.k8s.io/v1",
      kind: "NetworkPolicy",
      namespace: "shop",
      name: "p",
    });
    const answer = cluster.canReach({ from: "shop/web", to: "shop/web", port: 9411 });
    expect(answer.verdict).toBe("unknown");
    expect(answer.because.map(({ text }) => text)).toContain(
      `NetworkPolicy shop/p is malformed, an API server refuses it: ${mistake}`,
    );
    // Pods elsewhere have nothing to do with it.
    expect(cluster.canReach({ from: "mesh/jaeger", to: "mesh/jaeger", port: 9411 }).verdict).toBe("allowed");
  });

  it.each<[string, unknown]>([
    ["empty Exists values", expression({ key: "app", operator: "Exists", values: [] })],
    ["empty label value", selector({ matchLabels: { app: "" } })],
    ["63 characters of value", selector({ matchLabels: { app: "a".repeat(63) } })],
    ["prefix", selector({ matchLabels: { "a-b.example.com/App_1.x-y": "V_1.x-y" } })],
    ["short prefixes", selector({ matchLabels: { "a/b": "c", "a.b/c": "d" } })],
    ["short port name", egress({ ports: [{ port: "a" }] })],
    ["15 characters of port name", egress({ ports: [{ port: "a-3456789012345" }] })],
    ["digits and a letter", egress({ ports: [{ port: "9411a" }] })],
    ["endPort equal to port", egress({ ports: [{ port: 65535, endPort: 65535 }] })],
    ["port 1", egress({ ports: [{ port: 1 }] })],
    ["nulls", { podSelector: null, policyTypes: null, egress: null, ingress: null }],
    [
      "null fields",
      egress({
        to: [{ podSelector: {}, namespaceSelector: null, ipBlock: null }],
        ports: [{ port: null, protocol: null, endPort: null }],
      }),
    ],
    ["null lists", selector({ matchLabels: null, matchExpressions: null })],
    ["null exceptions", egress({ to: [{ ipBlock: { cidr: "10.0.0.0/8", except: null } }] })],
  ])("fine: %s", (_, spec) => {
    expect(mistakes(policy("shop/p", spec))).toEqual([]);
  });

  it.each([
    ["64 characters of value", { app: "a".repeat(64) }],
    ["64 characters of key", { ["a".repeat(64)]: "a" }],
    ["a key that ends in a dot", { "app.": "a" }],
    ["a key that begins with a dot", { ".app": "a" }],
    ["an empty prefix", { "/app": "a" }],
    ["a prefix with capitals", { "Example.com/app": "a" }],
    ["a prefix that ends in a hyphen", { "example-/app": "a" }],
    ["a prefix that begins with a hyphen", { "-example/app": "a" }],
    ["a prefix with an empty part", { "example..com/app": "a" }],
    ["a prefix with a part that ends in a hyphen", { "example.com-/app": "a" }],
    ["a prefix of 254 characters", { [`${"a".repeat(254)}/app`]: "a" }],
    ["two slashes", { "a/b/c": "a" }],
    ["an empty key", { "": "a" }],
    ["a value that ends in a hyphen", { app: "a-" }],
    ["a value that begins with a hyphen", { app: "-a" }],
  ])("not fine: %s", (_, matchLabels) => {
    expect(mistakes(policy("shop/p", selector({ matchLabels })))).toHaveLength(1);
  });

  it("a prefix of 253 characters is fine", () => {
    expect(
      mistakes(policy("shop/p", selector({ matchLabels: { [`${"a".repeat(253)}/app`]: "a" } }))),
    ).toEqual([]);
  });

  it("matter only for pods that they may select, and only in their direction", () => {
    const bad = { ports: [{ port: 0 }] };
    const question = { from: "shop/web", to: "mesh/jaeger", port: 80 };
    const verdict = (...objects: unknown[]) =>
      Cluster.from([web, jaeger, ...objects]).canReach(question).verdict;
    expect(
      verdict(
        policy("shop/p", {
          podSelector: { matchLabels: { app: "api" } },
          policyTypes: ["Egress"],
          egress: [bad],
        }),
      ),
    ).toBe("allowed");
    expect(verdict(policy("shop/p", { policyTypes: ["Ingress"], egress: [bad] }))).toBe("allowed");
    expect(
      verdict(
        policy("shop/p", { policyTypes: ["Egress"], egress: [bad] }),
        policy("shop/q", { egress: [{}] }),
      ),
    ).toBe("allowed");
    expect(verdict(policy("shop/p", { policyTypes: ["Egress"], egress: [{}, bad] }))).toBe("unknown");
    expect(verdict(policy("shop/p", { policyTypes: ["Egress"], egress: [bad] }), policy("mesh/p", {}))).toBe(
      "denied",
    );
    expect(
      verdict(
        policy("shop/p", { policyTypes: ["Egress"], egress: [{}, bad] }),
        policy("shop/q", { policyTypes: ["Egress"] }),
      ),
    ).toBe("unknown");
  });

  it.each([
    ["extensions/v1beta1", 'apiVersion must be networking.k8s.io/v1, not "extensions/v1beta1"'],
    ["networking.k8s.io/v2", 'apiVersion must be networking.k8s.io/v1, not "networking.k8s.io/v2"'],
    [undefined, "apiVersion is missing"],
  ])("of version %s", (apiVersion, mistake) => {
    const cluster = Cluster.from([web, { ...policy("shop/p", {}), apiVersion }]);
    expect(cluster.malformed.map(({ path, message }) => `${path} ${message}`)).toEqual([mistake]);
    expect(cluster.canReach({ from: "shop/web", to: "shop/web", port: 80 }).verdict).toBe("unknown");
  });
});
