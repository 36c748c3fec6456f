/** Whole diagnoses of a mesh behind one API server: healthy, with the outage, and with whatever cannot be asked. */
import { describe, expect, it } from "vitest";
import { type LiveMeshOptions, liveMesh } from "../fixtures/liveMesh";
import { diagnose } from "../../doctor/run";
import { type Diagnosis } from "../../doctor/result";

async function diagnosed(
  options: LiveMeshOptions = {},
  more: Partial<Parameters<typeof diagnose>[0]> = {},
): Promise<Diagnosis> {
  const { kubeconfig } = await liveMesh(options);
  return diagnose({ kubeconfig, interval: 0, ...more });
}

/** `id result` of every check. */
function results({ categories }: Diagnosis): string[] {
  return categories.flatMap(({ checks }) => checks.map(({ id, result }) => `${id} ${result}`));
}

const evidenceOf = ({ categories }: Diagnosis, wanted: string): string[] =>
  categories
    .flatMap(({ checks }) => checks.filter(({ id }) => id === wanted))
    .flatMap(({ evidence }) => evidence);

describe("a healthy mesh", () => {
  it("is green, but for what nobody can tell", async () => {
    const diagnosis = await diagnosed();
    expect(results(diagnosis)).toEqual([
      "api-access success",
      "stream-rights success",
      "cluster-rules success",
      "policy-engine not checked",
      "istiod-provider success",
      "istiod-pushes success",
      "proxy-config success",
      "proxy-bootstrap success",
      "gateway-reports success",
      "sidecar-reports success",
      "application-exports success",
      "collector-receives success",
      "collector-exports success",
      "store-pressure success",
      "backend-coverage success",
      "traces-joined success",
      "sampled-share not checked",
    ]);
    expect(diagnosis.success).toBe(true);
  });
});

describe("counters of istiod", () => {
  const counting = (values: readonly number[]): LiveMeshOptions["web"] => {
    let look = 0;
    return (pod, _port, path) => {
      if (pod !== "istio-system/istiod-1" || path !== "/metrics") return undefined;
      const value = values[Math.min(look++, values.length - 1)];
      return {
        status: 200,
        body: `pilot_total_xds_rejects ${value}\nprovider_lookup_cluster_failures ${value}\n`,
      };
    };
  };

  it("that have stopped are no trouble of today", async () => {
    const diagnosis = await diagnosed({ web: counting([9]) });
    expect(results(diagnosis)).toContain("istiod-provider success");
    expect(results(diagnosis)).toContain("istiod-pushes success");
    expect(evidenceOf(diagnosis, "istiod-pushes")).toEqual([
      "istio-system/istiod-1: pilot_total_xds_rejects 9 since it started, none of them just now",
    ]);
  });

  it("that grow while the doctor looks are", async () => {
    const diagnosis = await diagnosed({ web: counting([9, 11]) }, { pre: true });
    expect(results(diagnosis)).toContain("istiod-provider warning");
    expect(results(diagnosis)).toContain("istiod-pushes warning");
    expect(evidenceOf(diagnosis, "istiod-pushes")).toEqual([
      "istio-system/istiod-1: pilot_total_xds_rejects 11 since it started, 2 of them just now",
    ]);
  });
});

/** Takes 9411 out of the egress policy of a namespace. */
const without9411 = (namespace: string): LiveMeshOptions => ({
  change: (mesh) => mesh.unset(`NetworkPolicy ${namespace}/allow-jaeger-egress`, "spec egress 0 ports 2"),
});

