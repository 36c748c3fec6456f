import { expect, it } from "vitest";
import { getOrMake, groupBy, remembered } from "../../mesh/maps";

it("groups in the order of appearance", () => {
  const groups = groupBy(["b1", "a1", "b2"], (word) => word.charAt(0));
  expect([...groups]).toEqual([
    ["b", ["b1", "b2"]],
    ["a", ["a1"]],
  ]);
});

it("makes what is not there, once", () => {
  const map = new Map<string, string[]>();
  getOrMake(map, "a", () => []).push("first");
  getOrMake(map, "a", () => []).push("second");
  expect([...map]).toEqual([["a", ["first", "second"]]]);
});

it("remembers an answer for the very object", () => {
  const copy = remembered((given: { name: string }) => ({ ...given }));
  const [one, like] = [{ name: "a" }, { name: "a" }];
  expect(copy(one)).toEqual(one);
  expect(copy(one)).toBe(copy(one));
  expect(copy(one)).not.toBe(copy(like));
});
