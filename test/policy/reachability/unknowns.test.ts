/** What nobody can know from the input is `unknown`, with the reason; what does not matter is not. */
import { describe, expect, it } from "vitest";
import { type Cause, Cluster, type Answer, type QuestionEnd } from "../../../policy/reachability";
import { container, namespace, policy, service, workload } from "./manifests";

const web = workload("shop/web");
const jaeger = workload("mesh/jaeger", { containers: [container({ name: "zipkin", containerPort: 9411 })] });

const later = Symbol("not known yet");
const isUnknown = (value: unknown) => value === later;

interface Ask {
  readonly from?: QuestionEnd;
  readonly to?: QuestionEnd;
  readonly port?: number | string;
}

function ask(objects: readonly unknown[], question: Ask = {}): Answer {
  const cluster = Cluster.from([web, jaeger, ...objects], { isUnknown });
  return cluster.canReach({ from: "shop/web", to: "mesh/jaeger", port: 9411, ...question });
}

function causes({ because }: Answer): Cause[] {
  return because.flatMap((reason) => (reason.kind === "unknown" ? [reason.cause] : []));
}

/** Unknown, with exactly these reasons. */
function expectUnknown(answer: Answer, ...texts: string[]) {
  const found = new Set(causes(answer).map(({ text }) => text));
  expect([answer.verdict, [...found]]).toEqual(["unknown", texts]);
}

const toTeam = (selector: unknown) =>
  policy("shop/p", { egress: [{ to: [{ namespaceSelector: selector }] }] });

describe("labels of namespaces that are not in the input", () => {
  const unknownTeam = "Namespace mesh is not in the input, so its label team is not known";

  it.each<[string, unknown, string]>([
    ["its name", { matchLabels: { "kubernetes.io/metadata.name": "mesh" } }, "allowed"],
    ["another name", { matchLabels: { "kubernetes.io/metadata.name": "other" } }, "denied"],
    [
      "not its name",
      { matchExpressions: [{ key: "kubernetes.io/metadata.name", operator: "NotIn", values: ["mesh"] }] },
      "denied",
    ],
    ["nothing", {}, "allowed"],
    [
      "another name and a label",
      { matchLabels: { "kubernetes.io/metadata.name": "other", team: "b" } },
      "denied",
    ],
  ])("are not needed for %s", (_, selector, expected) => {
    expect(ask([toTeam(selector)]).verdict).toBe(expected);
  });

  it.each<[string, unknown]>([
    ["a label", { matchLabels: { team: "b" } }],
    ["In", { matchExpressions: [{ key: "team", operator: "In", values: ["b"] }] }],
    ["NotIn", { matchExpressions: [{ key: "team", operator: "NotIn", values: ["b"] }] }],
    ["Exists", { matchExpressions: [{ key: "team", operator: "Exists" }] }],
    ["DoesNotExist", { matchExpressions: [{ key: "team", operator: "DoesNotExist" }] }],
    ["its name and a label", { matchLabels: { "kubernetes.io/metadata.name": "mesh", team: "b" } }],
  ])("are needed for %s", (_, selector) => {
    expectUnknown(ask([toTeam(selector)]), unknownTeam);
    expect(ask([namespace("mesh", { team: "b" }), toTeam(selector)]).verdict).not.toBe("unknown");
  });

  it("do not matter where another rule allows, another side denies, or the port is not covered", () => {
    const doubtful = { to: [{ namespaceSelector: { matchLabels: { team: "b" } } }] };
    expect(ask([policy("shop/p", { egress: [doubtful, {}] })]).verdict).toBe("allowed");
    expect(ask([policy("shop/p", { egress: [doubtful] }), policy("shop/q", { egress: [{}] })]).verdict).toBe(
      "allowed",
    );
    expect(ask([policy("shop/p", { egress: [doubtful] }), policy("mesh/p", {})]).verdict).toBe("denied");
    expect(ask([policy("mesh/q", { ingress: [{}] }), policy("shop/p", { egress: [doubtful] })]).verdict).toBe(
      "unknown",
    );
    expect(ask([policy("shop/p", { egress: [{ ...doubtful, ports: [{ port: 1 }] }] })]).verdict).toBe(
      "denied",
    );
  });

  it("are in doubt where two Namespace objects disagree", () => {
    const differing = [namespace("mesh", { team: "b", env: "dev" }), namespace("mesh", { team: "b" })];
    expect(ask([...differing, toTeam({ matchLabels: { team: "b" } })]).verdict).toBe("allowed");
    expectUnknown(
      ask([...differing, toTeam({ matchLabels: { env: "dev" } })]),
      "Namespace mesh is in the input several times, with different values of the label env",
    );
  });
});

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
    expect(ask([namespace("mesh", { team: later }), toTeam(exists)]).verdict).toBe("allowed");
    expectUnknown(
      ask([{ ...namespace("mesh"), metadata: { name: "mesh", labels: later } }, toTeam(exists)]),
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
});

