/** Numbers and lists of things, in words. */

export function count(number: number, noun: string): string {
  return `${number} ${plural(noun, number)}`;
}

/** A noun, or a kind, for so many: `NetworkPolicies`. */
export function plural(noun: string, number: number): string {
  if (number === 1) return noun;
  if (/[^aeiou]y$/.test(noun)) return `${noun.slice(0, -1)}ies`;
  return /(s|x|ch|sh)$/.test(noun) ? `${noun}es` : `${noun}s`;
}

/** `a`, `a and b`, `a, b and c`; of more than `most` only the first ones and how many more there are. */
export function enumerate(words: readonly string[], most = 5): string {
  if (words.length > most) {
    return `${words.slice(0, most - 1).join(", ")} and ${words.length - most + 1} more`;
  }
  return words.length < 2 ? words.join("") : `${words.slice(0, -1).join(", ")} and ${words.at(-1)}`;
}

/** A text in lines of so many columns; a word that is longer stays whole. */
export function wrapped(text: string, columns: number): string {
  return text
    .split("\n")
    .map((line) => {
      const lines: string[] = [];
      for (const word of line.split(" ")) {
        const last = lines.at(-1);
        if (last === undefined || last.length + 1 + word.length > columns) lines.push(word);
        else lines[lines.length - 1] = `${last} ${word}`;
      }
      return lines.join("\n");
    })
    .join("\n");
}
