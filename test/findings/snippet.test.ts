import { describe, expect, it } from "vitest";
import { byObjectThenRule, type Finding } from "../../findings/finding";
import { snippet, yaml } from "../../findings/snippet";
import { enumerate } from "../../findings/words";

describe("words in a row", () => {
  const words = ["a", "b", "c", "d", "e", "f", "g"];

  it.each([
    [0, ""],
    [1, "a"],
    [2, "a and b"],
    [3, "a, b and c"],
    [5, "a, b, c, d and e"],
    [6, "a, b, c, d and 2 more"],
    [7, "a, b, c, d and 3 more"],
  ])("of %i words", (count, expected) => {
    expect(enumerate(words.slice(0, count))).toBe(expected);
  });

  it("may be fewer", () => {
    expect(enumerate(words.slice(0, 3), 2)).toBe("a and 2 more");
  });
});

describe("lines to paste", () => {
  it("have no anchors, no folded lines and no newline at the end", () => {
    const port = { port: 9411 };
    const long = "word ".repeat(40).trim();
    expect(yaml({ ports: [port, port], long })).toBe(`ports:\n  - port: 9411\n  - port: 9411\nlong: ${long}`);
  });

  it("say where they go", () => {
    expect(snippet("in spec", { a: 1 })).toBe("# in spec\na: 1");
  });
});

describe("findings", () => {
  const finding = (parts: Partial<Finding>): Finding => ({
    rule: "r",
    level: "error",
    kind: "K",
    namespace: "n",
    name: "o",
    message: "m",
    fix: "",
    ...parts,
  });

  it("are in the order of namespace, kind, name, rule and message", () => {
    const sorted = [
      finding({ namespace: "", kind: "Z", name: "z", rule: "z", message: "z" }),
      finding({ kind: "A", name: "z", rule: "z", message: "z" }),
      finding({ name: "a", rule: "z", message: "z" }),
      finding({ rule: "a", message: "z" }),
      finding({ message: "a" }),
      finding({ message: "b" }),
    ];
    expect([...sorted].reverse().sort(byObjectThenRule)).toEqual(sorted);
    expect([2, 0, 4, 1, 5, 3].flatMap((index) => sorted[index] ?? []).sort(byObjectThenRule)).toEqual(sorted);
  });
});
