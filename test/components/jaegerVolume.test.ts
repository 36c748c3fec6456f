import { expect, test } from "vitest";
import { madeBefore, resource, run, stackOf } from "../fixtures/stack";

const claim = async (storage: unknown, jaeger: object = {}) =>
  resource(await run(stackOf({ jaeger: { ...jaeger, storage } })), "jaeger-volume-claim").inputs;

test("a disk of ten gibibytes of the cluster's usual class", async () => {
  expect(await claim("badger")).toEqual({
    apiVersion: "v1",
    kind: "PersistentVolumeClaim",
    metadata: {
      name: "jaeger-badger",
      namespace: "istio-system",
      labels: { "app.kubernetes.io/part-of": "mesh-tracing", "mesh-tracing/stack": "test" },
      annotations: { "pulumi.com/skipAwait": "true" },
    },
    spec: { accessModes: ["ReadWriteOnce"], resources: { requests: { storage: "10Gi" } } },
  });
});

test("of another size and class, named for the release", async () => {
  const storage = { type: "badger", size: "1Ti", storageClass: "fast" };
  expect(await claim(storage, { release: "traces", namespace: "obs" })).toMatchObject({
    metadata: { name: "traces-badger", namespace: "obs" },
    spec: { resources: { requests: { storage: "1Ti" } }, storageClassName: "fast" },
  });
});

test("is there before the pod that mounts it, and stays when the stack is destroyed", async () => {
  const made = await run(stackOf({ jaeger: { storage: "badger" } }));
  expect(madeBefore(made, "jaeger-chart")).toContain("jaeger-volume");
});
