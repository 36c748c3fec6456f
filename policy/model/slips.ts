/** Names and values of SDK settings that are not what they are meant to be. */
import { distance } from "fastest-levenshtein";
import { otherNames, sdkVariableNames, sdkVariables } from "../../mesh/sdkSettings";

/** Variables that decide about traces, whose misspellings are reported. */
const judged: readonly string[] = Object.values(sdkVariables);

/** The variable that a name means and is not; undefined for right ones, and for a program's own. */
export function meantVariable(name: string): string | undefined {
  if (!name.startsWith("OTEL_") || sdkVariableNames.has(name)) return undefined;
  return judged.find((known) => known.length > 14 && distance(name, known) <= 2);
}

/** Whether one of a container's variables is meant to be this one. */
export function isMisspelt(
  { variables }: { variables: ReadonlyMap<string, unknown> },
  name: string,
): boolean {
  return [...variables.keys()].some((written) => meantVariable(written) === name);
}

/** The known word that was meant: another spelling of it, or a misspelt one. */
export function meantValue(value: string, known: readonly string[]): string | undefined {
  if (known.includes(value)) return undefined;
  const plain = plainly(value);
  const same = known.find((word) => plainly(word) === plain) ?? otherNames[plain];
  // Short words are near to everything, unless their letters are the same.
  return (
    same ??
    known.find((word) => word.length > 3 && ordered(plainly(word)) === ordered(plain)) ??
    known.find((word) => word.length > 6 && distance(plainly(word), plain) <= 2)
  );
}

/** The word of a fixed list that was meant: another spelling, or one or two letters away. */
export function meantWord(value: string, known: readonly string[]): string | undefined {
  return nearest(plainly(value), known, ({ length }) => (length > 6 ? 2 : 1));
}

/** The field that a name of none means: other letters or cases of it, one of many, another object's name for it. */
export function meantField(name: string, known: readonly string[]): string | undefined {
  const plain = plainly(name);
  const isSame = (field: string): boolean => {
    const right = plainly(field);
    if (plain === right || `${plain}s` === right || plain === `${right}s`) return true;
    if (plain === "matchlabels" && right === "labels") return true;
    return field.length > 3 && ordered(plain) === ordered(right);
  };
  const longEnough = known.filter(({ length }) => length > 4);
  return known.find(isSame) ?? nearest(plain, longEnough, ({ length }) => (length > 6 ? 3 : 2));
}

/** @param most how many letters a known word may be away */
function nearest(
  plain: string,
  known: readonly string[],
  most: (word: string) => number,
): string | undefined {
  const [first] = known
    .map((word) => ({ word, far: distance(plain, plainly(word)) }))
    .filter(({ word, far }) => far <= most(word))
    .sort((a, b) => a.far - b.far);
  return first?.word;
}

function ordered(word: string): string {
  return [...word].sort().join("");
}

function plainly(word: string): string {
  return word.toLowerCase().replaceAll(/[^a-z0-9]/g, "");
}
