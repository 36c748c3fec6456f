/** Whether to color what is printed. */
import pc from "picocolors";

/** On a terminal, unless its owner says otherwise: a file or another program has no use for colors. */
export function isColored(
  { isTTY = false }: { isTTY?: boolean },
  { NO_COLOR, FORCE_COLOR, TERM }: NodeJS.ProcessEnv = process.env,
): boolean {
  if (NO_COLOR !== undefined && NO_COLOR !== "") return false;
  if (FORCE_COLOR !== undefined && FORCE_COLOR !== "") return FORCE_COLOR !== "0" && FORCE_COLOR !== "false";
  return isTTY && TERM !== "dumb";
}

/** What colors text on standard output, or leaves it as it is. */
export function outputColors(): ReturnType<typeof pc.createColors> {
  return pc.createColors(isColored(process.stdout));
}
