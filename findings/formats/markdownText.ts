/**
 * Text of others in GitHub's Markdown: nothing in it is markup, mentions anybody or refers to an issue.
 * @see https://github.github.com/gfm/
 */

/** Breaks `@name` and `#1`, which GitHub looks for after it has rendered the Markdown. */
const invisible = "&#8203;";

/** Characters that cannot be seen, or turn the order of others around; spaces and line ends stay. */
const unseen = /[^\P{C}\n\t]/gu;

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
  return text
    .replaceAll(unseen, "�")
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll(/[@#]/g, `$&${invisible}`)
    .replaceAll(/\bgh-(?=\d)/gi, `$&${invisible}`);
}

/** A name as code, also in a cell; what names never have is replaced, so that nothing ends the code. */
export function code(text: string): string {
  const name = text.replaceAll("`", "'").replaceAll(/\s+/g, " ").replaceAll(unseen, "�").trim();
  // An odd backslash in front of a pipe would leave the pipe to the table.
  return `\`${name.replaceAll("\\", "/").replaceAll("|", "\\|")}\``;
}

/** Lines of code between fences that are longer than any in them. */
export function fenced(language: string, text: string): string {
  const clean = text.replaceAll(/\r\n?/g, "\n").replaceAll(unseen, "�");
  const longest = Math.max(2, ...Array.from(clean.matchAll(/`+/g), ([ticks]) => ticks.length));
  const fence = "`".repeat(longest + 1);
  return `${fence}${language}\n${clean}\n${fence}\n`;
}
