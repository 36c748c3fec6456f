/**
 * Text of others in GitHub's Markdown: nothing in it is markup, mentions anybody or refers to an issue.
 * @see https://github.github.com/gfm/
 */
import { visible } from "../visible";

/** Breaks `@name` and `#1`, which GitHub looks for after it has rendered the Markdown. */
const invisible = "&#8203;";

/** Prose, also in a cell of a table: everything that Markdown reads is escaped. */
export function prose(text: string): string {
  return html(text)
    .replaceAll(/[\\`*_[\]|~]/g, "\\$&")
    .replaceAll("://", "&#58;//")
    .replaceAll(/\bwww\./gi, "www&#46;")
    .replaceAll(/\r?\n/g, "<br>");
}

/** Text between tags of HTML, where Markdown reads nothing. */
export function html(text: string): string {
  return visible(text)
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll(/[@#]/g, `$&${invisible}`)
    .replaceAll(/\bgh-(?=\d)/gi, `$&${invisible}`);
}

/** A name as code, also in a cell; what names never have is replaced, so that nothing ends the code. */
export function code(text: string): string {
  // An odd backslash in front of a pipe would leave the pipe to the table.
  const plain = text.replaceAll("`", "'").replaceAll("\\", "/").replaceAll(/\s+/g, " ");
  return `\`${visible(plain).trim().replaceAll("|", "\\|")}\``;
}

/** Lines of code between fences that are longer than any in them. */
export function fenced(language: string, text: string): string {
  const clean = visible(text.replaceAll(/\r\n?/g, "\n"));
  let longest = 2;
  for (const [ticks] of clean.matchAll(/`+/g)) longest = Math.max(longest, ticks.length);
  const fence = "`".repeat(longest + 1);
  return `${fence}${language}\n${clean}\n${fence}\n`;
}
