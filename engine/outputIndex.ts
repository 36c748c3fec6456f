/** The list of the files that a run wrote, and of which stack they are, so that the next one knows its own. */
import * as fs from "node:fs";
import * as path from "node:path";
import { InputError } from "../input/inputError";
import { isRecord } from "../mesh/plainObjects";
import { compare } from "../mesh/stableOrder";

const indexFile = ".mesh-tracing-files.json";

/** Values for the chart of an istiod that others own: the only file beside the directories. */
export const meshValuesFile = "mesh-values.yaml";

/**
 * The files in a directory that earlier runs of the same stack wrote.
 * @throws InputError if they are another stack's, or nobody knows which there are
 */
export function readIndex(directory: string, stack: string): string[] {
  const file = path.join(directory, indexFile);
  const type = fs.lstatSync(file, { throwIfNoEntry: false });
  if (type === undefined) return [];
  const index = type.isFile() ? parsed(file) : undefined;
  // Before the list knew its stack it was nothing but the files.
  const names = isRecord(index) ? index["files"] : index;
  if (!Array.isArray(names)) {
    throw new InputError(
      `${file} is damaged, so it is unknown which files this command wrote\n` +
        "  fix: remove the directory, or choose another one with --out",
    );
  }
  const owner = isRecord(index) ? index["stack"] : undefined;
  if (owner !== undefined && owner !== stack) {
    throw new InputError(
      `${directory} has the files of stack ${JSON.stringify(owner)}, and this one is ${JSON.stringify(stack)}\n` +
        "  fix: choose another directory with --out, or remove this one if that stack is gone",
    );
  }
  // The file may have been edited: never let it lead out of the directory, or to what no run writes.
  return names.filter((name): name is string => typeof name === "string" && isOwn(name));
}

/** `<namespace>/<name>.yaml`. */
function isOwn(name: string): boolean {
  return name === meshValuesFile || /^\w[^/\\]*\/[^/\\]+\.yaml$/.test(name);
}

function parsed(file: string): unknown {
  try {
    return JSON.parse(fs.readFileSync(file, "utf8"));
  } catch {
    return undefined;
  }
}

export function writeIndex(directory: string, stack: string, files: string[]): void {
  makeDirectory(directory);
  const file = path.join(directory, indexFile);
  const content = `${JSON.stringify({ stack, files: files.sort(compare) }, undefined, 2)}\n`;
  if (fs.existsSync(file) && fs.readFileSync(file, "utf8") === content) return;
  // In one step, so that an interrupted run leaves the old list or the new one.
  const next = `${file}.next`;
  fs.rmSync(next, { force: true });
  fs.writeFileSync(next, content, { flag: "wx" });
  fs.renameSync(next, file);
}

/** Step by step: Node.js' own way tries for ever where a file system takes no directories, such as /proc. */
export function makeDirectory(directory: string): void {
  if (fs.existsSync(directory)) return;
  const parent = path.dirname(directory);
  if (parent !== directory) makeDirectory(parent);
  fs.mkdirSync(directory);
}
