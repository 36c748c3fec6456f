/** Bounds of what one text may mean: a few hundred bytes of YAML can stand for more than any memory holds. */
import { isRecord } from "./plainObjects";

/** As deep as js-yaml reads; shallow enough for whatever walks through values by recursion. */
const mostLevels = 100;

/** Why a text is not read that is deeper. */
export const tooDeep = `it is nested more than ${mostLevels} levels deep`;

/** Values that a text with aliases may stand for; each alias counts as all that it stands for. */
const mostExpanded = 20_000;

/** Text that stands for more than is read. */
export class TooMuch extends Error {}

/**
 * How many values a value stands for, every alias written out.
 * @param isShared whether parts of the value may be there several times; only then are known parts looked up
 * @throws TooMuch if it is nested too deep, also where it contains itself
 */
function sizeOf(value: unknown, isShared: boolean): number {
  const known = isShared ? new Map<object, number>() : undefined;
  const count = (inner: unknown, level: number): number => {
    if (typeof inner !== "object" || inner === null) return 1;
    const before = known?.get(inner);
    if (before !== undefined) return before;
    if (level > mostLevels) throw new TooMuch(tooDeep);
    let size = 1;
    if (Array.isArray(inner)) for (const item of inner) size += count(item, level + 1);
    else if (isRecord(inner)) for (const key in inner) size += count(inner[key], level + 1);
    known?.set(inner, size);
    return size;
  };
  return count(value, 0);
}

/**
 * What was parsed, if it is within bounds.
 * @param text what it was parsed from
 * @throws TooMuch
 */
export function within<T>(text: string, value: T): T {
  const hasAliases = text.includes("&") && text.includes("*");
  // A level takes a character at least.
  if (!hasAliases && text.length < mostLevels) return value;
  const size = sizeOf(value, hasAliases);
  if (hasAliases && size > mostExpanded) {
    throw new TooMuch(`its aliases stand for more than ${mostExpanded} values`);
  }
  return value;
}
