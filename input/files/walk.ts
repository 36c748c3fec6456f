/** The files that paths mean. */
import * as fs from "node:fs";
import * as path from "node:path";
import { InputError } from "../inputError";
import { compare } from "../../mesh/stableOrder";
import { type Skipped } from "../../findings/passedBy";

const manifest = /\.(ya?ml|json)$/i;

/** Most bytes of one file: as text and objects it takes ten times as much memory. */
export const largestFile = 128 * 1024 * 1024;

/** Why a text is not read that is larger. */
export const tooLarge = `it is larger than ${largestFile / 1024 / 1024} MB; split it into several files`;

/** Files, and what is none although it was named or looks like one. */
export interface Found {
  files: string[];
  skipped: Skipped[];
}

/**
 * Why a directory is not what somebody deploys, told by its name; only below what was given: who names such a directory
 * means it.
 */
function reasonToPassBy(name: string, parent: string): string | undefined {
  if (/^istio-\d+\.\d+\.\d+$/.test(name)) return "a release of Istio as it is downloaded, with its samples";
  if (name === "testdata" || (name === "fixtures" && /^tests?$/.test(path.basename(parent))))
    return "data of tests";
  return undefined;
}

/** Directories that hold other things than manifests. */
function isPassedBy(name: string): boolean {
  return name === "node_modules" || name.startsWith(".");
}

/**
 * Files as they are, and the YAML and JSON files of directories, in a stable order and each once. Only regular
 * files are read: a pipe or a device may never end.
 * @throws InputError if a path that was given does not exist
 */
export function filesUnder(paths: readonly string[]): Found {
  const files = new Set<string>();
  const skipped: Skipped[] = [];
  /** Directories by device and number: links may lead in a circle, and names of them may be long. */
  const visited = new Set<string>();
  const take = (file: string, stats: fs.Stats): void => {
    if (!stats.isFile())
      skipped.push({
        file,
        why: `${kindOf(stats)}; only regular files can be read, and standard input as -`,
      });
    else if (stats.size > largestFile) skipped.push({ file, why: tooLarge, isBroken: true });
    else files.add(file);
  };
  const walk = (directory: string, { dev, ino }: fs.Stats): void => {
    const identity = `${dev}:${ino}`;
    if (visited.has(identity)) return;
    visited.add(identity);
    const entries = attempt(directory, skipped, () => fs.readdirSync(directory, { withFileTypes: true }));
    for (const entry of entries?.sort((a, b) => compare(a.name, b.name)) ?? []) {
      if (isPassedBy(entry.name) || (entry.isFile() && !manifest.test(entry.name))) continue;
      const inside = path.join(directory, entry.name);
      const stats = attempt(
        inside,
        skipped,
        () => fs.statSync(inside, { throwIfNoEntry: false }) ?? "nowhere",
      );
      if (stats === undefined) continue;
      if (stats === "nowhere") {
        if (manifest.test(entry.name) || !entry.name.includes("."))
          skipped.push({ file: inside, why: "is a link that leads nowhere", isBroken: true });
        continue;
      }
      const why = stats.isDirectory() ? reasonToPassBy(entry.name, directory) : undefined;
      if (why !== undefined) skipped.push({ file: inside, why });
      else if (stats.isDirectory()) walk(inside, stats);
      else if (manifest.test(entry.name)) take(inside, stats);
    }
  };
  for (const given of paths) {
    const stats = statOf(given);
    const name = path.normalize(given);
    if (stats.isDirectory()) walk(name, stats);
    else take(name, stats);
  }
  return { files: [...files], skipped };
}

/**
 * The text of a file.
 * @throws InputError if it cannot be read
 */
export function readText(file: string): string {
  const stats = statOf(file);
  // A pipe or a device may have no end.
  if (!stats.isFile() && !stats.isDirectory()) {
    throw new InputError(`${file} is ${kindOf(stats)}\n  fix: name a regular file`);
  }
  try {
    return fs.readFileSync(file, "utf8");
  } catch (error) {
    throw new InputError(`${file} ${reasonOf(error)}`);
  }
}

/** The text of a file of many; what cannot be read is passed by. */
export function readOrSkip(file: string, skipped: Skipped[]): string | undefined {
  return attempt(file, skipped, () => fs.readFileSync(file, "utf8"));
}

function statOf(given: string): fs.Stats {
  try {
    return fs.statSync(given);
  } catch (error) {
    throw new InputError(`${given} ${reasonOf(error)}`);
  }
}

function attempt<T>(file: string, skipped: Skipped[], action: () => T): T | undefined {
  try {
    return action();
  } catch (error) {
    skipped.push({ file, why: reasonOf(error), isBroken: true });
    return undefined;
  }
}

function reasonOf(error: unknown): string {
  const { code } = error as NodeJS.ErrnoException;
  if (code === undefined) throw error;
  const known: Record<string, string> = {
    ENOENT: "does not exist",
    EACCES: "may not be read",
    ELOOP: "is a link that leads to itself",
    ENAMETOOLONG: "is nested so deep that its path is too long",
  };
  return known[code] ?? `cannot be read (${code})`;
}

function kindOf(stats: fs.Stats): string {
  if (stats.isFIFO()) return "a pipe";
  return stats.isSocket() ? "a socket" : "a device";
}
