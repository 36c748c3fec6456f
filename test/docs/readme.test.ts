import * as fs from "node:fs";
import * as path from "node:path";
import { expect, test } from "vitest";
import { allRules } from "../../policy/rules";

const root = path.resolve(__dirname, "../..");
const readme = fs.readFileSync(path.join(root, "README.md"), "utf8");

test("every npm script and every file the README names exists", () => {
  const { scripts } = JSON.parse(fs.readFileSync(path.join(root, "package.json"), "utf8")) as {
    scripts: Record<string, string>;
  };
  const named = [...readme.matchAll(/npm (?:run (?:-s )?)?([a-z:]+)/g)]
    .map(([, script]) => script!)
    .filter((script) => !["ci", "run", "may"].includes(script));
  expect(named).toContain("render");
  expect(named.filter((script) => !(script in scripts))).toEqual([]);
  const files = [...readme.matchAll(/`([A-Za-z./]+\.(?:ts|md)|[a-z]+\/)`/g)].map(([, file]) => file!);
  expect(files).toContain("mesh/traceContext.ts");
  const made = ["rendered/dev/"];
  expect(files.filter((file) => !made.includes(file) && !fs.existsSync(path.join(root, file)))).toEqual([]);
});

test("the README's output of the first command counts the rules there are", () => {
  expect(readme).toContain(`rules:  ${allRules.length} checked, nothing found`);
});
