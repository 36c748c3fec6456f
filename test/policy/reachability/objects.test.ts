/** Which objects are read, and what the model says about them. */
import { describe, expect, it } from "vitest";
import { Cluster } from "../../../policy/reachability";
import { container, namespace, policy, service, workload } from "./manifests";

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
    expect(cluster.policies.map(({ ref }) => ref)).toEqual([
      { apiVersion: "networking.k8s.io/v1", kind: "NetworkPolicy", namespace: "shop", name: "p" },
    ]);
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
      object: { apiVersion: object.apiVersion, kind, namespace: "shop", name: "web" },
      labels: { app: "web" },
      annotations: {},
      hostNetwork: true,
      raw: object,
    });
    expect(found?.containers.map(({ ports }) => ports)).toEqual([
      [{ name: "http", port: 80, protocol: "TCP" }],
    ]);
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

  it("have annotations, containers with their variables, and init containers last", () => {
    const app = {
      ...container(
        { name: "http", containerPort: 80 },
        { containerPort: 81, name: "" },
        { containerPort: 82, protocol: "UDP" },
      ),
      name: "app",
      env: [
        { name: "A", value: "1" },
        { name: "B", valueFrom: { fieldRef: {} } },
        "stray",
        { value: "no name" },
      ],
      envFrom: [{ configMapRef: { name: "otel" } }, null],
    };
    const object = workload("shop/web", {
      containers: [app],
      spec: {
        initContainers: [
          { name: "init" },
          { name: "proxy", restartPolicy: "Always" },
          { name: "odd", restartPolicy: "Never" },
        ],
      },
    });
    const template = (object.spec as { template: { metadata: object } }).template;
    template.metadata = { ...template.metadata, annotations: { a: "b", c: 1 } };
    const [found] = Cluster.from([object]).workloads;
    expect(found?.annotations).toEqual({ a: "b" });
    expect(found?.containers).toEqual([
      {
        name: "app",
        role: "container",
        ports: [
          { name: "http", port: 80, protocol: "TCP" },
          { port: 81, protocol: "TCP" },
          { port: 82, protocol: "UDP" },
        ],
        env: [
          { name: "A", value: "1" },
          { name: "B", valueFrom: { fieldRef: {} } },
        ],
        envFrom: [{ configMapRef: { name: "otel" } }],
        raw: app,
      },
      { name: "init", role: "init", ports: [], env: [], envFrom: [], raw: { name: "init" } },
      {
        name: "proxy",
        role: "sidecar",
        ports: [],
        env: [],
        envFrom: [],
        raw: { name: "proxy", restartPolicy: "Always" },
      },
      {
        name: "odd",
        role: "init",
        ports: [],
        env: [],
        envFrom: [],
        raw: { name: "odd", restartPolicy: "Never" },
      },
    ]);
  });

  it("say what is not known of them", () => {
    const later = Symbol("not known yet");
    const options = { isUnknown: (value: unknown) => value === later };
    const of = (object: unknown) => {
      const [found] = Cluster.from([object], options).workloads;
      return [
        found?.labels,
        found?.annotations,
        found?.containers.map(({ name }) => name),
        found?.hostNetwork,
      ];
    };
    expect(of(workload("a/b", { labels: { app: "b", tier: later }, spec: { hostNetwork: later } }))).toEqual([
      { app: "b" },
      {},
      [],
      undefined,
    ]);
    expect(of(workload("a/b", { labels: later, containers: [later, { name: later }] }))).toEqual([
      {},
      {},
      ["", ""],
      false,
    ]);
    expect(of({ ...workload("a/b"), spec: later })).toEqual([{}, {}, [], undefined]);
    expect(of({ ...workload("a/b"), spec: { template: { metadata: later, spec: {} } } })).toEqual([
      {},
      {},
      [],
      false,
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
  it("are those of the input, and those that objects are in", () => {
    const shop = namespace("shop", { team: "a" });
    const cluster = Cluster.from([shop, workload("mesh/a"), service("svc/a", {}), policy("pol/a", {})]);
    expect(cluster.namespaces.map(({ name, inInput, labels, raw }) => [name, inInput, labels, raw])).toEqual([
      ["shop", true, { team: "a", "kubernetes.io/metadata.name": "shop" }, shop],
      ["mesh", false, { "kubernetes.io/metadata.name": "mesh" }, undefined],
      ["svc", false, { "kubernetes.io/metadata.name": "svc" }, undefined],
      ["pol", false, { "kubernetes.io/metadata.name": "pol" }, undefined],
    ]);
    expect(cluster.namespace("shop")).toBe(cluster.namespaces[0]);
    expect(cluster.namespace("far").inInput).toBe(false);
  });

  it("are not those whose name is not known", () => {
    const later = Symbol("not known yet");
    const lost = { ...workload("a/b"), metadata: { name: "b", namespace: later } };
    expect(Cluster.from([lost], { isUnknown: (value) => value === later }).namespaces).toEqual([]);
  });

  it("have the labels that their objects agree on, and the last object", () => {
    const [first, second] = [namespace("shop", { a: "1", b: "2" }), namespace("shop", { a: "1", b: "3" })];
    const [found] = Cluster.from([first, second]).namespaces;
    expect([found?.labels, found?.raw]).toEqual([{ a: "1", "kubernetes.io/metadata.name": "shop" }, second]);
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

describe("policies", () => {
  it("are those of Kubernetes, with their names and objects", () => {
    const object = policy("shop/p", {});
    const cluster = Cluster.from([
      object,
      { apiVersion: "cilium.io/v2", kind: "CiliumNetworkPolicy", metadata: { name: "c" } },
    ]);
    expect(cluster.policies.map(({ namespace: place, name, raw }) => [place, name, raw])).toEqual([
      ["shop", "p", object],
    ]);
  });
});

it("reads any iterable", () => {
  expect(Cluster.from(new Set([workload("shop/web")])).workloads).toHaveLength(1);
});
