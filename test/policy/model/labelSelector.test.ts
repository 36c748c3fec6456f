import { describe, expect, it } from "vitest";
import { matchesSelector } from "../../../policy/model/labelSelector";

describe("a label selector", () => {
  const labels = { app: "a", tier: "front" };
  const where = (key: string, operator: string, values?: string[]) => ({
    matchExpressions: [{ key, operator, values }],
  });

  it.each<[unknown, boolean]>([
    [undefined, true],
    [{}, true],
    [{ matchLabels: { app: "a" } }, true],
    [{ matchLabels: { app: "a", tier: "front" } }, true],
    [{ matchLabels: { app: "a", tier: "back" } }, false],
    [{ matchLabels: { other: "a" } }, false],
    [where("app", "In", ["b", "a"]), true],
    [where("app", "In", ["b"]), false],
    [where("other", "In", ["a"]), false],
    [where("app", "NotIn", ["b"]), true],
    [where("app", "NotIn", ["b", "a"]), false],
    [where("other", "NotIn", ["a"]), true],
    [where("app", "Exists"), true],
    [where("other", "Exists"), false],
    [where("app", "DoesNotExist"), false],
    [where("other", "DoesNotExist"), true],
    [where("app", "Like", ["a"]), false],
    [{ matchLabels: { app: "a" }, ...where("tier", "In", ["back"]) }, false],
    [{ matchLabels: { app: "b" }, ...where("tier", "In", ["front"]) }, false],
    [
      {
        matchExpressions: [
          ...where("app", "Exists").matchExpressions,
          ...where("tier", "DoesNotExist").matchExpressions,
        ],
      },
      false,
    ],
  ])("%j matches: %s", (selector, expected) => {
    expect(matchesSelector(selector, labels)).toBe(expected);
  });
});
