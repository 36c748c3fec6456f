/** Every check has its page, and every page its check. */
import * as fs from "node:fs";
import * as path from "node:path";
import { expect, it } from "vitest";
import { checks, pageOf } from "../../doctor/result";

const checkIds = Object.keys(checks);
const root = path.join(__dirname, "..", "..");

it("every check has a page of its own, which the overview names", () => {
  const pages = fs.readdirSync(path.join(root, "docs", "doctor")).filter((name) => name !== "README.md");
  expect(pages.sort()).toEqual(checkIds.map((id) => path.basename(pageOf(id))).sort());
  const overview = fs.readFileSync(path.join(root, "docs", "doctor", "README.md"), "utf8");
  expect(checkIds.filter((id) => !overview.includes(`[${id}](${id}.md)`))).toEqual([]);
});
