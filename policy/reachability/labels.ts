/** Label sets, complete or known in part, and the table that makes equal ones identical. */
import { getOrMake } from "../../mesh/maps";
import { compare } from "../../mesh/stableOrder";
import { type Cause } from "./answers";
import { Doubt } from "./truth";

/** A label whose value is not known. */
export interface UnknownLabel {
  readonly doubt: Doubt;
  /** Whether the key is there for sure. */
  readonly present: boolean;
}

export type LabelValue = string | UnknownLabel;

/** The labels of a namespace or a pod. Made by `LabelSets`, so that equal sets are one object. */
export class LabelSet {
  private readonly otherLabels = new Map<string, UnknownLabel>();

  constructor(
    private readonly labels: ReadonlyMap<string, LabelValue>,
    private readonly others?: (key: string) => Cause,
  ) {}

  /** The value under a key; `undefined` if the key is absent for sure. */
  get(key: string): LabelValue | undefined {
    const value = this.labels.get(key);
    const { others } = this;
    if (value !== undefined || others === undefined) return value;
    return getOrMake(this.otherLabels, key, () => ({ doubt: Doubt.of(others(key)), present: false }));
  }
}

/** Makes label sets: equal labels give the same object, which selectors remember their match by. */
export class LabelSets {
  private readonly sets = new Map<string, LabelSet>();

  /**
   * @param scope tells sets apart that have the same known labels and differ in what is unknown of them
   * @param others why a label that is not listed is unknown; absent if the list is complete
   */
  intern(labels: ReadonlyMap<string, LabelValue>, scope: string, others?: (key: string) => Cause): LabelSet {
    const keys = [...labels.keys()].sort(compare);
    let id = scope;
    for (const key of keys) {
      const value = labels.get(key) as LabelValue;
      // A value that is unknown in its own way belongs to one object, whose scope says so.
      id += typeof value === "string" ? `\n${key}=${value}` : `\n${key}?`;
    }
    return getOrMake(this.sets, id, () => new LabelSet(labels, others));
  }
}
