/** What the commands of this project share: how they end, and where their output may go. */
import * as fs from "node:fs";
import * as path from "node:path";
import { type PassedBy, passedByLines } from "../findings/passedBy";
import { visibleLines } from "../findings/visible";
import { InputError } from "../input/inputError";

/** Exit codes of every command. */
export const exitCodes = { ok: 0, findings: 1, badInput: 2 } as const;

for (const stream of [process.stdout, process.stderr]) stream.on("error", endBecauseOf);

/** Writes to standard output before anything else happens: for what ends the process right afterwards. */
export function writeNow(text: string): void {
  try {
    fs.writeSync(process.stdout.fd, text);
  } catch (error) {
    endBecauseOf(error as NodeJS.ErrnoException);
  }
}

/** A reader that has seen enough ends the command as if it had read all; a full disk does not. */
function endBecauseOf({ code, message }: NodeJS.ErrnoException): void {
  if (code !== "EPIPE") {
    process.exitCode = exitCodes.badInput;
    try {
      fs.writeSync(process.stderr.fd, `error: standard output cannot be written: ${message}\n`);
    } catch {
      // Standard error is what is broken.
    }
  }
  process.exit();
}

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
    const { message, stack = message } = error as Error;
    // Not thrown on: Node.js would end with 1, which says that there are findings.
    process.stderr.write(visibleLines(isBadInput(error) ? `error: ${message}\n` : `${stack}\n`));
  }
}

/** Where output must not go. */
export interface Reserved {
  /** Files that the command reads, and directories whose manifests it reads. */
  inputs: readonly string[];
  /** Other places that it writes, by their options. */
  outputs?: Readonly<Record<string, string | undefined>>;
}

/**
 * Refuses a place for output that would destroy something.
 * @param option that names it, `--output`
 * @throws InputError if it is an input, in another output or around one
 */
export function assertFree(option: string, file: string, { inputs, outputs = {} }: Reserved): void {
  if (file === "") throw new InputError(`${option} must be a file, and it is empty`);
  if (isDirectory(file)) {
    throw new InputError(`${option} ${file} is a directory\n  fix: name a file in it`);
  }
  const target = realPath(file);
  for (const input of inputs) {
    const real = realPath(input);
    if (real === target || (isWithin(target, real) && isManifest(target))) {
      throw new InputError(
        fs.existsSync(target)
          ? `${option} ${file} is one of the files that are read\n  fix: choose another file`
          : `${option} ${file} would be read with ${input} the next time\n` +
              "  fix: choose a file elsewhere, or one with another ending",
      );
    }
  }
  for (const [other, place] of Object.entries(outputs)) {
    if (place === undefined) continue;
    const real = realPath(place);
    if (isWithin(target, real) || isWithin(real, target)) {
      throw new InputError(
        `${option} ${file} and ${other} ${place} are in each other's way\n  fix: choose another file`,
      );
    }
  }
}

function isDirectory(file: string): boolean {
  try {
    return fs.statSync(file).isDirectory();
  } catch {
    // Whatever is wrong with it is told when it is written.
    return false;
  }
}

/** Whether a directory would be read with this file. */
function isManifest(file: string): boolean {
  return /\.(ya?ml|json)$/i.test(file);
}

/** What a path leads to, links followed as far as it exists. */
function realPath(file: string): string {
  const whole = path.resolve(file);
  try {
    return fs.realpathSync.native(whole);
  } catch {
    const parent = path.dirname(whole);
    return parent === whole ? whole : path.join(realPath(parent), path.basename(whole));
  }
}

function isWithin(inner: string, outer: string): boolean {
  const relative = path.relative(outer, inner);
  return relative === "" || (!relative.startsWith("..") && !path.isAbsolute(relative));
}

/**
 * Writes what a command has to say to a file of the user's, or to standard output if none is named.
 * @throws InputError if it cannot be written
 */
export function writeOutput(file: string | undefined, text: string): void {
  if (file === undefined) {
    process.stdout.write(text);
    return;
  }
  try {
    fs.writeFileSync(file, text);
  } catch (error) {
    throw new InputError(`${file} cannot be written: ${(error as Error).message}`);
  }
}

/** Tells what was not checked on standard error, where standard output is for programs. */
export function tellPassedBy(passedBy: PassedBy, isVerbose = false): void {
  const lines = passedByLines(passedBy, isVerbose);
  process.stderr.write(lines.map((line) => `${visibleLines(line)}\n`).join(""));
}
