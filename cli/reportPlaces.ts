/** What `--base` and `--head` mean: a checkout of this project, manifests, or a commit with either. */
import * as fs from "node:fs";
import * as path from "node:path";
import { extractRevision, findRevision, lendPackages, type Revision } from "../engine/revision";
import { InputError } from "../input/inputError";
import { type Scratch } from "./scratch";

/** Where one side of a comparison is. */
export interface Place {
  /** As it was given. */
  label: string;
  type: "project" | "manifests";
  /** Directory of the project, or what holds the manifests. */
  path: string;
  /** What the reader of the comparison must know of it, in sentences. */
  notes: string[];
}

/** The checkout this command is part of, or what was given instead. */
export function headPlace(given: string | undefined, root: string): Place {
  if (given === undefined) return { label: "this checkout", type: "project", path: root, notes: [] };
  const place = onDisk(given);
  if (place === undefined)
    throw new InputError(`${given} does not exist\n  fix: name a directory with --head`);
  return place;
}

/**
 * What is compared with: a path, or a commit, in which the same is looked for as the head is.
 * @throws InputError if it is neither, or both
 */
export async function basePlace(given: string, head: Place, scratch: Scratch): Promise<Place> {
  const disk = onDisk(given);
  // Only a path begins so.
  if (disk !== undefined && /^\.{0,2}[\\/]|^\.{1,2}$|^[A-Za-z]:/.test(given)) return disk;
  const from = fs.statSync(head.path).isDirectory() ? head.path : path.dirname(head.path);
  const revision = await commit(from, given, disk !== undefined);
  if (disk !== undefined && revision !== undefined) {
    throw new InputError(
      `${given} is a path and a commit\n  fix: write ./${given} for the path, or refs/heads/${given} for the branch`,
    );
  }
  if (disk !== undefined) return disk;
  if (revision === undefined) throw noSuch(given);
  return inCommit(given, revision, from, head, scratch);
}

function onDisk(given: string): Place | undefined {
  let stats: fs.Stats;
  try {
    stats = fs.statSync(given);
  } catch {
    // Nothing is there, or the name cannot be one: it may be that of a commit.
    return undefined;
  }
  const isProject = stats.isDirectory() && fs.existsSync(path.join(given, "Pulumi.yaml"));
  return { label: given, type: isProject ? "project" : "manifests", path: path.resolve(given), notes: [] };
}

/** @param isPath whether there is a path of the name, so that it need not be a commit */
async function commit(from: string, given: string, isPath: boolean): Promise<Revision | undefined> {
  try {
    return await findRevision(from, given);
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    if (isPath) return undefined;
    throw new InputError(`${given} does not exist, and it cannot be a commit: ${error.message}`);
  }
}

function noSuch(given: string): InputError {
  return new InputError(
    given === "HEAD"
      ? "HEAD has no commit yet: nothing was committed to this branch\n  fix: name a directory, or commit first"
      : `${given} is neither a path nor a commit of this repository\n` +
          "  fix: name a directory, or fetch the commit first (with actions/checkout: fetch-depth: 0)",
  );
}

async function inCommit(
  label: string,
  revision: Revision,
  from: string,
  head: Place,
  scratch: Scratch,
): Promise<Place> {
  const into = path.join(scratch.directory, "base");
  fs.mkdirSync(into);
  const directory = await extractRevision(from, revision, into, scratch.signal);
  const place: Place = { label, type: head.type, path: directory, notes: [] };
  if (head.type === "manifests") {
    const isFile = from !== head.path;
    return { ...place, path: isFile ? path.join(directory, path.basename(head.path)) : directory };
  }
  if (fs.existsSync(path.join(directory, "Pulumi.yaml")) && !lendPackages(head.path, directory)) {
    place.notes.push(
      `package-lock.json differs: ${label} was rendered with the npm packages of ${head.label}.`,
    );
  }
  return place;
}
