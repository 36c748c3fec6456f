import { describe, expect, it } from "vitest";
import { mergeDeep } from "../../mesh/plainObjects";

describe("one map over another", () => {
  it("replaces all but maps", () => {
    const base = { a: { x: 1, y: 1 }, b: [1], c: 1, d: 1 };
    expect(mergeDeep(base, { a: { y: 2 }, b: [2], c: { z: 2 } })).toEqual({
      a: { x: 1, y: 2 },
      b: [2],
      c: { z: 2 },
      d: 1,
    });
    expect(mergeDeep(base, undefined)).toEqual(base);
    expect(mergeDeep("text", { a: 1 })).toEqual({ a: 1 });
  });
});
