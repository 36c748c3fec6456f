/** What the commands of this project share: how they fail. */
import * as pulumi from "@pulumi/pulumi";
import { ConfigMistakes } from "../config/mistakes";
import { InputError } from "../engine/stackFile";

/** Exit codes of every command. */
export const exitCodes = { ok: 0, findings: 1, badInput: 2 } as const;

/**
 * Runs a command and turns its failure into a message and an exit code: one clear text for bad input, a
 * stack trace only for what is a bug.
 */
export async function runCommand(command: () => Promise<void>): Promise<void> {
  try {
    await command();
  } catch (error) {
    process.exitCode = exitCodes.badInput;
    if (error instanceof InputError || error instanceof ConfigMistakes || pulumi.RunError.isInstance(error)) {
      process.stderr.write(`error: ${error.message}\n`);
    } else {
      throw error;
    }
  }
}
