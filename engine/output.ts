/** Writes rendered manifests, one file each, and removes what an earlier run wrote and this one did not. */
import { createHash } from "node:crypto";
import * as fs from "node:fs";
import * as path from "node:path";
import { compare } from "../mesh/stableOrder";
import { toYaml } from "../mesh/yaml";
import { type Rendered } from "./manifests";
import { InputError } from "../input/inputError";
import { makeDirectory, meshValuesFile, readIndex, writeIndex } from "./outputIndex";

/** Directory for objects without a namespace. */
const clusterDirectory = "_cluster";

/** Longest name of a file, without its ending. */
const longestName = 200;

/** A file to write, its path relative to the output directory, with forward slashes. */
export interface WrittenFile {
  path: string;
  content: string;
}

/** The file of something that the program makes. */
export interface RenderedFile extends WrittenFile {
  rendered: Rendered;
}

/**
 * The mesh config that somebody else puts into the values of istiod's chart. By its first lines `audit` knows what the
 * values are for.
 */
export function handedOver(values: unknown, rootNamespace: string): WrittenFile {
  return {
    path: meshValuesFile,
    content:
      "# For whoever owns istiod: nothing is traced until these values are in those of its chart. Helm replaces\n" +
      "# extensionProviders as a whole, so add the providers to those that are there.\n" +
      `#   helm template istiod istiod --namespace ${rootNamespace} --values <their values, with these in them>\n` +
      toYaml(values),
  };
}

/**
 * The file of each rendered thing: `<namespace>/<kind>-<name>.yaml`, lower case.
 * @throws InputError if two resources are the same object
 */
export function filesOf(rendered: readonly Rendered[]): RenderedFile[] {
  const files = rendered.map((item) => ({
    path: pathOf(item),
    rendered: item,
    // Made when it is written, and not kept: those of thousands of namespaces are a gigabyte together.
    get content() {
      return contentOf(item);
    },
  }));
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
  return `${metadata.namespace ?? clusterDirectory}/${shortened(name)}${item.patch ? ".patch" : ""}.yaml`;
}

/** Objects may have names of 253 characters, files of 255 with kind and ending. */
function shortened(name: string): string {
  if (name.length <= longestName) return name;
  const digest = createHash("sha256").update(name).digest("hex").slice(0, 8);
  return `${name.slice(0, longestName - 9)}-${digest}`;
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
 * @param stack whose files they are: those of another one stay
 * @throws InputError, before anything is written, if a file of somebody else is in the way, or the directory is
 *   another stack's; or if it cannot be written
 */
export function writeFiles(
  directory: string,
  files: readonly WrittenFile[],
  stack: string,
  progress: (text: string) => void = () => {},
): WriteReport {
  try {
    return write(directory, files, stack, progress);
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
  files: readonly WrittenFile[],
  stack: string,
  progress: (text: string) => void,
): WriteReport {
  const whole = path.resolve(directory);
  if (path.dirname(whole) === whole) {
    throw new InputError(
      `${directory} is not a place for manifests: it is the root of the file system\n` +
        "  fix: choose another directory with --out",
    );
  }
  const type = fs.statSync(directory, { throwIfNoEntry: false });
  if (type !== undefined && !type.isDirectory()) throw inTheWay(directory);
  const own = new Set(readIndex(directory, stack));
  const wanted = new Set(files.map((file) => file.path));
  // Where a link leads is not this directory, and may be anywhere; a pipe is never read to its end.
  for (const file of new Set([...own, ...wanted])) {
    const target = path.join(directory, file);
    const parent = path.dirname(target);
    // The directory itself may be a link: whoever named it means where it leads.
    if (parent !== path.normalize(directory) && isOther(parent, "directory")) throw inTheWay(parent);
    if (isOther(target, "file")) throw inTheWay(target);
    if (!own.has(file) && fs.existsSync(target)) throw inTheWay(target);
  }
  const removed = [...own].filter((file) => !wanted.has(file)).sort(compare);
  // Named in the index before they exist, so that an interrupted run leaves no file it does not know.
  writeIndex(directory, stack, [...new Set([...own, ...wanted])]);
  let written = 0;
  files.forEach(({ path: file, content }, index) => {
    if (writeIfChanged(path.join(directory, file), content)) written += 1;
    if (index % 100 === 0) progress(`writing file ${index + 1} of ${files.length}`);
  });
  for (const file of removed) remove(directory, file);
  writeIndex(directory, stack, [...wanted]);
  return { written, unchanged: files.length - written, removed };
}

/** Whether there is something of another kind. */
function isOther(name: string, kind: "file" | "directory"): boolean {
  const type = fs.lstatSync(name, { throwIfNoEntry: false });
  return type !== undefined && !(kind === "file" ? type.isFile() : type.isDirectory());
}

function inTheWay(name: string): InputError {
  return new InputError(
    `${name} is in the way: it was not written by this command\n` +
      "  fix: move it, or choose another directory with --out",
  );
}

function writeIfChanged(file: string, content: string): boolean {
  if (fs.existsSync(file) && fs.readFileSync(file, "utf8") === content) return false;
  makeDirectory(path.dirname(file));
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
