/** Which objects are read, and what the model says about them. */
import { describe, expect, it } from "vitest";
import { Cluster } from "../../../policy/reachability";
import { container, namespace, policy, workload } from "./manifests";

const list = (kind: string, apiVersion: string, ...items: unknown[]) => ({ apiVersion, kind, items });

describe("lists", () => {
  it("are taken apart, one in another", () => {
    const inner = list("List", "v1", workload("shop/web"), null);
    const cluster = Cluster.from([list("List", "v1", namespace("shop"), inner)]);
    expect([cluster.workloads.map(({ ref }) => ref), cluster.malformed]).toEqual([
      ["shop/web[Deployment]"],
      [],
    ]);
  });

  it("of one kind may leave out what their items are", () => {
    const { metadata, spec } = policy("shop/p", {});
    const cluster = Cluster.from([list("NetworkPolicyList", "networking.k8s.io/v1", { metadata, spec })]);
    expect(cluster.malformed).toEqual([]);
    // What it is, it has from its list: an empty policy shuts the pods of its namespace.
    const web = workload("shop/web");
    const shut = Cluster.from([
      web,
      list("NetworkPolicyList", "networking.k8s.io/v1", { metadata, spec: { policyTypes: ["Egress"] } }),
    ]);
    expect(shut.canReach({ from: "shop/web", to: "shop/web", port: 1 }).verdict).toBe("denied");
  });

  it("of all kinds may not", () => {
    const cluster = Cluster.from([list("List", "v1", { metadata: { name: "shop" } })]);
    expect(cluster.malformed.map(({ path }) => path)).toEqual(["kind"]);
  });

  it("have items of other kinds than their own name", () => {
    const cluster = Cluster.from([list("PodList", "v1", workload("shop/web"), "stray")]);
    expect([
      cluster.workloads.map(({ kind }) => kind),
      cluster.malformed.map(({ message }) => message),
    ]).toEqual([["Deployment"], ['must be a map, not "stray"']]);
  });

  it("without items are objects of a kind that does not matter", () => {
    expect(
      Cluster.from([
        { apiVersion: "v1", kind: "List", items: "none" },
        { apiVersion: "v1", kind: "List" },
      ]).malformed,
    ).toEqual([]);
  });
});

