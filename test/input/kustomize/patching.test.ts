import { describe, expect, test } from "vitest";
import { mergeStrategically, Misfit, patchJson } from "../../../input/kustomize/patching";

const deployment = {
  apiVersion: "apps/v1",
  kind: "Deployment",
  metadata: { name: "web", labels: { app: "web" } },
  spec: {
    template: {
      spec: { containers: [{ name: "web", env: [{ name: "A", value: "1" }] }, { name: "side" }] },
    },
  },
};
const containers = (patch: unknown) => ({ spec: { template: { spec: { containers: patch } } } });
const merged = (patch: object): unknown =>
  (mergeStrategically(deployment, patch as never) as typeof deployment).spec.template.spec.containers;

describe("strategic merges", () => {
  test.each<[string, object, unknown]>([
    [
      "items of built-in lists by their names",
      containers([{ name: "web", env: [{ name: "B", value: "2" }] }]),
      [
        {
          name: "web",
          env: [
            { name: "A", value: "1" },
            { name: "B", value: "2" },
          ],
        },
        { name: "side" },
      ],
    ],
    [
      "an item that is new",
      containers([{ name: "new" }]),
      [...deployment.spec.template.spec.containers, { name: "new" }],
    ],
    ["an item that goes", containers([{ name: "web", $patch: "delete" }]), [{ name: "side" }]],
    ["a list that is replaced", containers([{ $patch: "replace" }, { name: "only" }]), [{ name: "only" }]],
  ])("%s", (_, patch, expected) => {
    expect(merged(patch)).toEqual(expected);
  });

  test("null takes a field away, maps merge, and the object itself may go", () => {
    const patch = { metadata: { labels: { app: null, tier: "front" } } };
    expect(mergeStrategically(deployment, patch)?.["metadata"]).toEqual({
      name: "web",
      labels: { tier: "front" },
    });
    expect(mergeStrategically(deployment, { $patch: "delete" })).toBeUndefined();
    expect(deployment.metadata.labels).toEqual({ app: "web" });
  });

  test("ports go by their number, where the kind is Kubernetes' own", () => {
    const service = { apiVersion: "v1", kind: "Service", spec: { ports: [{ port: 9411, name: "zipkin" }] } };
    const patch = { spec: { ports: [{ port: 4317, name: "otlp" }] } };
    expect(mergeStrategically(service, patch)?.["spec"]).toEqual({
      ports: [
        { port: 9411, name: "zipkin" },
        { port: 4317, name: "otlp" },
      ],
    });
    const other = { ...service, apiVersion: "networking.istio.io/v1" };
    expect(mergeStrategically(other, patch)?.["spec"]).toEqual(patch.spec);
  });
});

describe("JSON patches", () => {
  const policy = { spec: { egress: [{ ports: [{ port: 4317 }, { port: 4318 }] }] }, "a/b": 1 };

  test.each<[string, object[], unknown]>([
    [
      "add at the end",
      [{ op: "add", path: "/spec/egress/0/ports/-", value: { port: 9411 } }],
      { ...policy, spec: { egress: [{ ports: [{ port: 4317 }, { port: 4318 }, { port: 9411 }] }] } },
    ],
    [
      "add before",
      [{ op: "add", path: "/spec/egress/0/ports/0", value: 1 }],
      { ...policy, spec: { egress: [{ ports: [1, { port: 4317 }, { port: 4318 }] }] } },
    ],
    ["remove", [{ op: "remove", path: "/spec/egress/0" }], { ...policy, spec: { egress: [] } }],
    ["replace, names escaped", [{ op: "replace", path: "/a~1b", value: 2 }], { ...policy, "a/b": 2 }],
    ["copy", [{ op: "copy", from: "/a~1b", path: "/c" }], { ...policy, c: 1 }],
    ["move", [{ op: "move", from: "/a~1b", path: "/c" }], { spec: policy.spec, c: 1 }],
    ["test", [{ op: "test", path: "/a~1b", value: 1 }], policy],
  ])("%s", (_, operations, expected) => {
    expect(patchJson(policy, operations as never)).toEqual(expected);
  });

  test.each<[string, object]>([
    ["a list has no item 7", { op: "remove", path: "/spec/egress/7" }],
    ["a list has no item x", { op: "add", path: "/spec/egress/x", value: 1 }],
    ["the object has no nothing", { op: "replace", path: "/nothing", value: 1 }],
    ["the object has no toString", { op: "copy", from: "/toString", path: "/a" }],
    ["/a~1b is not what the patch tests for", { op: "test", path: "/a~1b", value: 2 }],
    ["it has an operation that JSON patches do not", { op: "merge", path: "/a" }],
    ["it has a path that is not a JSON pointer", { op: "add", path: "a", value: 1 }],
    ["nothing can have a field x there", { op: "add", path: "/a~1b/x", value: 1 }],
  ])("%s", (message, operation) => {
    expect(() => patchJson(policy, [operation as never])).toThrow(new Misfit(message));
  });
});
