import { describe, expect, it } from "vitest";
import { clusterDomain, isIntercepted, proxyOf } from "../../../policy/model/proxies";
import { TracingModel } from "../../../policy/model/tracingModel";
import { workloadOf } from "../../../policy/model/workloads";

const pod = (annotations: Record<string, string>) =>
  workloadOf({
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: { name: "web", namespace: "shop" },
    spec: { template: { metadata: { labels: { app: "web" }, annotations } } },
  });

describe("what goes through a sidecar", () => {
  const intercepted = (annotations: Record<string, string>) =>
    isIntercepted(
      pod(
        Object.fromEntries(
          Object.entries(annotations).map(([name, value]) => [`traffic.sidecar.istio.io/${name}`, value]),
        ),
      ),
      4317,
    );

  it.each<[Record<string, string>, boolean]>([
    [{}, true],
    [{ excludeOutboundPorts: "4317" }, false],
    [{ excludeOutboundPorts: "80, 4317" }, false],
    [{ excludeOutboundPorts: "80,14317" }, true],
    [{ excludeOutboundPorts: "" }, true],
    [{ includeOutboundIPRanges: "*" }, true],
    [{ includeOutboundIPRanges: "10.0.0.0/8" }, true],
    [{ includeOutboundIPRanges: "" }, false],
    [{ includeOutboundIPRanges: "", includeOutboundPorts: "80, 4317" }, true],
    [{ includeOutboundIPRanges: "", includeOutboundPorts: "80" }, false],
    [{ includeOutboundPorts: "80" }, true],
    [{ includeOutboundIPRanges: "", includeOutboundPorts: "4317", excludeOutboundPorts: "4317" }, false],
  ])("%j: %s", (annotations, expected) => {
    expect(intercepted(annotations)).toBe(expected);
  });
});

it("a proxy is a gateway's or a sidecar of the pod's namespace and labels", () => {
  expect(proxyOf(pod({}), "gateway")).toEqual({ namespace: "shop", labels: { app: "web" }, isGateway: true });
  expect(proxyOf(pod({}), "sidecar").isGateway).toBe(false);
});

it.each([
  ["tempo.tracing.svc.example.com:4317", "example.com"],
  ["tempo.tracing.svc.cluster.local:4317", "cluster.local"],
  ["tempo.tracing:4317", "cluster.local"],
  ["tempo.example.com:443", "cluster.local"],
])("the domain of the cluster of %s is %s", (address, domain) => {
  const defaultConfig = { tracing: { zipkin: { address } } };
  const model = TracingModel.from([
    {
      apiVersion: "v1",
      kind: "ConfigMap",
      metadata: { name: "istio", namespace: "istio-system" },
      data: { mesh: JSON.stringify({ defaultConfig }) },
    },
  ]);
  expect(clusterDomain(model)).toBe(domain);
  expect(clusterDomain(TracingModel.from([]))).toBe("cluster.local");
});
