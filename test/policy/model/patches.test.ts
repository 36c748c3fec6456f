/** Manifests of a part of somebody else's workload. */
import { describe, expect, it } from "vitest";
import { type KubeObject, ObjectIndex } from "../../../policy/model/objects";
import { applyPatches, isPartial } from "../../../policy/model/patches";

type Json = Record<string, unknown>;

const workload = (spec: Json, name = "app", kind = "Deployment", namespace = "shop"): KubeObject => ({
  apiVersion: "apps/v1",
  kind,
  metadata: { name, namespace },
  spec,
});
const selector = { matchLabels: { app: "app" } };
const pod = (containers: Json[], more: Json = {}) => ({ template: { spec: { containers, ...more } } });
const patched = (...objects: KubeObject[]) => applyPatches(new ObjectIndex(objects));

describe("a part of a workload", () => {
  it("is one without a selector, of the kinds that need one", () => {
    expect(
      ["Deployment", "StatefulSet", "DaemonSet"].map((kind) => isPartial(workload({}, "app", kind))),
    ).toEqual([true, true, true]);
    expect(isPartial(workload({ selector }))).toBe(false);
    expect(isPartial(workload({}, "app", "ReplicaSet"))).toBe(false);
    expect(isPartial({ ...workload({}), apiVersion: "example.com/v1" })).toBe(false);
    expect(isPartial({ ...workload({}), spec: undefined })).toBe(true);
  });

  it("is merged into the whole, named things by name", () => {
    const whole = workload({
      selector,
      replicas: 1,
      ...pod(
        [
          {
            name: "app",
            image: "a:1",
            args: ["x", "y"],
            env: [
              { name: "A", value: "1" },
              { name: "B", value: "1" },
            ],
          },
          { name: "side" },
        ],
        { volumes: [{ name: "v", emptyDir: {} }] },
      ),
    });
    const part = workload({
      replicas: 2,
      ...pod([
        {
          name: "app",
          args: ["z"],
          env: [
            { name: "B", valueFrom: { fieldRef: {} } },
            { name: "C", value: "2" },
          ],
        },
        { name: "new", image: "n" },
      ]),
    });
    const { objects, partial } = patched(part, whole);
    expect(partial).toEqual([]);
    expect(objects).toEqual([
      workload({
        selector,
        replicas: 2,
        ...pod(
          [
            {
              name: "app",
              image: "a:1",
              args: ["z"],
              env: [
                { name: "A", value: "1" },
                { name: "B", valueFrom: { fieldRef: {} } },
                { name: "C", value: "2" },
              ],
            },
            { name: "side" },
            { name: "new", image: "n" },
          ],
          { volumes: [{ name: "v", emptyDir: {} }] },
        ),
      }),
    ]);
  });

  it("has lists of things without names, and empty ones, replaced", () => {
    const whole = workload({ selector, a: [{ name: "x", b: 1 }], c: [1, 2] });
    const merged = (spec: Json) => patched(whole, workload(spec)).objects[0]?.["spec"];
    expect(merged({ a: [] })).toEqual({ selector, a: [], c: [1, 2] });
    expect(merged({ a: [{ name: "x" }, { b: 2 }] })).toEqual({
      selector,
      a: [{ name: "x" }, { b: 2 }],
      c: [1, 2],
    });
    expect(merged({ a: [{ name: "x", d: 2 }, "text"] })).toMatchObject({ a: [{ name: "x", d: 2 }, "text"] });
    expect(merged({ a: [{ name: "x", d: 2 }], c: [3] })).toEqual({
      selector,
      a: [{ name: "x", b: 1, d: 2 }],
      c: [3],
    });
  });

  it("is left over where the whole is not in the input: several are one", () => {
    const whole = workload({ selector });
    const elsewhere = [
      workload({ replicas: 1 }, "other"),
      workload({ paused: true }, "other"),
      workload({ replicas: 2 }, "app", "StatefulSet"),
      workload({ replicas: 3 }, "app", "Deployment", "bar"),
    ];
    const { objects, partial } = patched(whole, ...elsewhere);
    expect(objects).toEqual([whole]);
    expect(partial).toEqual([
      workload({ replicas: 1, paused: true }, "other"),
      workload({ replicas: 3 }, "app", "Deployment", "bar"),
      workload({ replicas: 2 }, "app", "StatefulSet"),
    ]);
  });

  it("changes no object of another group, and nothing where there is none", () => {
    const other = { ...workload({ selector }), apiVersion: "example.com/v1" };
    expect(patched(other, workload({ replicas: 2 }))).toEqual({
      objects: [other],
      partial: [workload({ replicas: 2 })],
    });
    const index = new ObjectIndex([other]);
    expect(applyPatches(index).objects).toBe(index.all);
    expect(applyPatches(index).partial).toEqual([]);
  });
});
