/** What makes pods, whatever the kind, and the index it is found by. */
import { describe, expect, it } from "vitest";
import { kinds } from "../../../mesh/kinds";
import { groupOf, namespaceOf, ObjectIndex } from "../../../policy/model/objects";
import {
  containersOf,
  describeWorkload,
  workloadKey,
  workloadOf,
  workloadsOf,
} from "../../../policy/model/workloads";

type Json = Record<string, unknown>;

const object = (apiVersion: string, kind: string, name: string, more: Json = {}, metadata: Json = {}) => ({
  apiVersion,
  kind,
  metadata: { name, namespace: "shop", ...metadata },
  ...more,
});
const template = {
  metadata: { labels: { app: "a" }, annotations: { note: "b", number: 1 } },
  spec: { containers: [{ name: "app" }] },
};

describe("workloads", () => {
  it("are of every kind that makes pods", () => {
    const spec = { spec: { template } };
    const objects = [
      object("v1", "Pod", "pod", { spec: {} }),
      object("batch/v1", "CronJob", "cron", { spec: { jobTemplate: spec } }),
      object("batch/v1beta1", "Job", "job", spec),
      object("argoproj.io/v1alpha1", "Rollout", "rollout", spec),
      object("v1", "ReplicationController", "controller", spec),
      object("apps/v1", "ReplicaSet", "replicas", spec),
      object("apps/v1", "DaemonSet", "daemon", spec),
      object("apps/v1", "StatefulSet", "stateful", spec),
      object("apps/v1", "Deployment", "deployment", spec),
      object("v1", "Deployment", "of-no-group", spec),
      object("example.com/v1", "Pod", "of-another-group", spec),
    ];
    const workloads = workloadsOf(new ObjectIndex(objects));
    expect(workloads.map(({ name }) => name)).toEqual([
      "deployment",
      "stateful",
      "daemon",
      "replicas",
      "controller",
      "job",
      "rollout",
      "cron",
      "pod",
    ]);
    for (const workload of workloads.slice(0, -1)) {
      expect(workload).toMatchObject({
        labels: { app: "a" },
        annotations: { note: "b" },
        pod: template.spec,
      });
      expect(workload.annotations).toEqual({ note: "b" });
    }
  });

  const names = (...objects: unknown[]) => workloadsOf(new ObjectIndex(objects)).map(({ name }) => name);
  const ownedBy = (owner: Json) => ({
    ownerReferences: [{ apiVersion: "v1", kind: "Node", name: "set", controller: false }, owner],
  });

  it("are not what another one of the input made", () => {
    const owner = { apiVersion: "apps/v1", kind: "ReplicaSet", name: "set", controller: true };
    const isMade = (reference: Json, ...others: unknown[]) =>
      !names(object("v1", "Pod", "a", { spec: {} }, ownedBy(reference)), ...others).includes("a");
    const set = object("apps/v1", "ReplicaSet", "set", { spec: { template } });
    expect(isMade(owner, set)).toBe(true);
    expect(isMade({ ...owner, apiVersion: undefined }, set)).toBe(true);
    expect(isMade({ ...owner, controller: false }, set)).toBe(false);
    expect(isMade({ ...owner, controller: undefined }, set)).toBe(false);
    expect(isMade({ ...owner, name: "other" }, set)).toBe(false);
    expect(isMade({ ...owner, name: undefined }, set)).toBe(false);
    expect(isMade({ ...owner, kind: "StatefulSet" }, set)).toBe(false);
    expect(isMade({ ...owner, kind: undefined }, set)).toBe(false);
    expect(isMade(owner, object("apps/v1", "ReplicaSet", "set", { spec: {} }))).toBe(false);
    expect(isMade(owner, { ...set, metadata: { ...set.metadata, namespace: "other" } })).toBe(false);
    // Of an operator whose kind nobody reads, or from an input without it.
    expect(isMade({ ...owner, apiVersion: "apps.kruise.io/v1", kind: "CloneSet" })).toBe(false);
    expect(isMade(owner)).toBe(false);
  });

  it("of a Rollout are its own, or those of the workload whose template it rolls out", () => {
    const owner = { apiVersion: "argoproj.io/v1alpha1", kind: "Rollout", name: "web", controller: true };
    const replicas = (count: number) =>
      object(
        "apps/v1",
        "ReplicaSet",
        `web-${count}`,
        { spec: { replicas: count, template } },
        ownedBy(owner),
      );
    const rollout = (spec: Json) => object("argoproj.io/v1alpha1", "Rollout", "web", { spec });
    expect(names(rollout({ template }), replicas(2), replicas(0))).toEqual(["web"]);
    const deployment = object("apps/v1", "Deployment", "base", { spec: { replicas: 0, template } });
    const workloadRef = { apiVersion: "apps/v1", kind: "Deployment", name: "base" };
    expect(names(rollout({ workloadRef }), deployment, replicas(2), replicas(0))).toEqual(["base", "web-2"]);
  });

  it("are not what has no pods any more", () => {
    expect(names(object("v1", "Pod", "a", { status: { phase: "Running" } }))).toEqual(["a"]);
    expect(names(object("v1", "Pod", "a", { status: { phase: "Succeeded" } }))).toEqual([]);
    expect(names(object("v1", "Pod", "a", { status: { phase: "Failed" } }))).toEqual([]);
    expect(names(object("apps/v1", "ReplicaSet", "a", { spec: { replicas: 0, template } }))).toEqual(["a"]);
  });

  it("have their pods' labels, a Pod its own", () => {
    const pod = object(
      "v1",
      "Pod",
      "a",
      { spec: { hostNetwork: true } },
      { labels: { app: "x" }, annotations: { b: "y" } },
    );
    expect(workloadOf(pod)).toEqual({
      object: pod,
      namespace: "shop",
      name: "a",
      pod: { hostNetwork: true },
      labels: { app: "x" },
      annotations: { b: "y" },
    });
    const deployment = object("apps/v1", "Deployment", "a", { spec: {} }, { labels: { app: "x" } });
    expect(workloadOf(deployment, "partial")).toEqual({
      object: deployment,
      namespace: "shop",
      name: "a",
      pod: {},
      labels: {},
      annotations: {},
      hypothetical: "partial",
    });
  });

  it("have containers, and init containers that stay", () => {
    const pod = {
      containers: [{ name: "a" }, { name: "b" }],
      initContainers: [
        { name: "c" },
        { name: "d", restartPolicy: "Always" },
        { name: "e", restartPolicy: "Never" },
      ],
    };
    expect(containersOf({ pod }).map(({ name }) => name)).toEqual(["a", "b", "d"]);
  });

  it("are named by kind, or by what is known of them", () => {
    const workload = workloadOf(object("apps/v1", "Deployment", "a"));
    expect(describeWorkload(workload)).toBe("Deployment shop/a");
    expect(describeWorkload({ ...workload, hypothetical: "partial" })).toBe("Deployment shop/a");
    expect(describeWorkload({ ...workload, hypothetical: "namespace" })).toBe("the pods of namespace shop");
    expect(describeWorkload({ ...workload, hypothetical: "gateway" })).toBe(
      "the gateway pods of namespace shop",
    );
    expect(workloadKey(workload.object)).toBe("shop/a[Deployment]");
  });
});

