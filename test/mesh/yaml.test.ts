import * as fc from "fast-check";
import { expect, test } from "vitest";
import { parse, stringify } from "yaml";
import { toYaml } from "../../mesh/yaml";

const asKubernetesReads = (text: string): unknown => parse(text, { version: "1.1" });

test.each([
  "y",
  "N",
  "no",
  "On",
  "off",
  "yes",
  "1_000",
  "0b1",
  "0o7",
  "012",
  "12:30:45",
  "1e3",
  "2001-01-01",
  "~",
])("the text %s stays a text, as a value and as a key", (text) => {
  expect(toYaml({ [text]: text })).toBe(`"${text}": "${text}"\n`);
});

test("whatever is written is read back by readers of YAML 1.1", () => {
  fc.assert(
    fc.property(
      fc.dictionary(fc.string(), fc.oneof(fc.string(), fc.array(fc.string()), fc.integer())),
      (value) => {
        expect(asKubernetesReads(toYaml({ ...value }))).toEqual({ ...value });
      },
    ),
  );
});

test.each([
  ["=", '"="'],
  ["a\u0085b", '"a\\u0085b"'],
  ["\ufeff", '"\\ufeff"'],
  ["a\u2028b", '"a\\u2028b"'],
  ["\u202etxt", '"\\u202etxt"'],
  ["\u007f", '"\\u007f"'],
  ["a\nb\u2029", '"a\\nb\\u2029"'],
])("what readers of YAML 1.1 refuse or people see in another order is escaped: %j", (text, written) => {
  expect(toYaml({ [text]: text })).toBe(`${written}: ${written}\n`);
  expect(asKubernetesReads(toYaml({ [text]: [text] }))).toEqual({ [text]: [text] });
  // Beside a text whose layout is the library's business, too.
  expect(toYaml({ a: "x\ny", [text]: text })).toBe(`a: |-\n  x\n  y\n${written}: ${written}\n`);
});

test("long texts are not folded, and nothing is written by reference", () => {
  const shared = { a: "b ".repeat(200).trim() };
  expect(toYaml({ x: shared, y1: shared })).toBe(`x:\n  a: ${shared.a}\ny1:\n  a: ${shared.a}\n`);
});

test("the layout is the library's, whatever there is", () => {
  const text = fc
    .oneof(
      fc.string(),
      fc.string({ unit: "grapheme" }),
      fc.constantFrom("", "a: b", "- a", "no", "a\nb\n", "\t", " x ", "# a", "%{x}", "[a]", "a".repeat(1100)),
    )
    .filter((value) => value !== "=" && !/[\p{Cf}\u007f-\u009f\u2028\u2029]/u.test(value));
  const { tree } = fc.letrec((tie) => ({
    tree: fc.oneof(
      { maxDepth: 4 },
      fc.oneof(text, fc.integer(), fc.double(), fc.boolean(), fc.constantFrom(null, undefined)),
      fc.array(tie("tree"), { maxLength: 4 }),
      fc.dictionary(text, tie("tree"), { maxKeys: 4, noNullPrototype: true }),
    ),
  }));
  const options = { lineWidth: 0, aliasDuplicateObjects: false, compat: "yaml-1.1" } as const;
  fc.assert(
    fc.property(fc.dictionary(text, tree, { noNullPrototype: true }), (value) => {
      expect(toYaml(value)).toBe(stringify(value, options));
    }),
    { numRuns: 300 },
  );
});
