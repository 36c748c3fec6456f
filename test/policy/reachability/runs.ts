/** How often properties are tried. */

/** A number of runs; mutation testing repeats every test very often, and wants few and always the same ones. */
export function runs(numRuns: number): { numRuns: number; seed?: number } {
  return process.env.MUTATION_TESTING === undefined
    ? { numRuns }
    : { numRuns: Math.ceil(numRuns / 20), seed: 1 };
}
