import { describe, expect, it } from "vitest";
import { foldPatches, identityOf } from "../../../policy/pack/parts";
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

  it("puts a part of a map of settings into its whole, once", () => {
    const map = { apiVersion: "v1", kind: "ConfigMap", metadata, data: { a: "1", b: "1" } };
    const part = patch("core/v1:ConfigMap", { metadata, data: { b: "2" } });
    expect(fold(resourceOf(map), part)).toEqual([{ ...map, data: { a: "1", b: "2" } }]);
    const other = { ...map, metadata: { ...metadata, namespace: "other" } };
    expect(fold(resourceOf(other), part)).toEqual([other, { ...map, data: { b: "2" } }]);
  });

  it("replaces lists of ports that are no lists of ports on both sides", () => {
    const whole = (ports: unknown) => ({ apiVersion: "v1", kind: "Service", metadata, spec: { ports } });
    const folded = (before: unknown, after: unknown) =>
      fold(resourceOf(whole(before)), patch("core/v1:Service", { metadata, spec: { ports: after } }));
    expect(folded([{ port: 1 }], "text")).toEqual([whole("text")]);
    expect(folded("text", [{ port: 1 }])).toEqual([whole([{ port: 1 }])]);
    expect(folded([{ port: 1 }], [{ port: 1, protocol: "UDP" }])).toEqual([
      whole([{ port: 1 }, { port: 1, protocol: "UDP" }]),
    ]);
    expect(folded([{ port: 1, name: "a" }], [{ port: 1, protocol: "TCP" }])).toEqual([
      whole([{ port: 1, protocol: "TCP", name: "a" }]),
    ]);
  });

  it("takes a part whose answer has no identity yet as a part", () => {
    const pending = { ...service, metadata: { ...metadata, uid: "" }, spec: { sessionAffinity: "None" } };
    expect(fold(patch("core/v1:Service", pending))).toEqual([]);
  });

  it("tells objects apart by group, kind, namespace and name", () => {
    const ids = [
      service,
      { ...service, apiVersion: "example.com/v1" },
      { ...service, kind: "Other" },
      { ...service, metadata: { name: "jaeger", namespace: "other" } },
      { ...service, metadata: { name: "other", namespace: "istio-system" } },
      { ...service, metadata: { name: "jaeger" } },
    ].map(identityOf);
    expect(new Set(ids).size).toBe(ids.length);
    expect(ids[0]).toBe("/Service/istio-system/jaeger");
    expect(ids[5]).toBe("/Service//jaeger");
    expect(identityOf({ ...service, apiVersion: "v2" })).toBe(ids[0]);
  });
});
