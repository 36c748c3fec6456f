/** Files of a commit of this repository, without touching its work tree, its index or its list of worktrees. */
import { execFile, spawn } from "node:child_process";
import * as fs from "node:fs";
import * as path from "node:path";
import { InputError } from "../input/inputError";

/** A commit, and where a directory of the work tree is in it. */
export interface Revision {
  sha: string;
  /** From the repository's top to the directory: empty, or `platform/tracing/`. */
  prefix: string;
}

/**
 * The commit that a name means, seen from a directory of the work tree.
 * @returns undefined if it means none
 * @throws InputError if there is no git, or the directory is in no repository
 */
export async function findRevision(directory: string, name: string): Promise<Revision | undefined> {
  const prefix = await git(directory, ["rev-parse", "--show-prefix"]);
  if (prefix === undefined) throw new InputError(`${directory} is not in a git repository`);
  // What starts with a dash would be an option.
  if (name.startsWith("-")) return undefined;
  const sha = await git(directory, [
    "rev-parse",
    "--verify",
    "--quiet",
    "--end-of-options",
    `${name}^{commit}`,
  ]);
  return sha === undefined || sha === "" ? undefined : { sha, prefix };
}

/**
 * Writes all files of a commit into an empty directory. Submodules stay empty.
 * @returns the directory that is where the commit was looked up from
 */
export async function extractRevision(
  directory: string,
  { sha, prefix }: Revision,
  into: string,
  signal?: AbortSignal,
): Promise<string> {
  const top = await git(directory, ["rev-parse", "--show-toplevel"]);
  const archive = spawn("git", ["-C", top ?? directory, "archive", "--format=tar", sha], {
    stdio: ["ignore", "pipe", "pipe"],
    signal,
  });
  const unpack = spawn("tar", ["-x", "-f", "-", "-C", into], { stdio: ["pipe", "ignore", "pipe"], signal });
  // If tar ends early its own message says why.
  unpack.stdin.on("error", () => archive.kill());
  archive.stdout.pipe(unpack.stdin);
  const ends = await Promise.all([ended(archive), ended(unpack)]);
  const failed = ends.find(({ code }) => code !== 0);
  if (failed !== undefined) {
    throw new InputError(`the files of commit ${sha} cannot be read: ${failed.stderr.trim()}`);
  }
  return path.join(into, prefix);
}

/**
 * Gives a checkout the npm packages of another one, unless it has its own.
 * @returns whether both ask for the same packages
 */
export function lendPackages(from: string, to: string): boolean {
  if (fs.lstatSync(path.join(to, "node_modules"), { throwIfNoEntry: false }) !== undefined) return true;
  fs.symlinkSync(path.join(from, "node_modules"), path.join(to, "node_modules"), "junction");
  return lockOf(from) === lockOf(to);
}

function lockOf(directory: string): string | undefined {
  const file = path.join(directory, "package-lock.json");
  return fs.existsSync(file) ? fs.readFileSync(file, "utf8") : undefined;
}

/** What git prints, without the newline; undefined if it fails. */
function git(directory: string, parameters: readonly string[]): Promise<string | undefined> {
  return new Promise((resolve, reject) => {
    execFile("git", ["-C", directory, ...parameters], { encoding: "utf8" }, (error, stdout) => {
      if (error?.code === "ENOENT")
        reject(new InputError("git is not on PATH\n  fix: install it, or name a directory"));
      else resolve(error === null ? stdout.replace(/\n$/, "") : undefined);
    });
  });
}

function ended(child: ReturnType<typeof spawn>): Promise<{ code: number | null; stderr: string }> {
  let stderr = "";
  child.stderr?.setEncoding("utf8").on("data", (text: string) => (stderr += text));
  return new Promise((resolve) => {
    child.on("error", (error) => resolve({ code: null, stderr: error.message }));
    child.on("close", (code) => resolve({ code, stderr }));
  });
}
