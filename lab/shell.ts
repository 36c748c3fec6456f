/** Runs programs. A failure says which command failed and what it printed. */
import { spawn, spawnSync } from "node:child_process";
import * as fs from "node:fs";
import * as path from "node:path";
import { home } from "./home";

/** Something the lab cannot do, said in one line to the one who called it: no stack is printed. */
export class LabError extends Error {}

export interface RunOptions {
  readonly cwd?: string;
  readonly env?: NodeJS.ProcessEnv;
  readonly input?: string;
  /** Milliseconds. */
  readonly timeout?: number;
}

export interface RunResult {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a program to its end, whatever its exit code. */
export function attempt(command: readonly string[], options: RunOptions = {}): RunResult {
  const [program = "", ...args] = command;
  const result = spawnSync(program, args, {
    encoding: "utf8",
    maxBuffer: 256 * 1024 * 1024,
    ...options,
    env: options.env ?? environment(),
  });
  if (result.error !== undefined) return { status: null, stdout: "", stderr: result.error.message };
  return { status: result.status, stdout: result.stdout, stderr: result.stderr };
}

/**
 * Runs a program that must succeed.
 * @throws LabError with what it printed
 */
export function run(command: readonly string[], options: RunOptions = {}): string {
  const { status, stdout, stderr } = attempt(command, options);
  if (status === 0) return stdout;
  const said = (stderr.trim() || stdout.trim() || "it printed nothing").split("\n").slice(-8).join("\n");
  throw new LabError(`"${command.join(" ")}" failed (exit ${status ?? "by signal"}):\n${said}`);
}

/** Starts a program that goes on after this one has ended, its output in a file. */
export function start(command: readonly string[], logFile: string, options: RunOptions = {}): number {
  const [program = "", ...args] = command;
  fs.mkdirSync(path.dirname(logFile), { recursive: true });
  const log = fs.openSync(logFile, "a");
  const child = spawn(program, args, {
    detached: true,
    stdio: ["ignore", log, log],
    cwd: options.cwd,
    env: options.env ?? environment(),
  });
  child.on("error", () => undefined);
  child.unref();
  fs.closeSync(log);
  if (child.pid === undefined) throw new LabError(`"${program}" could not be started`);
  return child.pid;
}

/** This process's environment, with the lab's own programs first, and iptables the one that the lab uses. */
export function environment(): NodeJS.ProcessEnv {
  const directories = [path.join(home.bin, "iptables"), home.bin, process.env["PATH"] ?? ""];
  return { ...process.env, PATH: [...directories, "/usr/sbin", "/sbin"].join(path.delimiter) };
}

/** The path of a command: built by the lab, or on PATH. */
export function findCommand(name: string): string | undefined {
  return (environment()["PATH"] ?? "")
    .split(path.delimiter)
    .map((directory) => path.join(directory, name))
    .find(isExecutable);
}

function isExecutable(file: string): boolean {
  try {
    fs.accessSync(file, fs.constants.X_OK);
    return fs.statSync(file).isFile();
  } catch {
    return false;
  }
}

/** The path of a command that must be there. */
export function command(name: string): string {
  const found = findCommand(name);
  if (found === undefined)
    throw new LabError(`${name} is not on this machine; "npm run lab -- status" says what is missing`);
  return found;
}

/** Waits until something is so. */
export async function eventually<Value>(
  what: string,
  ask: () => Promise<Value | undefined> | Value | undefined,
  { timeout = 60_000, every = 200 }: { timeout?: number; every?: number } = {},
): Promise<Value> {
  const end = Date.now() + timeout;
  let failure = "";
  for (;;) {
    try {
      const value = await ask();
      if (value !== undefined && value !== false) return value;
    } catch (error) {
      failure = `: ${error instanceof Error ? error.message : String(error)}`;
    }
    if (Date.now() > end) throw new LabError(`waited ${timeout / 1000} s in vain for ${what}${failure}`);
    await new Promise((resolve) => setTimeout(resolve, every));
  }
}
