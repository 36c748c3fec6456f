/** The one place that guesses which word was meant. */
import { distance } from "fastest-levenshtein";

/** The known word that differs least from `word`, if it is near enough to be meant. */
export function nearest(word: string, known: readonly string[]): string | undefined {
  const candidates = known
    .map((candidate) => ({ candidate, changes: distance(word.toLowerCase(), candidate.toLowerCase()) }))
    .filter(
      ({ candidate, changes }) =>
        changes <= Math.max(candidate.length > 3 ? 2 : 1, Math.floor(candidate.length / 3)),
    )
    .sort((a, b) => a.changes - b.changes);
  return candidates[0]?.candidate;
}
