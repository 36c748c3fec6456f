/** Text of others as it may be printed: nothing in it moves a cursor, hides, or turns the order of letters around. */

/** Characters that cannot be seen, or turn the order of others around; spaces, tabs and line ends stay. */
const unseen = /[^\P{C}\n\t]|[\u2028\u2029]/gu;

/** Every such character as `\u{1b}`; Windows' line ends become plain ones. */
export function visible(text: string): string {
  return text
    .replaceAll("\r\n", "\n")
    .replaceAll(unseen, (character) => `\\u{${character.codePointAt(0)?.toString(16)}}`);
}

/** The same for one line, such as a name: line ends do not end it. */
export function visibleLine(text: string): string {
  return visible(text).replaceAll("\n", "\\n");
}

/** Lines for a terminal or a log: none of them is a command of a GitHub workflow, `::error::` or `##[error]`. */
export function visibleLines(text: string): string {
  return withoutCommands(visible(text));
}

/** Lines that begin at a column. */
export function indented(text: string, by: number): string {
  return visibleLines(text.trimEnd()).replaceAll(/^(?=.)/gm, " ".repeat(by));
}

/** The same for text that has nothing unseen in it any more, or colours of our own. */
export function withoutCommands(text: string): string {
  return text.replaceAll(/^(\s*)(?=::|##\[)/gm, "$1\\");
}

/** A JSON text with the same characters escaped as JSON does it: they can only stand in strings. */
export function visibleJson(json: string): string {
  return json.replaceAll(unseen, (character) =>
    Array.from({ length: character.length }, (_, index) => {
      const code = character.charCodeAt(index).toString(16).padStart(4, "0");
      return `\\u${code}`;
    }).join(""),
  );
}