describe("workloads", () => {
  it.each([
    "Deployment",
    "StatefulSet",
    "DaemonSet",
    "ReplicaSet",
    "ReplicationController",
    "Job",
    "CronJob",
    "Pod",
  ])("of kind %s are known by the pods they make", (kind) => {
    const object = workload("shop/web", {
      kind,
      labels: { app: "web" },
      containers: [container({ name: "http", containerPort: 80 })],
      spec: { hostNetwork: true },
    });
    const [found] = Cluster.from([object]).workloads;
    expect(found).toMatchObject({
      namespace: "shop",
      name: "web",
      kind,
      ref: `shop/web[${kind}]`,
    });
  });

  it.each([
    ["extensions/v1beta1", "Deployment", 1],
    ["extensions/v1beta1", "DaemonSet", 1],
    ["extensions/v1beta1", "ReplicaSet", 1],
    ["extensions/v1beta1", "StatefulSet", 0],
    ["apps/v1beta2", "Deployment", 1],
    ["example.com/v1", "Deployment", 0],
    ["apps/v1", "Pod", 0],
    ["batch/v1", "Deployment", 0],
    ["apps/v1", "toString", 0],
  ])("of %s %s: %i", (apiVersion, kind, count) => {
    expect(Cluster.from([{ ...workload("shop/web"), apiVersion, kind }]).workloads).toHaveLength(count);
  });

  it("have the named ports of their containers and of their sidecars", () => {
    const port = (name: unknown, containerPort: number, protocol?: string) => ({
      name: "c",
      ports: [{ name, containerPort, ...(protocol === undefined ? {} : { protocol }) }],
    });
    const object = workload("shop/web", {
      containers: [port("http", 80), port("dns", 82, "UDP"), port("", 83)],
      spec: {
        initContainers: [
          port("init", 90),
          { ...port("proxy", 91), restartPolicy: "Always" },
          { ...port("odd", 92), restartPolicy: "Never" },
        ],
      },
    });
    const cluster = Cluster.from([object]);
    const verdict = (name: string, protocol?: "UDP") =>
      cluster.canReach({ from: "shop/web", to: "shop/web", port: name, ...(protocol && { protocol }) })
        .verdict;
    expect(["http", "proxy"].map((name) => verdict(name))).toEqual(["allowed", "allowed"]);
    expect(["init", "odd", "dns"].map((name) => verdict(name))).toEqual(["denied", "denied", "denied"]);
    expect(verdict("dns", "UDP")).toBe("allowed");
    expect(cluster.malformed).toEqual([]);
  });

  it("may have ports and a network that are not known", () => {
    const later = Symbol("not known yet");
    const reasons = (object: unknown) => {
      const shut = policy("a/p", { policyTypes: ["Egress"], egress: [{ to: [{ podSelector: {} }] }] });
      const cluster = Cluster.from([object, shut], { isUnknown: (value) => value === later });
      const { verdict, because } = cluster.canReach({ from: "a/b", to: "a/b", port: "http" });
      return [verdict, because.flatMap((reason) => (reason.kind === "unknown" ? [reason.text] : []))];
    };
    const notYet = (path: string) => `${path} of Deployment a/b is not known yet`;
    expect(reasons(workload("a/b", { containers: [later] }))).toEqual([
      "unknown",
      [notYet("spec.template.spec.containers[0]")],
    ]);
    expect(reasons({ ...workload("a/b"), spec: later })).toEqual(["unknown", [notYet("spec")]]);
    const named = [container({ name: "http", containerPort: 80 })];
    expect(reasons(workload("a/b", { containers: named, spec: { hostNetwork: later } }))).toEqual([
      "unknown",
      [notYet("spec.template.spec.hostNetwork")],
    ]);
  });

  it.each([
    ["Succeeded", 0],
    ["Failed", 0],
    ["Running", 1],
    ["Pending", 1],
    [undefined, 1],
  ])("Pods in phase %s: %i", (phase, count) => {
    const pods = Cluster.from([{ ...workload("shop/web", { kind: "Pod" }), status: { phase } }]).workloads;
    expect(pods).toHaveLength(count);
  });

  it("are not Rollouts that roll out the template of another workload", () => {
    const rollout = workload("shop/web", { kind: "Rollout" });
    expect(Cluster.from([rollout]).workloads.map(({ ref }) => ref)).toEqual(["shop/web[Rollout]"]);
    const workloadRef = { apiVersion: "apps/v1", kind: "Deployment", name: "web" };
    const cluster = Cluster.from([{ ...rollout, spec: { workloadRef } }]);
    expect([cluster.workloads, cluster.malformed]).toEqual([[], []]);
  });

  it("are not the old ReplicaSets of a Deployment", () => {
    const owned = (replicas: unknown, ownerReferences: unknown) => {
      const set = workload("shop/web-1", { kind: "ReplicaSet" });
      return { ...set, metadata: { ...set.metadata, ownerReferences }, spec: { ...set.spec, replicas } };
    };
    const byDeployment = [
      { kind: "Node", name: "n" },
      { kind: "Deployment", name: "web", controller: true },
    ];
    expect(Cluster.from([owned(0, byDeployment)]).workloads).toEqual([]);
    expect(Cluster.from([owned(1, byDeployment)]).workloads).toHaveLength(1);
    expect(Cluster.from([owned(0, undefined)]).workloads).toHaveLength(1);
    expect(Cluster.from([owned(0, [{ kind: "Deployment", name: "web" }])]).workloads).toHaveLength(1);
    expect(Cluster.from([owned(0, ["stray", null])]).workloads).toHaveLength(1);
    const scaled = workload("shop/web");
    const zero = {
      ...scaled,
      metadata: { ...scaled.metadata, ownerReferences: byDeployment },
      spec: { ...scaled.spec, replicas: 0 },
    };
    expect(Cluster.from([zero]).workloads).toHaveLength(1);
    expect(
      Cluster.from([{ ...workload("shop/x", { kind: "ReplicaSet" }), status: { phase: "Failed" } }])
        .workloads,
    ).toHaveLength(1);
  });

  it("are found by name, with the kind where that is needed", () => {
    const cluster = Cluster.from([
      workload("shop/web"),
      workload("shop/web", { kind: "Job" }),
      workload("shop/api"),
    ]);
    expect(cluster.find("shop/api")?.ref).toBe("shop/api[Deployment]");
    expect(cluster.find("shop/web[Job]")?.ref).toBe("shop/web[Job]");
    expect(cluster.find("shop/web")).toBeUndefined();
    expect(cluster.find("shop/none")).toBeUndefined();
    expect(cluster.find("shop/api[Job]")).toBeUndefined();
    expect(cluster.find("shop/api[Deployment] ")).toBeUndefined();
  });

  it("serve as ends themselves", () => {
    const cluster = Cluster.from([workload("shop/web"), workload("shop/web", { kind: "Job" })]);
    const [from, to] = cluster.workloads;
    expect(from && to && cluster.canReach({ from, to, port: 1 }).verdict).toBe("allowed");
  });

  it("without a namespace are in default", () => {
    const cluster = Cluster.from([
      { ...workload("x/web"), metadata: { name: "web" } },
      { ...policy("x/p", { policyTypes: ["Egress"] }), metadata: { name: "p", namespace: null } },
    ]);
    expect(cluster.canReach({ from: "default/web", to: "default/web", port: 1 }).verdict).toBe("denied");
  });
});

