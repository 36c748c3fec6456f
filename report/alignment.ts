/** Which items of two lists are the same ones. */

/** An item of the old list, of the new one, or of both, by index; in an order that fits both lists. */
export interface Aligned {
  before?: number;
  after?: number;
}

/** Beyond so many comparisons only what is equal at both ends is matched: the rest counts as replaced. */
const most = 4_000_000;

/** A longest common subsequence of two lists of texts, with what is in only one of them in between. */
export function align(before: readonly string[], after: readonly string[]): Aligned[] {
  let start = 0;
  while (start < before.length && start < after.length && before[start] === after[start]) start += 1;
  let end = 0;
  while (
    end < before.length - start &&
    end < after.length - start &&
    before[before.length - 1 - end] === after[after.length - 1 - end]
  ) {
    end += 1;
  }
  const same = (count: number, a: number, b: number): Aligned[] =>
    Array.from({ length: count }, (_, index) => ({ before: a + index, after: b + index }));
  return [
    ...same(start, 0, 0),
    ...middle(before, after, start, end),
    ...same(end, before.length - end, after.length - end),
  ];
}

function middle(before: readonly string[], after: readonly string[], start: number, end: number): Aligned[] {
  const rows = before.length - end - start;
  const columns = after.length - end - start;
  const lengths = rows * columns > most ? undefined : lengthsOf(before, after, start, rows, columns);
  const result: Aligned[] = [];
  let row = 0;
  let column = 0;
  while (row < rows || column < columns) {
    const isSame = row < rows && column < columns && before[start + row] === after[start + column];
    if (isSame && lengths !== undefined) {
      result.push({ before: start + row++, after: start + column++ });
    } else if (
      row < rows &&
      (column === columns ||
        lengths === undefined ||
        (lengths[row + 1]?.[column] ?? 0) >= (lengths[row]?.[column + 1] ?? 0))
    ) {
      result.push({ before: start + row++ });
    } else result.push({ after: start + column++ });
  }
  return result;
}

/** Length of the longest common subsequence of what follows each pair of places. */
function lengthsOf(
  before: readonly string[],
  after: readonly string[],
  start: number,
  rows: number,
  columns: number,
): Uint32Array[] {
  const lengths = Array.from({ length: rows + 1 }, () => new Uint32Array(columns + 1));
  for (let row = rows - 1; row >= 0; row--) {
    const below = lengths[row + 1]!;
    const current = lengths[row]!;
    for (let column = columns - 1; column >= 0; column--) {
      current[column] =
        before[start + row] === after[start + column]
          ? below[column + 1]! + 1
          : Math.max(below[column]!, current[column + 1]!);
    }
  }
  return lengths;
}
