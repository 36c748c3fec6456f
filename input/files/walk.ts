/** The files that paths mean. */
import * as fs from "node:fs";
import * as path from "node:path";
import { InputError } from "../inputError";
import { compare } from "../../mesh/stableOrder";

const manifest = /\.(ya?ml|json)$/i;

/** Directories that hold other things than manifests. */
function isPassedBy(name: string): boolean {
  return name === "node_modules" || name.startsWith(".");
}

/**
 * Files as they are, and the YAML and JSON files of directories, in a stable order and each once.
 * @throws InputError if a path does not exist or cannot be read
 */
export function filesUnder(paths: readonly string[]): string[] {
  const files = new Set<string>();
  const visited = new Set<string>();
  const walk = (directory: string): void => {
    // Links may lead in a circle.
    const real = fs.realpathSync(directory);
    if (visited.has(real)) return;
    visited.add(real);
    const entries = fs.readdirSync(directory, { withFileTypes: true });
    for (const entry of entries.sort((a, b) => compare(a.name, b.name))) {
      if (isPassedBy(entry.name)) continue;
      const inside = path.join(directory, entry.name);
      const kind = entry.isSymbolicLink() ? fs.statSync(inside, { throwIfNoEntry: false }) : entry;
      if (kind?.isDirectory()) walk(inside);
      else if (kind?.isFile() && manifest.test(entry.name)) files.add(inside);
    }
  };
  for (const given of paths) {
    const stats = readable(given, () => fs.statSync(given));
    if (stats.isDirectory()) readable(given, () => walk(path.normalize(given)));
    else files.add(path.normalize(given));
  }
  return [...files];
}

/**
 * The text of a file.
 * @throws InputError if it cannot be read
 */
export function readText(file: string): string {
  return readable(file, () => fs.readFileSync(file, "utf8"));
}

function readable<T>(file: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    const { code, path: where = file } = error as NodeJS.ErrnoException;
    if (code === undefined) throw error;
    const known: Record<string, string> = { ENOENT: "does not exist", EACCES: "may not be read" };
    throw new InputError(`${where} ${known[code] ?? `cannot be read (${code})`}`);
  }
}
