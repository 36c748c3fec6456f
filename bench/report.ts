/** How the parts of the bench say what they found. */

export function isMet(holds: boolean): string {
  return holds ? "met" : "NOT met";
}

export function print(line: string): void {
  process.stdout.write(`${line}\n`);
}
