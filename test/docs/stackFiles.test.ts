/** The stack files that the pages show are whole, render, and have nothing that the rules find. */
import * as path from "node:path";
import { parse, stringify } from "yaml";
import { describe, expect, test } from "vitest";
import { findingsOf } from "../../cli/stackFindings";
import { renderStack } from "../../engine/render";
import { temporaryDirectory, writeAll } from "../fixtures/temporary";
import { fences, pages, root } from "./markdown";

type Sections = Record<string, unknown>;

interface Shown {
  page: string;
  sections: Sections;
}

const shown = pages.flatMap((page) => fences(page, "yaml").map((text) => ({ page, text })));

/** Whole files. */
const files = shown.flatMap(({ page, text }): Shown[] => {
  if (!/^config:$/m.test(text)) return [];
  return [{ page, sections: (parse(text) as { config: Sections }).config }];
});

/** Sections of one, which the reader puts into their own. */
const parts = shown.flatMap(({ page, text }): Shown[] =>
  /^mesh-tracing:/.test(text) ? [{ page, sections: parse(text) as Sections }] : [],
);

async function rendered(config: Sections) {
  const directory = temporaryDirectory();
  writeAll(directory, {
    "Pulumi.yaml": `name: mesh-tracing\nmain: ${path.relative(directory, root)}\n`,
    "Pulumi.shown.yaml": stringify({ config }),
  });
  return renderStack({ directory, stack: "shown", helm: "never" });
}

test("the README has one of fifteen lines", () => {
  const [file = ""] = fences("README.md", "yaml").filter((text) => text.startsWith("config:"));
  expect(file.trimEnd().split("\n")).toHaveLength(15);
});

describe.each(files)("the stack file of $page", ({ sections }) => {
  test("renders, and the rules find nothing", async () => {
    expect(findingsOf(await rendered(sections))).toEqual([]);
  });
});

test("there is one for every kind of platform", () => {
  expect(files.map(({ page }) => page)).toEqual([
    "README.md",
    "docs/clusters.md",
    "docs/dual-stack.md",
    "docs/eks.md",
    "docs/external-collector.md",
    "docs/revisions.md",
  ]);
});

const whole = files[0]?.sections ?? {};

test.each(parts)("sections of a stack file, $page", async ({ sections }) => {
  expect((await rendered({ ...whole, ...sections })).rendered.length).toBeGreaterThan(5);
});
