/** Values that are not known yet make an answer `unknown`, where they matter. */
import { describe, expect, it } from "vitest";
import { Cluster } from "../../../policy/reachability";
import { ask, causes, expectUnknown, isUnknown, jaeger, later, toNamespaces, web } from "./asking";
import { container, namespace, policy, workload } from "./manifests";

describe("values that are not known yet", () => {
  const rule = (to: unknown, ports?: unknown) => ({ policyTypes: ["Egress"], egress: [{ to, ports }] });

  it.each<[string, unknown, string]>([
    ["spec", later, "spec"],
    ["podSelector", { podSelector: later, policyTypes: ["Egress"] }, "spec.podSelector"],
    [
      "a label",
      { podSelector: { matchLabels: { app: later } }, policyTypes: ["Egress"] },
      "spec.podSelector.matchLabels.app",
    ],
    ["types", { policyTypes: later, egress: [] }, "spec.policyTypes"],
    ["a type", { policyTypes: [later] }, "spec.policyTypes[0]"],
    ["egress", { policyTypes: ["Egress"], egress: later }, "spec.egress"],
    ["egress without types", { egress: later }, "spec.egress"],
    ["a rule", { policyTypes: ["Egress"], egress: [later] }, "spec.egress[0]"],
    ["to", rule(later), "spec.egress[0].to"],
    ["a peer", rule([later]), "spec.egress[0].to[0]"],
    ["a namespaceSelector", rule([{ namespaceSelector: later }]), "spec.egress[0].to[0].namespaceSelector"],
    [
      "a podSelector of a peer",
      rule([{ namespaceSelector: {}, podSelector: later }]),
      "spec.egress[0].to[0].podSelector",
    ],
    [
      "expressions",
      rule([{ namespaceSelector: { matchExpressions: later } }]),
      "spec.egress[0].to[0].namespaceSelector.matchExpressions",
    ],
    [
      "an expression",
      rule([{ namespaceSelector: { matchExpressions: [later] } }]),
      "spec.egress[0].to[0].namespaceSelector.matchExpressions[0]",
    ],
    [
      "a key",
      rule([{ namespaceSelector: { matchExpressions: [{ key: later, operator: "Exists" }] } }]),
      "spec.egress[0].to[0].namespaceSelector.matchExpressions[0].key",
    ],
    [
      "an operator",
      rule([{ namespaceSelector: { matchExpressions: [{ key: "team", operator: later }] } }]),
      "spec.egress[0].to[0].namespaceSelector.matchExpressions[0].operator",
    ],
    [
      "values",
      rule([{ namespaceSelector: { matchExpressions: [{ key: "team", operator: "In", values: later }] } }]),
      "spec.egress[0].to[0].namespaceSelector.matchExpressions[0].values",
    ],
    [
      "a value",
      rule([
        { namespaceSelector: { matchExpressions: [{ key: "team", operator: "In", values: ["c", later] }] } },
      ]),
      "spec.egress[0].to[0].namespaceSelector.matchExpressions[0].values[1]",
    ],
    ["ports", rule(undefined, later), "spec.egress[0].ports"],
    ["a port entry", rule(undefined, [later]), "spec.egress[0].ports[0]"],
    ["a port", rule(undefined, [{ port: later }]), "spec.egress[0].ports[0].port"],
    ["an endPort", rule(undefined, [{ port: 9000, endPort: later }]), "spec.egress[0].ports[0].endPort"],
    ["a protocol", rule(undefined, [{ port: 9411, protocol: later }]), "spec.egress[0].ports[0].protocol"],
  ])("%s", (_, spec, path) => {
    const answer = ask([namespace("mesh", { team: "b" }), policy("shop/p", spec)]);
    const [cause] = causes(answer);
    expect([answer.verdict, cause]).toEqual([
      "unknown",
      {
        kind: "unknown-value",
        object: { apiVersion: "networking.k8s.io/v1", kind: "NetworkPolicy", namespace: "shop", name: "p" },
        path,
        text: `${path} of NetworkPolicy shop/p is not known yet`,
      },
    ]);
  });

  it("may be texts, which name no port then", () => {
    const placeholder = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";
    const cluster = Cluster.from(
      [web, jaeger, policy("shop/p", { egress: [{ ports: [{ port: placeholder }] }] })],
      {
        isUnknown: (value) => value === placeholder,
      },
    );
    expectUnknown(
      cluster.canReach({ from: "shop/web", to: "mesh/jaeger", port: 9411 }),
      "spec.egress[0].ports[0].port of NetworkPolicy shop/p is not known yet",
    );
  });

  it("are all named, where several decide", () => {
    const values = ["c", later, later];
    const answer = ask([
      namespace("mesh", { team: "b" }),
      policy(
        "shop/p",
        rule([{ namespaceSelector: { matchExpressions: [{ key: "team", operator: "In", values }] } }]),
      ),
    ]);
    expect(causes(answer).map(({ path }) => path?.slice(-9))).toEqual(["values[1]", "values[2]"]);
  });

  it.each<[string, unknown, string]>([
    [
      "a label that the pods do not have",
      { podSelector: { matchLabels: { other: later } }, policyTypes: ["Egress"] },
      "allowed",
    ],
    [
      "a value beside the right one",
      rule([
        { namespaceSelector: { matchExpressions: [{ key: "team", operator: "In", values: ["b", later] }] } },
      ]),
      "allowed",
    ],
    [
      "a value beside the wrong one",
      rule([
        {
          namespaceSelector: { matchExpressions: [{ key: "team", operator: "NotIn", values: ["b", later] }] },
        },
      ]),
      "denied",
    ],
    [
      "values of an absent label",
      rule([
        { namespaceSelector: { matchExpressions: [{ key: "none", operator: "NotIn", values: later }] } },
      ]),
      "allowed",
    ],
    ["a port of another protocol", rule(undefined, [{ port: later, protocol: "UDP" }]), "denied"],
    ["the protocol of another port", rule(undefined, [{ port: 1, protocol: later }]), "denied"],
    ["the end of a range that begins there", rule(undefined, [{ port: 9411, endPort: later }]), "allowed"],
    ["the end of a range that begins behind", rule(undefined, [{ port: 9412, endPort: later }]), "denied"],
    ["the type beside Egress", { policyTypes: ["Egress", later] }, "denied"],
    [
      "the label of a policy that allows all",
      { podSelector: { matchLabels: { app: later } }, egress: [{}] },
      "allowed",
    ],
    ["a rule beside one that allows", { egress: [later, {}] }, "allowed"],
  ])("does not matter: %s", (_, spec, expected) => {
    expect(ask([namespace("mesh", { team: "b" }), policy("shop/p", spec)]).verdict).toBe(expected);
  });

  it("exceptions of a block", () => {
    const blocks = (except: unknown) => [
      policy("shop/p", { egress: [{ to: [{ ipBlock: { cidr: "10.0.0.0/8", except } }] }] }),
    ];
    const path = "spec.egress[0].to[0].ipBlock.except";
    expectUnknown(
      ask(blocks(later), { to: { ip: "10.0.0.1" } }),
      `${path} of NetworkPolicy shop/p is not known yet`,
    );
    expectUnknown(
      ask(blocks([later]), { to: { ip: "10.0.0.1" } }),
      `${path}[0] of NetworkPolicy shop/p is not known yet`,
    );
    expect(ask(blocks([later]), { to: { ip: "11.0.0.1" } }).verdict).toBe("denied");
    expect(ask(blocks(["10.0.0.0/16", later]), { to: { ip: "10.0.0.1" } }).verdict).toBe("denied");
  });

  it("a block", () => {
    const block = (ipBlock: unknown) => [policy("shop/p", { egress: [{ to: [{ ipBlock }] }] })];
    expect(ask(block(later), { to: { ip: "10.0.0.1" } }).verdict).toBe("unknown");
    expect(ask(block({ cidr: later }), { to: { ip: "10.0.0.1" } }).verdict).toBe("unknown");
  });

  it("labels of pods and namespaces", () => {
    const selecting = policy("shop/p", {
      podSelector: { matchLabels: { tier: "front" } },
      policyTypes: ["Egress"],
    });
    const from = (labels: unknown) =>
      Cluster.from([workload("shop/api", { labels }), jaeger, selecting], { isUnknown });
    const question = { from: "shop/api", to: "mesh/jaeger", port: 1 };
    const where = "spec.template.metadata.labels";
    expectUnknown(
      from({ tier: later }).canReach(question),
      `${where}.tier of Deployment shop/api is not known yet`,
    );
    expectUnknown(from(later).canReach(question), `${where} of Deployment shop/api is not known yet`);
    expect(from({ other: later }).canReach(question).verdict).toBe("allowed");
    const exists = { matchExpressions: [{ key: "team", operator: "Exists" }] };
    expect(ask([namespace("mesh", { team: later }), toNamespaces(exists)]).verdict).toBe("allowed");
    expectUnknown(
      ask([{ ...namespace("mesh"), metadata: { name: "mesh", labels: later } }, toNamespaces(exists)]),
      "metadata.labels of Namespace mesh is not known yet",
    );
  });

  it("container ports", () => {
    const open = policy("shop/p", { egress: [{ ports: [{ port: "zipkin" }] }] });
    const to = (containers: unknown, spec = {}) =>
      Cluster.from([web, workload("mesh/other", { containers, spec }), open], { isUnknown }).canReach({
        from: "shop/web",
        to: "mesh/other",
        port: 9411,
      });
    const where = "spec.template.spec.containers";
    expectUnknown(to(later), `${where} of Deployment mesh/other is not known yet`);
    expectUnknown(to([later]), `${where}[0] of Deployment mesh/other is not known yet`);
    expectUnknown(to([{ ports: later }]), `${where}[0].ports of Deployment mesh/other is not known yet`);
    expectUnknown(
      to([container({ name: "zipkin", containerPort: later })]),
      `${where}[0].ports[0].containerPort of Deployment mesh/other is not known yet`,
    );
    expectUnknown(
      to([container({ name: later, containerPort: 9411 })]),
      `${where}[0].ports[0].name of Deployment mesh/other is not known yet`,
    );
    expectUnknown(
      to([container({ name: "zipkin", containerPort: 9411, protocol: later })]),
      `${where}[0].ports[0].protocol of Deployment mesh/other is not known yet`,
    );
    expectUnknown(
      to([], { initContainers: later }),
      `spec.template.spec.initContainers of Deployment mesh/other is not known yet`,
    );
    expect(
      to([container({ name: later, containerPort: 1 }, { name: "zipkin", containerPort: 9411 })]).verdict,
    ).toBe("allowed");
  });

  it("the namespace of a policy, a workload or a Service", () => {
    const floating = {
      ...policy("shop/p", { podSelector: { matchLabels: { app: "web" } }, policyTypes: ["Egress"] }),
      metadata: { name: "p", namespace: later },
    };
    expectUnknown(ask([floating]), "whether the policy and the pods are in one namespace is not known");
    expect(ask([floating], { from: "mesh/jaeger", to: "mesh/jaeger" }).verdict).toBe("allowed");
    const lost = { ...workload("shop/lost"), metadata: { name: "lost", namespace: later } };
    expect(ask([lost], { from: "(unknown)/lost" }).verdict).toBe("allowed");
    expectUnknown(
      ask([lost, policy("shop/p", { policyTypes: ["Egress"] })], { from: "(unknown)/lost" }),
      "whether the policy and the pods are in one namespace is not known",
    );
    expectUnknown(
      ask([lost, policy("shop/p", { policyTypes: ["Egress"], egress: [{ to: [{ podSelector: {} }] }] })], {
        to: "(unknown)/lost",
      }),
      "the namespace, and with it the label kubernetes.io/metadata.name, is not known",
    );
  });

  it("what an object is: it may be a policy", () => {
    expectUnknown(ask([later]), "all of object #2 is not known yet");
    expectUnknown(ask([{ kind: later }]), "kind of object #2 is not known yet");
    expectUnknown(
      ask([{ kind: "NetworkPolicy", apiVersion: later }]),
      "apiVersion of object #2 is not known yet",
    );
  });

  it("is told by the caller, even of strings", () => {
    // Pulumi, for one, passes a special string.
    const sentinel = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";
    const options = { isUnknown: (value: unknown) => value === sentinel };
    const verdict = (spec: unknown) =>
      Cluster.from([web, jaeger, policy("shop/p", spec)], options).canReach({
        from: "shop/web",
        to: "mesh/jaeger",
        port: 9411,
      }).verdict;
    expect(verdict({ egress: [{ ports: [{ port: sentinel }] }] })).toBe("unknown");
    expect(verdict({ egress: [{ ports: [{ port: 9411, protocol: sentinel }] }] })).toBe("unknown");
    expect(verdict({ podSelector: { matchLabels: { app: sentinel } }, policyTypes: ["Egress"] })).toBe(
      "unknown",
    );
    const nameless = {
      ...namespace("x", { team: "b" }),
      metadata: { name: sentinel, labels: { team: "b" } },
    };
    const lost = { ...workload("shop/lost"), metadata: { name: "lost", namespace: sentinel } };
    const cluster = Cluster.from(
      [nameless, web, lost, toNamespaces({ matchLabels: { team: "b" } })],
      options,
    );
    expect(cluster.canReach({ from: "shop/web", to: "(unknown)/lost", port: 1 }).verdict).toBe("unknown");
  });
});
