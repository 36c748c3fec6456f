/** Reads a project's stack files the way the Pulumi CLI does, as far as the program sees their values. */
import * as fs from "node:fs";
import * as path from "node:path";
import { type Document, isMap as isMapNode, isScalar, isSeq, LineCounter, parseDocument } from "yaml";
import { parseKubernetesYaml } from "../mesh/kubernetesYaml";
import { isRecord } from "../mesh/plainObjects";
import { tooDeep, TooMuch } from "../mesh/yamlBounds";
import { readText } from "../input/files/walk";
import { InputError } from "../input/inputError";

/** A stack's configuration as text values by full key, `mesh-tracing:istio` → JSON. */
export interface StackFile {
  project: string;
  /** Directory of the program that `main` of `Pulumi.yaml` names: relative paths of charts begin there. */
  program: string;
  config: Record<string, string>;
}

/**
 * Reads `Pulumi.yaml` and `Pulumi.<stack>.yaml`.
 * @param directory where the files are
 * @throws InputError if a file is missing, is not YAML or is not of the form Pulumi reads
 */
export function readStackFile(directory: string, stack: string): StackFile {
  const project = readYaml(path.join(directory, "Pulumi.yaml"));
  const name = project["name"];
  if (typeof name !== "string") throw new InputError("Pulumi.yaml: name must be the project's name");
  const file = `Pulumi.${stack}.yaml`;
  if (!/^[A-Za-z0-9_.-]+$/.test(stack) || !fs.existsSync(path.join(directory, file))) {
    const known = stackNames(directory);
    throw new InputError(
      `there is no stack ${JSON.stringify(stack)}: ${file} is missing\n` +
        `  fix: ${known.length > 0 ? `choose one of ${known.join(", ")}, or create the file` : "create the file"}`,
    );
  }
  const values = {
    ...section(project, "Pulumi.yaml"),
    ...section(readYaml(path.join(directory, file)), file),
  };
  return {
    project: name,
    program: programDirectory(directory, project["main"] ?? "."),
    config: Object.fromEntries(
      Object.entries(values).flatMap(([key, value]) => {
        if (!key.includes(":"))
          throw new InputError(
            `${placeOf(directory, stack, key)}: ${key} needs a namespace\n  fix: write ${name}:${key}`,
          );
        if (!holdsCiphertext(value)) return [[key, text(value)]];
        // What is a provider's is not read here.
        if (!key.startsWith(`${name}:`)) return [];
        throw new InputError(
          `${placeOf(directory, stack, key)}: ${key} is encrypted, and rendering has no passphrase\n` +
            "  fix: no key of this project is a secret; set it without --secret",
        );
      }),
    ),
  };
}

/** Of a key of `config`, with the line if the stack file has it and not the project's. */
function placeOf(directory: string, stack: string, key: string): string {
  return placesIn(directory, stack)([key]) ?? "Pulumi.yaml";
}

/** As Pulumi finds it: `main` is a directory, or a file in one. */
function programDirectory(directory: string, main: unknown): string {
  if (typeof main !== "string") throw new InputError("Pulumi.yaml: main must be the program's path");
  const program = path.resolve(directory, main);
  return fs.statSync(program, { throwIfNoEntry: false })?.isFile() ? path.dirname(program) : program;
}

export function stackNames(directory: string): string[] {
  return fs
    .readdirSync(directory)
    .flatMap((file) => /^Pulumi\.(.+)\.yaml$/.exec(file)?.[1] ?? [])
    .sort();
}

function section(document: Record<string, unknown>, file: string): Record<string, unknown> {
  const config = document["config"] ?? {};
  if (!isRecord(config)) throw new InputError(`${file}: config must be a map of keys to values`);
  return config;
}

function text(value: unknown): string {
  return typeof value === "string" ? value : JSON.stringify(value ?? null);
}

/**
 * Where the values of a stack file are: `Pulumi.dev.yaml:12` for the keys that lead to one, or for as many of them
 * as there are; undefined where not even the first is.
 */
export function placesIn(
  directory: string,
  stack: string,
): (keys: readonly (string | number)[]) => string | undefined {
  const file = `Pulumi.${stack}.yaml`;
  const lines = new LineCounter();
  const { contents } = parseDocument(fs.readFileSync(path.join(directory, file), "utf8"), {
    lineCounter: lines,
  });
  return (keys) => {
    let node = isMapNode(contents) ? contents.get("config", true) : undefined;
    let offset: number | undefined;
    for (const key of keys) {
      const item = isMapNode(node)
        ? node.items.find((pair) => isScalar(pair.key) && String(pair.key.value) === String(key))
        : undefined;
      const next = item?.value ?? (isSeq(node) ? node.items[Number(key)] : undefined);
      const at = (item?.key ?? next) as { range?: [number, number, number] | null } | undefined;
      if (!at?.range) break;
      offset = at.range[0];
      node = next as typeof node;
    }
    return offset === undefined ? undefined : `${file}:${lines.linePos(offset).line}`;
  };
}

function holdsCiphertext(value: unknown): boolean {
  if (Array.isArray(value)) return value.some(holdsCiphertext);
  if (!isRecord(value)) return false;
  const keys = Object.keys(value);
  return (keys.length === 1 && keys[0] === "secure") || Object.values(value).some(holdsCiphertext);
}

function readYaml(file: string): Record<string, unknown> {
  const name = path.basename(file);
  if (!fs.existsSync(file)) throw new InputError(`${name} is missing in ${path.dirname(file)}`);
  const text = readText(file);
  assertBounded(text, name);
  const document = parseDocument(text);
  const [error] = document.errors;
  if (error !== undefined) {
    const line = error.linePos?.[0].line ?? 1;
    const [message = ""] = error.message.split("\n");
    throw new InputError(`${name}:${line}: ${message.replace(/ at line \d+, column \d+:$/, "")}`);
  }
  const value = valueOf(document, name);
  if (!isRecord(value)) throw new InputError(`${name}: must be a map of keys to values`);
  return value;
}

/** The parser with positions takes all memory for a text that is nested deep; the other one stops in time. */
function assertBounded(text: string, name: string): void {
  try {
    parseKubernetesYaml(text);
  } catch (error) {
    if (error instanceof TooMuch) throw new InputError(`${name}: ${error.message}`);
    if (
      error instanceof RangeError ||
      /^nesting exceeded/.test((error as { reason?: string }).reason ?? "")
    ) {
      throw new InputError(`${name}: ${tooDeep}`);
    }
    // Whatever else is wrong the other one tells, with its line.
  }
}

function valueOf(document: Document, name: string): unknown {
  try {
    return document.toJS() ?? {};
  } catch (error) {
    // An alias without an anchor, or one that expands without end.
    throw new InputError(`${name}: ${(error as Error).message}`);
  }
}