describe("namespaces", () => {
  const to = (labels: Record<string, string>) =>
    policy("a/p", {
      policyTypes: ["Egress"],
      egress: [{ to: [{ namespaceSelector: { matchLabels: labels } }] }],
    });
  const verdict = (labels: Record<string, string>, ...objects: unknown[]) =>
    Cluster.from([workload("a/web"), workload("shop/web"), to(labels), ...objects]).canReach({
      from: "a/web",
      to: "shop/web",
      port: 1,
    }).verdict;

  it("have their name as a label, and others if they are in the input", () => {
    expect(verdict({ "kubernetes.io/metadata.name": "shop" })).toBe("allowed");
    expect(verdict({ team: "a" })).toBe("unknown");
    expect(verdict({ team: "a" }, namespace("shop", { team: "a" }))).toBe("allowed");
    expect(verdict({ team: "a" }, namespace("shop"))).toBe("denied");
  });

  it("have the labels that their objects agree on", () => {
    const both = [namespace("shop", { a: "1", b: "2" }), namespace("shop", { a: "1", b: "3" })];
    expect(verdict({ a: "1" }, ...both)).toBe("allowed");
    expect(verdict({ b: "2" }, ...both)).toBe("unknown");
  });

  it("need no labels", () => {
    const bare = { apiVersion: "v1", kind: "Namespace", metadata: { name: "shop" } };
    const selecting = policy("a/p", {
      policyTypes: ["Egress"],
      egress: [{ to: [{ namespaceSelector: { matchLabels: { team: "a" } } }] }],
    });
    const cluster = Cluster.from([bare, workload("a/web"), workload("shop/web"), selecting]);
    expect(cluster.canReach({ from: "a/web", to: "shop/web", port: 1 }).verdict).toBe("denied");
  });
});

it("reads any iterable", () => {
  expect(Cluster.from(new Set([workload("shop/web")])).workloads).toHaveLength(1);
});
