/** `npm run docs`: writes what is made from the sources. A test holds it to be current. */
import * as fs from "node:fs";
import * as path from "node:path";
import { generatedFiles, rulesDirectory } from "./files";

const root = path.join(__dirname, "..", "..");

void write();

async function write(): Promise<void> {
  const files = await generatedFiles();
  const rules = path.join(root, rulesDirectory);
  fs.mkdirSync(rules, { recursive: true });
  for (const name of fs.readdirSync(rules)) {
    if (!files.has(`${rulesDirectory}/${name}`)) fs.rmSync(path.join(rules, name));
  }
  for (const [file, text] of files) fs.writeFileSync(path.join(root, file), text);
  process.stdout.write(`${files.size} files\n`);
}
