/** What makes pods, whatever the kind, and the index it is found by. */
import { describe, expect, it } from "vitest";
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

  it("are not what a controller made", () => {
    const owned = (owner: Json) =>
      workloadsOf(new ObjectIndex([object("v1", "Pod", "a", {}, { ownerReferences: [owner] })])).length === 0;
    expect(owned({ kind: "ReplicaSet", controller: true })).toBe(true);
    expect(owned({ kind: "ReplicaSet", controller: false })).toBe(false);
    expect(owned({ kind: "ReplicaSet" })).toBe(false);
    expect(owned({ controller: true })).toBe(false);
    expect(owned({ kind: "", controller: true })).toBe(false);
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
    expect(index.of("", "Service")).toEqual([service]);
    expect(index.of("serving.knative.dev", "Service")).toEqual([other]);
    expect(index.of("networking.istio.io", "Gateway")).toEqual([beta, stable]);
    expect(index.of("", "Gateway")).toEqual([]);
    expect(index.get("", "Service", "shop", "a")).toBe(service);
    expect(index.get("", "Service", "shop", "b")).toBeUndefined();
    expect(index.get("", "Service", "other", "a")).toBeUndefined();
    // Objects without a namespace are in the default one.
    expect(index.get("networking.istio.io", "Gateway", "default", "g2")).toBe(stable);
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
