import * as pulumi from "@pulumi/pulumi";

/**
 * An error of the user's, which Pulumi prints as its message alone. Without its stack trace: Pulumi's runner
 * formats the stack even of errors whose stack it hides, and for an error of an async program that takes it
 * some fifteen seconds.
 */
export function runError(message: string): Error {
  const error = new pulumi.RunError(message);
  error.stack = undefined;
  return error;
}
