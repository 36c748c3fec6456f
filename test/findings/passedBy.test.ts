import { describe, expect, it } from "vitest";
import { passedByLines } from "../../findings/passedBy";

const skipped = (count: number, more: object = {}) =>
  Array.from({ length: count }, (_, index) => ({ file: `f${index}.yaml`, why: "Helm values", ...more }));

describe("files that were not checked", () => {
  it("are named up to three; of more only the first, unless all are asked for", () => {
    expect(passedByLines({ skipped: skipped(3), warnings: [] })).toEqual([
      "not checked: 3 files in part or entirely",
      "  Helm values:",
      "    f0.yaml",
      "    f1.yaml",
      "    f2.yaml",
    ]);
    expect(passedByLines({ skipped: skipped(4), warnings: [] })).toEqual([
      "not checked: 4 files in part or entirely",
      "  Helm values:",
      "    f0.yaml",
      "    and 3 more; --verbose names all",
    ]);
    expect(passedByLines({ skipped: skipped(4), warnings: [] }, true)).toHaveLength(6);
  });

  it("are named three of many where they cannot be read", () => {
    expect(
      passedByLines({ skipped: skipped(5, { isBroken: true, line: 2, why: "a tab" }), warnings: [] }),
    ).toEqual([
      "not checked: 5 files in part or entirely",
      "  cannot be read:",
      "    f0.yaml:2: a tab",
      "    f1.yaml:2: a tab",
      "    f2.yaml:2: a tab",
      "    and 2 more; --verbose names all",
    ]);
  });
});
