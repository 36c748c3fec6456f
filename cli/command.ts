/** What the commands of this project share: how they fail. */
import * as fs from "node:fs";
import { InputError } from "../input/inputError";

/** Exit codes of every command. */
export const exitCodes = { ok: 0, findings: 1, badInput: 2 } as const;

/**
 * Runs a command and turns its failure into a message and an exit code: one clear text for bad input, a
 * stack trace only for what is a bug.
 * @param isBadInput tells errors of the user's, whose message is all there is to say
 */
export async function runCommand(
  command: () => Promise<void>,
  isBadInput: (error: unknown) => boolean = (error) => error instanceof InputError,
): Promise<void> {
  try {
    await command();
  } catch (error) {
    process.exitCode = exitCodes.badInput;
    if (!isBadInput(error)) throw error;
    process.stderr.write(`error: ${(error as Error).message}\n`);
  }
}

/**
 * Writes what a command has to say to a file of the user's.
 * @throws InputError if it cannot be written
 */
export function writeOutput(file: string, text: string): void {
  try {
    fs.writeFileSync(file, text);
  } catch (error) {
    throw new InputError(`${file} cannot be written: ${(error as Error).message}`);
  }
}
