import { type PassedBy, passedByLines } from "../findings/passedBy";
import { visibleLines } from "../findings/visible";

/** Tells what was not checked on standard error, where standard output is for programs. */
export function tellPassedBy(passedBy: PassedBy, isVerbose = false): void {
  const lines = passedByLines(passedBy, isVerbose);
  process.stderr.write(lines.map((line) => `${visibleLines(line)}\n`).join(""));
}
