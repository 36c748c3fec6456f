/** Reads the objects to check: files, directories, standard input. Writes nothing. */
import * as path from "node:path";
import { stdinName } from "../../findings/finding";
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
import { type Applied, applyKustomizations } from "../kustomize/apply";
import { type Sourced } from "../kustomize/build";
import { deliveriesOf } from "../gitops/deliveries";
import { placing } from "../gitops/place";
import { isKustomization, type Kustomization, readKustomization, valuesIn } from "../kustomize/kustomization";
import { withValueFiles } from "./argoValues";
import {
  alternative,
  kustomization,
  patch,
  reasonByContent,
  reasonByName,
  reasonIfBroken,
} from "./notManifests";
import { type Skipped } from "../../findings/passedBy";
import { type Known } from "./sections";
import { filesUnder, largestFile, readOrSkip, tooLarge } from "./walk";

export interface Input {
  objects: unknown[];
  /** Files that objects may have come from. */
  files: readonly string[];
  skipped: Skipped[];
  /** What could not be read, though it may matter. */
  warnings: string[];
  /** Where an object was read: `deploy/policies.yaml:12`. */
  placeOf: (object: unknown) => string | undefined;
}

/** How reading is going, for whoever waits. */
export type Progress = (text: string) => void;

/** After so many files whoever waits is told. */
const progressStep = 100;

/**
 * Reads everything that paths mean; `-` is standard input. What cannot be read is passed by and named.
 * @throws InputError if a path does not exist
 */
export async function readInput(
  paths: readonly string[],
  stdin: AsyncIterable<unknown>,
  progress: Progress = () => {},
): Promise<Input> {
  progress("looking for files");
  const { files, skipped } = filesUnder(paths.filter((given) => given !== "-"));
  const texts = files.flatMap((file, index) => {
    if (index % progressStep === 0) progress(`reading file ${index + 1} of ${files.length}`);
    const text = readOrSkip(file, skipped);
    return text === undefined ? [] : [{ file, text }];
  });
  const kustomizations = texts.flatMap(({ file, text }) =>
    isKustomization(file) ? (readKustomization(file, text) ?? []) : [],
  );
  const reader = new Reader(kustomizations, skipped);
  for (const [index, { file, text }] of texts.entries()) {
    if (index % progressStep === 0) progress(`understanding file ${index + 1} of ${texts.length}`);
    reader.read(file, text);
  }
  if (paths.includes("-")) {
    progress("reading standard input");
    const text = await textOf(stdin);
    if (text === undefined) skipped.push({ file: stdinName, why: tooLarge, isBroken: true });
    else reader.read(stdinName, text);
  }
  const given = paths.filter((one) => one !== "-");
  if (kustomizations.length > 0) progress("reading kustomizations");
  const known = new Map(texts.map(({ file, text }) => [file, text]));
  reader.kustomize((file) => known.get(file) ?? readOrSkip(file, []), given);
  reader.addValueFiles(given);
  return reader.finish();
}

/** Undefined if it is too large. */
async function textOf(stream: AsyncIterable<unknown>): Promise<string | undefined> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of stream) {
    const buffer = Buffer.from(chunk as Uint8Array);
    bytes += buffer.length;
    if (bytes > largestFile) return undefined;
    chunks.push(buffer);
  }
  return Buffer.concat(chunks).toString("utf8");
}

class Reader {
  private objects: unknown[] = [];
  private readonly warnings: string[] = [];
  private readonly patches: ReadonlySet<string>;
  private readonly built: ReadonlyMap<string, Kustomization>;
  private readonly places = new Map<unknown, Place>();
  private readonly reasons = new Set<string>();
  private readonly known: Known = new Map();
  private readonly files: string[] = [];

  constructor(
    private readonly kustomizations: readonly Kustomization[],
    private readonly skipped: Skipped[],
  ) {
    const patches = kustomizations.flatMap((one) => one.patches);
    this.patches = new Set(patches.flatMap(({ file }) => file ?? []));
    this.built = new Map(kustomizations.map((one) => [one.file, one]));
  }

  read(file: string, text: string): void {
    this.files.push(file);
    // Told in the end, if they are not applied.
    if (this.patches.has(file) || this.built.has(file)) return;
    const reason = reasonByName(file, text);
    if (reason !== undefined) {
      this.skip(file, reason);
      return;
    }
    if (isJson(file, text)) this.readJson(file, text);
    else this.parseKubernetesYaml(file, text);
  }

  /** Patches objects, adds those that are generated, and puts all where Argo CD and Flux deliver them. */
  kustomize(textOf: (file: string) => string | undefined, given: readonly string[]): void {
    const sourced = this.sourced();
    let applied = applyKustomizations(this.kustomizations, sourced, textOf);
    // Kustomizations may make the objects that deliver them, too.
    const deliverers = [
      ...sourced.flatMap(({ object, file }) =>
        (applied.replaced.get(object) ?? [object]).map((other) => ({ object: other, file })),
      ),
      ...applied.generated,
    ];
    const deliveries = deliveriesOf(deliverers, given);
    const { kustomizations, placed, warnings } = placing(deliveries, this.kustomizations, applied.built);
    if (deliveries.length > 0) applied = applyKustomizations(kustomizations, sourced, textOf);
    this.take(applied, textOf);
    if (deliveries.length === 0) return;
    this.objects = this.objects.flatMap((object) => {
      const file = this.places.get(object)?.chunk.file;
      const others = file === undefined ? [object] : placed(object, file);
      return others.flatMap((other) => (other === object ? [object] : this.instead(object, other)));
    });
    this.warnings.push(...warnings());
  }

