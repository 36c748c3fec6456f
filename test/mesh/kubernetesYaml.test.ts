import { load } from "js-yaml";
import { expect, test } from "vitest";
import { kubernetesSchema } from "../../mesh/kubernetesYaml";

const read = (text: string): unknown => load(text, { schema: kubernetesSchema });

test.each([
  // What Kubernetes' YAML library, sigs.k8s.io/yaml, makes of unquoted words.
  ["yes", true],
  ["Yes", true],
  ["on", true],
  ["y", true],
  ["true", true],
  ["no", false],
  ["OFF", false],
  ["n", false],
  ["yEs", "yEs"],
  ["~", null],
  ["", null],
  ["null", null],
  ["none", "none"],
  ["9411", 9411],
  ["-7", -7],
  ["+7", 7],
  ["0", 0],
  ["0644", 420],
  ["-0644", -420],
  ["0o644", 420],
  ["0x1F", 31],
  ["0b101", 5],
  ["1_000", 1000],
  ["089", 89],
  ["1.30", 1.3],
  ["1.31.0", "1.31.0"],
  ["1e3", 1000],
  ["10Mi", "10Mi"],
  ["0x", "0x"],
  ["_1", "_1"],
  ["12:30:45", "12:30:45"],
  ["2026-11-22", "2026-11-22"],
  ['"yes"', "yes"],
  ["'1.30'", "1.30"],
  ['"9411"', "9411"],
])("%s", (text, value) => {
  expect(read(`key: ${text}`)).toEqual({ key: value });
});

test("keys are text", () => {
  expect(read("80: a\nyes: b\nnull: c")).toEqual({ "80": "a", true: "b", null: "c" });
});

test("merge keys", () => {
  expect(read("base: &base {a: 1, b: 2}\nover:\n  <<: *base\n  b: 3")).toEqual({
    base: { a: 1, b: 2 },
    over: { a: 1, b: 3 },
  });
});

test("tags of other tools are passed over", () => {
  expect(read("a: !Ref Bucket\nb: !Sub [x, z]\nc: !Map {k: 1}")).toEqual({
    a: "Bucket",
    b: ["x", "z"],
    c: { k: 1 },
  });
});

test("a key twice is a mistake, as kubectl says", () => {
  expect(() => read("a: 1\na: 2")).toThrow("duplicated mapping key");
});
