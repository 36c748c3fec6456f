/** Numbers of things, in words. */

export function count(number: number, noun: string): string {
  return `${number} ${plural(noun, number)}`;
}

/** A noun, or a kind, for so many: `NetworkPolicies`. */
export function plural(noun: string, number: number): string {
  if (number === 1) return noun;
  if (/[^aeiou]y$/.test(noun)) return `${noun.slice(0, -1)}ies`;
  return /(s|x|ch|sh)$/.test(noun) ? `${noun}es` : `${noun}s`;
}
