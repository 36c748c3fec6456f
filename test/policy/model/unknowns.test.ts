/** Values that are not known yet, in a preview. */
import { describe, expect, it } from "vitest";
import { markUnknowns, unknownValue } from "../../../policy/model/unknowns";

const later = Symbol("later");
const isUnknown = (value: unknown) => value === later;

describe("values that are not known yet", () => {
  it("are found wherever they are, and told by their paths", () => {
    const object = {
      kind: "A",
      spec: { ports: [1, { port: later }], "app.kubernetes.io/name": later, list: [[later]] },
      _x1: { y_2: later },
      "1a": later,
    };
    const { objects, unknowns, originals } = markUnknowns([object], isUnknown);
    const marked = {
      kind: "A",
      spec: {
        ports: [1, { port: unknownValue }],
        "app.kubernetes.io/name": unknownValue,
        list: [[unknownValue]],
      },
      _x1: { y_2: unknownValue },
      "1a": unknownValue,
    };
    expect(objects).toEqual([marked]);
    // A key that is a number comes first, as in every object.
    expect(unknowns.map(({ path }) => path)).toEqual([
      "spec.ports[1].port",
      'spec["app.kubernetes.io/name"]',
      "spec.list[0][0]",
      "_x1.y_2",
      '["1a"]',
    ]);
    expect(unknowns.every(({ object: found }) => (found as unknown) === objects[0])).toBe(true);
    expect(originals.get(objects[0])).toBe(object);
  });

  it("leave objects that have none as they are", () => {
    const known = { kind: "A", spec: { ports: [1, { port: 2 }] } };
    const half = { known, unknown: later };
    const { objects, unknowns, originals } = markUnknowns([known, half, "text"], isUnknown);
    expect(objects[0]).toBe(known);
    expect((objects[1] as { known: unknown }).known).toBe(known);
    expect(objects[2]).toBe("text");
    expect(unknowns).toHaveLength(1);
    expect(originals.size).toBe(1);
  });

  it("may be a whole object", () => {
    const { objects, unknowns } = markUnknowns([later], isUnknown);
    expect(objects).toEqual([unknownValue]);
    expect(unknowns).toEqual([{ object: unknownValue, path: "" }]);
  });

  it("are not looked for where nobody can tell", () => {
    const object = { a: later };
    expect(markUnknowns([object], undefined)).toEqual({
      objects: [object],
      unknowns: [],
      originals: new Map(),
    });
  });
});
