import { describe, expect, it } from "vitest";
import { Mesh, options } from "../../docs/generate/sample/mesh";
import { checkAll } from "../../policy/checkAll";

describe("checkAll", () => {
  it.each([
    [{ generateName: "deny-" }, ["mesh-baseline-egress auth/deny-*", "trace-path-open auth/deny-*"]],
    [{ name: "No Name!" }, ["mesh-baseline-egress auth/No Name!", "trace-path-open auth/No Name!"]],
    [{ name: 17 }, ["well-formed-objects auth/(unknown)"]],
    [{}, ["well-formed-objects auth/(unknown)"]],
  ])("counts a policy whatever it is called: %j", (named, expected) => {
    const metadata = { ...named, namespace: "auth" } as unknown as { name: string };
    const mesh = new Mesh()
      .removeWhere((object) => object.metadata.namespace === "auth" && object.kind === "NetworkPolicy")
      .add({
        apiVersion: "networking.k8s.io/v1",
        kind: "NetworkPolicy",
        metadata,
        spec: { podSelector: {}, policyTypes: ["Egress"] },
      });
    const found = checkAll(mesh.objects, options).map((one) => `${one.rule} ${one.namespace}/${one.name}`);
    expect(found.sort()).toEqual(expected);
  });

  it("survives whatever it is given", () => {
    const oddities = [
      null,
      undefined,
      1,
      "text",
      [],
      {},
      { kind: "Pod" },
      { apiVersion: "v1", kind: "Pod", metadata: null },
    ];
    expect(checkAll([...oddities, ...new Mesh().objects], options)).toEqual([]);
    // The last of each kind: what is wrong with one is wrong with all.
    for (const { apiVersion, kind, metadata } of new Map(
      new Mesh().objects.map((object) => [object.kind, object]),
    ).values()) {
      for (const spec of [
        null,
        "text",
        7,
        [],
        { egress: "all" },
        { template: { spec: [] }, tracing: 3, ports: {} },
      ]) {
        expect(() =>
          checkAll([...new Mesh().objects, { apiVersion, kind, metadata, spec, data: spec }], options),
        ).not.toThrow();
      }
    }
  });
});