describe("the host's network", () => {
  const onHost =
    "pods on the host's network have the node's address, and policies treat them as the network plugin likes";
  const host = workload("shop/node", { spec: { hostNetwork: true } });
  const closed = policy("shop/p", { policyTypes: ["Egress"] });
  const guarded = (from?: unknown) => policy("mesh/p", { ingress: from === undefined ? [] : [{ from }] });

  it("leaves open whether policies apply to such pods", () => {
    expectUnknown(ask([host, closed], { from: "shop/node" }), onHost);
    expectUnknown(ask([host, policy("shop/p", {})], { to: "shop/node" }), onHost);
  });

  it("leaves open whether rules mean such pods, or whether they come from the pod's own node", () => {
    expectUnknown(ask([host, guarded([{ namespaceSelector: {} }])], { from: "shop/node" }), onHost);
    expectUnknown(ask([host, guarded()], { from: "shop/node" }), onHost);
    expectUnknown(ask([host, closed], { to: "shop/node", from: "shop/web" }), onHost);
  });

  it("does not matter where no policy could", () => {
    expect(ask([host], { from: "shop/node" }).verdict).toBe("allowed");
    expect(ask([host, guarded(), policy("mesh/q", { ingress: [{}] })], { from: "shop/node" }).verdict).toBe(
      "allowed",
    );
    expect(ask([host, policy("shop/p", { egress: [{}] })], { from: "shop/node" }).verdict).toBe("allowed");
    expect(
      ask([workload("shop/node", { spec: { hostNetwork: false } }), closed], { from: "shop/node" }).verdict,
    ).toBe("denied");
  });

  it("is unknown if the field is", () => {
    const maybe = workload("shop/node", { spec: { hostNetwork: later } });
    expectUnknown(
      ask([maybe, closed], { from: "shop/node" }),
      "spec.template.spec.hostNetwork of Deployment shop/node is not known yet",
    );
  });
});

describe("blocks and pods", () => {
  const dependsOnPlugin =
    "whether an ipBlock contains a pod depends on the cluster's addresses and its network plugin";
  const block = (cidr: string, ...except: string[]) =>
    policy("shop/p", { egress: [{ to: [{ ipBlock: except.length > 0 ? { cidr, except } : { cidr } }] }] });

  it.each<[string, unknown, string]>([
    ["everything", block("0.0.0.0/0"), "allowed"],
    ["everything but addresses that no pod has", block("0.0.0.0/0", "169.254.169.254/32"), "allowed"],
    ["the node-local DNS address", block("169.254.20.10/32"), "denied"],
    ["loopback", block("127.0.0.0/8"), "denied"],
    ["multicast", block("224.0.0.0/24"), "denied"],
    ["IPv6 link-local", block("fe80::/64"), "denied"],
    ["IPv6 loopback", block("::1/128"), "denied"],
    ["IPv6 multicast", block("ff02::/16"), "denied"],
  ])("are clear: %s", (_, object, expected) => {
    expect(ask([object]).verdict).toBe(expected);
  });

  it.each<[string, unknown]>([
    ["some addresses", block("10.0.0.0/8")],
    ["everything but private addresses", block("0.0.0.0/0", "10.0.0.0/8")],
    ["half of everything", block("0.0.0.0/1")],
    ["one address", block("10.0.0.1/32")],
    ["more than link-local", block("169.0.0.0/8")],
  ])("depend on the plugin: %s", (_, object) => {
    expectUnknown(ask([object]), dependsOnPlugin);
  });

  it("notes what it takes for granted", () => {
    const noted = ask([block("0.0.0.0/0")]).because.filter(({ kind }) => kind === "assumption");
    expect(noted).toEqual([
      {
        kind: "assumption",
        side: "egress",
        policy: { apiVersion: "networking.k8s.io/v1", kind: "NetworkPolicy", namespace: "shop", name: "p" },
        rule: 0,
        text: "taken for granted: mesh/jaeger[Deployment] has an IPv4 address and the network plugin counts pods to 0.0.0.0/0 (Cilium does not)",
      },
    ]);
    const both = policy("shop/p", {
      egress: [{ to: [{ ipBlock: { cidr: "0.0.0.0/0" } }, { namespaceSelector: {} }] }],
    });
    expect(ask([both]).because.map(({ kind }) => kind)).not.toContain("assumption");
    expect(
      ask([block("0.0.0.0/0")], { to: { ip: "10.0.0.1" } }).because.map(({ kind }) => kind),
    ).not.toContain("assumption");
  });

  it("depend on the family for ::/0", () => {
    expectUnknown(
      ask([block("::/0")]),
      "whether ::/0 contains a pod depends on the cluster's address family",
    );
  });

  it("do not matter where another peer matches", () => {
    const rule = { to: [{ ipBlock: { cidr: "10.0.0.0/8" } }, { namespaceSelector: {} }] };
    expect(ask([policy("shop/p", { egress: [rule] })]).verdict).toBe("allowed");
  });
});

