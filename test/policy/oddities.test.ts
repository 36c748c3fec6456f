import { describe, expect, it } from "vitest";
import { Mesh, options } from "../../docs/generate/sample/mesh";
import { checkAll } from "../../policy/checkAll";

describe("checkAll", () => {
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
