import * as pulumi from "@pulumi/pulumi";
import { type StackConfig } from "../config/stack";
import { ConfigMistakes } from "../config/mistakes";
import { runError } from "./runError";
import { stackFrom } from "../config/fromPulumi";

/**
 * The stack that Pulumi is running, validated.
 * @throws pulumi.RunError with every mistake of the stack file: Pulumi prints it without a stack trace
 */
export function readStack(): StackConfig {
  try {
    return stackFrom(pulumi.runtime.allConfig(), pulumi.getProject(), pulumi.getStack());
  } catch (error) {
    if (error instanceof ConfigMistakes) throw runError(error.message);
    throw error;
  }
}
