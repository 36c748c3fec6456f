/** Manifests are read without trust: what has the wrong type is not there. */
import { describe, expect, it } from "vitest";
import {
  at,
  isRecord,
  list,
  number,
  record,
  records,
  shown,
  text,
  textMap,
  texts,
} from "../../../policy/model/reading";

describe("values of the wrong type", () => {
  const others = [undefined, null, 1, true, "text", [], {}] as const;

  it("read as absent", () => {
    expect(others.map(isRecord)).toEqual([false, false, false, false, false, false, true]);
    expect(others.map(text)).toEqual([
      undefined,
      undefined,
      undefined,
      undefined,
      "text",
      undefined,
      undefined,
    ]);
    expect(others.map(record)).toEqual([{}, {}, {}, {}, {}, {}, {}]);
    expect(others.map(list)).toEqual([[], [], [], [], [], [], []]);
    expect(others.map(number)).toEqual([undefined, undefined, 1, undefined, undefined, undefined, undefined]);
  });

  it("are left out of lists and maps", () => {
    expect(list([1, "a"])).toEqual([1, "a"]);
    expect(records([{ a: 1 }, null, "b", ["c"]])).toEqual([{ a: 1 }]);
    expect(records({ length: 1 })).toEqual([]);
    expect(texts(["a", 1, null, "b"])).toEqual(["a", "b"]);
    expect(texts("ab")).toEqual([]);
    expect(textMap({ a: "x", b: 1, c: null, d: "y" })).toEqual({ a: "x", d: "y" });
    expect(textMap({ a: "x" })).toEqual({ a: "x" });
    expect(textMap(["x"])).toEqual({});
  });
});

describe("numbers", () => {
  it.each([
    ["9411", 9411],
    ["-1", -1],
    ["1.5", 1.5],
    ["10.25", 10.25],
    ["1.", undefined],
    [".5", undefined],
    ["", undefined],
    ["9411 ", undefined],
    ["a9411", undefined],
    ["http", undefined],
    ["1e3", undefined],
  ])("may be written as text: %j", (written, value) => {
    expect(number(written)).toBe(value);
  });
});

describe("a path", () => {
  it("leads to a value, or nowhere", () => {
    const value = { a: { b: [1] } };
    expect(at(value)).toBe(value);
    expect(at(value, "a", "b")).toEqual([1]);
    expect(at(value, "a", "b", "0")).toBeUndefined();
    expect(at(value, "x", "y")).toBeUndefined();
    expect(at(undefined, "x")).toBeUndefined();
  });
});

describe("values in messages", () => {
  it.each([
    ["text", "text"],
    [5, "5"],
    [null, "null"],
    [{ a: [true] }, '{"a":[true]}'],
    [undefined, "undefined"],
  ])("%j", (value, expected) => {
    expect(shown(value)).toBe(expected);
  });
});
