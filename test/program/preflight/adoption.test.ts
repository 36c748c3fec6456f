import { describe, expect, test } from "vitest";
import { adoptedNames, adoptVariable } from "../../../program/preflight/adoption";
import { check, live } from "../../fixtures/cluster";
import { stackOf } from "../../fixtures/stack";

const service = { apiVersion: "v1", kind: "Service", namespace: "istio-system", name: "jaeger" };
const blockersOf = (adopting: string[], ...objects: ReturnType<typeof live>[]) =>
  check(stackOf(), (ready) => ({ objects: [...ready.objects, ...objects] }), adopting).blockers;

test.each([
  [undefined, []],
  ["", []],
  [" , ", []],
  ["Service obs/a", ["Service obs/a"]],
  ["Service obs/a, ConfigMap obs/b,", ["Service obs/a", "ConfigMap obs/b"]],
])("%j names %j", (value, names) => {
  expect(adoptedNames({ [adoptVariable]: value })).toEqual(names);
});

describe("taking over", () => {
  test("needs a name of the stack's, and one that is somebody else's", () => {
    expect(blockersOf(["Service istio-system/jaeger"], live(service))).toEqual([]);
  });

  test("of what the stack does not make is refused", () => {
    expect(blockersOf(["Service istio-system/jaegr"], live(service))).toEqual([
      "MESH_TRACING_ADOPT names Service istio-system/jaegr, which this stack does not make: remove it",
    ]);
  });

  test("is refused once everything is taken, so that it cannot stay on", () => {
    const taken = live(service, { labels: { "mesh-tracing/stack": "test" } });
    const refused = [
      "MESH_TRACING_ADOPT is set, and nothing it names is managed by others any more: unset it",
    ];
    expect(blockersOf(["Service istio-system/jaeger"], taken)).toEqual(refused);
    expect(blockersOf(["Service istio-system/jaeger"])).toEqual(refused);
  });

  test("goes on after it was interrupted", () => {
    const taken = live(service, { labels: { "mesh-tracing/stack": "test" } });
    const account = live({ ...service, kind: "ServiceAccount" });
    const names = ["Service istio-system/jaeger", "ServiceAccount istio-system/jaeger"];
    expect(blockersOf(names, taken, account)).toEqual([]);
  });
});