describe("the index of objects", () => {
  const service = object("v1", "Service", "a");
  const other = object("serving.knative.dev/v1", "Service", "a");

  it("finds by group and kind, whatever the version, and by name", () => {
    const beta = object("networking.istio.io/v1beta1", "Gateway", "g");
    const stable = object("networking.istio.io/v1", "Gateway", "g2", {}, { namespace: undefined });
    const index = new ObjectIndex([service, other, beta, stable]);
    expect(index.of(kinds.service)).toEqual([service]);
    expect(index.of(kinds.istioGateway)).toEqual([beta, stable]);
    expect(index.of(kinds.gateway)).toEqual([]);
    expect(index.get(kinds.service, "shop", "a")).toBe(service);
    expect(index.get(kinds.service, "shop", "b")).toBeUndefined();
    expect(index.get(kinds.service, "other", "a")).toBeUndefined();
    // Objects without a namespace are in the default one.
    expect(index.get(kinds.istioGateway, "default", "g2")).toBe(stable);
    expect([namespaceOf(stable), groupOf(stable), groupOf(service)]).toEqual([
      "default",
      "networking.istio.io",
      "",
    ]);
  });

  it("opens lists, also lists in lists, and keeps aside what has no kind or name", () => {
    const list = {
      apiVersion: "v1",
      kind: "List",
      items: [service, { apiVersion: "v1", kind: "ServiceList", items: [other] }],
    };
    const notList = object("example.com/v1", "Listing", "l", { items: [service] });
    const broken = [
      "text",
      null,
      {},
      { apiVersion: "v1", kind: "Service" },
      { apiVersion: "v1", kind: "Service", metadata: { name: 1 } },
      { kind: "Service", metadata: { name: "a" } },
      { apiVersion: "v1", metadata: { name: "a" } },
      { apiVersion: "v1", kind: "List" },
    ];
    const index = new ObjectIndex([list, notList, ...broken]);
    expect(index.all).toEqual([service, other, notList]);
    expect(index.nameless).toEqual(broken);
  });
});