describe("the outage", () => {
  it("is named with its cause: 61, 0, 109", async () => {
    const diagnosis = await diagnosed({
      ...without9411("auth"),
      counters: (workload, port) => {
        if (workload === "istio-system/istio-ingressgateway") return { requests: 61 };
        if (workload !== "auth/auth-api") return undefined;
        return port === 9411 ? { requests: 0, connectFailures: 4 } : { requests: 109 };
      },
    });
    const hops = diagnosis.hops.filter(({ workload }) => /auth-api|ingressgateway/.test(workload));
    expect(hops.map(({ point, verdict, requests }) => `${point} ${verdict} ${requests}`)).toEqual([
      "A delivering 61",
      "B blocked 0",
      "C delivering 109",
    ]);
    expect(hops[1]?.causes).toEqual([
      "[trace-path-open] NetworkPolicy auth/allow-jaeger-egress blocks egress from Deployment auth/auth-api to Service istio-system/jaeger-collector-clusterip on TCP 9411 (spans of proxies, Zipkin), so these spans are lost; add TCP 9411 to spec.egress[0]",
    ]);
    expect(diagnosis.success).toBe(false);
    expect(results(diagnosis).filter((line) => line.endsWith("error"))).toEqual([
      "cluster-rules error",
      "sidecar-reports error",
    ]);
    // What a policy closes is closed: something enforces it.
    expect(results(diagnosis)).toContain("policy-engine success");
    expect(diagnosis.graph.edges.filter(({ state }) => state === "broken")).toEqual([
      {
        from: "Deployment auth/auth-api",
        to: "Service istio-system/jaeger-collector-clusterip",
        kind: "spans",
        state: "broken",
        label: "zipkin 9411 blocked",
      },
    ]);
  });

  it("that has not begun is foreseen: connections survive a bad policy", async () => {
    const diagnosis = await diagnosed(without9411("auth"));
    expect(evidenceOf(diagnosis, "sidecar-reports").slice(0, 2)).toEqual([
      "7 delivering",
      "Deployment auth/auth-api → Service istio-system/jaeger-collector-clusterip:9411 delivering, and closed to pods that start from now on: 40 requests; within 0 s 1 request",
    ]);
    expect(results(diagnosis)).toContain("sidecar-reports warning");
  });

  it("without a cause in the objects says what was ruled out", async () => {
    const diagnosis = await diagnosed({
      counters: (workload, port) =>
        workload === "auth/auth-api" && port === 9411 ? { requests: 0, connectFailures: 4 } : undefined,
    });
    const [hop] = diagnosis.hops.filter(({ verdict }) => verdict === "blocked");
    expect(hop?.causes).toEqual([
      "no rule explains it: every NetworkPolicy lets it through; its Service has the port and selects pods. Left are what the objects do not say: the collector's process, the node's network, policies of kinds that are not read",
    ]);
  });

  it("of a collector that does not listen is a refusal, one without pods is no endpoint", async () => {
    const refused = await diagnosed({
      counters: (_, port) => (port === 9411 ? { connectFailures: 2, open: 0 } : undefined),
    });
    expect(new Set(refused.hops.filter(({ port }) => port === 9411).map(({ verdict }) => verdict))).toEqual(
      new Set(["refused"]),
    );
    const gone = await diagnosed({
      change: (mesh) => mesh.set("Deployment istio-system/jaeger", "spec replicas", 0),
      counters: () => ({ is: "without endpoint" }),
    });
    expect(new Set(gone.hops.map(({ verdict }) => verdict))).toEqual(new Set(["no endpoint"]));
    expect(evidenceOf(gone, "collector-receives")).toEqual([
      "Service istio-system/jaeger-collector-clusterip: no pod of it runs",
    ]);
    expect(results(gone)).toContain("collector-receives error");
  });

  it("by a Sidecar that hides the collector shows as a missing cluster", async () => {
    const diagnosis = await diagnosed({
      counters: (workload) => (workload === "auth/auth-api" ? { is: "missing" } : undefined),
    });
    expect(evidenceOf(diagnosis, "proxy-config")).toEqual([
      "Deployment auth/auth-api has no cluster for Service istio-system/jaeger-collector-clusterip:9411",
      "Deployment auth/auth-api has no cluster for Service istio-system/jaeger-collector-clusterip:4317",
    ]);
    expect(results(diagnosis)).toContain("proxy-config error");
  });
});

