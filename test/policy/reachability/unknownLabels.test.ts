/** Labels that nobody can know from the input make an answer `unknown`, where they matter. */
import { describe, expect, it } from "vitest";
import { Cluster } from "../../../policy/reachability";
import { ask, expectUnknown, jaeger, toNamespaces } from "./asking";
import { namespace, policy, service, workload } from "./manifests";

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
    expect(ask([toNamespaces(selector)]).verdict).toBe(expected);
  });

  it.each<[string, unknown]>([
    ["a label", { matchLabels: { team: "b" } }],
    ["In", { matchExpressions: [{ key: "team", operator: "In", values: ["b"] }] }],
    ["NotIn", { matchExpressions: [{ key: "team", operator: "NotIn", values: ["b"] }] }],
    ["Exists", { matchExpressions: [{ key: "team", operator: "Exists" }] }],
    ["DoesNotExist", { matchExpressions: [{ key: "team", operator: "DoesNotExist" }] }],
    ["its name and a label", { matchLabels: { "kubernetes.io/metadata.name": "mesh", team: "b" } }],
  ])("are needed for %s", (_, selector) => {
    expectUnknown(ask([toNamespaces(selector)]), unknownTeam);
    expect(ask([namespace("mesh", { team: "b" }), toNamespaces(selector)]).verdict).not.toBe("unknown");
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
    expect(ask([...differing, toNamespaces({ matchLabels: { team: "b" } })]).verdict).toBe("allowed");
    expectUnknown(
      ask([...differing, toNamespaces({ matchLabels: { env: "dev" } })]),
      "Namespace mesh is in the input several times, with different values of the label env",
    );
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
    ["Rollout", "rollouts-pod-template-hash"],
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

  it.each([
    ["canary", "canaryMetadata"],
    ["canary", "stableMetadata"],
    ["blueGreen", "previewMetadata"],
    ["blueGreen", "activeMetadata"],
  ])("only some of a Rollout's pods have the labels of %s.%s, whatever its template says", (way, field) => {
    const rollout = workload("shop/x", { kind: "Rollout", labels: { track: "any" } });
    const of = (metadata: unknown, selecting = select("track", "In", ["new"])) => {
      const object = { ...rollout, spec: { ...rollout.spec, strategy: { [way]: { [field]: metadata } } } };
      const cluster = Cluster.from([object, jaeger, ...selecting]);
      return cluster.canReach({ from: "shop/x", to: "mesh/jaeger", port: 1 });
    };
    expectUnknown(of({ labels: { track: "new" } }), "the Rollout gives the label track to some of its pods");
    expect(of({ labels: { other: "new" } }).verdict).toBe("allowed");
    expect(of({ labels: { other: "new" } }, select("other")).verdict).toBe("unknown");
    expect(of({ labels: "malformed" }).verdict).toBe("allowed");
    expect(of(undefined).verdict).toBe("allowed");
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
