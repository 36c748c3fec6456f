/** The pages of this project, taken apart. */
import * as fs from "node:fs";
import * as path from "node:path";

export const root = path.resolve(__dirname, "../..");

/** Directories of the examples, relative to the root. */
export const examples: readonly string[] = fs
  .readdirSync(path.join(root, "examples"))
  .map((name) => path.join("examples", name))
  .sort();

/** The README, what it leads to, the examples, and the pages on the rules; relative to the root. */
export const pages: readonly string[] = [
  "README.md",
  ...examples.map((directory) => path.join(directory, "README.md")),
  ...fs
    .readdirSync(path.join(root, "docs"), { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(".md"))
    .map((file) => path.join("docs", file))
    .sort(),
];

export function read(page: string): string {
  return fs.readFileSync(path.join(root, page), "utf8");
}

/** The texts of a page's fences of one language. */
export function fences(page: string, language: string): string[] {
  return [...read(page).matchAll(new RegExp(`^\`\`\`${language}\n([^]*?)^\`\`\`$`, "gm"))].map(
    ([, text]) => text!,
  );
}

/** Commands that a page tells to run: lines of its shell fences, scripts of its pipelines, code in a sentence. */
export function commands(page: string): string[] {
  const shell = fences(page, "sh").flatMap((text) => text.split("\n"));
  const others = [...fences(page, "yaml"), ...fences(page, "groovy")]
    .flatMap((text) => text.split("\n"))
    .flatMap((line) => /^\s*(?:- |sh ')(.+?)'?$/.exec(line)?.[1] ?? []);
  const words = [...read(page).matchAll(/(?<!`)`([^`\n]+)`(?!`)/g)].map(([, code]) => code!);
  return [...shell, ...others, ...words]
    .map((line) => line.replace(/\s+#.*$/, "").trim())
    .flatMap((line) => line.split(/ (?:&&|\|) /))
    .filter((line) => line !== "");
}

/** Where the links of a page lead, code left out. */
export function links(page: string): string[] {
  const prose = read(page).replaceAll(/^```[^]*?^```$/gm, "");
  return [...prose.matchAll(/\]\(([^)\s]+)\)/g)].map(([, target]) => target!);
}

/** The anchors of a page's headings, as code hosts make them. */
export function anchors(page: string): string[] {
  return [...read(page).matchAll(/^#+ (.+)$/gm)].map(([, heading]) =>
    heading!
      .toLowerCase()
      .replaceAll(/[^\w\- ]/g, "")
      .replaceAll(" ", "-"),
  );
}
