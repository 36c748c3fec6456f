/** Takes text apart into documents, and finds the line an object of them starts at. */
import { loadAll, YAMLException } from "js-yaml";
import { isMap, LineCounter, parseAllDocuments } from "yaml";
import { remembered } from "../../mesh/maps";
import { tooDeep, TooMuch, within } from "../../mesh/yamlBounds";
import { kubernetesSchema } from "../../mesh/kubernetesYaml";
import { type Known, readByKeys } from "./sections";

/** Text that holds one document, or several where it cannot be split safely. */
export interface Chunk {
  readonly file: string;
  readonly text: string;
  /** Lines of the file before this text. */
  readonly linesBefore: () => number;
}

/** Where an object was read; its line is only computed when somebody asks. */
export interface Place {
  readonly chunk: Chunk;
  /** Which document of the chunk. */
  readonly document: number;
  /** Keys and indexes that lead from the document to the object: `["items", 3]`. */
  readonly path: readonly (string | number)[];
}

/** Text that is no YAML or JSON. */
export class BrokenText extends Error {
  /** @param line counted from 1 */
  constructor(
    readonly file: string,
    readonly line: number,
    reason: string,
  ) {
    super(reason);
  }
}

/** Splits a file at its document markers; those always end a document, whatever they stand in. */
export function splitDocuments(file: string, text: string): Chunk[] {
  const content = text.startsWith("\uFEFF") ? text.slice(1) : text;
  // Directives belong to the document after them, so a file that has any stays whole.
  if (/^%/m.test(content)) return [{ file, text: content, linesBefore: () => 0 }];
  const starts = [0, ...Array.from(content.matchAll(/^---(?=\s|$)/gm), ({ index }) => index)];
  const lineNumber = lineNumbersOf(content);
  return starts.map((start, index) => ({
    file,
    text: content.slice(start, starts[index + 1]),
    linesBefore: () => lineNumber(start),
  }));
}

/**
 * The documents of a chunk of YAML; empty ones are `undefined` or `null`.
 * @param known values of earlier documents, which equal text shares
 * @throws BrokenText
 */
export function parseYaml(chunk: Chunk, known: Known): unknown[] {
  try {
    const simple = readByKeys(chunk.text, known);
    if (simple !== undefined) return [simple];
    return within(chunk.text, loadAll(chunk.text, null, { schema: kubernetesSchema }));
  } catch (error) {
    const excess = excessIn(error);
    if (excess !== undefined) {
      throw new BrokenText(chunk.file, chunk.linesBefore() + firstLine(chunk.text), excess);
    }
    if (!(error instanceof YAMLException)) throw error;
    const mark = error.mark as { line: number } | undefined;
    const reason = /^nesting exceeded/.test(error.reason) ? tooDeep : error.reason;
    throw new BrokenText(chunk.file, chunk.linesBefore() + (mark?.line ?? 0) + 1, reason);
  }
}

/**
 * A JSON value.
 * @throws BrokenText
 */
export function parseJson(file: string, text: string): unknown {
  const content = text.startsWith("\uFEFF") ? text.slice(1) : text;
  try {
    return within(content, JSON.parse(content) as unknown);
  } catch (error) {
    const excess = excessIn(error);
    if (excess !== undefined) throw new BrokenText(file, 1, excess);
    const { message } = error as Error;
    // What follows quotes the file, over several lines.
    const reason = message.replace(/( in JSON at position|, (\.\.\.)?"|, '(\.\.\.)?)[^]*$/, "");
    throw new BrokenText(file, jsonErrorLine(file, content, message), reason);
  }
}

/** Why a text is not read although nothing is wrong with its form; undefined if that is not why. */
function excessIn(error: unknown): string | undefined {
  if (error instanceof TooMuch) return error.message;
  // The parser goes through levels by recursion.
  return error instanceof RangeError ? tooDeep : undefined;
}

/** Node.js does not always say where; JSON is YAML, so that its parser may know. */
function jsonErrorLine(file: string, content: string, message: string): number {
  const position = /at position (\d+)/.exec(message)?.[1];
  if (position !== undefined) return countLines(content, Number(position)) + 1;
  try {
    parseYaml({ file, text: content, linesBefore: () => 0 }, new Map());
  } catch (error) {
    if (error instanceof BrokenText) return error.line;
    throw error;
  }
  return countLines(content, content.length);
}

/** The line an object starts at, counted from 1. */
export function lineOf({ chunk, document, path }: Place): number {
  if (document === 0 && path.length === 0) return chunk.linesBefore() + firstLine(chunk.text);
  const { lines, documents } = positionsOf(chunk);
  const contents = documents[document]?.contents;
  const node = path.length === 0 ? contents : documents[document]?.getIn(path, true);
  const range = (node as { range?: [number, number, number] | null } | null | undefined)?.range;
  // A mapping in a list starts after the dash, at its first key: on the same line.
  const offset = range?.[0] ?? (isMap(contents) ? contents.range?.[0] : 0) ?? 0;
  return chunk.linesBefore() + lines.linePos(offset).line;
}

const positionsOf = remembered((chunk: Chunk) => readPositions(chunk.text));

/** Ten times slower than reading the values, which is why only objects with findings get here. */
function readPositions(text: string) {
  const lines = new LineCounter();
  const documents = parseAllDocuments(text, { lineCounter: lines, logLevel: "silent", uniqueKeys: false });
  return { lines, documents: "empty" in documents ? [] : documents };
}

/** The first line that is neither empty, a comment, a directive nor a marker. */
function firstLine(text: string): number {
  const offset = /^(?![ \t\r]*(#|$)|%|---(\s|$)).*\S/m.exec(text)?.index ?? 0;
  return countLines(text, offset) + 1;
}

/** Line ends before a place of a text; looked for once, however many places are asked for. */
function lineNumbersOf(text: string): (offset: number) => number {
  let ends: number[] | undefined;
  return (offset) => {
    ends ??= Array.from(text.matchAll(/\n/g), ({ index }) => index);
    let [low, high] = [0, ends.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((ends[middle] ?? 0) < offset) low = middle + 1;
      else high = middle;
    }
    return low;
  };
}

function countLines(text: string, end: number): number {
  let count = 0;
  for (let at = text.indexOf("\n"); at !== -1 && at < end; at = text.indexOf("\n", at + 1)) count += 1;
  return count;
}
