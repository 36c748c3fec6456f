/** `npm run docs`: writes `docs/rules/`. A test holds it to be current. */
import * as fs from "node:fs";
import * as path from "node:path";
import { allRules } from "../../policy/check";
import { exampleOf } from "./example";
import { formatted } from "./format";
import { rulePages } from "./rulePages";

const directory = path.join(__dirname, "..", "rules");

void write();

async function write(): Promise<void> {
  const pages = rulePages(allRules, exampleOf);
  fs.mkdirSync(directory, { recursive: true });
  for (const name of fs.readdirSync(directory)) {
    if (!pages.has(name)) fs.rmSync(path.join(directory, name));
  }
  for (const [name, markdown] of pages) {
    fs.writeFileSync(path.join(directory, name), await formatted(markdown));
  }
  process.stdout.write(`${pages.size} pages in ${path.relative(process.cwd(), directory)}/\n`);
}
