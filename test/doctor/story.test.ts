/** The outage this project is for from its end, pods that come and go, and what every check says next. */
import { describe, expect, it } from "vitest";
import { diagnosed, evidenceOf, without9411 } from "../fixtures/diagnosed";
import { type LiveMeshOptions } from "../fixtures/liveMesh";

describe("a pod that has gone meanwhile", () => {
  const second: LiveMeshOptions["change"] = (mesh) =>
    mesh.add({
      apiVersion: "v1",
      kind: "Pod",
      metadata: {
        name: "auth-api-2",
        namespace: "auth",
        creationTimestamp: "2025-01-01T00:00:00Z",
        ownerReferences: [{ apiVersion: "apps/v1", kind: "Deployment", name: "auth-api", controller: true }],
      },
      spec: { containers: [{ name: "istio-proxy" }] },
      status: { phase: "Running", conditions: [{ type: "Ready", status: "True" }] },
    });
  const gone: LiveMeshOptions["refuse"] = ({ pod }) => (pod === "auth/auth-api-1" ? 404 : undefined);

  it("is spoken for by another one of its workload, in both looks", async () => {
    const diagnosis = await diagnosed({ change: second, refuse: gone });
    const [hop] = diagnosis.hops.filter(({ workload }) => workload === "Deployment auth/auth-api");
    expect([hop?.pod, hop?.verdict, hop?.evidence]).toEqual([
      "auth-api-2",
      "delivering",
      "40 requests; within 0 s 1 request",
    ]);
  });

  it("is not checked where there is no other one", async () => {
    const diagnosis = await diagnosed({ refuse: gone });
    expect(evidenceOf(diagnosis, "sidecar-reports")).toEqual([
      "6 delivering, 1 not checked",
      "Deployment auth/auth-api → Service istio-system/jaeger-collector-clusterip:9411 not checked: the pod is gone",
    ]);
  });
});

describe("the seed's story", () => {
  /** What proxies said after the policies were put right. */
  const after = { auth: 38, character: 19, chat: 33, scan: 33, my: 1, location: 33, image: 20 };

  it("ends with every sidecar heard", async () => {
    const diagnosis = await diagnosed({
      counters: (workload, port) => {
        const requests = after[workload.split("/")[0] as keyof typeof after];
        return port === 9411 && requests !== undefined ? { requests } : undefined;
      },
    });
    const heard = diagnosis.hops.filter(({ point }) => point === "B");
    expect(Object.fromEntries(heard.map(({ namespace, requests }) => [namespace, requests]))).toEqual(after);
    expect(new Set(heard.map(({ verdict }) => verdict))).toEqual(new Set(["delivering"]));
  });

  it("had the same cause in all seven namespaces: each is named, and the first screen stays one", async () => {
    const diagnosis = await diagnosed({
      change: (mesh) => {
        for (const namespace of Object.keys(after)) without9411(namespace).change?.(mesh);
      },
      counters: (workload, port) =>
        port === 9411 && !workload.endsWith("gateway") ? { requests: 0, connectFailures: 4 } : undefined,
    });
    expect(
      diagnosis.hops.filter(({ verdict }) => verdict === "blocked").map(({ causes }) => causes.length),
    ).toEqual(Array.from({ length: 7 }, () => 1));
    expect(new Set(diagnosis.findings.map(({ namespace }) => namespace))).toEqual(
      new Set(Object.keys(after)),
    );
  });
});

it("every check that is not well says which command comes next, and names its page", async () => {
  const meshes: LiveMeshOptions[] = [
    without9411("auth"),
    { refuse: () => 403, allowed: false },
    { behave: (_, stream) => stream.answer("<html>"), web: () => ({ status: 200, body: "<html>" }) },
    { counters: () => ({ requests: 0 }) },
    { counters: () => ({ connectFailures: 2, open: 0 }), web: () => ({ status: 404, body: "" }) },
    { change: (mesh) => mesh.set("Deployment istio-system/jaeger", "spec replicas", 0) },
    { change: (mesh) => mesh.set("Deployment istio-system/istiod", "spec replicas", 0) },
  ];
  const without: string[] = [];
  for (const mesh of meshes) {
    const { categories } = await diagnosed(mesh);
    for (const { id, result, hint, evidence } of categories.flatMap(({ checks }) => checks)) {
      expect(hint).toContain(`docs/doctor/${id}.md`);
      expect(evidence.filter((line) => line !== "")).not.toEqual([]);
      if (result !== "success" && !/(npm run -s|kubectl) /.test(hint))
        without.push(`${id} ${result}: ${hint}`);
    }
  }
  expect(without).toEqual([]);
});
