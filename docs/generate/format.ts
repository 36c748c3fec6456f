/** Markdown as `npm run format` leaves it, with the lines of a paragraph broken anew. */
import * as path from "node:path";
import * as prettier from "prettier";

export async function formatted(markdown: string): Promise<string> {
  const options = await prettier.resolveConfig(path.join(__dirname, "index.ts"));
  return prettier.format(markdown, { ...options, parser: "markdown", proseWrap: "always" });
}
