/** Reads the objects to check: files, directories, standard input. Writes nothing. */
import { stdinName } from "../../findings/finding";
import { InputError } from "../inputError";
import { chartOf } from "./chartValues";
import {
  BrokenText,
  type Chunk,
  lineOf,
  parseJson,
  parseYaml,
  type Place,
  splitDocuments,
} from "./documents";
import { lastOfEach } from "../duplicates";
import { isKustomization, patchFilesOf } from "./kustomizations";
import { patch, reasonByContent, reasonByName, reasonIfBroken, type Skipped } from "./notManifests";
import { type Known } from "./sections";
import { filesUnder, readText } from "./walk";

/** What was read. */
export interface Input {
  objects: unknown[];
  /** Files that objects may have come from. */
  files: number;
  skipped: Skipped[];
  /** What could not be read, though it may matter. */
  warnings: string[];
  /** Where an object was read: `deploy/policies.yaml:12`. */
  placeOf: (object: unknown) => string | undefined;
}

/**
 * Reads everything that paths mean; `-` is standard input.
 * @throws InputError with everything that is missing or broken
 */
export async function readInput(paths: readonly string[], stdin: AsyncIterable<unknown>): Promise<Input> {
  const files = filesUnder(paths.filter((given) => given !== "-"));
  const texts = files.map((file) => ({ file, text: readText(file) }));
  const kustomizations = texts.filter(({ file }) => isKustomization(file));
  const reader = new Reader(new Set(kustomizations.flatMap(({ file, text }) => patchFilesOf(file, text))));
  for (const { file, text } of texts) reader.read(file, text);
  if (paths.includes("-")) reader.read(stdinName, await textOf(stdin));
  return reader.finish();
}

async function textOf(stream: AsyncIterable<unknown>): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(Buffer.from(chunk as Uint8Array));
  return Buffer.concat(chunks).toString("utf8");
}

class Reader {
  private readonly objects: unknown[] = [];
  private readonly places = new Map<unknown, Place>();
  private readonly skipped: Skipped[] = [];
  private readonly broken: BrokenText[] = [];
  private readonly known: Known = new Map();
  private files = 0;

  /** @param patches files that kustomizations only use to change objects */
  constructor(private readonly patches: ReadonlySet<string>) {}

  read(file: string, text: string): void {
    this.files += 1;
    const reason = this.patches.has(file) ? patch : reasonByName(file, text);
    if (reason !== undefined) {
      this.skip(file, reason);
      return;
    }
    try {
      if (isJson(file, text)) this.readJson(file, text);
      else this.readYaml(file, text);
    } catch (error) {
      if (!(error instanceof BrokenText)) throw error;
      const excuse = reasonIfBroken(file, text);
      if (excuse === undefined) this.broken.push(error);
      else this.skip(file, excuse);
    }
  }

  finish(): Input {
    if (this.broken.length > 0) {
      const lines = this.broken.map(({ file, line, message }) => `  ${file}:${line}: ${message}`);
      throw new InputError(`these files cannot be read, so nothing was checked\n${lines.join("\n")}`);
    }
    const placeOf = (object: unknown): string | undefined => {
      const place = this.places.get(object);
      return place && `${place.chunk.file}:${lineOf(place)}`;
    };
    const { objects, conflicts } = lastOfEach(this.objects);
    const warnings = conflicts.map(({ name, objects: versions }) => {
      const places = versions.map(placeOf);
      return `${name} is there ${versions.length} times, not alike; checked is the last: ${places.join(", ")}`;
    });
    return { objects, files: this.files, skipped: this.skipped, warnings, placeOf };
  }

  private readJson(file: string, text: string): void {
    const value = parseJson(file, text);
    const chunk: Chunk = { file, text, linesBefore: () => 0 };
    // An array is what `jq` makes of a list.
    if (Array.isArray(value))
      value.forEach((item, index) => this.add(item, { chunk, document: 0, path: [index] }));
    else this.add(value, { chunk, document: 0, path: [] });
  }

  private readYaml(file: string, text: string): void {
    // First all, then add: a file that turns out to be a template counts as nothing.
    const documents = splitDocuments(file, text).flatMap((chunk) =>
      parseYaml(chunk, this.known).map((value, document) => ({
        value,
        place: { chunk, document, path: [] },
      })),
    );
    for (const { value, place } of documents) {
      const chart = chartOf(file, text, value);
      if (chart !== undefined) this.keep(chart, place);
      else if (value !== undefined && value !== null) this.add(value, place);
    }
  }

  private add(value: unknown, place: Place): void {
    const { file, text } = place.chunk;
    const reason = reasonByContent(file, text, value);
    if (reason !== undefined) this.skip(file, reason);
    else if (isList(value)) this.addItems(value, place);
    else this.keep(value, place);
  }

  /** Items of a typed list may leave out what they are. */
  private addItems(list: { apiVersion?: unknown; kind: string; items: unknown[] }, place: Place): void {
    const kind = list.kind.slice(0, -"List".length);
    list.items.forEach((item, index) => {
      const isBare = kind !== "" && typeof item === "object" && item !== null && !("kind" in item);
      const whole = isBare ? { apiVersion: list.apiVersion, kind, ...item } : item;
      this.add(whole, { ...place, path: [...place.path, "items", index] });
    });
  }

  private keep(object: unknown, place: Place): void {
    this.objects.push(object);
    this.places.set(object, place);
  }

  private skip(file: string, why: string): void {
    const isKnown = this.skipped.some((entry) => entry.file === file && entry.why === why);
    if (!isKnown) this.skipped.push({ file, why });
  }
}

function isJson(file: string, text: string): boolean {
  return /\.json$/i.test(file) || (file === stdinName && /^\s*[[{]/.test(text));
}

function isList(value: unknown): value is { apiVersion?: unknown; kind: string; items: unknown[] } {
  const { kind, items } = value as { kind?: unknown; items?: unknown };
  return typeof kind === "string" && kind.endsWith("List") && Array.isArray(items);
}