describe("pods that are not in the input", () => {
  const dns = { namespace: "kube-system", labels: { "k8s-app": "kube-dns" } };
  const toDns = (podSelector: unknown) =>
    policy("shop/p", {
      egress: [
        {
          to: [
            {
              namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": "kube-system" } },
              podSelector,
            },
          ],
        },
      ],
    });

  it("have the labels that are given", () => {
    expect(ask([toDns({ matchLabels: { "k8s-app": "kube-dns" } })], { to: dns }).verdict).toBe("allowed");
    expect(ask([toDns({ matchLabels: { "k8s-app": "other" } })], { to: dns }).verdict).toBe("denied");
  });

  it("may have others, unless the caller knows better", () => {
    const byName = toDns({ matchLabels: { "app.kubernetes.io/name": "coredns" } });
    expectUnknown(
      ask([byName], { to: dns }),
      "whether kube-system/(pod with k8s-app=kube-dns) has the label app.kubernetes.io/name is not known",
    );
    expect(ask([byName], { to: { ...dns, labelsAreComplete: true } }).verdict).toBe("denied");
  });

  it("have a namespace of which only the name is known, unless it is in the input", () => {
    const byLabel = policy("shop/p", {
      egress: [{ to: [{ namespaceSelector: { matchLabels: { role: "system" } } }] }],
    });
    expectUnknown(
      ask([byLabel], { to: dns }),
      "Namespace kube-system is not in the input, so its label role is not known",
    );
    expect(ask([byLabel, namespace("kube-system", { role: "system" })], { to: dns }).verdict).toBe("allowed");
  });

  it("are subject to policies of their namespace", () => {
    const closed = policy("kube-system/p", {});
    expect(ask([closed], { to: dns }).verdict).toBe("denied");
    expect(ask([policy("kube-system/p", { policyTypes: ["Egress"] })], { from: dns }).verdict).toBe("denied");
  });

  it("have unknown named ports, unless these are given", () => {
    const named = policy("shop/p", { egress: [{ ports: [{ port: "dns" }] }] });
    expectUnknown(
      ask([named], { to: dns, port: 53 }),
      "the container ports of a hypothetical pod are not known",
    );
    expect(ask([named], { to: { ...dns, ports: [{ name: "dns", port: 53 }] }, port: 53 }).verdict).toBe(
      "allowed",
    );
    expect(
      ask([named], { to: { ...dns, ports: [{ name: "dns", port: 53, protocol: "UDP" }] }, port: 53 }).verdict,
    ).toBe("denied");
    expect(ask([named], { to: { ...dns, ports: [] }, port: 53 }).verdict).toBe("denied");
    expectUnknown(
      ask([], { to: dns, port: "dns" }),
      "the container ports of a hypothetical pod are not known",
    );
    expect(ask([], { to: { ...dns, ports: [] }, port: "dns" }).verdict).toBe("denied");
  });
});

