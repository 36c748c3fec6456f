/** Writes rendered manifests, one file each, and removes what an earlier run wrote and this one did not. */
import * as fs from "node:fs";
import * as path from "node:path";
import { compare } from "../mesh/stableOrder";
import { toYaml } from "../mesh/yaml";
import { type Rendered } from "./manifests";
import { InputError } from "../input/inputError";

/** The list of files a run wrote, so that the next one knows its own. */
const indexFile = ".mesh-tracing-files.json";

/** Directory for objects without a namespace. */
const clusterDirectory = "_cluster";

/** A file to write, its path relative to the output directory, with forward slashes. */
export interface RenderedFile {
  path: string;
  content: string;
  rendered: Rendered;
}

/**
 * The file of each rendered thing: `<namespace>/<kind>-<name>.yaml`, lower case.
 * @throws InputError if two resources are the same object
 */
export function filesOf(rendered: readonly Rendered[]): RenderedFile[] {
  const files = rendered.map((item) => ({ path: pathOf(item), content: contentOf(item), rendered: item }));
  const taken = new Map<string, Rendered>();
  for (const { path: file, rendered: item } of files) {
    const other = taken.get(file);
    if (other !== undefined) {
      throw new InputError(`${file} would be written twice, by\n  ${other.urn}\n  ${item.urn}`);
    }
    taken.set(file, item);
  }
  return files.sort((a, b) => compare(a.path, b.path));
}

function pathOf(item: Rendered): string {
  if (item.type === "chart") return `${item.chart.namespace}/chart-${item.chart.release}.values.yaml`;
  const { kind, apiVersion, metadata } = item.manifest;
  // Two API groups may have a kind of the same name; only Kubernetes' own go without their group.
  const group = apiVersion.includes("/") ? apiVersion.split("/")[0] : "";
  const ambiguous = kind === "Gateway" && group !== "" ? `.${group}` : "";
  const name = `${kind.toLowerCase()}${ambiguous}-${metadata.name}`.replaceAll(/[^a-z0-9.-]/g, "_");
  return `${metadata.namespace ?? clusterDirectory}/${name}${item.patch ? ".patch" : ""}.yaml`;
}

function contentOf(item: Rendered): string {
  if (item.type === "chart") {
    const { release, namespace, reference, values } = item.chart;
    return (
      "# Values of a Helm chart that was not templated here. To see its manifests:\n" +
      `#   helm template ${release} ${reference.join(" ")} --namespace ${namespace} --values <this file>\n` +
      toYaml(values)
    );
  }
  const notes = [
    ...(item.patch
      ? [
          "# Only these fields are applied; the rest of the object is its owner's (kubectl apply --server-side).\n",
        ]
      : []),
    ...(item.withheld === undefined
      ? []
      : [`# Secrets are never written: \`pulumi up\` sets ${item.withheld.join(", ")}.\n`]),
  ];
  return notes.join("") + toYaml(item.manifest);
}

/** What writing changed. */
export interface WriteReport {
  written: number;
  unchanged: number;
  removed: string[];
}

/**
 * Makes a directory hold exactly the given files besides what others put there.
 * @throws InputError, before anything is written, if a file of somebody else is in the way; or if the directory
 *   cannot be written
 */
export function writeFiles(
  directory: string,
  files: readonly RenderedFile[],
  progress: (text: string) => void = () => {},
): WriteReport {
  try {
    return write(directory, files, progress);
  } catch (error) {
    // A full disk, a read-only one, no right to write, a name that is too long: what it is the system says.
    if (error instanceof InputError || (error as NodeJS.ErrnoException).code === undefined) throw error;
    throw new InputError(
      `${directory} cannot be written: ${(error as Error).message}\n  fix: choose another directory with --out`,
    );
  }
}

function write(
  directory: string,
  files: readonly RenderedFile[],
  progress: (text: string) => void,
): WriteReport {
  if (isFile(directory)) throw inTheWay(directory);
  const own = new Set(readIndex(directory));
  for (const file of files) {
    const target = path.join(directory, file.path);
    if (!own.has(file.path) && fs.existsSync(target)) throw inTheWay(target);
    if (isFile(path.dirname(target))) throw inTheWay(path.dirname(target));
  }
  // Where a link leads is not this directory, and may be anywhere.
  for (const file of new Set([...own, ...files.map((one) => one.path)])) {
    const target = path.join(directory, file);
    for (const name of [path.dirname(target), target]) {
      if (name !== path.resolve(directory) && isLink(name)) throw inTheWay(name);
    }
  }
  const wanted = new Set(files.map((file) => file.path));
  const removed = [...own].filter((file) => !wanted.has(file)).sort(compare);
  // Named in the index before they exist, so that an interrupted run leaves no file it does not know.
  writeIndex(directory, [...new Set([...own, ...wanted])]);
  let written = 0;
  files.forEach(({ path: file, content }, index) => {
    if (writeIfChanged(path.join(directory, file), content)) written += 1;
    if (index % 100 === 0) progress(`writing file ${index + 1} of ${files.length}`);
  });
  for (const file of removed) remove(directory, file);
  writeIndex(directory, [...wanted]);
  return { written, unchanged: files.length - written, removed };
}

function isFile(name: string): boolean {
  return fs.statSync(name, { throwIfNoEntry: false })?.isFile() ?? false;
}

function isLink(name: string): boolean {
  return fs.lstatSync(name, { throwIfNoEntry: false })?.isSymbolicLink() ?? false;
}

function inTheWay(name: string): InputError {
  return new InputError(
    `${name} is in the way: it was not written by this command\n` +
      "  fix: move it, or choose another directory with --out",
  );
}

function writeIfChanged(file: string, content: string): boolean {
  if (fs.existsSync(file) && fs.readFileSync(file, "utf8") === content) return false;
  fs.mkdirSync(path.dirname(file), { recursive: true });
  fs.writeFileSync(file, content);
  return true;
}

function remove(directory: string, file: string): void {
  const target = path.join(directory, file);
  fs.rmSync(target, { force: true });
  const parent = path.dirname(target);
  if (parent !== path.resolve(directory) && fs.existsSync(parent) && fs.readdirSync(parent).length === 0) {
    fs.rmdirSync(parent);
  }
}

function readIndex(directory: string): string[] {
  const file = path.join(directory, indexFile);
  if (!fs.existsSync(file)) return [];
  const names = parsedIndex(file);
  // The file may have been edited: never let it lead out of the directory.
  const inside = (name: unknown): name is string =>
    typeof name === "string" && !path.isAbsolute(name) && !name.split(/[\\/]/).includes("..");
  return Array.isArray(names) ? names.filter(inside) : [];
}

function parsedIndex(file: string): unknown {
  try {
    return JSON.parse(fs.readFileSync(file, "utf8"));
  } catch {
    throw new InputError(
      `${file} is damaged, so nobody knows which files are this command's\n` +
        "  fix: remove the directory, or choose another one with --out",
    );
  }
}

function writeIndex(directory: string, names: string[]): void {
  fs.mkdirSync(directory, { recursive: true });
  const file = path.join(directory, indexFile);
  const content = `${JSON.stringify(names.sort(compare), undefined, 2)}\n`;
  if (fs.existsSync(file) && fs.readFileSync(file, "utf8") === content) return;
  // In one step, so that an interrupted run leaves the old list or the new one.
  fs.writeFileSync(`${file}.next`, content);
  fs.renameSync(`${file}.next`, file);
}
