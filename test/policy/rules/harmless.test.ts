import { describe, expect, it } from "vitest";
import { checkAll } from "../../../policy/check";
import { Mesh, options } from "./fixture";
import { variations } from "./harmless";

describe("harmless variations", () => {
  it("are at least 20", () => {
    expect(variations.length).toBeGreaterThanOrEqual(20);
  });

  it.each(variations)("$name: nothing to say", ({ varies, options: more }) => {
    const mesh = new Mesh();
    varies(mesh);
    expect(checkAll(mesh.objects, { ...options, ...more })).toEqual([]);
  });
});