describe("labels that no template lists", () => {
  const select = (key: string, operator = "Exists", values?: string[]) => [
    policy("shop/p", {
      podSelector: { matchExpressions: [{ key, operator, values }] },
      policyTypes: ["Egress"],
    }),
  ];
  const verdict = (kind: string, objects: unknown[]) =>
    Cluster.from([workload("shop/x", { kind }), jaeger, ...objects]).canReach({
      from: "shop/x",
      to: "mesh/jaeger",
      port: 1,
    });

  it.each([
    ["Deployment", "pod-template-hash"],
    ["DaemonSet", "controller-revision-hash"],
    ["DaemonSet", "pod-template-generation"],
    ["StatefulSet", "controller-revision-hash"],
    ["StatefulSet", "statefulset.kubernetes.io/pod-name"],
    ["StatefulSet", "apps.kubernetes.io/pod-index"],
    ["Job", "controller-uid"],
    ["Job", "batch.kubernetes.io/controller-uid"],
    ["CronJob", "job-name"],
    ["CronJob", "batch.kubernetes.io/job-name"],
    ["CronJob", "controller-uid"],
    ["CronJob", "batch.kubernetes.io/controller-uid"],
  ])("a %s's pods have %s, with a value that is not known", (kind, key) => {
    expect(verdict(kind, select(key)).verdict).toBe("denied");
    expectUnknown(
      verdict(kind, select(key, "In", ["1"])),
      `the label ${key} is set by the ${kind}'s controller`,
    );
    expect(verdict("ReplicaSet", select(key)).verdict).toBe("allowed");
  });

  it.each(["job-name", "batch.kubernetes.io/job-name"])("a Job's pods have %s with its name", (key) => {
    expect(verdict("Job", select(key, "In", ["x"])).verdict).toBe("denied");
    expect(verdict("Job", select(key, "In", ["y"])).verdict).toBe("allowed");
  });

  it("a Job without a name of its own has a job-name that is not known", () => {
    const job = {
      ...workload("shop/x", { kind: "Job" }),
      metadata: { namespace: "shop", generateName: "x-" },
    };
    const cluster = Cluster.from([job, jaeger, ...select("job-name", "In", ["x-1"])]);
    expect(cluster.canReach({ from: "shop/x-*", to: "mesh/jaeger", port: 1 }).verdict).toBe("unknown");
  });

  it.each([
    "security.istio.io/tlsMode",
    "service.istio.io/canonical-name",
    "service.istio.io/canonical-revision",
  ])("%s may come with Istio's injection", (key) => {
    expectUnknown(
      verdict("ReplicaSet", select(key)),
      `Istio's injection may add the label ${key} to the pods`,
    );
    expectUnknown(verdict("Pod", select(key)), `Istio's injection may add the label ${key} to the pods`);
  });

  it("a Pod that was read from a cluster has all of its labels", () => {
    const pod = workload("shop/x", { kind: "Pod" });
    const live = { ...pod, metadata: { ...pod.metadata, uid: "1" } };
    const cluster = Cluster.from([live, jaeger, ...select("security.istio.io/tlsMode")]);
    expect(cluster.canReach({ from: "shop/x", to: "mesh/jaeger", port: 1 }).verdict).toBe("allowed");
  });

  it("the template's own value wins", () => {
    const labels = { "pod-template-hash": "1" };
    const cluster = Cluster.from([
      workload("shop/x", { labels }),
      jaeger,
      ...select("pod-template-hash", "In", ["2"]),
    ]);
    expect(cluster.canReach({ from: "shop/x", to: "mesh/jaeger", port: 1 }).verdict).toBe("allowed");
  });
});

describe("ends that are not in the input", () => {
  it("are unknown", () => {
    expectUnknown(ask([], { from: "shop/none" }), "shop/none is not in the input");
    expectUnknown(
      ask([], { to: "mesh/jaeger[StatefulSet]" }),
      "mesh/jaeger[StatefulSet] is not in the input",
    );
    expectUnknown(ask([service("mesh/svc", {})], { to: "mesh/svc" }), "mesh/svc is not in the input");
    expectUnknown(ask([], { to: "mesh/jaeger[" }), "mesh/jaeger[ is not in the input");
  });

  it("are ambiguous if there are several", () => {
    const job = workload("mesh/jaeger", { kind: "Job" });
    expectUnknown(ask([job]), "mesh/jaeger may be any of mesh/jaeger[Deployment], mesh/jaeger[Job]");
    expect(ask([job], { to: "mesh/jaeger[Job]" }).verdict).toBe("allowed");
  });
});
