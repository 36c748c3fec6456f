/** Reading plain objects that may be malformed or unknown in part: nothing here throws. */
import { isRecord } from "../../mesh/plainObjects";
import { describeRef, type Malformed, type ObjectRef } from "./answers";
import { Doubt } from "./truth";

/** The object that is being read, and where its mistakes go. */
export interface Source {
  readonly object: ObjectRef;
  /** The caller's test for values that are not known yet. */
  readonly isUnknown: (value: unknown) => boolean;
  readonly malformed: Malformed[];
}

/**
 * A place in an object. As for an API server, `null` is the same as absent. Each reader returns `undefined` for
 * an absent value and a doubt for one that is unknown, or malformed, which it also notes.
 */
export class Field {
  constructor(
    readonly value: unknown,
    readonly source: Source,
    private readonly parent?: Field,
    private readonly key: string | number = "",
  ) {}

  /** For example `spec.egress[0].to`. Computed on demand: only mistakes and unknowns need it. */
  get path(): string {
    const before = this.parent === undefined ? "" : this.parent.path;
    if (typeof this.key === "number") return `${before}[${this.key}]`;
    // Label keys contain dots and slashes.
    if (!/^[A-Za-z]\w*$/.test(this.key)) return this.key === "" ? before : `${before}["${this.key}"]`;
    return before === "" ? this.key : `${before}.${this.key}`;
  }

  /** The field of that name; absent if this is no record, and as unknown as this. */
  at(key: string): Field {
    const { value, source } = this;
    const inner = source.isUnknown(value) ? value : isRecord(value) ? value[key] : undefined;
    return new Field(inner, source, this, key);
  }

  /** The same place, read without noting mistakes. */
  quiet(): Field {
    return new Field(this.value, { ...this.source, malformed: [] }, this.parent, this.key);
  }

  get isAbsent(): boolean {
    return this.value === undefined || this.value === null;
  }

  /** A doubt if the caller says that this value is unknown. */
  get unknown(): Doubt | undefined {
    if (!this.source.isUnknown(this.value)) return undefined;
    const { path } = this;
    const { object } = this.source;
    return Doubt.of({
      kind: "unknown-value",
      object,
      path,
      text: `${path === "" ? "all" : path} of ${describeRef(object)} is not known yet`,
    });
  }

  /** Notes a mistake here, and doubts what depends on it. */
  malformed(message: string): Doubt {
    const { path } = this;
    const { object } = this.source;
    this.source.malformed.push({ object, path, message });
    const where = path === "" ? describeRef(object) : `${path} of ${describeRef(object)}`;
    return Doubt.of({ kind: "malformed", object, path, text: `${where} is malformed: ${message}` });
  }

  /** The value as a record. */
  record(): Record<string, unknown> | Doubt | undefined {
    const unknown = this.unknown;
    if (unknown !== undefined) return unknown;
    if (this.isAbsent) return undefined;
    return isRecord(this.value) ? this.value : this.malformed(`must be a map, not ${show(this.value)}`);
  }

  /** The fields of a map, in its order. */
  entries(): [string, Field][] | Doubt | undefined {
    const record = this.record();
    if (record === undefined || record instanceof Doubt) return record;
    return Object.keys(record).map((key) => [key, this.at(key)]);
  }

  items(): Field[] | Doubt | undefined {
    const unknown = this.unknown;
    if (unknown !== undefined) return unknown;
    if (this.isAbsent) return undefined;
    if (!Array.isArray(this.value)) return this.malformed(`must be a list, not ${show(this.value)}`);
    return this.value.map((item, index) => new Field(item, this.source, this, index));
  }

  /** The value as a text. */
  string(): string | Doubt | undefined {
    const unknown = this.unknown;
    if (unknown !== undefined) return unknown;
    if (this.isAbsent) return undefined;
    if (typeof this.value === "string") return this.value;
    return this.malformed(`must be a string, not ${show(this.value)}`);
  }

  /** The value as true or false. */
  boolean(): boolean | Doubt | undefined {
    const unknown = this.unknown;
    if (unknown !== undefined) return unknown;
    if (this.isAbsent) return undefined;
    if (typeof this.value === "boolean") return this.value;
    return this.malformed(`must be true or false, not ${show(this.value)}`);
  }
}

export function show(value: unknown): string {
  return JSON.stringify(value) ?? String(value);
}
