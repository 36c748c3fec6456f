/** Puts sections into a comment of limited length: what does not fit is left out whole, and said to be. */

/** A part of a comment that is a list of entries. */
export interface Section {
  /** Printed in front of the entries and behind them, if there are any. */
  before: string;
  entries: readonly string[];
  after: string;
  /** What an entry is, for the line that says how many are left out. */
  noun: readonly [one: string, many: string];
  /** Part of the room that is this section's whatever the others want, relative to theirs. */
  share: number;
}

/** Room for the line that says what was left out. */
const noteRoom = 100;

/**
 * The sections in their order, together no longer than the limit.
 * @param limit in bytes of UTF-8, which are never fewer than characters
 */
export function fit(head: string, sections: readonly Section[], limit: number): string {
  const present = sections.filter(({ entries }) => entries.length > 0);
  const fixed = present.reduce((sum, { before, after }) => sum + bytes(before) + bytes(after) + noteRoom, 0);
  const room = Math.max(0, limit - bytes(head) - fixed);
  const needs = present.map(({ entries }) => entries.reduce((sum, entry) => sum + bytes(entry), 0));
  const shares = present.reduce((sum, { share }) => sum + share, 0);
  const given = needs.map((need, index) =>
    Math.min(need, Math.floor((room * (present[index]?.share ?? 0)) / shares)),
  );
  // What some do not need is for the others, the first ones first.
  let rest = room - given.reduce((sum, one) => sum + one, 0);
  for (const [index, need] of needs.entries()) {
    const more = Math.min(rest, need - (given[index] ?? 0));
    given[index] = (given[index] ?? 0) + more;
    rest -= more;
  }
  return [head, ...present.map((section, index) => printed(section, given[index] ?? 0))].join("");
}

export function bytes(text: string): number {
  return Buffer.byteLength(text);
}

function printed({ before, entries, after, noun }: Section, room: number): string {
  let used = 0;
  let count = 0;
  while (count < entries.length && used + bytes(entries[count] ?? "") <= room) {
    used += bytes(entries[count] ?? "");
    count += 1;
  }
  const left = entries.length - count;
  const more = count > 0 ? "more " : "";
  const note =
    left === 0
      ? ""
      : `\n${left} ${more}${noun[left === 1 ? 0 : 1]} left out: a comment has no room for them.\n`;
  return count === 0 ? note : `${before}${entries.slice(0, count).join("")}${note}${after}`;
}
