/** Which items of two lists are the same ones. */
import { diffArrays } from "diff";

/** An item of the old list, of the new one, or of both, by index; in an order that fits both lists. */
export interface Aligned {
  before?: number;
  after?: number;
}

/** Beyond so many edits the whole list counts as replaced: finding them takes time by their square. */
const maxEditLength = 1_000;

/** A longest common subsequence of two lists of texts, with what is in only one of them in between. */
export function align(before: readonly string[], after: readonly string[]): Aligned[] {
  const changes = diffArrays([...before], [...after], { maxEditLength }) ?? [
    { removed: true, added: false, count: before.length },
    { removed: false, added: true, count: after.length },
  ];
  let [old, now] = [0, 0];
  return changes.flatMap(({ removed, added, count }) =>
    Array.from({ length: count }, (): Aligned => ({
      ...(added ? {} : { before: old++ }),
      ...(removed ? {} : { after: now++ }),
    })),
  );
}
