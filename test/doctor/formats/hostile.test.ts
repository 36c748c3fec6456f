/** Names that nobody may give, in every form of a diagnosis: text, and nothing else. */
import { describe, expect, it } from "vitest";
import { print } from "../../../doctor/formats";
import { asHtml } from "../../../doctor/formats/html";
import { brokenDiagnosis, hostile } from "../../fixtures/diagnosis";

const usual = brokenDiagnosis();
const plain = { color: false };

describe.each(hostile)("%j", (name) => {
  const odd = brokenDiagnosis(name);

  it.each(["table", "short"] as const)("moves no cursor and ends no line in the %s", (format) => {
    const text = print(odd, format, plain);
    expect(text).not.toMatch(/[^\P{C}\n]/u);
    // Lines to add keep their line ends.
    const lines = print(usual, format, plain).split("\n").length;
    expect(text.split("\n").length - (name.split("\n").length - 1)).toBeLessThanOrEqual(lines);
  });

  it("is a string in JSON, and comes back whole", () => {
    const text = print(odd, "json", plain);
    expect(text).not.toMatch(/[^\P{C}\n]/u);
    expect((JSON.parse(text) as typeof odd).hops[0]?.workload).toBe(`Deployment auth/${name}`);
  });

  it("makes no tag, no row and no block in Markdown", () => {
    const shape = (text: string) => ({
      fences: text.match(/^`{3,}/gm)?.length,
      rows: text.match(/^\|/gm)?.length,
      tags: text.replaceAll(/`[^`\n]*`/g, "").match(/<(?!br>)[a-z/]/gi)?.length,
    });
    const [table = "", ...rest] = print(odd, "markdown", plain).split("```mermaid");
    const [own = "", ...others] = print(usual, "markdown", plain).split("```mermaid");
    expect(shape(table)).toEqual(shape(own));
    expect(rest).toHaveLength(others.length);
  });

  it("makes no element and no attribute in HTML", () => {
    const elements = (html: string): string[] => [...html.matchAll(/<\/?(\w+)/g)].map(([, tag]) => tag ?? "");
    expect(elements(asHtml(odd))).toEqual(elements(asHtml(usual)));
    expect(asHtml(odd)).not.toMatch(/[^\P{C}\n\t]/u);
  });
});

it("the page has everything in it and loads nothing", () => {
  const html = asHtml(usual);
  expect(html).not.toMatch(/<(script|link|img|iframe|object|embed)\b|\bsrc=|url\((?!#)|@import/i);
  expect([...html.matchAll(/\bhttps?:\/\/[^"<\s]+/g)].map(([address]) => address)).toEqual([
    usual.cluster,
    "http://www.w3.org/2000/svg",
  ]);
  expect(html).toContain("default-src 'none'; style-src 'unsafe-inline'");
});

it("the page tells causes with their lines first, and what was not checked by itself", () => {
  const text = asHtml(usual)
    .replaceAll(/<style>.*?<\/style>/gs, "")
    .replaceAll(/<[^>]+>/g, "\n");
  const order = [
    "Traces: broken",
    "Causes",
    "- protocol: TCP",
    "Graph",
    "Every span path",
    "Checks",
    "What was not checked",
    "nobody asked auth-api",
  ];
  const places = order.map((words) => text.indexOf(words));
  expect(places).not.toContain(-1);
  expect(places).toEqual([...places].sort((a, b) => a - b));
});
