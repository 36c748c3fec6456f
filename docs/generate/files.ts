/** Everything that `npm run docs` makes, by path from the project's root, as it is written. */
import * as prettier from "prettier";
import { allRules } from "../../policy/rules";
import { configurationPage } from "./configurationPage";
import { exampleOf } from "./example";
import { formatted } from "./format";
import { rulePages } from "./rulePages";
import { stackFileSchema } from "./stackFileSchema";

/** The directory that has nothing but made files. */
export const rulesDirectory = "docs/rules";

export async function generatedFiles(): Promise<ReadonlyMap<string, string>> {
  const pages = [
    ["docs/configuration.md", configurationPage()] as const,
    ...[...rulePages(allRules, exampleOf)].map(
      ([name, text]) => [`${rulesDirectory}/${name}`, text] as const,
    ),
  ];
  const files = new Map<string, string>();
  for (const [file, text] of pages) files.set(file, await formatted(text));
  const schema = JSON.stringify(stackFileSchema());
  files.set("config/stack.schema.json", await prettier.format(schema, { parser: "json", printWidth: 110 }));
  return files;
}