describe("what cannot be asked", () => {
  const unchecked = (diagnosis: Diagnosis): string[] =>
    results(diagnosis).filter((line) => line.endsWith("not checked"));

  it("is not checked: no stream is allowed", async () => {
    const diagnosis = await diagnosed({ refuse: () => 403, allowed: false });
    expect(unchecked(diagnosis)).toEqual([
      "stream-rights not checked",
      "policy-engine not checked",
      "istiod-provider not checked",
      "istiod-pushes not checked",
      "proxy-config not checked",
      "proxy-bootstrap not checked",
      "gateway-reports not checked",
      "sidecar-reports not checked",
      "application-exports not checked",
      "collector-receives not checked",
      "collector-exports not checked",
      "store-pressure not checked",
      "backend-coverage not checked",
      "traces-joined not checked",
      "sampled-share not checked",
    ]);
    expect(diagnosis.success).toBe(true);
    expect(new Set(diagnosis.hops.map(({ evidence }) => evidence))).toEqual(
      new Set(["it may not be asked: get and create of pods/exec or pods/portforward is refused"]),
    );
  });

  it("is not checked: kinds that may not be read", async () => {
    const diagnosis = await diagnosed({ forbidden: ["NetworkPolicy"] });
    expect(results(diagnosis)).toContain("api-access not checked");
    expect(evidenceOf(diagnosis, "api-access")[1]).toBe(
      "NetworkPolicy (networking.k8s.io/v1) may not be read, so what depends on it is not known",
    );
  });

  it("is not checked: one pod of many that does not answer", async () => {
    const diagnosis = await diagnosed(
      { refuse: ({ pod }) => (pod === "chat/chat-api-1" ? "silence" : undefined) },
      // Those who answer have to be quicker, however busy this machine is.
      { streams: { timeout: 5_000 } },
    );
    expect(evidenceOf(diagnosis, "sidecar-reports")).toEqual([
      "6 delivering, 1 not checked",
      "Deployment chat/chat-api → Service istio-system/jaeger-collector-clusterip:9411 not checked: no answer within 5 s",
    ]);
    expect(results(diagnosis)).toContain("sidecar-reports success");
  });

  it("is not checked: answers that make no sense", async () => {
    const diagnosis = await diagnosed({
      behave: (_, stream) => stream.answer("<html>"),
      web: () => ({ status: 200, body: "<html>" }),
    });
    expect(new Set(diagnosis.hops.map(({ verdict, evidence }) => `${verdict}: ${evidence}`))).toEqual(
      new Set(["not checked: the answer does not come from Envoy"]),
    );
    expect(evidenceOf(diagnosis, "collector-receives")).toEqual([
      "Service istio-system/jaeger-collector-clusterip: istio-system/jaeger-1: port 14269 has no metrics of a collector (status 200)",
    ]);
    expect(evidenceOf(diagnosis, "backend-coverage")).toEqual([
      "Jaeger istio-system/jaeger-1: Jaeger's API answers 200 and lists no services",
    ]);
    expect(diagnosis.success).toBe(true);
  });

  it("ends in time, whatever hangs", async () => {
    const diagnosis = await diagnosed({ refuse: () => "silence" }, { streams: { timeout: 100 } });
    expect(diagnosis.success).toBe(true);
    expect(new Set(diagnosis.hops.map(({ verdict }) => verdict))).toEqual(new Set(["not checked"]));
  });
});

describe("less than everything", () => {
  it("looks at some namespaces", async () => {
    const diagnosis = await diagnosed({}, { namespaces: ["scan"] });
    expect(diagnosis.workloads).toEqual([
      {
        namespace: "scan",
        workload: "Deployment scan/scan-api",
        membership: "sidecar",
        seen: { proxy: true, sdk: true },
      },
    ]);
  });

  it("has no namespace that the cluster does not have", async () => {
    await expect(diagnosed({}, { namespaces: ["scan", "sacn"] })).rejects.toThrow(
      /^the cluster has no namespace sacn\n {2}fix: choose of auth, character, chat, /,
    );
  });

  it("asks no proxy before anything is deployed", async () => {
    const { kubeconfig, calls } = await liveMesh();
    const diagnosis = await diagnose({ kubeconfig, pre: true });
    expect(results(diagnosis).map((line) => line.split(" ")[0])).toEqual([
      "api-access",
      "stream-rights",
      "cluster-rules",
      "policy-engine",
      "istiod-provider",
      "istiod-pushes",
    ]);
    expect(new Set(calls.map(({ pod }) => pod))).toEqual(new Set(["istio-system/istiod-1"]));
  });
});

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