  private sourced(): Sourced[] {
    return this.objects.flatMap((object) => {
      const file = this.places.get(object)?.chunk.file;
      return file === undefined || file === stdinName ? [] : [{ object, file }];
    });
  }

  private take(applied: Applied, textOf: (file: string) => string | undefined): void {
    const { replaced, generated, used, left, warnings } = applied;
    this.objects = this.objects.flatMap(
      (object) => replaced.get(object)?.flatMap((other) => this.instead(object, other)) ?? [object],
    );
    for (const { object, file } of generated) {
      this.keep(object, {
        chunk: { file, text: textOf(file) ?? "", linesBefore: () => 0 },
        document: 0,
        path: [],
      });
    }
    this.warnings.push(...warnings);
    for (const file of this.files) {
      if (left.has(path.resolve(file))) this.skip(file, alternative);
      else if (this.built.get(file)?.isBeyond === true) this.skip(file, kustomization);
      else if (this.patches.has(file) && !used.has(file)) this.skipPatch(file, textOf(file) ?? "");
    }
  }

  /** Values of Argo CD Applications that lie beside them. */
  addValueFiles(given: readonly string[]): void {
    this.objects = this.objects.flatMap((object) => {
      const { kind } = (object ?? {}) as { kind?: unknown };
      const file = kind === "Application" ? this.places.get(object)?.chunk.file : undefined;
      if (file === undefined || file === stdinName) return [object];
      const top = given.find((one) => path.resolve(file).startsWith(path.resolve(one))) ?? path.dirname(file);
      const whole = withValueFiles(object, file, top);
      return whole === object ? [object] : this.instead(object, whole);
    });
  }

  /** What stands for an object is where that is. */
  private instead(object: unknown, other: unknown): unknown[] {
    const place = this.places.get(object);
    if (place !== undefined) this.places.set(other, place);
    return [other];
  }

  finish(): Input {
    const placeOf = (object: unknown): string | undefined => {
      const place = this.places.get(object);
      return place && `${place.chunk.file}:${lineOf(place)}`;
    };
    const { objects, conflicts } = lastOfEach(this.objects);
    const alternatives = conflicts.map(({ name, objects: versions }) => {
      const places = versions.map(placeOf);
      return `${name} is there ${versions.length} times with different content; the last one is checked: ${places.join(", ")}`;
    });
    const warnings = [...this.warnings, ...alternatives];
    return { objects, files: this.files, skipped: this.skipped, warnings, placeOf };
  }

  private readJson(file: string, text: string): void {
    const chunk: Chunk = { file, text, linesBefore: () => 0 };
    const [value] = this.parsed([chunk], () => [parseJson(file, text)])?.[0]?.values ?? [];
    // An array is what `jq` makes of a list.
    if (Array.isArray(value))
      value.forEach((item, index) => this.add(item, { chunk, document: 0, path: [index] }));
    else if (value !== undefined) this.add(value, { chunk, document: 0, path: [] });
  }

  private parseKubernetesYaml(file: string, text: string): void {
    const chunks = this.parsed(splitDocuments(file, text), (chunk) => parseYaml(chunk, this.known));
    for (const { chunk, values } of chunks ?? []) {
      for (const [document, value] of values.entries()) {
        const place = { chunk, document, path: [] };
        const chart = chartOf(file, text, value);
        if (chart !== undefined) this.keep(chart, place);
        else if (value !== undefined && value !== null) this.add(value, place);
      }
    }
  }

  /**
   * The documents of a file that can be read; the others are named. Undefined if the file as a whole is none of
   * manifests: one that turns out to be a template counts as nothing.
   */
  private parsed(
    chunks: readonly Chunk[],
    parse: (chunk: Chunk) => unknown[],
  ): { chunk: Chunk; values: unknown[] }[] | undefined {
    const broken: BrokenText[] = [];
    const read = chunks.flatMap((chunk) => {
      try {
        return [{ chunk, values: parse(chunk) }];
      } catch (error) {
        if (!(error instanceof BrokenText)) throw error;
        broken.push(error);
        return [];
      }
    });
    const [first] = broken;
    if (first === undefined) return read;
    const whole = chunks.map(({ text }) => text).join("");
    const excuse = reasonIfBroken(first.file, whole);
    if (excuse !== undefined) {
      this.skip(first.file, excuse);
      return undefined;
    }
    for (const { file, line, message } of broken) {
      this.skipped.push({ file, line, why: message, isBroken: true });
    }
    return read;
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

  private skipPatch(file: string, text: string): void {
    if (valuesIn(text).length > 0) this.skip(file, patch);
    else
      this.skipped.push({
        file,
        why: "is a patch of a kustomization and no YAML within bounds",
        isBroken: true,
      });
  }

  private skip(file: string, why: string): void {
    const key = `${file}\n${why}`;
    if (this.reasons.has(key)) return;
    this.reasons.add(key);
    this.skipped.push({ file, why });
  }
}

function isJson(file: string, text: string): boolean {
  return /\.json$/i.test(file) || (file === stdinName && /^\s*[[{]/.test(text));
}

function isList(value: unknown): value is { apiVersion?: unknown; kind: string; items: unknown[] } {
  const { kind, items } = value as { kind?: unknown; items?: unknown };
  return typeof kind === "string" && kind.endsWith("List") && Array.isArray(items);
}
