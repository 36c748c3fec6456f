import * as fs from "node:fs";
import * as path from "node:path";
import { expect, test } from "vitest";
import { generatedFiles } from "../../../docs/generate/files";
import { root } from "../../fixtures/stack";

test("what `npm run docs` makes is current: run it where it is not", async () => {
  const files = await generatedFiles();
  const stale = [...files].filter(([file, text]) => {
    const there = path.join(root, file);
    return !fs.existsSync(there) || fs.readFileSync(there, "utf8") !== text;
  });
  const rules = fs.readdirSync(path.join(root, "docs/rules")).map((name) => `docs/rules/${name}`);
  expect([...stale.map(([file]) => file), ...rules.filter((file) => !files.has(file))]).toEqual([]);
});
