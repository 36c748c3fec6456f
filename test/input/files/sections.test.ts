import fc from "fast-check";
import { loadAll } from "js-yaml";
import { describe, expect, test } from "vitest";
import { stringify } from "yaml";
import { kubernetesSchema } from "../../../mesh/kubernetesYaml";
import { readByKeys } from "../../../input/files/sections";

/** What the whole parser says, or that it refuses. */
function whole(text: string): unknown {
  try {
    return loadAll(text, null, { schema: kubernetesSchema });
  } catch {
    return "refused";
  }
}

const policy = "kind: NetworkPolicy\nspec:\n  podSelector: {}\n  policyTypes:\n  - Egress\n";

describe("read key by key", () => {
  test.each([
    ["plain", policy],
    ["with a marker", `---\n${policy}`],
    ["with comments", `# first\nkind: A # here\n# between\nspec:\n# inside\n  a: 1\n\n`],
    ["a list at the key's own column", "items:\n- a\n- b:\n    c\n-\n  d\nkind: List\n"],
    ["block text", "data:\n  a: |\n    ---x\n    b: c\n\n    # no comment\nkind: X\n"],
    ["an anchor used under its own key", "a: &x {k: 1}\nb: &y 2\nc: {d: &x 3, e: *x}\n"],
    ["Windows line ends", "kind: A\r\nspec:\r\n  b: 1\r\n"],
    ["nothing under a key", "kind:\nspec:\n"],
  ])("%s", (_, text) => {
    const value = readByKeys(text, new Map());
    expect(value).toBeDefined();
    expect([value]).toEqual(whole(text));
  });

  test.each([
    ["an alias to another key's anchor", "a: &x 1\nb: *x\n"],
    ["a key twice", "a: 1\na: 2\n"],
    ["a merge of the whole", "a: &x {k: 1}\n<<: *x\n"],
    ["text in quotes over several keys", 'a: "x\nb: y"\n'],
    ["a flow map over several keys", "a: {x: 1,\nb: 2}\n"],
    ["a closing brace at the margin", "a: {x: 1\n}\n"],
    ["a quoted key", '"a": 1\nb: 2\n'],
    ["a list", "- a: 1\n"],
    ["a list before a key", "- a\nb: 1\n"],
    ["a document's end", "a: 1\n...\n"],
    ["two documents", "a: 1\n---\nb: 2\n"],
    ["a value on the marker's line", "--- {a: 1}\n"],
    ["only a comment", "# nothing\n"],
    ["nothing", ""],
    ["something broken", "a: [\nb: 1\n"],
  ])("%s is left to the whole parser", (_, text) => {
    expect(readByKeys(text, new Map())).toBeUndefined();
  });

  test("equal text is one object, names are not kept", () => {
    const known = new Map<string, unknown>();
    const first = readByKeys(`metadata:\n  name: a\n${policy}`, known);
    const second = readByKeys(`metadata:\n  name: b\n${policy}`, known);
    expect(second?.["spec"]).toBe(first?.["spec"]);
    expect([...known.values()]).not.toContainEqual({ name: "a" });
  });

  test("says what the whole parser says, whatever the text", () => {
    const words = fc.constantFrom(
      "a",
      "b: c",
      "#",
      "- x",
      "---",
      "'",
      '"',
      "{",
      "}",
      "|",
      ">",
      "&x",
      "*x",
      "yes",
      "",
    );
    const value = fc.jsonValue({ maxDepth: 4 });
    const object = fc.dictionary(
      fc.constantFrom("kind", "spec", "data", "metadata", "items"),
      fc.oneof(value, words),
      {
        minKeys: 1,
      },
    );
    const lines = fc.array(fc.tuple(fc.nat(60), fc.constantFrom("", " ", "  ", "- "), words), {
      maxLength: 3,
    });
    fc.assert(
      fc.property(object, lines, fc.constantFrom(0, 80), (source, extra, lineWidth) => {
        const text = stringify(source, { lineWidth }).split("\n");
        for (const [at, indent, word] of extra) text.splice(at % (text.length + 1), 0, indent + word);
        const document = text.join("\n");
        const simple = readByKeys(document, new Map());
        if (simple !== undefined) expect([simple]).toEqual(whole(document));
      }),
      { numRuns: 1000 },
    );
  });
});
