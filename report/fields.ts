/** What differs between two versions of one object, field by field. */
import { isRecord } from "../policy/model/reading";
import { sortedSet } from "../mesh/stableOrder";
import { align, type Aligned } from "./alignment";
import { Guarded } from "./secrets";
import { canonical, isShort, shown } from "./values";

export interface FieldChange {
  /** `spec.egress[0].ports[2]`; items that have a name go by it: `containers[app]`. */
  path: string;
  /** What was there and what is there now: one line of each, or lines of a text in their order. */
  lines: { sign: "-" | "+"; text: string }[];
  /** Whether the field is a text of several lines, of which only those that differ are told. */
  isText?: true;
}

/** What is said where only hidden parts differ. */
const hiddenChange = "(a secret in it changed)";

/** Every field that differs, by path; none if the objects are equal. Order of keys is no difference. */
export function fieldChanges(before: unknown, after: unknown): FieldChange[] {
  const changes: FieldChange[] = [];
  compareValues(before, after, "", changes);
  return changes;
}

function compareValues(before: unknown, after: unknown, path: string, changes: FieldChange[]): void {
  if (isMap(before) && isMap(after)) {
    for (const key of sortedSet([...Object.keys(before), ...Object.keys(after)])) {
      const inner = joined(path, key);
      if (!Object.hasOwn(before, key)) note("+", after[key], inner, changes);
      else if (!Object.hasOwn(after, key)) note("-", before[key], inner, changes);
      else compareValues(before[key], after[key], inner, changes);
    }
  } else if (Array.isArray(before) && Array.isArray(after)) compareLists(before, after, path, changes);
  else if (canonical(before) !== canonical(after)) changes.push(changeOf(before, after, path));
}

function changeOf(before: unknown, after: unknown, path: string): FieldChange {
  const [old, now] = [textOf(before), textOf(after)];
  if (old !== undefined && now !== undefined && (old.includes("\n") || now.includes("\n"))) {
    return { path, isText: true, lines: textLines(old, now) };
  }
  const lines = [
    { sign: "-" as const, text: shown(before) },
    { sign: "+" as const, text: shown(after) },
  ];
  if (lines[0]?.text === lines[1]?.text)
    lines[1] = { sign: "+", text: `${shown(after)} ${different(after)}` };
  return { path, lines };
}

/** Values that look alike and are not: a secret, or text that is cut before it differs. */
function different(value: unknown): string {
  return value instanceof Guarded ? hiddenChange : "(changed further on)";
}

function textLines(before: string, after: string): FieldChange["lines"] {
  const [old, now] = [before.split("\n"), after.split("\n")];
  const lines = align(old, now).flatMap(({ before: a, after: b }): FieldChange["lines"] =>
    a !== undefined && b !== undefined
      ? []
      : a !== undefined
        ? [{ sign: "-", text: cut(old[a]) }]
        : [{ sign: "+", text: cut(b === undefined ? "" : now[b]) }],
  );
  return lines.length > 0 ? lines : [{ sign: "+", text: hiddenChange }];
}

function cut(line = ""): string {
  return line.length > 200 ? `${Array.from(line).slice(0, 200).join("")}…` : line;
}

function compareLists(
  before: readonly unknown[],
  after: readonly unknown[],
  path: string,
  changes: FieldChange[],
): void {
  const [old, now] = [namesOf(before), namesOf(after)];
  if (old !== undefined && now !== undefined && before.length + after.length > 0) {
    compareNamed(before, after, old, now, path, changes);
    return;
  }
  const aligned = align(before.map(canonical), after.map(canonical));
  for (const { before: a, after: b } of paired(aligned, before, after)) {
    if (a === undefined) note("+", after[b!], `${path}[${b}]`, changes);
    else if (b === undefined) note("-", before[a], `${path}[${a}]`, changes);
    else compareValues(before[a], after[b], `${path}[${b}]`, changes);
  }
}

/** What was taken out and what was put in at the same place is one item that changed, if both have fields. */
function paired(
  aligned: readonly Aligned[],
  before: readonly unknown[],
  after: readonly unknown[],
): Aligned[] {
  const result: Aligned[] = [];
  let gone: number[] = [];
  let come: number[] = [];
  const flush = (): void => {
    const items = Math.max(gone.length, come.length);
    for (let index = 0; index < items; index++) {
      const [a, b] = [gone[index], come[index]];
      const arePair = a !== undefined && b !== undefined && isMap(before[a]) && isMap(after[b]);
      if (arePair) result.push({ before: a, after: b });
      else {
        if (a !== undefined) result.push({ before: a });
        if (b !== undefined) result.push({ after: b });
      }
    }
    [gone, come] = [[], []];
  };
  for (const one of aligned) {
    if (one.after === undefined && one.before !== undefined) gone.push(one.before);
    else if (one.before === undefined && one.after !== undefined) come.push(one.after);
    else flush();
  }
  flush();
  return result;
}

function compareNamed(
  before: readonly unknown[],
  after: readonly unknown[],
  old: readonly string[],
  now: readonly string[],
  path: string,
  changes: FieldChange[],
): void {
  const length = changes.length;
  for (const name of sortedSet([...old, ...now])) {
    const [a, b] = [old.indexOf(name), now.indexOf(name)];
    const inner = `${path}[${name}]`;
    if (a === -1) note("+", after[b], inner, changes);
    else if (b === -1) note("-", before[a], inner, changes);
    else compareValues(before[a], after[b], inner, changes);
  }
  if (changes.length === length && old.some((name, index) => name !== now[index])) {
    changes.push({
      path: `${path} (order)`,
      lines: [
        { sign: "-", text: shown(old) },
        { sign: "+", text: shown(now) },
      ],
    });
  }
}

/** Names of the items, if every one has its own: then they are who they are wherever they stand. */
function namesOf(list: readonly unknown[]): string[] | undefined {
  const names = list.map((item) => (isMap(item) ? item["name"] : undefined));
  const isNamed = names.every((name) => typeof name === "string");
  return isNamed && new Set(names).size === names.length ? names : undefined;
}

/** A value that is there on one side only; one that is too long for a line by what is in it. */
function note(sign: "-" | "+", value: unknown, path: string, changes: FieldChange[]): void {
  const text = textOf(value);
  if (text?.includes("\n")) {
    changes.push({ path, isText: true, lines: text.split("\n").map((line) => ({ sign, text: cut(line) })) });
  } else if (isShort(value) || !(isMap(value) || Array.isArray(value))) {
    changes.push({ path, lines: [{ sign, text: shown(value) }] });
  } else if (Array.isArray(value)) {
    const names = namesOf(value);
    value.forEach((item, index) => note(sign, item, `${path}[${names?.[index] ?? index}]`, changes));
  } else {
    for (const key of sortedSet(Object.keys(value))) note(sign, value[key], joined(path, key), changes);
  }
}

function textOf(value: unknown): string | undefined {
  if (value instanceof Guarded) return value.shown;
  return typeof value === "string" ? value : undefined;
}

function isMap(value: unknown): value is Readonly<Record<string, unknown>> {
  return isRecord(value) && !(value instanceof Guarded);
}

function joined(path: string, key: string): string {
  if (!/^[A-Za-z_][\w-]*$/.test(key)) return `${path}["${key}"]`;
  return path === "" ? key : `${path}.${key}`;
}
