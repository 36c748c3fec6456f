import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { align } from "../../report/alignment";
import { fieldChanges } from "../../report/fields";

/** Changes as a diff would show them. */
function diff(before: unknown, after: unknown): string[] {
  return fieldChanges(before, after).flatMap(({ path, lines }) =>
    lines.map(({ sign, text }) => `${sign} ${path}: ${text}`),
  );
}

const port = (number: number) => ({ protocol: "TCP", port: number });

describe("fields", () => {
  test.each<[string, unknown, unknown, string[]]>([
    ["a value", { spec: { a: 1 } }, { spec: { a: 2 } }, ["- spec.a: 1", "+ spec.a: 2"]],
    ["a type", { a: "1" }, { a: 1 }, ['- a: "1"', "+ a: 1"]],
    ["a word that YAML reads as something else", { a: "x" }, { a: "true" }, ["- a: x", '+ a: "true"']],
    ["a key with dots", { l: { "a.b/c": "x" } }, { l: {} }, ['- l["a.b/c"]: x']],
    ["null for nothing", { a: null }, {}, ["- a: null"]],
    ["the order of keys", { a: 1, b: 2 }, { b: 2, a: 1 }, []],
    [
      "an item taken out of a list",
      { egress: [{ ports: [port(4317), port(4318), port(9411)] }] },
      { egress: [{ ports: [port(4317), port(4318)] }] },
      ["- egress[0].ports[2]: { port: 9411, protocol: TCP }"],
    ],
    [
      "an item put in front, where the rest stays what it was",
      { ports: [port(1), port(2)] },
      { ports: [port(3), port(1), port(2)] },
      ["+ ports[0]: { port: 3, protocol: TCP }"],
    ],
    [
      "an item that changes in its place",
      { ports: [port(1), port(2), port(3)] },
      { ports: [port(1), port(9), port(3)] },
      ["- ports[1].port: 2", "+ ports[1].port: 9"],
    ],
    ["texts of a list", { h: ["a", "b"] }, { h: ["a", "c"] }, ["- h[1]: b", "+ h[1]: c"]],
    [
      "named items, wherever they stand",
      { c: [{ name: "app", image: "a:1" }, { name: "log" }] },
      { c: [{ name: "log" }, { name: "app", image: "a:2" }] },
      ["- c[app].image: a:1", "+ c[app].image: a:2"],
    ],
    [
      "nothing but the order of named items",
      { c: [{ name: "a" }, { name: "b" }] },
      { c: [{ name: "b" }, { name: "a" }] },
      ["- c (order): [a, b]", "+ c (order): [b, a]"],
    ],
    [
      "names that are not unique are no names",
      {
        c: [
          { name: "a", v: 1 },
          { name: "a", v: 2 },
        ],
      },
      {
        c: [
          { name: "a", v: 1 },
          { name: "a", v: 3 },
        ],
      },
      ["- c[1].v: 2", "+ c[1].v: 3"],
    ],
    [
      "lines of a text",
      { data: { mesh: "a: 1\nb: 2\nc: 3\n" } },
      { data: { mesh: "a: 1\nb: 5\nc: 3\n" } },
      ["- data.mesh: b: 2", "+ data.mesh: b: 5"],
    ],
    ["a map that fits on a line", {}, { to: { a: 1, b: [1, "x y"] } }, ["+ to: { a: 1, b: [1, x y] }"]],
    [
      "a map that does not",
      {},
      { to: { long: "x".repeat(60), other: ["y".repeat(60)] } },
      [`+ to.long: ${"x".repeat(60)}`, `+ to.other: [${"y".repeat(60)}]`],
    ],
    [
      "texts that differ where nobody looks",
      { a: "x".repeat(500) },
      { a: `${"x".repeat(499)}y` },
      [`- a: ${"x".repeat(160)}…`, `+ a: ${"x".repeat(160)}… (changed further on)`],
    ],
    ["a list that becomes a map", { a: [1] }, { a: { b: 1 } }, ["- a: [1]", "+ a: { b: 1 }"]],
  ])("%s", (_, before, after, expected) => {
    expect(diff(before, after)).toEqual(expected);
  });

  test("equal values have no difference, different ones have one", () => {
    const value = fc.jsonValue({ maxDepth: 4 });
    fc.assert(
      fc.property(value, value, (a, b) => {
        expect(fieldChanges(a, structuredClone(a))).toEqual([]);
        // As JSON: it has no -0.
        const same = canonicalJson(a) === canonicalJson(b);
        expect(fieldChanges(a, b).length > 0).toBe(!same);
      }),
    );
  });
});

function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_, inner: unknown) =>
    typeof inner === "object" && inner !== null && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)))
      : inner,
  );
}

describe("alignment", () => {
  /** By the textbook: the length of the longest common subsequence of two lists. */
  function longest(a: readonly string[], b: readonly string[]): number {
    if (a.length === 0 || b.length === 0) return 0;
    const [x, y] = [a.slice(1), b.slice(1)];
    return a[0] === b[0] ? 1 + longest(x, y) : Math.max(longest(x, b), longest(a, y));
  }

  test("takes every item once, in order, and as many as can be for the same", () => {
    const list = fc.array(fc.constantFrom("a", "b", "c"), { maxLength: 7 });
    fc.assert(
      fc.property(list, list, (a, b) => {
        const aligned = align(a, b);
        const [before, after] = [aligned.map((one) => one.before), aligned.map((one) => one.after)];
        expect(before.filter((index) => index !== undefined)).toEqual([...a.keys()]);
        expect(after.filter((index) => index !== undefined)).toEqual([...b.keys()]);
        const both = aligned.filter((one) => one.before !== undefined && one.after !== undefined);
        expect(both.every((one) => a[one.before!] === b[one.after!])).toBe(true);
        expect(both).toHaveLength(longest(a, b));
      }),
    );
  });

  test("of lists with very many edits takes the whole for replaced", () => {
    const many = (word: string): string[] => Array.from({ length: 3000 }, (_, index) => `${word}${index}`);
    const replaced = [
      ...Array.from({ length: 3001 }, (_, before) => ({ before })),
      ...Array.from({ length: 3001 }, (_, after) => ({ after })),
    ];
    expect(align(["first", ...many("a")], ["first", ...many("b")])).toEqual(replaced);
  });
});
