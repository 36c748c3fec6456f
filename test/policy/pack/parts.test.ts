import { describe, expect, it } from "vitest";
import { foldPatches } from "../../../policy/pack/parts";
import { objectOf } from "../../../policy/pack/resources";
import { resource, resourceOf } from "./stack";

const metadata = { name: "jaeger", namespace: "istio-system" };
const service = {
  apiVersion: "v1",
  kind: "Service",
  metadata,
  spec: { selector: { app: "jaeger" }, ports: [{ name: "zipkin", port: 9411, protocol: "TCP" }] },
};

function fold(...resources: ReturnType<typeof resource>[]) {
  return foldPatches(resources.flatMap((item) => objectOf(item) ?? [])).map(({ object }) => object);
}

function patch(type: string, props: object) {
  return resource(`kubernetes:${type}Patch`, "patch", props);
}

describe("foldPatches", () => {
  it("leaves a stack without patches as it is", () => {
    expect(fold(resourceOf(service))).toEqual([service]);
  });

  it("puts a part into its whole: maps by key, ports by number and protocol, other lists whole", () => {
    const part = {
      metadata: { ...metadata, labels: { team: "a" } },
      spec: { ports: [{ port: 9411, appProtocol: "http" }, { port: 4317 }], externalIPs: ["192.0.2.1"] },
    };
    expect(fold(patch("core/v1:Service", part), resourceOf(service))).toEqual([
      {
        ...service,
        metadata: { ...metadata, labels: { team: "a" } },
        spec: {
          selector: { app: "jaeger" },
          externalIPs: ["192.0.2.1"],
          ports: [{ name: "zipkin", port: 9411, protocol: "TCP", appProtocol: "http" }, { port: 4317 }],
        },
      },
    ]);
  });

  it("leaves out a part whose whole is not in the stack", () => {
    const spec = { policyTypes: ["Egress"] };
    expect(fold(patch("core/v1:Service", { metadata, spec: { sessionAffinity: "None" } }))).toEqual([]);
    expect(fold(patch("networking.k8s.io/v1:NetworkPolicy", { metadata, spec }))).toEqual([]);
  });

  it("keeps parts that mean what they say by themselves, those of one object together", () => {
    const objects = fold(
      patch("core/v1:Namespace", { metadata: { name: "auth", labels: { "istio-injection": "enabled" } } }),
      patch("core/v1:ConfigMap", { metadata, data: { mesh: "enableTracing: true" } }),
      patch("core/v1:ConfigMap", { metadata, data: { other: "x" } }),
    );
    expect(objects).toEqual([
      {
        apiVersion: "v1",
        kind: "Namespace",
        metadata: { name: "auth", labels: { "istio-injection": "enabled" } },
      },
      { apiVersion: "v1", kind: "ConfigMap", metadata, data: { mesh: "enableTracing: true", other: "x" } },
    ]);
  });

  it("leaves parts of workloads to the model, which merges containers by name", () => {
    const spec = { template: { spec: { containers: [{ name: "discovery" }] } } };
    const part = { apiVersion: "apps/v1", kind: "Deployment", metadata, spec };
    expect(fold(patch("apps/v1:Deployment", part))).toEqual([part]);
    const whole = { ...part, spec: { ...spec, selector: { matchLabels: { app: "istiod" } } } };
    expect(fold(resourceOf(whole), patch("apps/v1:Deployment", part))).toEqual([whole, part]);
  });

  it("takes the answer of a cluster, the whole object, as one", () => {
    const live = { ...service, metadata: { ...metadata, uid: "7ad1" } };
    expect(fold(patch("core/v1:Service", live))).toEqual([live]);
  });
});
